/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/progress_block.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/number/cell.h"
#include "cli/print/elapsed.h"
#include "cli/print/sparkline.h"
#include "cli/progress/forecast.h"
#include "cli/screen/segments.h"
#include "sweep/trial.h"

enum {
    HEAD_LINES = 4,
    BEST_TRACE = 16,
    ROW_TRACE = 8,
    ROW_WHERE = 16,
    ROW_PLACE = 8,
    ROW_VALUE = 9,
    PANEL_MAX = 44, /* of failures, beside the trials */
};

static const struct {
    const char *glyph;
    enum frame_tone tone;
} states[] = {[TRIAL_PENDING] = {"·", FRAME_DIM},   [TRIAL_RUNNING] = {"▶", FRAME_BUSY},
              [TRIAL_FINISHED] = {"✓", FRAME_GOOD}, [TRIAL_STOPPED] = {"◆", FRAME_STOPPED},
              [TRIAL_FAILED] = {"✗", FRAME_BAD},    [TRIAL_CANCELLED] = {"–", FRAME_DIM},
              [TRIAL_PREEMPTED] = {"↺", FRAME_DIM}, [TRIAL_LOST] = {"?", FRAME_BAD}};

const char *progress_block_glyph(int state)
{
    return state >= 0 && state < TRIAL_STATES ? states[state].glyph : "?";
}

enum frame_tone progress_block_tone(int state)
{
    return state >= 0 && state < TRIAL_STATES ? states[state].tone : FRAME_PLAIN;
}

/* Texts of one drawing. */
struct drawing {
    struct frame *f;
    struct arena a;
    const struct progress *p;
    size_t columns;
    bool ascii;
};

static uint64_t count_ended(const struct progress *p)
{
    return p->finished + p->stopped + p->failed + p->other;
}

static const char *count_text(struct drawing *d, const char *glyph, uint64_t n)
{
    return n > 0 ? arena_printf(&d->a, "%s%" PRIu64, glyph, n) : NULL;
}

void progress_block_bar(struct buf *out, const struct progress *p, size_t width, bool ascii)
{
    if (p->total == 0)
        return;
    uint64_t done = count_ended(p);
    double scale = (double)width / (double)p->total;
    size_t full = (size_t)((double)done * scale),
           busy = (size_t)((double)(done + p->running) * scale);
    for (size_t i = 0; i < width; i++)
        buf_adds(out, i < full   ? ascii ? "#" : "█"
                      : i < busy ? ascii ? "=" : "▓"
                      : ascii    ? "-"
                                 : "░");
}

/* What the counts look like: "54/100", "✓38", … */
static const char *done_text(struct drawing *d)
{
    uint64_t done = count_ended(d->p);
    return d->p->total ? arena_printf(&d->a, "%" PRIu64 "/%" PRIu64, done, d->p->total)
                       : arena_printf(&d->a, "%" PRIu64 " done", done);
}

static const char *metric_text(struct drawing *d)
{
    if (!d->p->metric)
        return NULL;
    bool up = d->p->goal && strcmp(d->p->goal, "maximize") == 0;
    return arena_printf(&d->a, "%s %s", d->p->metric, up ? "↑" : "↓");
}

static void head_line(struct drawing *d, size_t row)
{
    const struct progress *p = d->p;
    bool plain = !p->state || strcmp(p->state, "running") == 0;
    const struct segment parts[] = {
        {p->sweep, "", FRAME_BOLD, 0, 0},
        {p->name, " ", FRAME_BOLD, 2, 20},
        {plain ? NULL : p->state, " · ", FRAME_STOPPED, 0, 0},
        {p->method, " · ", FRAME_PLAIN, 4, 0},
        {metric_text(d), " · ", FRAME_PLAIN, 3, 0},
        {p->seed, " · ", FRAME_PLAIN, 5, 0},
    };
    size_t end = d->columns;
    if (p->keys && frame_width(p->keys) + 30 < d->columns) {
        frame_put_right(d->f, row, end, end, FRAME_DIM, p->keys);
        end -= frame_width(p->keys) + 2;
    }
    segments_put(d->f, row, 0, end, parts, sizeof parts / sizeof *parts);
}

