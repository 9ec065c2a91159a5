/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/watch/watch_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "orchestrator/view/pace/causes.h"
#include "cli/look/log_source.h"
#include "cli/steer/steer_request.h"
#include "orchestrator/view/explain/explain.h"
#include "orchestrator/view/explain/view_suspect.h"

enum {
    LOG_LINES = 200,
    LOG_BYTES = 64 << 10,
    CURVE_POINTS = 200,
    CURVES_MAX = 60,
    PACE_EVERY_S = 5, /* and at most a fiftieth of the time */
    FLEET_EVERY_S = 5,
    TRIED_AGAIN_S = 60, /* what a controller does not have is asked for again then */
    COST = 50
};

static double clock_s(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const struct value *value_keep(struct watch_data *d, const struct value *v)
{
    return v ? value_copy(&d->arena, v) : NULL;
}

struct rows {
    struct watch_data *d;
    struct value *list;
    uint64_t limit;
};

static int row_take(void *arg, const struct value *trial)
{
    struct rows *r = arg;
    if (r->list->list.n == r->limit) {
        r->d->trials_more = 1;
        return 1;
    }
    value_push(&r->d->arena, r->list, value_copy(&r->d->arena, trial));
    return 0;
}

static int trials_read(struct watch_reader *r, const struct watch *w, struct watch_data *d,
                       struct err *err)
{
    struct watch_sorting s = watch_state_sorting(w, d);
    uint64_t limit = watch_state_room(w);
    struct view_query q = {.filter = w->filter[0] ? w->filter : NULL,
                           .sort = s.key,
                           .descending = s.descending,
                           .skip = w->top,
                           .limit = limit + 1};
    struct rows rows = {d, value_list(&d->arena), limit};
    int rc = view_trials(r->l->view, w->sweep, &q, row_take, &rows, err);
    d->trials_from = w->top;
    d->trials = rows.list;
    return rc;
}

static bool trial_runs(const struct value *trial)
{
    return strcmp(value_get_str(trial, "state", ""), "running") == 0;
}

/* A curve that was read after its trial had ended does not change. */
static bool curve_is_known(const struct watch_data *before, const struct value *trial,
                           const char *number)
{
    if (!before || !before->trials || !value_get(before->curves, number) || trial_runs(trial))
        return false;
    size_t at = watch_data_place(before, (uint64_t)value_get_int(trial, "number", 0));
    return at < before->trials->list.n && !trial_runs(before->trials->list.items[at]);
}

static void curves_put(struct watch_data *d, struct value *curves, const struct value *document)
{
    const struct value *list = value_get(document, "curves");
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.n; i++) {
        const struct value *one = list->list.items[i], *last = value_get(one, "y");
        char number[24];
        snprintf(number, sizeof number, "%" PRId64, value_get_int(one, "trial", 0));
        if (last && last->kind == VALUE_LIST)
            value_put(&d->arena, curves, number, value_copy(&d->arena, last));
    }
}

static int curves_read(struct watch_reader *r, const struct watch *w, struct watch_data *d,
                       const struct watch_data *before, struct err *err)
{
    const char *metric = value_get_str(value_get(d->sweep, "metric"), "name", NULL);
    struct value *curves = value_dict(&d->arena), *query = value_dict(&d->arena);
    const char *wanted = "";
    d->curves = curves;
    for (size_t i = 0; metric && i < d->trials->list.n && i < CURVES_MAX; i++) {
        const struct value *trial = d->trials->list.items[i];
        char number[24];
        snprintf(number, sizeof number, "%" PRId64, value_get_int(trial, "number", 0));
        if (strcmp(value_get_str(trial, "state", ""), "pending") == 0)
            continue;
        if (curve_is_known(before, trial, number))
            value_put(&d->arena, curves, number,
                      value_copy(&d->arena, value_get(before->curves, number)));
        else
            wanted = arena_printf(&d->arena, "%s%s%s", wanted, *wanted ? "," : "", number);
    }
    if (!*wanted)
        return 0;
    const struct value *document = NULL;
    value_put(&d->arena, query, "metric", value_str(&d->arena, metric));
    value_put(&d->arena, query, "trials", value_str(&d->arena, wanted));
    value_put(&d->arena, query, "points",
              value_str(&d->arena, arena_printf(&d->arena, "%d", CURVE_POINTS)));
    int rc =
        looking_document(r->l, &d->arena, arena_printf(&d->arena, "sweeps/%s/curves", w->sweep),
                         query, &document, err);
    if (rc == 0)
        curves_put(d, curves, document);
    return rc;
}

