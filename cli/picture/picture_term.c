/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/picture/picture_term.h"

#include <math.h>
#include <string.h>

#include "base/diag/display.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/picture/importance_text.h"
#include "cli/picture/scale.h"
#include "base/number/cell.h"

enum { ROWS = 12, LEFT = 10, DOTS_X = 2, DOTS_Y = 4, NAME_MOST = 24, NAME_MIN = 8, BARS = 12 };

/* Cells of 2 x 4 dots; a line and the failures are kept apart from the dots. */
struct canvas {
    size_t columns;
    unsigned char *dots, *line; /* ROWS x columns: a bit for each dot */
    bool *stopped;              /* of each cell: it has a trial that was stopped early */
    bool *failed;               /* of each column */
    struct scale x, y;
};

/* The bit of a dot in a braille character, by its column and row in the cell. */
static unsigned char braille_bit(size_t x, size_t y)
{
    static const unsigned char bits[DOTS_X][DOTS_Y] = {{0x01, 0x02, 0x04, 0x40},
                                                       {0x08, 0x10, 0x20, 0x80}};
    return bits[x][y];
}

static size_t place_of(const struct scale *s, double v, size_t n)
{
    double at = scale_at(s, fmin(fmax(v, s->low), s->high));
    return at > 0 ? (size_t)fmin(at, (double)(n - 1)) : 0;
}

static void dot_set(const struct canvas *c, unsigned char *of, size_t x, size_t y)
{
    of[y / DOTS_Y * c->columns + x / DOTS_X] |= braille_bit(x % DOTS_X, y % DOTS_Y);
}

static size_t dot_x(const struct canvas *c, double number)
{
    return place_of(&c->x, number, c->columns * DOTS_X);
}

static size_t dot_y(const struct canvas *c, double value)
{
    return ROWS * DOTS_Y - 1 - place_of(&c->y, value, ROWS * DOTS_Y);
}

static bool has_value(const struct evidence_trial *t)
{
    return isfinite(t->value) && (t->state == TRIAL_FINISHED || t->state == TRIAL_STOPPED);
}

static void line_between(const struct canvas *c, size_t x1, size_t x2, size_t y1, size_t y2)
{
    for (size_t x = x1; x <= x2; x++)
        dot_set(c, c->line, x, y1);
    for (size_t y = y1 < y2 ? y1 : y2; y <= (y1 < y2 ? y2 : y1); y++)
        dot_set(c, c->line, x2, y);
}

static void canvas_draw(struct canvas *c, const struct evidence *e)
{
    double best = NAN;
    size_t x = 0, y = 0;
    for (size_t i = 0; i < e->n; i++) {
        const struct evidence_trial *t = &e->trials[i];
        size_t at = dot_x(c, (double)t->number);
        bool failed = t->state == TRIAL_FAILED || t->state == TRIAL_LOST;
        if (failed || (t->state == TRIAL_FINISHED && !isfinite(t->value)))
            c->failed[at / DOTS_X] = true;
        if (!has_value(t))
            continue;
        if (t->state == TRIAL_STOPPED)
            c->stopped[dot_y(c, t->value) / DOTS_Y * c->columns + at / DOTS_X] = true;
        else
            dot_set(c, c->dots, at, dot_y(c, t->value));
        if (!isnan(best) && (e->maximize ? t->value <= best : t->value >= best))
            continue;
        size_t to = dot_y(c, t->value);
        if (!isnan(best))
            line_between(c, x, at, y, to);
        best = t->value;
        x = at;
        y = to;
    }
    if (!isnan(best))
        line_between(c, x, c->columns * DOTS_X - 1, y, y);
}

/* The line hides what is below it, and a finished trial one that was stopped. */
static void cell_print(struct buf *out, const struct canvas *c, size_t cell, bool utf8, bool colour)
{
    unsigned char dots = c->dots[cell], line = c->line[cell];
    if (!(dots | line) && c->stopped[cell]) {
        buf_adds(out, utf8 ? "◆" : "o");
        return;
    }
    if (!utf8) {
        buf_addc(out, line ? '-' : dots ? '.' : ' ');
        return;
    }
    char text[UTF8_BYTES_MAX];
    size_t n = utf8_encode(text, 0x2800u + (dots | line));
    bool lit = colour && line;
    buf_adds(out, lit ? "\x1b[32m" : "");
    if (dots | line)
        buf_add(out, text, n);
    else
        buf_addc(out, ' ');
    buf_adds(out, lit ? "\x1b[0m" : "");
}

