/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/view_timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/view/pace/timeline_gaps.h"
#include "orchestrator/view/view.h"
#include "orchestrator/view/view_trial.h"
#include "sweep/trial.h"

struct span { /* an attempt, or the wait of a trial for its first one */
    const char *agent;
    int64_t slot, from_ms, to_ms;
    uint64_t trial;
    int64_t attempt;
    enum trial_state state;
    bool lost; /* its host was lost at its end */
};

struct spans {
    struct span *items;
    size_t n, cap;
};

struct timeline {
    struct arena arena;
    const struct view_timeline *q;
    struct spans attempts, waits;
    int64_t from_ms, to_ms;
    int64_t unit_ms; /* narrower things are merged */
    bool hosts;      /* each row is a host */
    struct timeline_gaps gaps;
    struct buf *out;
    const char *comma; /* before the next item of a list */
};

static struct span *span_add(struct spans *s)
{
    s->items = mem_grow(s->items, &s->cap, s->n + 1, sizeof *s->items);
    return &s->items[s->n++];
}

static bool reason_is_host(enum trial_reason r)
{
    return r == REASON_HOST || r == REASON_SHIM || r == REASON_REBOOT || r == REASON_UNKILLABLE;
}

/* What an agent or a clock said may be no time: differences of these do not overflow. */
static int64_t time_of(sqlite3_stmt *st, int column)
{
    int64_t ms = sqlite3_column_int64(st, column);
    return ms < 0 ? 0 : ms < VIEW_TIMELINE_S_MAX * 1000 ? ms : VIEW_TIMELINE_S_MAX * 1000;
}

static void wait_add(struct timeline *t, sqlite3_stmt *st)
{
    int state = machine_find(trial_states, TRIAL_STATES, store_sql_get_text(st, 2));
    bool launched = !store_sql_is_null(st, 6);
    if (store_sql_is_null(st, 1) || (!launched && state != TRIAL_PENDING))
        return;
    *span_add(&t->waits) =
        (struct span){.from_ms = time_of(st, 1), .to_ms = launched ? time_of(st, 6) : t->q->now_ms};
}

static void attempt_add(struct timeline *t, sqlite3_stmt *st, const char **last)
{
    const char *agent = store_sql_get_text(st, 4);
    int found = trial_reason_find(store_sql_get_text(st, 8));
    enum trial_reason reason = found < 0 ? REASON_NONE : (enum trial_reason)found;
    bool ended = !store_sql_is_null(st, 7);
    int64_t from_ms = time_of(st, 6);
    /* The wall clock may have been set back since. */
    int64_t now_ms = t->q->now_ms > from_ms ? t->q->now_ms : from_ms;
    if (!*last || strcmp(*last, agent) != 0)
        *last = arena_strdup(&t->arena, agent);
    *span_add(&t->attempts) =
        (struct span){.agent = *last,
                      .slot = sqlite3_column_int64(st, 5),
                      .from_ms = from_ms,
                      .to_ms = ended ? time_of(st, 7) : now_ms,
                      .trial = store_sql_get_u64(st, 0),
                      .attempt = sqlite3_column_int64(st, 3),
                      .state = !ended                       ? TRIAL_RUNNING
                               : trial_reason_state(reason) ? trial_reason_state(reason)
                                                            : TRIAL_PREEMPTED,
                      .lost = ended && reason_is_host(reason)};
}

