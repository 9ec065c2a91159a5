/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/progress.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/diag/display.h"
#include "cli/print/cell.h"
#include "cli/print/elapsed.h"
#include "cli/print/paragraph.h"
#include "cli/print/sparkline.h"
#include "cli/print/terminal.h"
#include "cli/progress/event_line.h"

enum {
    BAR_MAX = 40,
    BAR_TEXT = 40,
    ROW_WIDE = 72,
    ROW_TRACE = 8,
    ROW_AGENT = 16,
    BEST_TRACE = 16,
    BLOCK_BYTES = 4096,
    MORE_COLUMNS = 2 /* " …" */
};
#define DIM "\x1b[2m"
#define BOLD "\x1b[1m"
#define RED "\x1b[31m"
#define GREEN "\x1b[32m"
#define PLAIN "\x1b[0m"

static uint64_t count_ended(const struct progress *p)
{
    return p->finished + p->failed + p->other;
}

/* A running trial counts as half done, which it is on average: otherwise the estimate would grow
 * until a trial ends, and drop then. */
int64_t progress_eta_ms(const struct progress *p)
{
    uint64_t done = count_ended(p);
    if (p->total == 0 || done >= p->total || done <= p->ended_before || p->elapsed_ms <= 0)
        return -1;
    double half = (double)p->running / 2;
    double pace = (double)p->elapsed_ms / ((double)(done - p->ended_before) + half);
    double left = pace * ((double)(p->total - done) - half);
    return left >= 0 && left < 1e15 ? (int64_t)left : -1;
}

/* "done=12/30 running=2 failed=1 best=0.25 best_trial=7" */
static void add_counts(struct buf *out, const struct progress *p)
{
    event_line_count(out, "done", count_ended(p));
    if (p->total)
        buf_addf(out, "/%" PRIu64, p->total);
    event_line_count(out, "running", p->running);
    if (p->failed)
        event_line_count(out, "failed", p->failed);
    if (p->has_best) {
        event_line_number(out, "best", p->best);
        event_line_count(out, "best_trial", p->best_trial);
    }
}

/* Adds the line cut to the columns, then its newline. The line has no escapes. */
static void add_line(struct buf *out, const struct buf *line, size_t columns)
{
    buf_add(out, buf_peek(line), display_fit(buf_peek(line), line->len, columns));
    buf_addc(out, '\n');
}

/* A long name is cut: what follows it changes. */
static void head_name(struct buf *line, const char *name, size_t room)
{
    struct buf text;
    buf_init(&text, BLOCK_BYTES);
    display_clean(&text, name, strlen(name));
    bool cut = display_width(buf_peek(&text), text.len) > room;
    if (room > 2) {
        buf_add(line, buf_peek(&text), display_fit(buf_peek(&text), text.len, room - cut));
        buf_addf(line, "%s  ", cut ? "…" : "");
    }
    buf_done(&text);
}

static void head_line(struct buf *line, const struct progress *p, size_t columns)
{
    char span[ELAPSED_BYTES];
    struct buf rest;
    buf_init(&rest, BLOCK_BYTES);
    display_clean(&rest, p->sweep, strlen(p->sweep));
    if (p->state && strcmp(p->state, "running") != 0)
        buf_addf(&rest, "  %s", p->state);
    elapsed_format(span, (double)(p->age_ms > 0 ? p->age_ms : p->elapsed_ms) / 1000);
    buf_addf(&rest, "  %s", span);
    int64_t eta = progress_eta_ms(p);
    if (eta >= 0 && p->running > 0) { /* a paused or interrupted sweep makes no progress */
        elapsed_format(span, (double)eta / 1000);
        buf_addf(&rest, ", %s left", span);
    }
    if (p->name)
        head_name(line, p->name, columns > rest.len + 2 ? columns - rest.len - 2 : 0);
    buf_add(line, buf_peek(&rest), rest.len);
    buf_done(&rest);
}