static void bar_line(struct drawing *d, size_t row)
{
    const struct progress *p = d->p;
    char left[FORECAST_BYTES] = "", rate[FORECAST_BYTES];
    struct buf bar;
    buf_init(&bar, SIZE_MAX);
    progress_block_bar(&bar, p, d->columns * 27 / 80 < 40 ? d->columns * 27 / 80 : 40, d->ascii);
    if (p->has_left)
        forecast_range(left, p->left_low_ms, p->left_high_ms, "–");
    forecast_rate(rate, count_ended(p) - p->ended_before, p->elapsed_ms);
    const struct segment parts[] = {
        {buf_str(&bar), "", FRAME_PLAIN, 4, 0},
        {done_text(d), " ", FRAME_PLAIN, 0, 0},
        {count_text(d, "✓", p->finished), "  ", FRAME_GOOD, 1, 0},
        {count_text(d, "◆", p->stopped), " ", FRAME_STOPPED, 1, 0},
        {count_text(d, "✗", p->failed), " ", FRAME_BAD, 1, 0},
        {count_text(d, "–", p->other), " ", FRAME_DIM, 2, 0},
        {count_text(d, "▶", p->running), " ", FRAME_BUSY, 1, 0},
        {rate, "   ", FRAME_PLAIN, 5, 0},
        {*left ? arena_printf(&d->a, "left %s", left) : NULL, "   ", FRAME_PLAIN, 3, 0},
    };
    segments_put(d->f, row, 0, d->columns, parts, sizeof parts / sizeof *parts);
    buf_done(&bar);
}

size_t progress_block_params(struct frame *f, size_t row, size_t from, size_t to,
                             const char *const *params, size_t n)
{
    size_t at = from;
    for (size_t i = 0; i < n && at < to; i++) {
        size_t gap = i ? 1 : 0, width = frame_width(params[i]);
        bool last = i + 1 == n;
        if (at + gap + width + (last ? 0 : 2) > to) /* half a name or value could mislead */
            return at + gap < to ? frame_put(f, row, at + gap, to - at - gap, FRAME_PLAIN, "…")
                                 : at;
        at = frame_put(f, row, at + gap, to - at - gap, FRAME_PLAIN, params[i]);
    }
    return at;
}

static void best_line(struct drawing *d, size_t row)
{
    const struct progress *p = d->p;
    char age[ELAPSED_BYTES];
    elapsed_ago(age, (double)p->best_age_ms / 1000);
    if (!p->has_best) {
        frame_add(d->f, row, 0, FRAME_PLAIN,
                  p->metric ? "best: none yet" : "no metric to compare by");
        return;
    }
    const struct segment parts[] = {
        {arena_printf(&d->a, "best %s", cell_number(&d->a, p->best, CELL_DIGITS_NARROW)), "",
         FRAME_GOOD, 0, 0},
        {arena_printf(&d->a, "trial %" PRIu64, p->best_trial), "  ", FRAME_PLAIN, 0, 0},
        {p->best_age_ms >= 0 ? age : NULL, ", ", FRAME_PLAIN, 1, 0},
    };
    size_t at = segments_put(d->f, row, 0, d->columns, parts, sizeof parts / sizeof *parts);
    if (at + 6 < d->columns)
        progress_block_params(d->f, row, at + 3, d->columns, p->best_params, p->best_params_n);
}

static const char *trace_text(struct drawing *d, const double *values, size_t n, size_t cells)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    sparkline_print(&text, values, n, cells, d->ascii);
    const char *copy = arena_strndup(&d->a, buf_str(&text), text.len);
    buf_done(&text);
    return copy;
}

static void trace_line(struct drawing *d, size_t row)
{
    const struct progress *p = d->p;
    const char *range = NULL;
    if (p->best_trace_n >= 2)
        range = arena_printf(&d->a, "%s %s %s", cell_number(&d->a, p->best_trace[0], 3),
                             d->ascii ? "->" : "→",
                             cell_number(&d->a, p->best_trace[p->best_trace_n - 1], 4));
    const struct segment parts[] = {
        {trace_text(d, p->best_trace, p->best_trace_n, BEST_TRACE), "", FRAME_PLAIN, 1, 0},
        {range, "  ", FRAME_PLAIN, 3, 0},
        {p->chance, "    ", FRAME_PLAIN, 0, 0},
        {p->record, " · ", FRAME_DIM, 2, 0},
    };
    segments_put(d->f, row, d->columns >= 60 ? 5 : 0, d->columns, parts,
                 sizeof parts / sizeof *parts);
}

/* The columns of the rows, by the width there is. */
struct row_shape {
    size_t number, where; /* 0: no row has it */
    bool elapsed, place, trace;
};

static struct row_shape shape_of(const struct progress *p, size_t columns)
{
    struct row_shape s = {.number = 3,
                          .elapsed = columns >= 30,
                          .place = columns >= 50,
                          .trace = columns >= 64 && p->metric};
    for (size_t i = 0; i < p->rows_n; i++) {
        size_t width = p->rows[i].where ? frame_width(p->rows[i].where) : 0;
        s.where = width > s.where ? width : s.where;
        for (uint64_t n = p->rows[i].trial; n >= 1000 && s.number < 9; n /= 10)
            s.number = s.number > 3 ? s.number + 1 : 4;
    }
    s.where = columns < 60 ? 0 : s.where < ROW_WHERE ? s.where : ROW_WHERE;
    return s;
}

