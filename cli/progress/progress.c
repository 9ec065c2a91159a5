/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag/display.h"
#include "base/number/cell.h"
#include "cli/print/terminal.h"
#include "cli/progress/event_line.h"
#include "cli/progress/forecast.h"
#include "cli/progress/progress_block.h"

static uint64_t count_ended(const struct progress *p)
{
    return p->finished + p->stopped + p->failed + p->other;
}

/* "done=12/30 running=2 failed=1 best=0.25 best_trial=7" */
static void add_counts(struct buf *out, const struct progress *p)
{
    event_line_part(out, "done", count_ended(p), p->total);
    event_line_count(out, "running", p->running);
    if (p->stopped)
        event_line_count(out, "stopped", p->stopped);
    if (p->failed)
        event_line_count(out, "failed", p->failed);
    if (p->has_best) {
        event_line_number(out, "best", p->best);
        event_line_count(out, "best_trial", p->best_trial);
    }
}

static void params_text(struct buf *out, const char *const *params, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_addf(out, "%s%s", i ? " " : "", params[i]);
}

/* new_best=0.21 params="lr=0.1 depth=4" */
static void add_new_best(struct buf *line, const struct progress *p)
{
    struct buf params;
    buf_init(&params, SIZE_MAX);
    params_text(&params, p->best_params, p->best_params_n);
    event_line_text(line, "new_best", "yes");
    if (params.len > 0)
        event_line_text(line, "params", buf_str(&params));
    buf_done(&params);
}

/* rate=2.1/min left=36-52min now="trial 11 ep 14 0.2301, trial 12" */
static void add_running(struct buf *line, const struct progress *p)
{
    struct buf now;
    struct arena a;
    char text[FORECAST_BYTES];
    arena_init(&a);
    forecast_rate(text, count_ended(p) - p->ended_before, p->elapsed_ms);
    if (*text)
        event_line_text(line, "rate", text);
    if (p->has_left && p->running > 0) {
        forecast_range(text, p->left_low_ms, p->left_high_ms, "-");
        event_line_text(line, "left", text);
    }
    buf_init(&now, SIZE_MAX);
    for (size_t i = 0; i < p->running_rows; i++) {
        const struct progress_row *row = &p->rows[i];
        buf_addf(&now, "%strial %" PRIu64, i ? ", " : "", row->trial);
        buf_addf(&now, "%s%s", *row->place ? " " : "", row->place);
        if (row->has_value)
            buf_addf(&now, " %s", cell_number(&a, row->value, CELL_DIGITS_NARROW));
    }
    if (now.len > 0)
        event_line_text(line, "now", buf_str(&now));
    buf_done(&now);
    arena_done(&a);
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
    if (v->json)
        event_line_open(&line);
    if (v->json && p->time > 0)
        event_line_count(&line, "time", (uint64_t)p->time);
    if (!v->json && p->clock)
        buf_adds(&line, p->clock);
    if (*text && v->json) /* an object without its end */
        buf_addf(&line, "%s%s", line.len > 1 ? "," : "", text + 1);
    else if (*text)
        buf_addf(&line, "%s%s", line.len > 0 ? " " : "", text);
    if (p->new_best && *text)
        add_new_best(&line, p);
    add_counts(&line, p);
    if (!*text)
        add_running(&line, p);
    if (p->waits)
        event_line_text(&line, "waits", p->waits);
    event_line_close(&line);
    print_text(v, buf_str(&line));
    buf_done(&line);
}

void progress_init(struct progress_view *v, FILE *out, bool terminal)
{
    const char *far = getenv("SSH_CONNECTION");
    bool ascii = !terminal_utf8();
    *v = (struct progress_view){.out = out,
                                .terminal = terminal,
                                .colour = terminal_colour(out),
                                .ascii = ascii,
                                .redraw_ms =
                                    far && *far ? PROGRESS_REDRAW_FAR_MS : PROGRESS_REDRAW_MS,
                                .drawn_ms = -1};
    frame_init(&v->shown, ascii);
    frame_init(&v->next, ascii);
    buf_init(&v->note, SIZE_MAX);
}

void progress_free(struct progress_view *v)
{
    frame_done(&v->shown);
    frame_done(&v->next);
    buf_done(&v->note);
}

/* The lines that the block takes on a terminal of these columns, which may have become fewer since it
 * was drawn: it has broken the rows then. */