/* What changes slowly, or takes long. An error of these leaves the part out. */
static void pace_read(struct watch_reader *r, const struct watch *w, struct watch_data *d,
                      const struct watch_data *before)
{
    double now = clock_s(CLOCK_MONOTONIC), took = r->pace_took * COST;
    struct err none = {0};
    bool same = before && before->pace && before->sweep &&
                strcmp(value_get_str(before->sweep, "id", ""), w->sweep) == 0;
    if (r->pace_at > 0 && now - r->pace_at < (took > PACE_EVERY_S ? took : PACE_EVERY_S) && same) {
        d->pace = value_keep(d, before->pace);
        return;
    }
    if (!same && r->pace_at > 0 && before && before->sweep && now - r->pace_at < PACE_EVERY_S &&
        strcmp(value_get_str(before->sweep, "id", ""), w->sweep) == 0)
        return;
    if (looking_document(r->l, &d->arena, arena_printf(&d->arena, "sweeps/%s/pace", w->sweep), NULL,
                         &d->pace, &none) != 0)
        d->pace = NULL;
    r->pace_at = clock_s(CLOCK_MONOTONIC);
    r->pace_took = r->pace_at - now;
}

/* The names of all trials take a look at each: again when there are twice as many. */
static void names_read(struct watch_reader *r, const struct watch *w, struct watch_data *d,
                       const struct watch_data *before)
{
    int64_t proposed = value_get_int(d->sweep, "proposed", 0);
    struct value *names = NULL;
    struct err none = {0};
    bool same = before && before->names && before->sweep &&
                strcmp(value_get_str(before->sweep, "id", ""), w->sweep) == 0;
    if (same && proposed < 2 * r->names_of + 2) {
        d->names = value_keep(d, before->names);
        return;
    }
    if (view_columns(r->l->view, &d->arena, w->sweep, &names, &none) == 0)
        d->names = names;
    r->names_of = proposed;
}

static void agents_read(struct watch_reader *r, struct watch_data *d,
                        const struct watch_data *before)
{
    struct value *request = value_dict(&d->arena), *answer = NULL;
    struct err none = {0};
    bool nobody = false;
    double now = clock_s(CLOCK_MONOTONIC);
    value_put(&d->arena, request, "op", value_str(&d->arena, "agents"));
    if (looking_ask(r->l, request, &d->arena, &answer, &nobody, &none) == 0 && !nobody)
        d->agents = value_get(answer, "agents"), d->alerts = value_get(answer, "alerts");
    if (r->fleet_at > 0 && now - r->fleet_at < FLEET_EVERY_S) {
        d->fleet = value_keep(d, before ? before->fleet : NULL);
        return;
    }
    r->fleet_at = now;
    if (looking_document(r->l, &d->arena, "fleet", NULL, &d->fleet, &none) != 0) {
        d->fleet = NULL;
        r->fleet_at = now + TRIED_AGAIN_S;
    }
}

/* The agent that has the log of the attempt that counts. */
static const char *attempt_agent(const struct value *trial, uint32_t *ret_attempt)
{
    const struct value *counts = view_trial_attempt(trial);
    if (!counts)
        return NULL;
    *ret_attempt = (uint32_t)value_get_int(counts, "attempt", 0);
    return value_get_str(counts, "agent", "");
}

static void log_read(struct watch_reader *r, const struct watch *w, struct watch_data *d)
{
    const struct attempt_log_query query = {.lines = LOG_LINES, .max = LOG_BYTES};
    struct agent_key key = {.trial = w->chosen};
    struct attempt_log_piece piece;
    struct log_source source;
    struct err err = {0};
    struct buf text, clean;
    uint32_t attempt = 0;
    const char *agent = attempt_agent(d->trial, &attempt);
    key.attempt = attempt;
    d->log = "";
    if (!agent)
        return;
    snprintf(key.sweep, sizeof key.sweep, "%s", w->sweep);
    log_source_init(&source, r->l->remote, r->l->dir, &key, agent);
    buf_init(&text, LOG_BYTES);
    buf_init(&clean, SIZE_MAX);
    int rc = log_source_read(&source, &query, &text, &piece, &err);
    if (rc == 0)
        cause_print_log(&clean, buf_peek(&text), text.len);
    d->log = rc == 0               ? arena_strndup(&d->arena, buf_str(&clean), clean.len)
             : rc == ERR_NOT_FOUND ? ""
                                   : arena_strdup(&d->arena, err.text);
    buf_done(&clean);
    buf_done(&text);
}

