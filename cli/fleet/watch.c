/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom watch: follows a sweep until it ends, by asking the store or the controller every second. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"
#include "base/number/cell.h"
#include "cli/print/terminal.h"
#include "cli/progress/progress.h"
#include "cli/watch/watch_screen.h"
#include "sweep/trial.h"

enum { LOOK_MS = 1000 };

struct watching {
    struct looking *l;
    struct progress_view view;
    struct arena arena; /* of one look */
    char *said;         /* the counts, and what it waited for, as last printed; NULL: never */
    char clock[16];
    int64_t began_ms;
    const struct value *parameters; /* of the spec: constants are not shown */
    uint64_t ended_before;
    bool begun;
};

static int64_t steady_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static uint64_t count_of(const struct value *sweep, enum trial_state state)
{
    return (uint64_t)value_get_int(value_get(sweep, "counts"), trial_states[state].name, 0);
}

static void row_add_params(struct watching *w, struct progress_row *row, const struct value *trial)
{
    const struct value *flat = value_flatten(&w->arena, value_get(trial, "params"));
    const char **items = arena_alloc(&w->arena, (flat->dict.n + 1) * sizeof *items);
    row->params = items;
    for (size_t i = 0; i < flat->dict.n; i++) {
        const struct value_entry *e = &flat->dict.entries[i];
        if (!value_get(value_get(w->parameters, e->key), "value"))
            items[row->params_n++] = arena_printf(
                &w->arena, "%s=%s", e->key, cell_rounded(&w->arena, e->value, CELL_DIGITS_NARROW));
    }
}

/* Names the agents only if there are several. */
static void rows_agent_drop(struct progress *p)
{
    for (size_t i = 1; i < p->rows_n; i++)
        if (strcmp(p->rows[i].where, p->rows[0].where) != 0)
            return;
    for (size_t i = 0; i < p->rows_n; i++)
        p->rows[i].where = "";
}

struct gathering {
    struct watching *w;
    struct progress *p;
};

static int row_add(void *arg, const struct value *trial)
{
    struct gathering *g = arg;
    struct progress *p = g->p;
    double span = looking_span(trial);
    const struct value *step = value_get(trial, "step");
    const struct value *last = p->metric ? value_get(value_get(trial, "metrics"), p->metric) : NULL;
    struct progress_row row = {.trial = (uint64_t)value_get_int(trial, "number", 0),
                               .state = TRIAL_RUNNING,
                               .where =
                                   arena_strdup(&g->w->arena, value_get_str(trial, "agent", "")),
                               .elapsed_ms = span < 0 ? -1 : (int64_t)(span * 1000),
                               .place = step && step->kind == VALUE_INT
                                            ? arena_printf(&g->w->arena, "step %" PRId64, step->i)
                                            : "",
                               .has_value = last && value_is_number(last),
                               .value = last && value_is_number(last) ? value_number(last) : NAN};
    row_add_params(g->w, &row, trial);
    p->rows[p->rows_n++] = row;
    p->running_rows = p->rows_n;
    return p->rows_n == PROGRESS_ROWS;
}

static const char *watch_clock(struct watching *w)
{
    time_t now = time(NULL);
    struct tm parts;
    return localtime_r(&now, &parts) && strftime(w->clock, sizeof w->clock, "%T", &parts) ? w->clock
                                                                                          : NULL;
}

static int progress_fill(struct watching *w, const char *id, const struct value *sweep,
                         struct progress *p, struct err *err)
{
    const struct value *best = value_get(sweep, "best"), *total = value_get(sweep, "total");
    const struct view_query running = {.state = "running", .limit = PROGRESS_ROWS};
    struct gathering g = {w, p};
    *p = (struct progress){.name = value_get_str(sweep, "name", NULL),
                           .sweep = id,
                           .state = value_get_str(sweep, "state", ""),
                           .metric = value_get_str(value_get(sweep, "metric"), "name", NULL),
                           .total = total && total->kind == VALUE_INT ? (uint64_t)total->i : 0,
                           .finished = count_of(sweep, TRIAL_FINISHED),
                           .failed = count_of(sweep, TRIAL_FAILED),
                           .stopped = count_of(sweep, TRIAL_STOPPED),
                           .best_age_ms = -1,
                           .running = count_of(sweep, TRIAL_RUNNING),
                           .pending = count_of(sweep, TRIAL_PENDING),
                           .has_best = best && best->kind == VALUE_DICT,
                           .best = value_get_float(best, "objective", NAN),
                           .best_trial = (uint64_t)value_get_int(best, "number", 0),
                           .elapsed_ms = steady_ms() - w->began_ms,
                           .store_option = looking_store_option(w->l)};
    p->other = count_of(sweep, TRIAL_CANCELLED) + count_of(sweep, TRIAL_LOST) +
               count_of(sweep, TRIAL_PREEMPTED);
    w->parameters = value_get(value_get(sweep, "spec"), "parameters");
    if (!w->begun)
        w->ended_before = p->finished + p->stopped + p->failed + p->other;
    w->begun = true;
    p->ended_before = w->ended_before;
    p->waits = looking_paused(w->l, &w->arena, sweep);
    if (strcmp(p->state, "running") == 0)
        p->waits = looking_waits(w->l, &w->arena, id, -1);
    p->clock = watch_clock(w);
    int rc = view_trials(w->l->view, id, &running, row_add, &g, err);
    rows_agent_drop(p);
    return rc;
}