/* "[####====----] 12/30": done, running, still to come. */
static void bar_line(struct buf *line, const struct progress *p, size_t columns)
{
    uint64_t done = count_ended(p);
    size_t width = columns < 2 * BAR_TEXT ? columns / 4 : columns - BAR_TEXT;
    width = width < BAR_MAX ? width : BAR_MAX;
    if (p->total && width > 4) {
        double scale = (double)width / (double)p->total;
        size_t full = (size_t)((double)done * scale);
        size_t busy = (size_t)((double)(done + p->running) * scale);
        buf_addc(line, '[');
        for (size_t i = 0; i < width; i++)
            buf_addc(line, i < full ? '#' : i < busy ? '=' : '-');
        buf_adds(line, "] ");
    }
    buf_addf(line, "%" PRIu64, done);
    if (p->total)
        buf_addf(line, "/%" PRIu64, p->total);
    buf_addf(line, " done  %" PRIu64 " running", p->running);
    if (p->failed)
        buf_addf(line, "  %" PRIu64 " failed", p->failed);
}

static void best_line(struct buf *line, const struct progress *p)
{
    if (!p->has_best) {
        buf_adds(line, p->metric ? "best: none yet" : "no metric to compare by");
        return;
    }
    buf_adds(line, "best: ");
    if (p->metric) {
        display_clean(line, p->metric, strlen(p->metric));
        buf_addc(line, ' ');
    }
    buf_addf(line, "%.6g (trial %" PRIu64 ")", p->best, p->best_trial);
}

static void running_best(struct buf *line, const struct progress *p)
{
    if (p->has_running_best)
        buf_addf(line, ", running: %.4g (trial %" PRIu64 ")", p->running_best,
                 p->running_best_trial);
}

/* Adds the history of the best value if all of it fits. */
static void best_trace(struct buf *line, const struct progress *p, size_t columns)
{
    size_t cells = sparkline_cells(p->best_trace_n, BEST_TRACE);
    if (cells == 0 || display_width(buf_peek(line), line->len) + 2 + cells > columns)
        return;
    buf_adds(line, "  ");
    sparkline_print(line, p->best_trace, p->best_trace_n, BEST_TRACE);
}

static void add_number(struct buf *line, int width, double f)
{
    struct arena a;
    arena_init(&a);
    buf_addf(line, "%*s", width, cell_number(&a, f, CELL_DIGITS_NARROW));
    arena_done(&a);
}

/* Prints whole parameters only: half a name or value could mislead. */
static void row_params(struct buf *line, const struct progress_row *row, size_t columns)
{
    size_t used = display_width(buf_peek(line), line->len);
    struct buf item;
    buf_init(&item, BLOCK_BYTES);
    for (size_t i = 0; i < row->params_n; i++) {
        const char *gap = i ? " " : "";
        buf_clear(&item);
        display_clean(&item, row->params[i], strlen(row->params[i]));
        used += strlen(gap) + display_width(buf_peek(&item), item.len);
        bool fits = used + (i + 1 < row->params_n ? MORE_COLUMNS : 0) <= columns;
        buf_addf(line, "%s%s", gap, fits ? buf_peek(&item) : "…");
        if (!fits)
            break;
    }
    buf_done(&item);
}

/* The name of the agent, cut to the columns or filled up. */
static void row_agent(struct buf *line, const struct progress_row *row, size_t columns)
{
    struct buf name;
    buf_init(&name, BLOCK_BYTES);
    if (row->agent)
        display_clean(&name, row->agent, strlen(row->agent));
    size_t width = display_width(buf_peek(&name), name.len);
    bool cut = width > columns;
    size_t fits = display_fit(buf_peek(&name), name.len, columns - cut);
    width = display_width(buf_peek(&name), fits) + cut;
    buf_addf(line, "%.*s%s%*s", (int)fits, buf_peek(&name), cut ? "…" : "",
             (int)(columns - width) + 2, "");
    buf_done(&name);
}

/* The columns that the names of agents take; 0: no row has one. */
static size_t rows_agent_columns(const struct progress *p)
{
    size_t columns = 0;
    for (size_t i = 0; i < p->rows_n; i++) {
        const char *name = p->rows[i].agent ? p->rows[i].agent : "";
        size_t width = display_width(name, strlen(name));
        columns = width > columns ? width : columns;
    }
    return columns < ROW_AGENT ? columns : ROW_AGENT;
}