/* " 55 ▶ gpu0  1m12s  ep 14/30     0.2301 ▇▅▄▃▃▂▂   lr=2.8e-04 depth=4" */
static void row_line(struct drawing *d, size_t line, const struct progress_row *r,
                     const struct row_shape *s, size_t columns)
{
    struct frame *f = d->f;
    char span[ELAPSED_BYTES];
    size_t at = s->number;
    frame_put_right(f, line, at, at, FRAME_PLAIN, arena_printf(&d->a, "%" PRIu64, r->trial));
    frame_put(f, line, at + 1, 1, progress_block_tone(r->state), progress_block_glyph(r->state));
    at += 3;
    if (s->where > 0) {
        frame_put(f, line, at, s->where, FRAME_PLAIN, r->where ? r->where : "");
        at += s->where + 1;
    }
    if (s->elapsed) {
        elapsed_format(span, (double)r->elapsed_ms / 1000);
        frame_put_right(f, line, at + 6, 6, FRAME_PLAIN, span);
        at += 8;
    }
    if (s->place) {
        frame_put(f, line, at, ROW_PLACE, FRAME_PLAIN, r->place ? r->place : "");
        at += ROW_PLACE + 1;
    }
    frame_put_right(f, line, at + ROW_VALUE, ROW_VALUE, r->is_best ? FRAME_GOOD : FRAME_PLAIN,
                    r->has_value ? cell_number(&d->a, r->value, CELL_DIGITS_NARROW) : "–");
    at += ROW_VALUE + 1;
    if (s->trace) {
        frame_put(f, line, at, ROW_TRACE, FRAME_PLAIN,
                  trace_text(d, r->trace, r->trace_n, ROW_TRACE));
        at += ROW_TRACE + 1;
    }
    if (at + 1 < columns)
        progress_block_params(f, line, at + 1, columns, r->params, r->params_n);
}

static const char *alike_text(struct drawing *d, const struct cause *c)
{
    return c->n > 1 ? arena_printf(&d->a, "%" PRIu64 " alike", c->n) : NULL;
}

static const char *command_text(struct drawing *d, const char *word, const struct cause *c)
{
    return arena_printf(&d->a, "besom %s %s-%" PRIu64 "%s", word, d->p->sweep, c->trial,
                        d->p->store_option ? d->p->store_option : "");
}

/* "✗ 37 out of GPU memory (batch=512), 2 alike   besom logs k3f9-37 · besom retry k3f9-37" */
static void failure_line(struct drawing *d, size_t line, size_t from, size_t to, size_t place,
                         bool commands)
{
    const struct cause *c = d->p->failures[place];
    const char *with = d->p->failures_with[place];
    const struct segment parts[] = {
        {"✗", "", FRAME_BAD, 0, 0},
        {arena_printf(&d->a, "%" PRIu64, c->trial), " ", FRAME_PLAIN, 0, 0},
        {c->text, " ", FRAME_PLAIN, 1, 12},
        {with ? arena_printf(&d->a, "(%s)", with) : NULL, " ", FRAME_PLAIN, 3, 0},
        {alike_text(d, c), ", ", FRAME_PLAIN, 3, 0},
        {commands ? command_text(d, "logs", c) : NULL, "   ", FRAME_PLAIN, 2, 0},
        {commands ? command_text(d, "retry", c) : NULL, " · ", FRAME_PLAIN, 4, 0},
    };
    segments_put(d->f, line, from, to, parts, sizeof parts / sizeof *parts);
}

/* As wide as its lines are, so that the parameters of trials have the rest. */
static size_t panel_width(struct drawing *d)
{
    size_t width = 0;
    for (size_t i = 0; i < PROGRESS_FAILURES && d->p->failures[i]; i++) {
        const struct cause *c = d->p->failures[i];
        const char *with = d->p->failures_with[i], *alike = alike_text(d, c);
        const char *line =
            arena_printf(&d->a, "%" PRIu64 " %s%s%s%s%s%s", c->trial, c->text, with ? " (" : "",
                         with ? with : "", with ? ")" : "", alike ? ", " : "", alike ? alike : "");
        size_t text = frame_width(line) + 4, command = frame_width(command_text(d, "logs", c)) + 4;
        width = text > width ? text : width;
        width = command > width ? command : width;
    }
    return width < PANEL_MAX ? width : PANEL_MAX;
}

/* The failures beside the trials: each with the command that shows its log. */
static void failures_panel(struct drawing *d, size_t line, size_t lines, size_t from)
{
    for (size_t i = 0; i < lines; i++)
        frame_add(d->f, line + i, from, FRAME_DIM, "│");
    for (size_t i = 0; i < PROGRESS_FAILURES && 2 * i < lines && d->p->failures[i]; i++) {
        failure_line(d, line + 2 * i, from + 2, d->columns, i, false);
        if (2 * i + 1 < lines)
            frame_put(d->f, line + 2 * i + 1, from + 4, d->columns, FRAME_DIM,
                      command_text(d, "logs", d->p->failures[i]));
    }
}