/* Without a terminal, prints a line when the counts change. */
static void watch_tell(struct watching *w, const struct value *sweep, const struct progress *p)
{
    const char *counts = arena_printf(
        &w->arena, "%s %s", json_text(&w->arena, value_get(sweep, "counts"), JSON_COMPACT),
        p->waits && !w->l->json ? p->waits : "");
    bool changed = !w->said || strcmp(counts, w->said) != 0;
    if (w->l->json && changed) {
        json_print(&w->l->out, sweep, JSON_COMPACT);
        buf_addc(&w->l->out, '\n');
        looking_flush(w->l);
        fflush(stdout);
    } else if (!w->l->json) {
        progress_event(&w->view, p, changed && !w->view.terminal ? "" : NULL);
    }
    if (changed)
        w->said = arena_strdup(&w->l->arena, counts);
}

static bool sweep_is_over(const struct value *sweep)
{
    const char *state = value_get_str(sweep, "state", "");
    return strcmp(state, "finished") == 0 || strcmp(state, "cancelled") == 0;
}

static int watch_look(struct watching *w, const char *id, bool *ret_over, struct err *err)
{
    struct value *sweep;
    struct progress p;
    int rc = view_sweep(w->l->view, &w->arena, id, &sweep, err);
    if (rc == 0)
        rc = progress_fill(w, id, sweep, &p, err);
    if (rc != 0)
        return rc;
    watch_tell(w, sweep, &p);
    *ret_over = sweep_is_over(sweep);
    p.over = *ret_over;
    if (*ret_over && !w->l->json) {
        progress_done(&w->view, &p);
        fprintf(stderr, "look closer:\n  besom %s %s%s\n", p.has_best ? "best" : "show", id,
                p.store_option);
    }
    if (*ret_over && p.finished == 0 && !p.has_best)
        w->l->exit_code = COMPLAIN_FAILED;
    return 0;
}

/* The message appears below the block, and the next block below the message. */
static bool watch_waits(struct watching *w, const struct err *why)
{
    progress_forget(&w->view);
    return w->begun && looking_wait(w->l, why);
}

/* Afterwards says what there is, as the screen is gone. */
static int watch_on_screen(struct looking *l, const char *id, struct err *err)
{
    struct value *sweep;
    int signal = 0;
    int rc = watch_screen_run(l, id, &signal, err);
    if (rc == 0)
        rc = view_sweep(l->view, &l->arena, id, &sweep, err);
    if (rc != 0)
        return rc;
    const struct value *best = value_get(sweep, "best");
    bool has_best = best && best->kind == VALUE_DICT;
    fprintf(stderr, "sweep %s is %s; look closer:\n  besom %s %s%s\n", id,
            looking_sweep_state(l, sweep), has_best ? "best" : "show", id, looking_store_option(l));
    if (sweep_is_over(sweep) && !has_best && count_of(sweep, TRIAL_FINISHED) == 0)
        l->exit_code = COMPLAIN_FAILED;
    if (signal)
        l->exit_code = 128 + signal;
    return 0;
}

static int watch_sweep(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct watching w = {.l = l, .began_ms = steady_ms()};
    const struct timespec pause = {LOOK_MS / 1000, LOOK_MS % 1000 * 1000000};
    char id[16];
    bool over = false;
    int rc = view_find_sweep(l->view, invocation_arg(inv, 0), id, err);
    if (rc != 0)
        return rc;
    if (watch_screen_is_possible(l))
        return watch_on_screen(l, id, err);
    progress_init(&w.view, stderr, terminal_draws(stderr));
    arena_init(&w.arena);
    while (!over) {
        struct err why = {0};
        rc = watch_look(&w, id, &over, &why);
        arena_clear(&w.arena);
        if (rc == 0)
            looking_resume(l);
        if (rc == 0 && !over)
            nanosleep(&pause, NULL);
        if (rc != 0 && !watch_waits(&w, &why)) {
            *err = why;
            break;
        }
    }
    arena_done(&w.arena);
    progress_free(&w.view);
    return rc;
}

int cmd_watch(struct invocation *inv)
{
    return looking_run(inv, watch_sweep);
}