/* "  55  gpu1  1m12s  epoch 14     0.2301  best 0.21    lr=2.8e-04 depth=4"; in a narrow terminal,
 * the parameters take the room of the best value. */
static void row_line(struct buf *line, const struct progress_row *row, size_t agent, size_t columns,
                     bool sparks)
{
    char span[ELAPSED_BYTES];
    elapsed_format(span, (double)row->elapsed_ms / 1000);
    buf_addf(line, "%4" PRIu64 "  ", row->trial);
    if (agent > 0)
        row_agent(line, row, agent);
    buf_addf(line, "%6s  %-9s  ", span, row->place);
    if (row->has_value)
        add_number(line, 9, row->value);
    else
        buf_addf(line, "%9s", "-");
    size_t room = agent > 0 ? columns - (agent + 2 < columns ? agent + 2 : columns) : columns;
    if (sparks && room >= ROW_WIDE) {
        buf_addf(line, "  %*s", (int)(ROW_TRACE - sparkline_cells(row->trace_n, ROW_TRACE)), "");
        sparkline_print(line, row->trace, row->trace_n, ROW_TRACE);
    }
    if (room >= ROW_WIDE + (sparks ? 2 + ROW_TRACE : 0)) {
        buf_adds(line, isnan(row->best) ? "                 " : "  best ");
        if (!isnan(row->best))
            add_number(line, -10, row->best);
    }
    buf_adds(line, "  ");
    row_params(line, row, columns);
}

static unsigned rows_print(struct buf *out, const struct progress *p, size_t columns, bool sparks)
{
    struct buf line;
    buf_init(&line, BLOCK_BYTES);
    unsigned lines = 0;
    size_t agent = rows_agent_columns(p);
    for (; lines < p->rows_n; lines++) {
        buf_clear(&line);
        row_line(&line, &p->rows[lines], agent, columns, sparks);
        add_line(out, &line, columns);
    }
    if (p->running > p->rows_n && p->rows_n > 0) {
        buf_clear(&line);
        buf_addf(&line, "      and %" PRIu64 " more", p->running - p->rows_n);
        add_line(out, &line, columns);
        lines++;
    }
    if (p->failure) {
        struct buf hint;
        buf_init(&hint, SIZE_MAX);
        buf_addf(&hint, "; besom logs %s-%" PRIu64 "%s", p->sweep, p->failure->trial,
                 p->store_option ? p->store_option : "");
        buf_clear(&line);
        cause_print(&line, p->failure, columns > hint.len ? columns - hint.len : 0);
        buf_adds(&line, buf_str(&hint));
        buf_done(&hint);
        add_line(out, &line, columns);
        lines++;
    }
    buf_done(&line);
    return lines;
}

unsigned progress_block(struct buf *out, const struct progress *p, size_t columns, bool colour,
                        bool sparks)
{
    struct buf line;
    buf_init(&line, BLOCK_BYTES);
    buf_adds(out, colour ? BOLD : "");
    head_line(&line, p, columns);
    add_line(out, &line, columns);
    buf_adds(out, !colour ? "" : p->failed ? PLAIN RED : PLAIN GREEN);
    buf_clear(&line);
    bar_line(&line, p, columns);
    add_line(out, &line, columns);
    buf_adds(out, colour ? PLAIN : "");
    buf_clear(&line);
    best_line(&line, p);
    running_best(&line, p);
    if (sparks)
        best_trace(&line, p, columns);
    add_line(out, &line, columns);
    if (p->waits) {
        buf_clear(&line);
        buf_adds(&line, "waits: ");
        display_clean(&line, p->waits, strlen(p->waits));
        add_line(out, &line, columns);
    }
    buf_done(&line);
    return (p->waits ? 4 : 3) + rows_print(out, p, columns, sparks);
}

void progress_init(struct progress_view *v, FILE *out, bool terminal)
{
    *v = (struct progress_view){.out = out,
                                .terminal = terminal,
                                .colour = terminal_colour(out),
                                .drawn_ms = -1,
                                .sparks = terminal && terminal_utf8()};
}