static int attempts_read(struct view *v, struct timeline *t, const char *sweep, struct err *err)
{
    sqlite3_stmt *st = NULL;
    const char *last = NULL;
    int rc = store_sql_use(v->db, &st,
                           "SELECT t.id & ((1 << 40) - 1), t.created, t.state, a.number, a.agent,"
                           " a.slot, a.launched, a.ended, a.reason" VIEW_TRIALS_OF_SWEEP
                           " LEFT JOIN attempt a ON a.trial = t.id WHERE s.id = ?1"
                           " ORDER BY t.id, a.number",
                           err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        if (sqlite3_column_int64(st, 3) <= 1)
            wait_add(t, st);
        if (!store_sql_is_null(st, 3))
            attempt_add(t, st, &last);
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

/* "gpu-2" before "gpu-10". */
static int names_order(const char *a, const char *b)
{
    while (*a && *b) {
        size_t x = strspn(a, "0123456789"), y = strspn(b, "0123456789");
        if (x > 0 && y > 0) {
            unsigned long long m = strtoull(a, NULL, 10), n = strtoull(b, NULL, 10);
            if (m != n)
                return m < n ? -1 : 1;
            a += x;
            b += y;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return (*a != '\0') - (*b != '\0');
}

static int row_order(const struct span *x, const struct span *y, bool hosts)
{
    int names = x->agent == y->agent ? 0 : names_order(x->agent, y->agent);
    if (names == 0)
        names = strcmp(x->agent, y->agent);
    return names || hosts ? names : (x->slot > y->slot) - (x->slot < y->slot);
}

static int by_slot(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    int row = row_order(x, y, false);
    return row ? row : (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

/* The end of the row that begins at `from`. */
static size_t row_end(const struct timeline *t, size_t from)
{
    size_t to = from + 1;
    while (to < t->attempts.n &&
           row_order(&t->attempts.items[from], &t->attempts.items[to], t->hosts) == 0)
        to++;
    return to;
}

static size_t rows_count(const struct timeline *t)
{
    size_t n = 0;
    for (size_t at = 0; at < t->attempts.n; at = row_end(t, at))
        n++;
    return n;
}

static void range_set(struct timeline *t)
{
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < t->attempts.n; i++) {
        first = t->attempts.items[i].from_ms < first ? t->attempts.items[i].from_ms : first;
        last = t->attempts.items[i].to_ms > last ? t->attempts.items[i].to_ms : last;
    }
    if (t->attempts.n == 0)
        first = last = t->q->now_ms;
    t->from_ms = isnan(t->q->from) ? first : (int64_t)(t->q->from * 1000);
    t->to_ms = isnan(t->q->to) ? last : (int64_t)(t->q->to * 1000);
    if (t->to_ms <= t->from_ms)
        t->to_ms = t->from_ms + 1;
}

static void unit_set(struct timeline *t, size_t rows)
{
    uint64_t cells = VIEW_TIMELINE_ITEMS_MAX / 2 / (rows ? rows : 1);
    cells = cells < 12 ? 12 : cells;
    cells = cells < t->q->px ? cells : t->q->px;
    t->unit_ms = (t->to_ms - t->from_ms) / (int64_t)cells;
    t->unit_ms = t->unit_ms > 0 ? t->unit_ms : 1;
}

static void seconds_print(struct timeline *t, int64_t ms)
{
    int64_t off = ms - t->from_ms;
    buf_addf(t->out, off % 1000 ? "%.3f" : "%.0f", (double)off / 1000);
}

static void item_begin(struct timeline *t, int64_t from_ms, int64_t to_ms)
{
    buf_adds(t->out, t->comma);
    t->comma = ",";
    buf_adds(t->out, "[");
    seconds_print(t, from_ms);
    buf_adds(t->out, ",");
    seconds_print(t, to_ms);
}

/* A run of short attempts, as how many ended in each state. */
struct run {
    int64_t from_ms, to_ms;
    uint64_t n, counts[TRIAL_STATES];
};

static void run_print(struct timeline *t, struct run *r)
{
    const char *comma = "";
    if (r->n == 0)
        return;
    item_begin(t, r->from_ms, r->to_ms);
    buf_adds(t->out, ",{");
    for (int i = 0; i < TRIAL_STATES; i++)
        if (r->counts[i] > 0) {
            buf_addf(t->out, "%s\"%s\":%llu", comma, trial_states[i].name,
                     (unsigned long long)r->counts[i]);
            comma = ",";
        }
    buf_adds(t->out, "}]");
    *r = (struct run){0};
}

static void run_add(struct timeline *t, struct run *r, const struct span *s)
{
    bool apart =
        r->n > 0 && (s->from_ms - r->to_ms >= t->unit_ms || s->to_ms - r->from_ms > t->unit_ms * 8);
    if (apart)
        run_print(t, r);
    if (r->n++ == 0)
        r->from_ms = s->from_ms;
    r->to_ms = s->to_ms > r->to_ms ? s->to_ms : r->to_ms;
    r->counts[s->state]++;
}

static bool span_is_seen(const struct timeline *t, const struct span *s)
{
    return s->to_ms >= t->from_ms && s->from_ms <= t->to_ms;
}

static void bars_print(struct timeline *t, const struct span *row, size_t n)
{
    struct run run = {0};
    for (size_t i = 0; i < n; i++) {
        const struct span *s = &row[i];
        if (!span_is_seen(t, s))
            continue;
        if (t->hosts || s->to_ms - s->from_ms < t->unit_ms) {
            run_add(t, &run, s);
            continue;
        }
        run_print(t, &run);
        item_begin(t, s->from_ms, s->to_ms);
        buf_addf(t->out, ",\"%s\",%llu,%lld]", trial_states[s->state].name,
                 (unsigned long long)s->trial, (long long)s->attempt);
    }
    run_print(t, &run);
}

static void gap_print(struct timeline *t, const struct span *before, const char *agent,
                      int64_t from_ms, int64_t to_ms)
{
    from_ms = from_ms > t->from_ms ? from_ms : t->from_ms;
    to_ms = to_ms < t->to_ms ? to_ms : t->to_ms;
    if (to_ms - from_ms < t->unit_ms)
        return;
    item_begin(t, from_ms, to_ms);
    const char *why = before && before->lost
                          ? "the host was lost"
                          : timeline_gaps_why(&t->gaps, agent, from_ms + (to_ms - from_ms) / 2);
    buf_addf(t->out, ",\"%s\"]", why);
}

/* Spaces of the row in which nothing ran. Attempts on hosts overlap, so the latest end counts. */
static void gaps_print(struct timeline *t, const struct span *row, size_t n)
{
    int64_t end = INT64_MIN;
    const struct span *last = NULL;
    for (size_t i = 0; i < n; i++) {
        gap_print(t, last, row->agent, last ? end : t->from_ms, row[i].from_ms);
        if (row[i].to_ms > end) {
            end = row[i].to_ms;
            last = &row[i];
        }
    }
    gap_print(t, last, row->agent, end, t->q->now_ms);
}

static void row_print(struct timeline *t, const struct span *row, size_t n)
{
    buf_adds(t->out, "{\"agent\":");
    json_print_str(t->out, row->agent, strlen(row->agent));
    if (!t->hosts)
        buf_addf(t->out, ",\"slot\":%lld", (long long)row->slot);
    buf_adds(t->out, ",\"bars\":[");
    t->comma = "";
    bars_print(t, row, n);
    buf_adds(t->out, "],\"gaps\":[");
    t->comma = "";
    gaps_print(t, row, n);
    buf_adds(t->out, "]}");
}

/* How many of the spans are open in each of equal cells, on average. */
static void strip_print(struct timeline *t, const char *name, const struct spans *s)
{
    double cells[VIEW_TIMELINE_CELLS] = {0};
    double width = (double)(t->to_ms - t->from_ms) / VIEW_TIMELINE_CELLS;
    for (size_t i = 0; i < s->n; i++) {
        double from = fmax(0, (double)(s->items[i].from_ms - t->from_ms) / width);
        double to = fmin(VIEW_TIMELINE_CELLS, (double)(s->items[i].to_ms - t->from_ms) / width);
        for (size_t c = (size_t)from; from < to && c < VIEW_TIMELINE_CELLS && (double)c < to; c++)
            cells[c] += fmin(to, (double)c + 1) - fmax(from, (double)c);
    }
    buf_addf(t->out, ",\"%s\":[", name);
    for (size_t i = 0; i < VIEW_TIMELINE_CELLS; i++)
        buf_addf(t->out, "%s%.4g", i ? "," : "", cells[i]);
    buf_adds(t->out, "]");
}

static void timeline_print(struct timeline *t)
{
    size_t slots = rows_count(t), row = 0, shown = 0;
    t->hosts = slots > VIEW_TIMELINE_SLOTS_MAX;
    size_t rows = t->hosts ? rows_count(t) : slots;
    uint64_t given = rows > t->q->skip ? rows - t->q->skip : 0;
    given = given < t->q->limit ? given : t->q->limit;
    range_set(t);
    unit_set(t, (size_t)given);
    buf_addf(t->out,
             "{\"from\":%.3f,\"to\":%.3f,\"now\":%.3f,\"hosts\":%s,\"of\":%zu,\"rows_of\":%zu",
             (double)t->from_ms / 1000, (double)t->to_ms / 1000, (double)t->q->now_ms / 1000,
             t->hosts ? "true" : "false", t->attempts.n, rows);
    buf_adds(t->out, ",\"rows\":[");
    for (size_t at = 0, end; at < t->attempts.n; at = end, row++) {
        end = row_end(t, at);
        if (row < t->q->skip || shown == given)
            continue;
        buf_adds(t->out, shown++ ? ",\n" : "");
        row_print(t, &t->attempts.items[at], end - at);
    }
    buf_adds(t->out, "]");
    strip_print(t, "busy", &t->attempts);
    strip_print(t, "queue", &t->waits);
    buf_adds(t->out, "}\n");
}

int view_timeline_write(struct view *v, const char *sweep, const struct view_timeline *q,
                        struct buf *out, struct err *err)
{
    struct timeline t = {.q = q, .out = out};
    arena_init(&t.arena);
    int rc = attempts_read(v, &t, sweep, err);
    if (rc == 0)
        rc = timeline_gaps_read(v, &t.arena, sweep, &t.gaps, err);
    if (rc == 0) {
        if (t.attempts.n > 0)
            qsort(t.attempts.items, t.attempts.n, sizeof *t.attempts.items, by_slot);
        timeline_print(&t);
    }
    mem_free(t.attempts.items);
    mem_free(t.waits.items);
    arena_done(&t.arena);
    return rc;
}
