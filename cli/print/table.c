/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/diag/display.h"

enum { GAP = 2, SHRUNK = 8, TITLE = 7, CELL_BYTES = 4096 };

struct table_column {
    const char *title;
    size_t title_width;
    unsigned flags;
    size_t cells;   /* columns its widest cell takes */
    size_t natural; /* the title included */
};

struct table_cell {
    const char *text;
    enum table_tone tone;
};

/* The columns' widths for one print of the table. */
struct layout {
    size_t *widths; /* 0: dropped */
    size_t total;
    size_t dropped;
};

void table_init(struct table *t, struct arena *a)
{
    *t = (struct table){.arena = a};
}

void table_done(struct table *t)
{
    mem_free(t->columns);
    mem_free(t->cells);
    *t = (struct table){0};
}

static const char *cell_clean(struct table *t, const char *text)
{
    struct buf out;
    buf_init(&out, CELL_BYTES);
    display_clean(&out, text, strlen(text));
    const char *copy = arena_strndup(t->arena, buf_peek(&out), out.len);
    buf_done(&out);
    return copy;
}

void table_column(struct table *t, const char *title, unsigned flags)
{
    check(t->n_cells == 0);
    t->columns =
        mem_grow(t->columns, &t->columns_cap, t->n_columns + 1, sizeof(struct table_column));
    const char *text = cell_clean(t, title);
    size_t width = display_width(text, strlen(text));
    t->columns[t->n_columns++] = (struct table_column){text, width, flags, 0, width};
}

void table_cell(struct table *t, const char *text, enum table_tone tone)
{
    t->cells = mem_grow(t->cells, &t->cells_cap, t->n_cells + 1, sizeof(struct table_cell));
    struct table_column *column = &t->columns[t->n_cells % t->n_columns];
    const char *copy = text ? cell_clean(t, text) : "";
    size_t width = display_width(copy, strlen(copy));
    t->cells[t->n_cells++] = (struct table_cell){copy, tone};
    column->cells = width > column->cells ? width : column->cells;
    column->natural = width > column->natural ? width : column->natural;
}

/* Titles are cut before cells, and cells only if their column allows it. */
enum stage { STAGE_TITLES, STAGE_CELLS, STAGE_LATE };

static bool column_shrinks(const struct table_column *c, enum stage stage)
{
    return (stage >= STAGE_CELLS && (c->flags & TABLE_SHRINK)) ||
           (stage == STAGE_LATE && (c->flags & TABLE_SHRINK_LATE));
}

static size_t least_width(const struct table_column *c, enum stage stage)
{
    size_t least = c->title_width < TITLE ? c->title_width : TITLE;
    least = c->cells > least ? c->cells : least;
    least = column_shrinks(c, stage) && least > SHRUNK ? SHRUNK : least;
    return least > 0 ? least : 1;
}

/* The width of column i after all columns that may shrink are narrowed to `level`. */
static size_t lowered_width(const struct table *t, const struct layout *l, size_t i, size_t level,
                            enum stage stage)
{
    size_t least = least_width(&t->columns[i], stage);
    size_t lowered = least > level ? least : level;
    return l->widths[i] < lowered ? l->widths[i] : lowered;
}

/* The table's width, of the columns that are not dropped. */
static size_t lowered_total(const struct table *t, const struct layout *l, size_t level,
                            enum stage stage)
{
    size_t total = (t->n_columns - 1 - l->dropped) * GAP;
    for (size_t i = 0; i < t->n_columns; i++)
        total += lowered_width(t, l, i, level, stage);
    return total;
}

/* Narrows the widest columns to one common level. A bisection finds it: training may report
 * thousands of long names, and narrowing by one cell at a time would visit all of them each
 * time. */
