/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/watch/watch_trial.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/number/cell.h"
#include "cli/print/elapsed.h"
#include "cli/watch/watch_rows.h"
#include "orchestrator/view/explain/stop_text.h"
#include "orchestrator/view/view.h"
#include "sweep/trial.h"

enum { WHY_LINES = 4, NEAREST = 6, BELOW = 9, DIFFERING = 3 };

/* Lines of the box, one after the other. */
struct panel {
    struct watch_canvas *c;
    const struct watch_box *b;
    const struct value *trial;
    size_t row;
};

static const struct value *list_of(const struct value *v)
{
    return v && v->kind == VALUE_LIST ? v : NULL;
}

const char *watch_trial_title(struct watch_canvas *c)
{
    enum frame_tone tone;
    if (!c->w->has_chosen)
        return "no trial";
    const char *state = value_get_str(c->d->trial, "state", "");
    return arena_printf(c->a, "trial %" PRIu64 " %s", c->w->chosen,
                        *state ? watch_canvas_glyph(state, &tone) : "");
}

/* Adds the text, wrapped at words where possible, in at most this many lines. */
static void panel_put(struct panel *p, enum frame_tone tone, const char *text, size_t lines)
{
    if (!text || p->row >= p->b->rows)
        return;
    size_t left = p->b->rows - p->row;
    struct watch_box b = {p->b->row + p->row, lines < left ? lines : left, p->b->from, p->b->to};
    p->row += watch_canvas_wrap(p->c, &b, tone, text, 2);
}

static bool state_is(const struct value *trial, const char *state)
{
    return strcmp(value_get_str(trial, "state", ""), state) == 0;
}

/* "5m12s": how long it ran, or has run. */
static const char *span_text(struct panel *p)
{
    char span[ELAPSED_BYTES];
    double ran = value_get_float(p->trial, "duration", -1);
    double started = value_get_float(p->trial, "started", -1);
    if (started >= 0 && state_is(p->trial, "running"))
        ran = fmax(0, p->c->d->now - started);
    if (ran < 0)
        return NULL;
    elapsed_format(span, ran);
    return arena_strdup(p->c->a, span);
}

static const char *at_step(struct panel *p)
{
    const struct value *step = value_get(p->trial, "step");
    return step && step->kind == VALUE_INT ? arena_printf(p->c->a, " at step %" PRId64, step->i)
                                           : "";
}

/* "out of GPU memory at step 412"; "by asha: 0.91 at iteration 4 is rank 7 of 9 trials; …" */
static const char *end_text(struct panel *p)
{
    struct arena *a = p->c->a;
    const struct value *t = p->trial;
    const struct value *stopped = value_get(t, "stopped"), *by = value_get(t, "stopped_by");
    const char *state = value_get_str(t, "state", ""), *cause = value_get_str(t, "cause", NULL);
    const char *reason = value_get_str(t, "reason", NULL);
    /* A trial of another state had ended before the signal. */
    bool stops = state_is(t, "stopped") || state_is(t, "running");
    if (stops && stopped && stopped->kind == VALUE_DICT)
        return arena_printf(a, "stopped %s", stop_text(a, stopped));
    if (!cause)
        cause = value_get_str(view_trial_attempt(t), "text", NULL);
    if (!cause && value_get_str(by, "by", NULL))
        return arena_printf(a, "%s by %s", state, value_get_str(by, "by", ""));
    bool plain = !reason || strcmp(reason, "ok") == 0 || state_is(t, "running");
    const char *why = cause ? cause : plain ? state : arena_printf(a, "%s: %s", state, reason);
    bool ended = state_is(t, "failed") || state_is(t, "lost") || state_is(t, "running");
    return arena_printf(a, "%s%s", why, ended ? at_step(p) : "");
}

static const char *param_value(struct panel *p, const struct value *v)
{
    return v ? cell_rounded(p->c->a, v, CELL_DIGITS_NARROW) : "–";
}

/* "batch 512 (best: 256)": a line for each parameter that differs from the best trial's. The others are in one. */
static void params_put(struct panel *p)
{
    struct arena *a = p->c->a;
    const struct value *best = value_get(p->c->d->sweep, "best");
    const struct value *flat = value_flatten(a, value_get(p->trial, "params"));
    bool other = best && best->kind == VALUE_DICT &&
                 value_get_int(best, "number", -1) != value_get_int(p->trial, "number", -1);
    const struct value *like = other ? value_flatten(a, value_get(best, "params")) : NULL;
    const char *same = NULL;
    size_t room = p->b->rows > p->row + BELOW ? p->b->rows - p->row - BELOW : 0, shown = 0,
           more = 0;
    room = room < DIFFERING ? DIFFERING : room;
    for (size_t i = 0; i < flat->dict.n; i++) {
        const struct value_entry *e = &flat->dict.entries[i];
        const struct value *theirs = like ? value_get(like, e->key) : e->value;
        const char *text = arena_printf(a, "%s %s", e->key, param_value(p, e->value));
        if (theirs && value_same(theirs, e->value))
            same = same ? arena_printf(a, "%s, %s", same, text) : text;
        else if (shown++ < room)
            panel_put(p, FRAME_PLAIN,
                      arena_printf(a, "%s (best: %s)", text, param_value(p, theirs)), 1);
        else
            more++;
    }
    if (more > 0)
        panel_put(p, FRAME_DIM, arena_printf(a, "… %zu more differ", more), 1);
    if (!other && best && best->kind == VALUE_DICT)
        panel_put(p, FRAME_GOOD, "the best trial", 1);
    if (same)
        panel_put(p, FRAME_DIM, other ? arena_printf(a, "as the best: %s", same) : same, 3);
}