static size_t lines_standing(const struct frame *f, size_t columns)
{
    size_t lines = 0;
    for (size_t i = 0; i < f->rows; i++) {
        struct buf text;
        buf_init(&text, SIZE_MAX);
        frame_row_text(f, i, &text);
        size_t width = frame_width(buf_str(&text));
        lines += width > columns ? (width + columns - 1) / columns : 1;
        buf_done(&text);
    }
    return lines;
}

/* Moves to the start of the block and clears it. */
static void block_erase(struct progress_view *v, size_t columns, struct buf *out)
{
    if (!v->stands)
        return;
    size_t lines = lines_standing(&v->shown, columns);
    if (lines > 0)
        buf_addf(out, "\r\x1b[%zuA\x1b[J", lines);
    v->stands = false;
}

static void block_new(struct progress_view *v, struct buf *out)
{
    for (size_t i = 0; i < v->next.rows; i++)
        buf_addc(out, '\n');
    buf_addf(out, "\x1b[%zuA", v->next.rows);
    frame_draw(NULL, &v->next, v->colour, out);
    buf_addf(out, "\x1b[%zuB", v->next.rows);
}

static void block_change(struct progress_view *v, struct buf *out)
{
    struct buf changed;
    buf_init(&changed, SIZE_MAX);
    frame_draw(&v->shown, &v->next, v->colour, &changed);
    if (changed.len > 0)
        buf_addf(out, "\x1b[%zuA%s\x1b[%zuB", v->next.rows, buf_str(&changed), v->next.rows);
    buf_done(&changed);
}

/* The question takes the place of the last line. */
static void note_draw(struct progress_view *v)
{
    if (v->note.len == 0 || v->next.rows == 0)
        return;
    size_t row = v->next.rows > 3 ? 3 : v->next.rows - 1;
    for (size_t i = 0; i < v->next.columns; i++)
        frame_put(&v->next, row, i, 1, FRAME_PLAIN, " ");
    frame_add(&v->next, row, 0, FRAME_STOPPED, buf_str(&v->note));
}

static void block_draw(struct progress_view *v, const struct progress *p, const char *message)
{
    struct buf out;
    size_t lines, columns;
    terminal_size(v->out, &lines, &columns);
    /* One column stays free: a full last one makes some terminals wrap. */
    struct progress_block_look look = {.lines = lines > 1 ? lines - 1 : 1,
                                       .columns = columns - 1,
                                       .ascii = v->ascii,
                                       .rows = v->rows};
    buf_init(&out, SIZE_MAX);
    progress_block_draw(&v->next, p, &look);
    note_draw(v);
    v->rows = look.rows;
    bool same = v->shown.rows == v->next.rows && v->shown.columns == v->next.columns;
    if (message || !same)
        block_erase(v, columns, &out);
    if (message) {
        display_clean(&out, message, strlen(message));
        buf_addc(&out, '\n');
    }
    if (v->stands)
        block_change(v, &out);
    else
        block_new(v, &out);
    struct frame before = v->shown;
    v->shown = v->next;
    v->next = before;
    v->stands = true;
    v->drawn_ms = p->elapsed_ms;
    fwrite(buf_str(&out), 1, out.len, v->out);
    fflush(v->out);
    buf_done(&out);
}

bool progress_is_due(const struct progress_view *v, int64_t elapsed_ms)
{
    int64_t wait = v->terminal ? v->redraw_ms : PROGRESS_LINE_MS;
    return (v->terminal && v->drawn_ms < 0) ||
           elapsed_ms - (v->drawn_ms > 0 ? v->drawn_ms : 0) >= wait;
}

void progress_event(struct progress_view *v, const struct progress *p, const char *line)
{
    bool due = progress_is_due(v, p->elapsed_ms);
    if (v->terminal) {
        if (due)
            block_draw(v, p, NULL);
        return;
    }
    if (line || due)
        print_line(v, line ? line : "", p);
    if (line || due)
        v->drawn_ms = p->elapsed_ms;
}

void progress_message(struct progress_view *v, const struct progress *p, const char *text)
{
    struct buf line;
    buf_init(&line, SIZE_MAX);
    if (v->json) {
        event_line_open(&line);
        event_line_text(&line, "message", text);
        event_line_close(&line);
    }
    if (v->terminal)
        block_draw(v, p, text);
    else
        print_text(v, v->json ? buf_str(&line) : text);
    buf_done(&line);
}

void progress_redraw(struct progress_view *v, const struct progress *p)
{
    if (v->terminal)
        block_draw(v, p, NULL);
}

void progress_forget(struct progress_view *v)
{
    v->stands = false;
}

void progress_done(struct progress_view *v, const struct progress *p)
{
    buf_clear(&v->note);
    if (v->terminal)
        block_draw(v, p, NULL);
}
