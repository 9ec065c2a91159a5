/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A picture made of a terminal's cells, and the bytes that turn one picture into the next. Text from
 * outside becomes harmless in it (base/diag/display.h), and no cell takes more columns than it has.
 * Pure; knows no terminal. */
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

enum frame_tone {
    FRAME_PLAIN,
    FRAME_DIM,
    FRAME_BOLD,
    FRAME_GOOD,    /* finished, the best */
    FRAME_BAD,     /* failed */
    FRAME_BUSY,    /* running */
    FRAME_STOPPED, /* stopped early */
    FRAME_CHOSEN,  /* the row that the keys are about */
};

enum { FRAME_CELL_BYTES = 14, FRAME_ROWS_MAX = 400, FRAME_COLUMNS_MAX = 1000 };

struct frame_cell {
    char text[FRAME_CELL_BYTES]; /* a character and its accents; "" after a wide one */
    uint8_t width, tone;
};

struct frame {
    size_t rows, columns;
    bool ascii; /* the terminal shows ASCII alone: each other character has a stand-in */
    struct frame_cell *cells;
};

void frame_init(struct frame *f, bool ascii);
void frame_done(struct frame *f);
/* Makes it that large, and blank. */
void frame_resize(struct frame *f, size_t rows, size_t columns);
/* Puts text at a place, at most `room` columns of it: a longer one ends with "…". Returns the column
 * after it. What lies outside the frame is left out. */
size_t frame_put(struct frame *f, size_t row, size_t column, size_t room, enum frame_tone tone,
                 const char *text);
/* The same without a limit but the frame's. */
size_t frame_add(struct frame *f, size_t row, size_t column, enum frame_tone tone,
                 const char *text);
/* The same against the right: it ends before `end`. */
size_t frame_put_right(struct frame *f, size_t row, size_t end, size_t room, enum frame_tone tone,
                       const char *text);
/* Columns that the text takes in a frame. */
size_t frame_width(const char *text);
/* Gives the whole row a tone. */
void frame_tone_row(struct frame *f, size_t row, size_t from, size_t to, enum frame_tone tone);
/* The text of a row without the blanks at its end. */
void frame_row_text(const struct frame *f, size_t row, struct buf *out);

/* Appends what draws `after` over `before`, of the same size: the changed cells alone. before NULL: all
 * is drawn, and what the rows held is erased. The cursor is at the start of the first row, before
 * and afterwards. */
void frame_draw(const struct frame *before, const struct frame *after, bool colour,
                struct buf *out);