static void explain_line(void *arg, const char *label, const char *text)
{
    buf_addf(arg, "%-10s%s\n", label, text);
}

static void explain_read(struct watch_reader *r, const struct watch *w, struct watch_data *d)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    explain_line(&text, "state", looking_state(&d->arena, d->trial));
    explain_trial(r->l->view, &d->arena, d->trial, explain_line, &text);
    const char *failed = explain_failure(&d->arena, d->trial);
    if (failed)
        explain_line(&text, "failed", failed);
    if (d->suspect)
        explain_line(&text, "suspect", d->suspect);
    if (strcmp(value_get_str(d->trial, "state", ""), "pending") == 0) {
        const char *waits = looking_waits(r->l, &d->arena, w->sweep, (int64_t)w->chosen);
        explain_line(&text, "waits", waits ? waits : "for a free slot");
    }
    d->explained = arena_strndup(&d->arena, buf_str(&text), text.len);
    buf_done(&text);
}

static int64_t ended_count(const struct watch_data *d)
{
    const struct value *counts = value_get(d->sweep, "counts");
    return value_get_int(counts, "finished", 0) + value_get_int(counts, "stopped", 0) +
           value_get_int(counts, "failed", 0);
}

/* Reads many trials: at once for another trial, else when more have ended, but not too often. */
static void suspect_read(struct watch_reader *r, struct watch_data *d,
                         const struct watch_data *before)
{
    double now = clock_s(CLOCK_MONOTONIC), took = r->suspect_took * COST;
    bool same =
        before && before->trial &&
        strcmp(value_get_str(before->trial, "id", ""), value_get_str(d->trial, "id", "")) == 0 &&
        value_same(value_get(before->trial, "attempts"), value_get(d->trial, "attempts"));
    d->suspect_of = ended_count(d);
    if (same && (before->suspect_of == d->suspect_of ||
                 now - r->suspect_at < (took > PACE_EVERY_S ? took : PACE_EVERY_S))) {
        d->suspect = before->suspect ? arena_strdup(&d->arena, before->suspect) : NULL;
        d->suspect_of = before->suspect_of;
        return;
    }
    d->suspect = view_suspect(r->l->view, &d->arena, d->trial);
    r->suspect_at = clock_s(CLOCK_MONOTONIC);
    r->suspect_took = r->suspect_at - now;
}

/* The chosen trial, as far as the page shows it. */
static int chosen_read(struct watch_reader *r, const struct watch *w, struct watch_data *d,
                       const struct watch_data *before, struct err *err)
{
    bool wide = watch_state_is_wide(w);
    bool log = w->pane == WATCH_LOG || (wide && w->pane == WATCH_TRIALS);
    struct value *trial = NULL;
    if (!w->has_chosen || (!wide && !log && w->page == WATCH_SWEEP))
        return 0;
    int rc = view_trial(r->l->view, &d->arena, w->sweep, w->chosen, &trial, err);
    if (rc != 0)
        return rc;
    d->trial = trial;
    suspect_read(r, d, before);
    if (log)
        log_read(r, w, d);
    if (w->page == WATCH_EXPLAIN)
        explain_read(r, w, d);
    return 0;
}

static int sweep_read(struct watch_reader *r, const struct watch *w, struct watch_data *d,
                      const struct watch_data *before, struct err *err)
{
    struct value *sweep = NULL;
    int rc = view_sweep(r->l->view, &d->arena, w->sweep, &sweep, err);
    if (rc != 0)
        return rc;
    d->sweep = sweep;
    names_read(r, w, d, before);
    rc = trials_read(r, w, d, err);
    if (rc == 0)
        rc = curves_read(r, w, d, before, err);
    if (rc != 0)
        return rc;
    pace_read(r, w, d, before);
    d->paused = looking_paused(r->l, &d->arena, sweep);
    if (watch_lists_mark(r->l, d, sweep))
        d->waits = "no process runs this sweep: besom run continues it";
    else if (strcmp(value_get_str(sweep, "state", ""), "running") == 0 &&
             value_get_int(value_get(sweep, "counts"), "running", 0) == 0)
        d->waits = looking_waits(r->l, &d->arena, w->sweep, -1);
    return chosen_read(r, w, d, before, err);
}