static void layout_shrink(const struct table *t, struct layout *l, size_t columns, enum stage stage)
{
    size_t high = 0, low = 0;
    for (size_t i = 0; i < t->n_columns; i++)
        high = l->widths[i] > high ? l->widths[i] : high;
    l->total = lowered_total(t, l, high, stage);
    if (l->total <= columns)
        return;
    /* `high` is too wide. `low` fits, or is 0. */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (lowered_total(t, l, middle, stage) > columns)
            high = middle;
        else
            low = middle;
    }
    l->total = lowered_total(t, l, high, stage);
    for (size_t i = 0; i < t->n_columns; i++) {
        size_t at_high = lowered_width(t, l, i, high, stage);
        size_t at_low = lowered_width(t, l, i, low, stage);
        l->widths[i] = l->total > columns ? at_low : at_high;
        l->total -= at_high - l->widths[i];
    }
}

static void drop_column(const struct table *t, struct layout *l, unsigned flag, size_t columns)
{
    for (size_t i = t->n_columns; i > 0 && l->total > columns; i--)
        if (t->columns[i - 1].flags & flag) {
            bool alone = l->total == l->widths[i - 1];
            l->total -= l->widths[i - 1] + (alone ? 0 : GAP);
            l->widths[i - 1] = 0;
            l->dropped++;
        }
}

static struct layout lay_out(const struct table *t, size_t columns)
{
    struct layout l = {.widths = arena_alloc(t->arena, (t->n_columns + 1) * sizeof(size_t))};
    for (size_t i = 0; i < t->n_columns; i++)
        l.widths[i] = t->columns[i].natural > 0 ? t->columns[i].natural : 1;
    layout_shrink(t, &l, columns, STAGE_TITLES);
    layout_shrink(t, &l, columns, STAGE_CELLS);
    drop_column(t, &l, TABLE_DROP, columns);
    layout_shrink(t, &l, columns, STAGE_LATE);
    drop_column(t, &l, TABLE_DROP_LATE, columns);
    drop_column(t, &l, TABLE_KEEP, columns);
    /* Dropped columns leave room in which shortened cells may get their width back. */
    for (size_t i = 0; i < t->n_columns && l.dropped; i++)
        while (l.widths[i] > 0 && l.widths[i] < t->columns[i].natural && l.total < columns) {
            l.widths[i]++;
            l.total++;
        }
    return l;
}

bool table_is_whole(const struct table *t, size_t columns)
{
    struct layout l = lay_out(t, columns);
    bool whole = l.dropped == 0;
    for (size_t i = 0; i < t->n_columns; i++)
        whole = whole && l.widths[i] >= t->columns[i].natural;
    return whole;
}

static void print_blanks(struct buf *out, size_t n)
{
    while (n-- > 0)
        buf_addc(out, ' ');
}

static const char *tone_escape(enum table_tone tone)
{
    static const char *const escapes[] = {[TABLE_PLAIN] = "",
                                          [TABLE_GOOD] = "\x1b[32m",
                                          [TABLE_BAD] = "\x1b[31m",
                                          [TABLE_BUSY] = "\x1b[33m"};
    return escapes[tone];
}

/* Cuts the middle out of a name wider than its column: names differ at either end. */
static const char *title_cut(struct arena *a, const struct table_column *c, size_t room)
{
    size_t front = display_fit(c->title, strlen(c->title), room / 2);
    size_t left_out = c->title_width - (room - 1 - room / 2);
    size_t back = display_fit(c->title, strlen(c->title), left_out);
    /* A wide character that is cut in part is left out entirely. */
    if (display_width(c->title, back) < left_out)
        do
            back++;
        while (((unsigned char)c->title[back] & 0xc0) == 0x80);
    return arena_printf(a, "%.*s…%s", (int)front, c->title, c->title + back);
}

/* A name in its column, as it is shown. */
static const char *title_shown(const struct table *t, const struct layout *l, size_t i)
{
    const struct table_column *c = &t->columns[i];
    return c->title_width > l->widths[i] ? title_cut(t->arena, c, l->widths[i]) : c->title;
}