static int64_t failures_count(const struct value *trial)
{
    const struct value *list = list_of(value_get(trial, "attempts_list"));
    int64_t n = 0;
    for (size_t i = 0; list && i < list->list.n; i++) {
        const struct value *one = list->list.items[i];
        int reason = trial_reason_find(value_get_str(one, "reason", ""));
        n += reason > 0 && trial_reason_state((enum trial_reason)reason) == TRIAL_FAILED &&
             !value_get_bool(one, "superseded", false);
    }
    return n;
}

/* "attempt 2 of 2, no retry left": of one that has failed for good, or that may still fail. */
static const char *attempt_text(struct panel *p)
{
    struct arena *a = p->c->a;
    const struct value *retry = value_get(value_get(p->c->d->sweep, "spec"), "retry");
    int64_t n = value_get_int(p->trial, "attempts", 0), left = 0;
    bool failed = state_is(p->trial, "failed") || state_is(p->trial, "lost");
    bool open = n > 0 && (state_is(p->trial, "running") || state_is(p->trial, "pending"));
    if (!failed && !open)
        return n > 1 ? arena_printf(a, "attempt %" PRId64, value_get_int(p->trial, "attempt", n))
                     : NULL;
    if (open)
        left = value_get_int(retry, "failed", 0) - failures_count(p->trial);
    left = left > 0 ? left : 0;
    return left == 0
               ? arena_printf(a, "attempt %" PRId64 " of %" PRId64 ", no retry left", n, n)
               : arena_printf(a, "attempt %" PRId64 " of %" PRId64 ", %" PRId64 " retr%s left", n,
                              n + left, left, left == 1 ? "y" : "ies");
}

static const char *nearest_text(struct panel *p)
{
    const struct value *list = list_of(value_get(value_get(p->trial, "why"), "nearest"));
    const char *text = NULL;
    for (size_t i = 0; list && i < list->list.n && i < NEAREST; i++)
        if (list->list.items[i]->kind == VALUE_INT)
            text = arena_printf(p->c->a, "%s %" PRId64, text ? text : "nearest",
                                list->list.items[i]->i);
    return text;
}

static void metrics_put(struct panel *p)
{
    const struct value *metrics = value_get(p->trial, "metrics");
    size_t n = metrics && metrics->kind == VALUE_DICT ? metrics->dict.n : 0;
    for (size_t i = 0; i < n; i++) {
        const struct value_entry *e = &metrics->dict.entries[i];
        panel_put(p, FRAME_PLAIN,
                  arena_printf(p->c->a, "%s %s", e->key, watch_canvas_number(p->c, e->value)), 1);
    }
}

/* "gpu-02/1, 5m12s" */
static const char *where_text(struct panel *p)
{
    const char *agent = value_get_str(p->trial, "agent", NULL), *span = span_text(p);
    int64_t slot = value_get_int(p->trial, "slot", -1);
    if (!agent)
        return span;
    const char *where = slot >= 0 ? arena_printf(p->c->a, "%s/%" PRId64, agent, slot) : agent;
    return span ? arena_printf(p->c->a, "%s, %s", where, span) : where;
}

void watch_trial_draw(struct watch_canvas *c, const struct watch_box *b)
{
    const struct value *t = c->d->trial;
    struct panel p = {.c = c, .b = b, .trial = t};
    if (!t || (uint64_t)value_get_int(t, "number", -1) != c->w->chosen || !c->w->has_chosen) {
        panel_put(&p, FRAME_DIM, c->w->has_chosen ? "reading …" : "choose a trial with j and k", 1);
        return;
    }
    bool failed = state_is(t, "failed") || state_is(t, "lost");
    const struct value *objective = value_get(t, "objective");
    const char *trace =
        watch_canvas_trace(c, watch_rows_curve(c->d, t), b->to > b->from ? b->to - b->from : 0);
    panel_put(&p, failed ? FRAME_BAD : FRAME_PLAIN, end_text(&p), WHY_LINES);
    if (objective && objective->kind != VALUE_NULL)
        panel_put(&p, FRAME_BOLD,
                  arena_printf(c->a, "objective %s", watch_canvas_number(c, objective)), 1);
    if (*trace)
        panel_put(&p, FRAME_PLAIN, trace, 1);
    params_put(&p);
    if (c->d->suspect)
        panel_put(&p, FRAME_STOPPED, arena_printf(c->a, "suspect %s", c->d->suspect), WHY_LINES);
    panel_put(&p, FRAME_PLAIN, attempt_text(&p), 1);
    panel_put(&p, FRAME_PLAIN, where_text(&p), 1);
    bool ended = !state_is(t, "running") && !state_is(t, "pending");
    panel_put(&p, FRAME_DIM, ended ? "[r]etry [l]ogs [e]xplain" : "[l]ogs [e]xplain", 1);
    panel_put(&p, FRAME_PLAIN, nearest_text(&p), 1);
    metrics_put(&p);
}
