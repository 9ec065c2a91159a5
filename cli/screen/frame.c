/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/screen/frame.h"

#include <string.h>

#include "base/check.h"
#include "base/diag/display.h"
#include "base/mem.h"
#include "base/utf8.h"

void frame_init(struct frame *f, bool ascii)
{
    *f = (struct frame){.ascii = ascii};
}

void frame_done(struct frame *f)
{
    mem_free(f->cells);
    f->cells = NULL;
}

static struct frame_cell *cell_at(const struct frame *f, size_t row, size_t column)
{
    return &f->cells[row * f->columns + column];
}

void frame_resize(struct frame *f, size_t rows, size_t columns)
{
    rows = rows < FRAME_ROWS_MAX ? rows : FRAME_ROWS_MAX;
    columns = columns < FRAME_COLUMNS_MAX ? columns : FRAME_COLUMNS_MAX;
    if (!f->cells || rows != f->rows || columns != f->columns) {
        mem_free(f->cells);
        f->cells = mem_alloc((rows * columns + 1) * sizeof *f->cells);
    }
    f->rows = rows;
    f->columns = columns;
    for (size_t i = 0; i < rows * columns; i++)
        f->cells[i] = (struct frame_cell){.text = " ", .width = 1};
}

/* What an ASCII terminal shows in place of the characters that besom draws with. */
static char stand_in(const char *s, size_t len)
{
    static const struct {
        const char *mark;
        char ascii;
    } marks[] = {{"✓", '+'}, {"✗", 'x'}, {"◆", 'o'}, {"▶", '>'}, {"·", '.'}, {"…", '~'}, {"↓", 'v'},
                 {"↑", '^'}, {"–", '-'}, {"‖", '='}, {"─", '-'}, {"│", '|'}, {"┬", '+'}, {"┴", '+'},
                 {"▮", '#'}, {"▯", '-'}, {"●", '*'}, {"⚠", '!'}, {"×", 'x'}, {"▲", '^'}, {"◌", 'o'},
                 {"█", '#'}, {"▓", '='}, {"░", '-'}, {"↺", '@'}, {"°", 'C'}, {"┼", '+'}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strlen(marks[i].mark) == len && memcmp(marks[i].mark, s, len) == 0)
            return marks[i].ascii;
    return '?';
}

/* Joiners and the selectors of a form make a terminal draw several characters as one, which not all
 * do alike: without them each has the width that is counted here. */
static bool is_joining(uint32_t c)
{
    return (c >= 0x200b && c <= 0x200d) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
           (c >= 0x1f3fb && c <= 0x1f3ff) || c >= 0xe0000;
}

/* The character at s: its bytes, and the columns that it takes. */
static size_t character_at(const char *s, size_t len, size_t *ret_width, uint32_t *ret_code)
{
    size_t n = utf8_decode(s, len, ret_code);
    n = n ? n : 1;
    *ret_width = display_width(s, n);
    return n;
}

static void accent_add(struct frame_cell *cell, const char *s, size_t n)
{
    size_t used = strlen(cell->text);
    if (used > 0 && used + n < FRAME_CELL_BYTES) {
        memcpy(cell->text + used, s, n);
        cell->text[used + n] = '\0';
    }
}

/* A wide character of which a half is drawn over disappears. */
static void half_clear(struct frame *f, size_t row, size_t column)
{
    struct frame_cell *cell = cell_at(f, row, column);
    if (cell->width == 0 && column > 0)
        *cell_at(f, row, column - 1) = (struct frame_cell){.text = " ", .width = 1};
    if (cell->width == 2 && column + 1 < f->columns)
        *cell_at(f, row, column + 1) = (struct frame_cell){.text = " ", .width = 1};
}

static void cell_set(struct frame *f, size_t row, size_t column, enum frame_tone tone,
                     const char *s, size_t n, size_t width)
{
    struct frame_cell *cell = cell_at(f, row, column);
    half_clear(f, row, column);
    if (width == 2) {
        half_clear(f, row, column + 1);
        *cell_at(f, row, column + 1) = (struct frame_cell){.tone = (uint8_t)tone};
    }
    *cell = (struct frame_cell){.width = (uint8_t)width, .tone = (uint8_t)tone};
    memcpy(cell->text, s, n);
}

/* Puts clean text without shortening it visibly. */
static size_t clean_put(struct frame *f, size_t row, size_t column, size_t end,
                        enum frame_tone tone, const char *s, size_t len)
{
    struct frame_cell *last = NULL;
    for (size_t n, width; len > 0; s += n, len -= n) {
        uint32_t c = 0;
        n = character_at(s, len, &width, &c);
        if (is_joining(c))
            continue;
        if (width == 0) {
            if (last && !f->ascii)
                accent_add(last, s, n);
            continue;
        }
        if (column + width > end)
            break;
        char ascii = n == 1 ? *s : stand_in(s, n);
        if (f->ascii)
            for (size_t i = 0; i < width; i++)
                cell_set(f, row, column + i, tone, &ascii, 1, 1);
        else
            cell_set(f, row, column, tone, s, n, width);
        last = cell_at(f, row, column);
        column += width;
    }
    return column;
}

static size_t clean_width(const char *s, size_t len)
{
    size_t columns = 0;
    for (size_t n, width; len > 0; s += n, len -= n) {
        uint32_t c = 0;
        n = character_at(s, len, &width, &c);
        columns += is_joining(c) ? 0 : width;
    }
    return columns;
}