/* Ends a line, without the spaces at its end. */
static void line_end(struct buf *out)
{
    while (out->len > 0 && buf_str(out)[out->len - 1] == ' ')
        buf_truncate(out, out->len - 1);
    buf_addc(out, '\n');
}

static void label_print(struct buf *out, struct arena *a, double v, bool shown)
{
    const char *text = "";
    for (int digits = CELL_DIGITS_NARROW; shown && digits > 0; digits--) {
        text = cell_number(a, v, digits);
        if (strlen(text) <= LEFT - 2)
            break;
    }
    buf_addf(out, "%*s ", LEFT - 2, text);
}

static double row_value(const struct canvas *c, size_t row)
{
    double part = 1 - (double)row / (ROWS - 1);
    return c->y.log ? exp(log(c->y.low) + part * (log(c->y.high) - log(c->y.low)))
                    : c->y.low + part * (c->y.high / 2 - c->y.low / 2) * 2;
}

static void canvas_print(struct buf *out, struct arena *a, const struct canvas *c, bool utf8,
                         bool colour)
{
    bool any_failed = false;
    for (size_t row = 0; row < ROWS; row++) {
        label_print(out, a, row_value(c, row), row == 0 || row == ROWS - 1 || row == ROWS / 2);
        buf_adds(out, utf8 ? "│" : "|");
        for (size_t x = 0; x < c->columns; x++)
            cell_print(out, c, row * c->columns + x, utf8, colour);
        line_end(out);
    }
    for (size_t x = 0; x < c->columns; x++)
        any_failed = any_failed || c->failed[x];
    if (!any_failed)
        return;
    buf_addf(out, "%*s ", LEFT - 2, "failed");
    buf_adds(out, utf8 ? "│" : "|");
    for (size_t x = 0; x < c->columns; x++)
        buf_adds(out, c->failed[x] ? utf8 ? "×" : "x" : " ");
    line_end(out);
}

static void canvas_scale(struct canvas *c, const struct evidence *e)
{
    double *values = mem_alloc((e->n + 1) * sizeof *values);
    size_t n = 0;
    for (size_t i = 0; i < e->n; i++)
        if (has_value(&e->trials[i]))
            values[n++] = e->trials[i].value;
    scale_fit(&c->y, values, n, e->maximize);
    mem_free(values);
    c->y.to = ROWS * DOTS_Y - 0.01;
    c->x = (struct scale){.high = fmax((double)e->trials[e->n - 1].number, 1),
                          .to = (double)(c->columns * DOTS_X) - 0.01};
}

static const struct evidence_trial *best_trial(const struct evidence *e)
{
    const struct evidence_trial *best = NULL;
    for (size_t i = 0; i < e->n; i++) {
        const struct evidence_trial *t = &e->trials[i];
        if (has_value(t) &&
            (!best || (e->maximize ? t->value > best->value : t->value < best->value)))
            best = t;
    }
    return best;
}

static void name_print(struct buf *out, const char *name, size_t columns, bool utf8)
{
    struct buf clean;
    buf_init(&clean, SIZE_MAX);
    display_clean(&clean, name, strlen(name));
    for (size_t i = 0; !utf8 && i < clean.len; i++)
        if ((unsigned char)buf_str(&clean)[i] >= 0x80)
            buf_str(&clean)[i] = '?';
    size_t width = display_width(buf_str(&clean), clean.len);
    size_t cut = width > columns ? display_fit(buf_str(&clean), clean.len, columns - 1) : clean.len;
    buf_add(out, buf_str(&clean), cut);
    if (width > columns)
        buf_adds(out, utf8 ? "…" : "~");
    buf_done(&clean);
}

static size_t name_width(const char *name)
{
    struct buf clean;
    buf_init(&clean, SIZE_MAX);
    display_clean(&clean, name, strlen(name));
    size_t width = display_width(buf_str(&clean), clean.len);
    buf_done(&clean);
    return width;
}

