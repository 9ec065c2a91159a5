/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/view_fleet.h"

#include <stdlib.h>
#include <string.h>

#include "orchestrator/store/chunk.h"
#include "orchestrator/view/pace/causes.h"
#include "orchestrator/view/view_end.h"

#define ID(x) "(" x " & ((1 << 40) - 1))"

struct running {
    uint64_t row;
    uint32_t attempt;
    const char *trial, *agent;
};

static int running_read(struct view *v, struct arena *a, struct running **ret, size_t *ret_n,
                        struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc =
        store_sql_use(v->db, &st,
                      "SELECT t.id, t.current, s.id, " ID(
                          "t.id") ", t.agent FROM trial t"
                                  " JOIN sweep s ON s.n = t.id >> 40"
                                  " WHERE t.state IN ('pending', 'running') AND t.state = 'running'"
                                  " ORDER BY t.id DESC LIMIT ?1",
                      err);
    if (rc == 0)
        store_sql_u64(st, 1, VIEW_FLEET_TRIALS_MAX);
    *ret = arena_alloc(a, VIEW_FLEET_TRIALS_MAX * sizeof **ret);
    *ret_n = 0;
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        (*ret)[(*ret_n)++] =
            (struct running){store_sql_get_u64(st, 0), (uint32_t)store_sql_get_u64(st, 1),
                             arena_printf(a, "%s-%llu", store_sql_get_text(st, 2),
                                          (unsigned long long)store_sql_get_u64(st, 3)),
                             arena_strdup(a, store_sql_get_text(st, 4))};
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

/* Adds the mean utilisation of the GPUs at a point to the line; samples of other hosts have none. */
static void line_add(struct arena *a, struct value *line, const struct point *p)
{
    static const char end[] = ".utilization";
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        size_t len = strlen(p->keys[i]);
        if (len > strlen(end) && strcmp(p->keys[i] + len - strlen(end), end) == 0) {
            sum += p->values[i];
            n++;
        }
    }
    if (n > 0)
        value_push(a, line, value_float(a, sum / (double)n));
}

/* The values of a point without "system/". */
static struct value *sample_value(struct arena *a, const struct point *p)
{
    static const char begin[] = "system/";
    struct value *v = value_dict(a);
    for (size_t i = 0; i < p->n; i++)
        if (strncmp(p->keys[i], begin, strlen(begin)) == 0)
            value_put(a, v, p->keys[i] + strlen(begin), value_float(a, p->values[i]));
    return v;
}

/* Samples come newest first; the line is wanted oldest first. */
static struct value *line_turned(struct arena *a, const struct value *line)
{
    struct value *turned = value_list(a);
    for (size_t i = line->list.n; i > 0; i--)
        value_push(a, turned, line->list.items[i - 1]);
    return turned;
}

static int load_read(struct view *v, struct arena *a, sqlite3_stmt *st, const struct running *r,
                     struct value *load, struct err *err)
{
    struct value *one = NULL, *line = value_list(a);
    int rc = 0;
    store_sql_u64(st, 1, r->row);
    store_sql_u64(st, 2, r->attempt);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        struct points ps;
        struct err damaged;
        if (chunk_decode(v->codec, a, sqlite3_column_blob(st, 0),
                         (size_t)sqlite3_column_bytes(st, 0), &ps, &damaged) != 0)
            continue; /* besom check names it */
        for (size_t i = ps.n; i > 0 && line->list.n < VIEW_FLEET_LINE; i--) {
            const struct point *p = &ps.items[i - 1];
            if (!one) {
                one = value_dict(a);
                value_put(a, one, "trial", value_str(a, r->trial));
                value_put(a, one, "agent", value_str(a, r->agent));
                value_put(a, one, "time", value_float(a, (double)p->time_ms / 1000));
                value_put(a, one, "sample", sample_value(a, p));
            }
            line_add(a, line, p);
        }
    }
    if (one) {
        value_put(a, one, "line", line_turned(a, line));
        value_push(a, load, one);
    }
    sqlite3_reset(st);
    return rc < 0 ? rc : 0;
}

static int loads_read(struct view *v, struct arena *a, struct value *load, struct err *err)
{
    struct running *all;
    size_t n;
    sqlite3_stmt *st = NULL;
    int rc = running_read(v, a, &all, &n, err);
    if (rc == 0)
        rc = store_sql_use(v->db, &st,
                           "SELECT data FROM chunk WHERE trial = ?1 AND attempt = ?2 AND stream = 2"
                           " ORDER BY seq DESC LIMIT ?3",
                           err);
    if (rc == 0)
        store_sql_u64(st, 3, n > VIEW_FLEET_LINES_MAX ? 1 : VIEW_FLEET_LINE);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = load_read(v, a, st, &all[i], load, err);
    sqlite3_finalize(st);
    return rc;
}

struct day {
    struct arena *a;
    struct value *agents; /* name -> [ended, failed] */
    struct causes causes;
    struct value *hosts[CAUSES_MAX]; /* of each cause: name -> how many */
};

static bool reason_failed(const char *word)
{
    int found = trial_reason_find(word);
    enum trial_state state = trial_reason_state(found < 0 ? REASON_NONE : (enum trial_reason)found);
    return state == TRIAL_FAILED || state == TRIAL_LOST;
}