/* "12 more ▶, 38 ✓": of the states, how many trials are not among the first n rows; NULL: none. */
static const char *more_text(struct drawing *d, size_t n)
{
    const struct progress *p = d->p;
    const struct {
        int state;
        uint64_t all;
    } kinds[] = {{TRIAL_RUNNING, p->running},
                 {TRIAL_FINISHED, p->finished},
                 {TRIAL_STOPPED, p->stopped},
                 {TRIAL_FAILED, p->failed}};
    const char *text = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        uint64_t shown = 0;
        for (size_t k = 0; k < n; k++)
            shown += p->rows[k].state == kinds[i].state;
        if (kinds[i].all <= shown)
            continue;
        text = arena_printf(&d->a, text ? "%s, %" PRIu64 " %s" : "%s%" PRIu64 " more %s",
                            text ? text : "", kinds[i].all - shown,
                            progress_block_glyph(kinds[i].state));
    }
    return text;
}

static void rows_draw(struct drawing *d, size_t line, size_t lines, size_t columns)
{
    const struct progress *p = d->p;
    size_t n = p->rows_n < lines ? p->rows_n : lines;
    if (p->waits && p->running_rows == 0 && lines > 0) {
        frame_add(d->f, line, 0, FRAME_STOPPED, arena_printf(&d->a, "waits: %s", p->waits));
        line++;
        n = n < lines - 1 ? n : lines - 1;
    }
    /* Where there is room for running trials alone, those that ended are in the line of counts. */
    bool more = p->running > p->running_rows || p->running_rows > lines ||
                (n > p->running_rows && more_text(d, n));
    if (more && n == lines && n > 0)
        n--;
    struct row_shape s = shape_of(p, columns);
    for (size_t i = 0; i < n; i++)
        row_line(d, line + i, &p->rows[i], &s, columns);
    if (more && lines > 0)
        frame_add(d->f, line + n, 4, FRAME_DIM, arena_printf(&d->a, "… %s", more_text(d, n)));
}

static void one_line(struct drawing *d)
{
    const struct progress *p = d->p;
    const struct segment parts[] = {
        {done_text(d), "", FRAME_PLAIN, 0, 0},
        {count_text(d, "✓", p->finished), " ", FRAME_GOOD, 4, 0},
        {count_text(d, "✗", p->failed), " ", FRAME_BAD, 2, 0},
        {count_text(d, "▶", p->running), " ", FRAME_BUSY, 3, 0},
        {p->has_best ? arena_printf(&d->a, "best %s", cell_number(&d->a, p->best, 4)) : NULL, "  ",
         FRAME_PLAIN, 1, 0},
    };
    frame_resize(d->f, 1, d->columns);
    segments_put(d->f, 0, 0, d->columns, parts, sizeof parts / sizeof *parts);
}

void progress_block_draw(struct frame *f, const struct progress *p,
                         struct progress_block_look *look)
{
    struct drawing d = {.f = f, .p = p, .columns = look->columns, .ascii = look->ascii};
    arena_init(&d.a);
    if (look->columns < PROGRESS_BLOCK_COLUMNS || look->lines < PROGRESS_BLOCK_LINES) {
        one_line(&d);
        arena_done(&d.a);
        return;
    }
    bool wide = look->columns >= PROGRESS_BLOCK_WIDE && p->failures[0] && !p->over;
    size_t below = p->failures[0] && !wide ? 1 : 0;
    size_t wanted = p->running < PROGRESS_ROWS ? (size_t)p->running : PROGRESS_ROWS;
    wanted += p->running > p->running_rows ? 1 : 0;
    wanted = p->waits && wanted == 0 ? 1 : wanted;
    wanted = wide && wanted < 2 ? 2 : wanted;
    look->rows = wanted > look->rows ? wanted : look->rows;
    size_t room = look->lines - HEAD_LINES - below;
    size_t lines = look->rows < room ? look->rows : room;
    frame_resize(f, HEAD_LINES + lines + below, look->columns);
    head_line(&d, 0);
    bar_line(&d, 1);
    best_line(&d, 2);
    trace_line(&d, 3);
    size_t panel = wide ? panel_width(&d) + 1 : 0;
    rows_draw(&d, HEAD_LINES, lines, look->columns - panel);
    if (wide)
        failures_panel(&d, HEAD_LINES, lines, look->columns - panel + 1);
    if (below)
        failure_line(&d, HEAD_LINES + lines, 1, look->columns, 0, true);
    arena_done(&d.a);
}