static void history_print(struct buf *out, struct arena *a, const struct evidence *e,
                          size_t columns, bool utf8, bool colour)
{
    const struct evidence_trial *best = best_trial(e);
    size_t before = out->len;
    name_print(out, evidence_name(e), columns / 3, utf8);
    buf_adds(out, ": ");
    name_print(out, e->metric, columns / 4, utf8);
    buf_addf(out, " %s", evidence_goal(e, utf8));
    if (!best) {
        buf_addf(out, "\n%s\n",
                 e->n ? "No trial has ended with a value of this metric yet."
                      : "This sweep has no trial yet.");
        return;
    }
    const char *told =
        arena_printf(a, "best %s, trial %llu", cell_number(a, best->value, CELL_DIGITS_NARROW),
                     (unsigned long long)best->number);
    bool fits =
        display_width(buf_str(out) + before, out->len - before) + 2 + strlen(told) <= columns;
    buf_addf(out, "%s%s\n", fits ? "  " : "\n", told);
    struct canvas c = {.columns = columns > LEFT + 10 ? columns - LEFT : 10};
    c.dots = mem_alloc(ROWS * c.columns);
    c.line = mem_alloc(ROWS * c.columns);
    c.stopped = mem_alloc(ROWS * c.columns * sizeof *c.stopped);
    c.failed = mem_alloc(c.columns * sizeof *c.failed);
    canvas_scale(&c, e);
    canvas_draw(&c, e);
    canvas_print(out, a, &c, utf8, colour);
    const char *last =
        arena_printf(a, "trial %llu", (unsigned long long)e->trials[e->n - 1].number);
    buf_addf(out, "%*s%-*s%s\n", LEFT, "", (int)(c.columns - strlen(last)), "0", last);
    if (e->in_state[TRIAL_STOPPED] > 0)
        buf_addf(out, "%*s%s\n", LEFT, "",
                 utf8 ? "⠄ finished  ◆ stopped early" : ". finished  o stopped early");
    mem_free(c.dots);
    mem_free(c.stopped);
    mem_free(c.line);
    mem_free(c.failed);
}

static void bars_print(struct buf *out, struct arena *a, const struct matters *m, size_t columns,
                       bool utf8)
{
    size_t shown = m->n < BARS ? m->n : BARS, name = NAME_MIN;
    for (size_t i = 0; i < shown; i++) {
        size_t width = name_width(m->items[i].factor->p->name);
        name = width > name ? width : name;
    }
    size_t most = columns / 3 < NAME_MOST ? columns / 3 : NAME_MOST;
    name = name > most ? most : name;
    size_t rest = name + 9 + 8; /* two gaps and the number; " (noise)" */
    size_t bar = columns > rest + 4 ? columns - rest : 4;
    for (size_t i = 0; i < shown; i++) {
        const struct importance *item = &m->items[i];
        size_t before = out->len;
        name_print(out, item->factor->p->name, name, utf8);
        size_t width = display_width(buf_str(out) + before, out->len - before);
        buf_addf(out, "%*s  %.3f  %s%s\n", (int)(name - width), "", item->value,
                 importance_text_bar(a, item->value / fmax(m->items[0].value, 1e-300), bar, utf8),
                 item->noise ? " (noise)" : "");
    }
    if (shown < m->n)
        buf_addf(out, "and %zu smaller\n", m->n - shown);
}

void picture_term(struct buf *out, struct arena *a, const struct evidence *e,
                  const struct matters *m, size_t columns, bool utf8, bool colour)
{
    history_print(out, a, e, columns, utf8, colour);
    if (e->n == 0)
        return;
    buf_addc(out, '\n');
    importance_text_note(out,
                         arena_printf(a, "importance, by %s, %s", importance_method_name(m->method),
                                      evidence_basis_line(e, a)),
                         columns);
    if (m->n == 0 && m->too_few)
        importance_text_note(out, m->too_few, columns);
    else
        bars_print(out, a, m, columns, utf8);
    if (m->seeds_note)
        importance_text_note(out, m->seeds_note, columns);
}