size_t frame_width(const char *text)
{
    struct buf clean;
    buf_init(&clean, SIZE_MAX);
    display_clean(&clean, text, strlen(text));
    size_t columns = clean_width(buf_str(&clean), clean.len);
    buf_done(&clean);
    return columns;
}

size_t frame_put(struct frame *f, size_t row, size_t column, size_t room, enum frame_tone tone,
                 const char *text)
{
    if (row >= f->rows || column >= f->columns || room == 0)
        return column;
    struct buf clean;
    size_t end = room < f->columns - column ? column + room : f->columns;
    buf_init(&clean, SIZE_MAX);
    display_clean(&clean, text, strlen(text));
    bool cut = clean_width(buf_str(&clean), clean.len) > end - column;
    column = clean_put(f, row, column, cut ? end - 1 : end, tone, buf_str(&clean), clean.len);
    if (cut)
        column = clean_put(f, row, column, end, tone, "…", strlen("…"));
    buf_done(&clean);
    return column;
}

size_t frame_add(struct frame *f, size_t row, size_t column, enum frame_tone tone, const char *text)
{
    return frame_put(f, row, column, f->columns, tone, text);
}

size_t frame_put_right(struct frame *f, size_t row, size_t end, size_t room, enum frame_tone tone,
                       const char *text)
{
    size_t width = frame_width(text);
    width = width < room ? width : room;
    return frame_put(f, row, end > width ? end - width : 0, width, tone, text);
}

void frame_tone_row(struct frame *f, size_t row, size_t from, size_t to, enum frame_tone tone)
{
    for (size_t i = from; row < f->rows && i < to && i < f->columns; i++)
        cell_at(f, row, i)->tone = (uint8_t)tone;
}

static bool cell_is_blank(const struct frame_cell *c)
{
    return c->tone != FRAME_CHOSEN && c->width == 1 && strcmp(c->text, " ") == 0;
}

/* Where the blanks at the end of a row begin. */
static size_t row_end(const struct frame *f, size_t row)
{
    size_t n = f->columns;
    while (n > 0 && cell_is_blank(cell_at(f, row, n - 1)))
        n--;
    return n;
}

void frame_row_text(const struct frame *f, size_t row, struct buf *out)
{
    size_t end = f->columns;
    while (end > 0 && strcmp(cell_at(f, row, end - 1)->text, " ") == 0)
        end--;
    for (size_t i = 0; i < end; i++)
        buf_adds(out, cell_at(f, row, i)->text);
}

struct pen {
    struct buf *out;
    size_t row, column;
    bool lost; /* a terminal may count the columns of what was written otherwise */
    bool colour;
    int tone;
};

static void pen_move(struct pen *p, size_t row, size_t column)
{
    if (row != p->row)
        buf_addf(p->out, row > p->row ? "\x1b[%zuB" : "\x1b[%zuA",
                 row > p->row ? row - p->row : p->row - row);
    if (column == 0 && (p->column != 0 || p->lost))
        buf_addc(p->out, '\r');
    else if (column != p->column || p->lost)
        buf_addf(p->out, "\x1b[%zuG", column + 1);
    p->row = row;
    p->column = column;
    p->lost = false;
}

/* NO_COLOR switches off colours alone: dim, bold and reverse stay. */
static void pen_tone(struct pen *p, int tone)
{
    static const char *const codes[] = {"", "2", "1", "32", "31", "36", "33", "7"};
    if (tone == p->tone)
        return;
    bool shown = *codes[tone] && (p->colour || tone == FRAME_CHOSEN || tone == FRAME_BOLD);
    bool was =
        p->tone == FRAME_CHOSEN || p->tone == FRAME_BOLD || (p->colour && p->tone != FRAME_PLAIN);
    if (was)
        buf_adds(p->out, "\x1b[0m");
    if (shown)
        buf_addf(p->out, "\x1b[%sm", codes[tone]);
    p->tone = tone;
}

static bool cell_same(const struct frame_cell *a, const struct frame_cell *b)
{
    return a->tone == b->tone && a->width == b->width && strcmp(a->text, b->text) == 0;
}

static void cell_draw(struct pen *p, size_t row, size_t column, const struct frame_cell *cell)
{
    pen_move(p, row, column);
    pen_tone(p, cell->tone);
    buf_adds(p->out, cell->text);
    p->column += cell->width;
    /* One character of ASCII or of besom's own marks is as wide everywhere. */
    p->lost = cell->width != 1 || strlen(cell->text) > 3;
}

static void row_draw(struct pen *p, const struct frame *before, const struct frame *after,
                     size_t row)
{
    size_t end = row_end(after, row);
    for (size_t i = 0; i < end; i++) {
        const struct frame_cell *cell = cell_at(after, row, i);
        if (before && cell_same(cell_at(before, row, i), cell))
            continue;
        if (cell->width == 0) /* the character before it covers it */
            continue;
        cell_draw(p, row, i, cell);
    }
    if (before && row_end(before, row) <= end)
        return;
    if (!before && end == after->columns)
        return;
    pen_move(p, row, end);
    pen_tone(p, FRAME_PLAIN);
    buf_adds(p->out, "\x1b[K");
}

void frame_draw(const struct frame *before, const struct frame *after, bool colour, struct buf *out)
{
    struct pen p = {.out = out, .colour = colour};
    check(!before || (before->rows == after->rows && before->columns == after->columns));
    for (size_t row = 0; row < after->rows; row++)
        row_draw(&p, before, after, row);
    if (p.row == 0 && p.column == 0 && !p.lost && p.tone == FRAME_PLAIN)
        return;
    pen_tone(&p, FRAME_PLAIN);
    pen_move(&p, 0, 0);
}