/* Moves to the start of the block and clears it; the same write then draws the new one. */
static void rub_out(struct progress_view *v, struct buf *out)
{
    if (v->lines)
        buf_addf(out, "\r\x1b[%uA\x1b[J", v->lines);
    v->lines = 0;
}

static const char legend[] = "Bar: # done, = running, - to come. A row: trial, time, place, last "
                             "and best value, parameters.";

static void draw_line(struct progress_view *v, const struct progress *p, const char *message)
{
    struct buf out;
    buf_init(&out, 4 * BLOCK_BYTES);
    rub_out(v, &out);
    if (!v->explained && p->rows_n > 0) {
        paragraph_wrap(&out, legend, 0, 0, terminal_columns(v->out) - 1);
        v->explained = true;
    }
    if (message) {
        display_clean(&out, message, strlen(message));
        buf_addc(&out, '\n');
    }
    /* One column stays free: a full last one makes some terminals wrap. */
    v->lines = progress_block(&out, p, terminal_columns(v->out) - 1, v->colour, v->sparks);
    v->drawn_ms = p->elapsed_ms;
    fwrite(buf_peek(&out), 1, out.len, v->out);
    fflush(v->out);
    buf_done(&out);
}

/* running_best=0.21 running_best_trial=11 left=25s now="trial 11 epoch 14 0.2301, trial 12" */
static void add_running(struct buf *line, const struct progress *p)
{
    struct buf now;
    char span[ELAPSED_BYTES];
    int64_t eta = progress_eta_ms(p);
    if (p->has_running_best) {
        event_line_number(line, "running_best", p->running_best);
        event_line_count(line, "running_best_trial", p->running_best_trial);
    }
    elapsed_format(span, (double)eta / 1000);
    if (eta >= 0 && p->running > 0)
        event_line_text(line, "left", span);
    buf_init(&now, SIZE_MAX);
    for (size_t i = 0; i < p->rows_n; i++) {
        const struct progress_row *row = &p->rows[i];
        buf_addf(&now, "%strial %" PRIu64, i ? ", " : "", row->trial);
        buf_addf(&now, "%s%s", *row->place ? " " : "", row->place);
        if (row->has_value) {
            buf_addc(&now, ' ');
            add_number(&now, 0, row->value);
        }
    }
    if (now.len > 0)
        event_line_text(line, "now", buf_str(&now));
    buf_done(&now);
}

static void print_text(struct progress_view *v, const char *text)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    display_clean(&out, text, strlen(text));
    buf_addc(&out, '\n');
    fwrite(buf_peek(&out), 1, out.len, v->out);
    fflush(v->out);
    buf_done(&out);
}

static void print_line(struct progress_view *v, const char *text, const struct progress *p)
{
    struct buf line;
    buf_init(&line, SIZE_MAX);
    if (p->clock)
        buf_adds(&line, p->clock);
    if (*text)
        buf_addf(&line, "%s%s", line.len > 0 ? " " : "", text);
    add_counts(&line, p);
    if (!*text)
        add_running(&line, p);
    if (p->waits)
        event_line_text(&line, "waits", p->waits);
    print_text(v, buf_str(&line));
    buf_done(&line);
}

bool progress_is_due(const struct progress_view *v, int64_t elapsed_ms)
{
    int64_t wait = v->terminal ? PROGRESS_REDRAW_MS : PROGRESS_LINE_MS;
    return (v->terminal && v->drawn_ms < 0) ||
           elapsed_ms - (v->drawn_ms > 0 ? v->drawn_ms : 0) >= wait;
}

void progress_event(struct progress_view *v, const struct progress *p, const char *line)
{
    bool due = progress_is_due(v, p->elapsed_ms);
    if (v->terminal) {
        if (due)
            draw_line(v, p, NULL);
        return;
    }
    if (line || due)
        print_line(v, line ? line : "", p);
    if (line || due)
        v->drawn_ms = p->elapsed_ms;
}

void progress_message(struct progress_view *v, const struct progress *p, const char *text)
{
    if (v->terminal)
        draw_line(v, p, text);
    else
        print_text(v, text);
}

void progress_done(struct progress_view *v, const struct progress *p)
{
    if (v->terminal)
        draw_line(v, p, NULL);
}