static void day_count(struct day *d, const char *agent, const char *reason, int64_t n)
{
    struct value *row = (struct value *)value_get(d->agents, agent);
    if (!row) {
        row = value_list(d->a);
        value_push(d->a, row, value_int(d->a, 0));
        value_push(d->a, row, value_int(d->a, 0));
        value_put(d->a, d->agents, agent, row);
    }
    row->list.items[0]->i += n;
    row->list.items[1]->i += reason_failed(reason) ? n : 0;
}

static void day_add(struct day *d, sqlite3_stmt *st)
{
    const char *agent = store_sql_get_text(st, 0);
    struct cause_end end = view_end_read(st, 1);
    struct cause *cause = causes_add(&d->causes, store_sql_get_u64(st, 5), &end);
    if (!cause)
        return;
    struct value **hosts = &d->hosts[cause - d->causes.items];
    if (!*hosts)
        *hosts = value_dict(d->a);
    value_put(d->a, *hosts, agent, value_int(d->a, value_get_int(*hosts, agent, 0) + 1));
}

#define DAY " FROM attempt WHERE trial BETWEEN ?1 << 40 AND ((?1 + 1) << 40) - 1 AND ended > ?2"

static int day_rows(struct view *v, const char *sql, struct day *d, uint64_t sweep,
                    int64_t since_ms, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st, sql, err);
    if (rc == 0) {
        store_sql_u64(st, 1, sweep);
        store_sql_u64(st, 2, (uint64_t)since_ms);
    }
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        if (sqlite3_column_count(st) > 3)
            day_add(d, st);
        else
            day_count(d, store_sql_get_text(st, 0), store_sql_get_text(st, 1),
                      sqlite3_column_int64(st, 2));
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

static int day_of_sweep(struct view *v, struct day *d, uint64_t sweep, int64_t since_ms,
                        struct err *err)
{
    int rc = day_rows(v, "SELECT agent, reason, count(*)" DAY " GROUP BY agent, reason", d, sweep,
                      since_ms, err);
    return rc ? rc
              : day_rows(v,
                         "SELECT agent, reason, code, signal, text, trial" DAY
                         " AND reason IN ('exit', 'signal', 'oom', 'timeout', 'launch', 'host',"
                         " 'shim', 'reboot', 'unkillable', 'poison')",
                         d, sweep, since_ms, err);
}

static int day_read(struct view *v, struct day *d, int64_t since_ms, bool *ret_cut, struct err *err)
{
    sqlite3_stmt *st = NULL;
    uint64_t rows = 0;
    int rc = store_sql_use(v->db, &st,
                           "SELECT n, proposed FROM sweep WHERE ended IS NULL OR ended > ?1"
                           " ORDER BY n DESC",
                           err);
    if (rc == 0)
        store_sql_u64(st, 1, (uint64_t)since_ms);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        rows += store_sql_get_u64(st, 1);
        if ((*ret_cut = rows > VIEW_FLEET_ROWS_MAX))
            break;
        rc = day_of_sweep(v, d, store_sql_get_u64(st, 0), since_ms, err);
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

static int trial_text(struct view *v, struct arena *a, uint64_t row, const char **ret,
                      struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st, "SELECT id FROM sweep WHERE n = ?", err);
    *ret = "";
    if (rc == 0) {
        store_sql_u64(st, 1, row >> 40);
        if ((rc = store_sql_step(st, err)) > 0)
            *ret = arena_printf(a, "%s-%llu", store_sql_get_text(st, 0),
                                (unsigned long long)store_trial_number(row));
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

static int causes_put(struct view *v, struct day *d, struct value *to, struct err *err)
{
    struct value *list = value_list(d->a);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < d->causes.n; i++) {
        const struct cause *c = &d->causes.items[i];
        struct value *one = value_dict(d->a);
        const char *trial;
        rc = trial_text(v, d->a, c->trial, &trial, err);
        value_put(d->a, one, "cause", value_str(d->a, c->text));
        value_put(d->a, one, "says", value_str(d->a, c->says));
        value_put(d->a, one, "n", value_int(d->a, (int64_t)c->n));
        value_put(d->a, one, "trial", value_str(d->a, trial));
        value_put(d->a, one, "hosts", d->hosts[i]);
        value_push(d->a, list, one);
    }
    value_put(d->a, to, "causes", list);
    return rc;
}

int view_fleet(struct view *v, struct arena *a, int64_t now_ms, struct value **ret, struct err *err)
{
    struct value *load = value_list(a);
    struct day day = {.a = a, .agents = value_dict(a)};
    bool cut = false;
    if (v->remote)
        return v->remote->get(v->remote, a, "fleet", ret, err);
    causes_init(&day.causes, a);
    int rc = loads_read(v, a, load, err);
    if (rc == 0)
        rc = day_read(v, &day, now_ms - (int64_t)VIEW_FLEET_HOURS * 3600000, &cut, err);
    if (rc != 0)
        return rc;
    *ret = value_dict(a);
    value_put(a, *ret, "now", value_float(a, (double)now_ms / 1000));
    value_put(a, *ret, "load", load);
    value_put(a, *ret, "ended", day.agents);
    value_put(a, *ret, "cut", value_bool(a, cut));
    return causes_put(v, &day, *ret, err);
}
