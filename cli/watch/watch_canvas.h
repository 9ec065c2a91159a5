/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the parts of the screen of `besom watch` are drawn with, and what they share. Pure. */
#include "cli/screen/frame.h"
#include "cli/watch/watch_state.h"

struct watch_canvas {
    struct frame *f;
    struct arena *a; /* of one drawing */
    const struct watch *w;
    const struct watch_data *d;
};

/* Rows [row, row + rows) and columns [from, to) of the frame. */
struct watch_box {
    size_t row, rows, from, to;
};

/* "▇▅▄▃": a list of numbers. */
const char *watch_canvas_trace(struct watch_canvas *c, const struct value *values, size_t cells);
/* A number in four digits; "–" where there is none. */
const char *watch_canvas_number(struct watch_canvas *c, const struct value *v);
/* "── title ─────" */
void watch_canvas_rule(struct watch_canvas *c, size_t row, size_t from, size_t to,
                       const char *title);
/* Text with its line ends, from the line `skip` on; a longer line is cut. */
void watch_canvas_text(struct watch_canvas *c, const struct watch_box *b, const char *text,
                       size_t skip);
/* A line in up to as many of the box as it takes, the further ones indented; words stay whole where they can. Returns
 * how many. */
size_t watch_canvas_wrap(struct watch_canvas *c, const struct watch_box *b, enum frame_tone tone,
                         const char *text, size_t indent);
/* Text with its line ends, wrapped so, from the line `skip` on. */
void watch_canvas_paragraphs(struct watch_canvas *c, const struct watch_box *b, const char *text,
                             size_t indent, size_t skip);
/* The state of a trial or a sweep as a glyph and its tone. */
const char *watch_canvas_glyph(const char *state, enum frame_tone *ret_tone);
/* "1,500" */
const char *watch_canvas_count(struct watch_canvas *c, uint64_t n);
uint64_t watch_canvas_counted(const struct value *sweep, const char *state);