static const char *clock_text(struct watch_data *d)
{
    char text[32];
    time_t now = (time_t)d->now;
    struct tm parts;
    bool known = localtime_r(&now, &parts) && strftime(text, sizeof text, "%T %Z", &parts);
    return known ? arena_strdup(&d->arena, text) : NULL;
}

static void before_keep(struct watch_data *d, const struct watch_data *before)
{
    if (!before)
        return;
    d->sweeps = value_keep(d, before->sweeps);
    d->others = value_keep(d, before->others);
    d->sweeps_of = before->sweeps_of;
    d->told = value_keep(d, before->told);
    d->sweep = value_keep(d, before->sweep);
    d->pace = value_keep(d, before->pace);
    d->names = value_keep(d, before->names);
    d->trials = value_keep(d, before->trials);
    d->trials_from = before->trials_from;
    d->trials_more = before->trials_more;
    d->curves = value_keep(d, before->curves);
    d->agents = value_keep(d, before->agents);
    d->alerts = value_keep(d, before->alerts);
    d->fleet = value_keep(d, before->fleet);
    d->trial = value_keep(d, before->trial);
    d->suspect = before->suspect ? arena_strdup(&d->arena, before->suspect) : NULL;
    d->suspect_of = before->suspect_of;
}

struct watch_data *watch_read(struct watch_reader *r, const struct watch *w,
                              const struct watch_data *before)
{
    struct watch_data *d = mem_alloc(sizeof *d);
    struct value *sweeps = NULL;
    struct err err = {0};
    int rc = 0;
    arena_init(&d->arena);
    d->now = clock_s(CLOCK_REALTIME);
    d->clock = clock_text(d);
    bool all = w->page == WATCH_SWEEPS || (w->page == WATCH_KEYS && w->before == WATCH_SWEEPS);
    if (all)
        rc = view_sweeps(r->l->view, &d->arena, &sweeps, &err);
    d->sweeps = sweeps;
    if (rc == 0 && all)
        watch_lists_all(r->l, w, d, before);
    if (rc == 0 && !all)
        rc = sweep_read(r, w, d, before, &err);
    if (rc == 0 && !all && watch_state_is_wide(w))
        watch_lists_others(&r->lists, r->l, w, d, before);
    if (rc == 0)
        agents_read(r, d, before);
    if (rc != 0) {
        char clock[16] = "";
        time_t now = (time_t)(before ? before->now : d->now);
        struct tm parts;
        arena_clear(&d->arena);
        *d = (struct watch_data){.arena = d->arena, .now = d->now};
        before_keep(d, before);
        if (localtime_r(&now, &parts))
            strftime(clock, sizeof clock, "%T", &parts);
        d->now = before ? before->now : d->now;
        d->clock = clock_text(d);
        d->trouble = before && rc == ERR_UNREACHABLE
                         ? arena_printf(&d->arena, "no contact since %s: %s", clock, err.text)
                         : arena_strdup(&d->arena, err.text);
    }
    arena_clear(&r->l->arena);
    return d;
}

void watch_read_free(struct watch_data *d)
{
    if (!d)
        return;
    arena_done(&d->arena);
    mem_free(d);
}

bool watch_read_action(struct watch_reader *r, const struct watch *w, bool really,
                       int64_t *ret_revision, char message[WATCH_SAID])
{
    struct arena a;
    struct err err = {0};
    bool nobody = false, possible = false;
    arena_init(&a);
    const struct event_retry retry = {.numbers = &w->chosen, .numbers_n = 1};
    const struct steer_request asked = {
        .op = w->op, .sweep = w->sweep, .retry = strcmp(w->op, "retry") == 0 ? &retry : NULL};
    struct value *request = steer_request_line(&a, &asked), *answer = NULL;
    if (!really)
        value_put(&a, request, "dry_run", value_bool(&a, true));
    else if (w->revision >= 0)
        value_put(&a, request, "revision", value_int(&a, w->revision));
    int rc = looking_ask(r->l, request, &a, &answer, &nobody, &err);
    *ret_revision = value_get_int(answer, "revision", -1);
    if (rc != 0) {
        snprintf(message, WATCH_SAID, "%s", err.text);
    } else if (nobody) {
        snprintf(message, WATCH_SAID, "no process runs this store: besom %s %s", w->op, w->sweep);
    } else {
        possible = value_get_bool(answer, "possible", true);
        snprintf(message, WATCH_SAID, "%s", value_get_str(answer, "message", ""));
    }
    arena_done(&a);
    return possible;
}
