/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The block that a terminal shows of a running sweep: four lines on the sweep, a line for each
 * trial, and why trials fail. Pure. */
#include "cli/progress/progress_facts.h"
#include "cli/screen/frame.h"

/* The least columns and lines of the block: where there are fewer, there is one line. A terminal of 40
 * columns has 39, as the last one stays free. */
enum { PROGRESS_BLOCK_COLUMNS = 39, PROGRESS_BLOCK_LINES = 6, PROGRESS_BLOCK_WIDE = 119 };

/* What the block is drawn with. */
struct progress_block_look {
    size_t lines, columns; /* of the terminal that it may take */
    bool ascii;
    size_t rows; /* lines for trials that it has had before: it does not become lower again */
};

/* Draws it into the frame, which becomes as large as the block. Updates look->rows. */
void progress_block_draw(struct frame *f, const struct progress *p,
                         struct progress_block_look *look);

/* The glyph and the tone of a trial's state. */
const char *progress_block_glyph(int state);
enum frame_tone progress_block_tone(int state);
/* "████▓▓░░", for done, running and to come; "" if the sweep has no end. */
void progress_block_bar(struct buf *out, const struct progress *p, size_t width, bool ascii);
/* As many parameters as fit whole. Returns the column after them. */
size_t progress_block_params(struct frame *f, size_t row, size_t from, size_t to,
                             const char *const *params, size_t n);