/* Prints text in `room` columns; if it is wider, its end is cut and marked. */
static void print_cell(struct buf *out, const char *text, size_t width, size_t room, bool right,
                       bool last, const char *escape)
{
    size_t len = strlen(text);
    bool cut = width > room;
    if (cut) {
        len = display_fit(text, len, room - 1);
        width = display_width(text, len) + 1;
    }
    if (right)
        print_blanks(out, room - width);
    buf_adds(out, escape);
    buf_add(out, text, len);
    if (cut)
        buf_adds(out, "…");
    buf_adds(out, *escape ? "\x1b[0m" : "");
    if (!right && !last)
        print_blanks(out, room - width);
}

static void print_row(struct buf *out, const struct table *t, const struct layout *l,
                      const struct table_cell *row, bool colour)
{
    size_t last = 0, begin = out->len;
    for (size_t i = 0; i < t->n_columns; i++)
        last = l->widths[i] > 0 ? i : last;
    bool first = true;
    for (size_t i = 0; i < t->n_columns; i++) {
        if (l->widths[i] == 0)
            continue;
        if (!first)
            print_blanks(out, GAP);
        first = false;
        const struct table_column *c = &t->columns[i];
        const char *escape = !colour ? "" : row ? tone_escape(row[i].tone) : "\x1b[1m";
        const char *text = row ? row[i].text : title_shown(t, l, i);
        print_cell(out, text, display_width(text, strlen(text)), l->widths[i],
                   c->flags & TABLE_RIGHT, i == last, escape);
    }
    while (out->len > begin && buf_peek(out)[out->len - 1] == ' ') /* of empty cells */
        buf_truncate(out, out->len - 1);
    buf_addc(out, '\n');
}

static void name_dropped(struct buf *out, const struct table *t, const struct layout *l,
                         size_t columns)
{
    struct buf line;
    buf_init(&line, CELL_BYTES);
    buf_addf(&line, "no room for %zu column%s:", l->dropped, l->dropped == 1 ? "" : "s");
    for (size_t i = 0; i < t->n_columns; i++)
        if (l->widths[i] == 0)
            buf_addf(&line, " %s", t->columns[i].title);
    bool cut = display_width(buf_peek(&line), line.len) > columns;
    buf_add(out, buf_peek(&line), display_fit(buf_peek(&line), line.len, columns - cut));
    buf_adds(out, cut ? "…\n" : "\n");
    buf_done(&line);
}

struct shown {
    const char *title;
    size_t column;
    bool alike;
};

static int shown_by_title(const void *a, const void *b)
{
    return strcmp(((const struct shown *)a)->title, ((const struct shown *)b)->title);
}

static int shown_by_column(const void *a, const void *b)
{
    size_t x = ((const struct shown *)a)->column, y = ((const struct shown *)b)->column;
    return (x > y) - (x < y);
}

/* Prints the full names of columns whose cut titles look the same. */
static void name_alike(struct buf *out, const struct table *t, const struct layout *l)
{
    struct shown *shown = arena_alloc(t->arena, (t->n_columns + 1) * sizeof *shown);
    size_t n = 0;
    for (size_t i = 0; i < t->n_columns; i++)
        if (l->widths[i] > 0)
            shown[n++] = (struct shown){title_shown(t, l, i), i, false};
    qsort(shown, n, sizeof *shown, shown_by_title);
    for (size_t i = 1; i < n; i++)
        if (strcmp(shown[i - 1].title, shown[i].title) == 0)
            shown[i - 1].alike = shown[i].alike = true;
    qsort(shown, n, sizeof *shown, shown_by_column);
    for (size_t i = 0; i < n; i++)
        if (shown[i].alike)
            buf_addf(out, "%s: %s\n", shown[i].title, t->columns[shown[i].column].title);
}

void table_print(struct buf *out, const struct table *t, size_t columns, bool colour)
{
    if (t->n_columns == 0)
        return;
    check(t->n_cells % t->n_columns == 0);
    struct layout l = lay_out(t, columns);
    print_row(out, t, &l, NULL, colour);
    for (size_t i = 0; i < t->n_cells; i += t->n_columns)
        print_row(out, t, &l, t->cells + i, colour);
    name_alike(out, t, &l);
    if (l.dropped)
        name_dropped(out, t, &l, columns);
}
