/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/check/store_facts.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/store/store_inside.h"
#include "orchestrator/view/view_inside.h"

int store_facts_init(struct store_facts *r, struct view *v, struct err *err)
{
    *r = (struct store_facts){.view = v};
    arena_init(&r->arena);
    int rc = store_sql_use(
        v->db, &r->facts,
        "SELECT seq, body, time, kind, sweep, trial, attempt FROM fact ORDER BY seq", err);
    if (rc == 0)
        rc = store_sql_use(
            v->db, &r->chunks,
            "SELECT seq, trial, attempt, stream, from_byte, to_byte, points,"
            " bad_lines, dropped_values, long_lines, next_step, data FROM chunk ORDER BY seq",
            err);
    if (rc == 0 && (rc = r->fact = store_sql_step(r->facts, err)) >= 0)
        rc = r->chunk = store_sql_step(r->chunks, err);
    return rc < 0 ? rc : 0;
}

void store_facts_done(struct store_facts *r)
{
    sqlite3_finalize(r->facts);
    sqlite3_finalize(r->chunks);
    arena_done(&r->arena);
    mem_free(r->sweeps);
}

/* The columns beside the body repeat parts of it, for people and for indexes. */
static const char *fact_column_wrong(sqlite3_stmt *st, const struct fact *f)
{
    bool of_trial = fact_kind_has_trial(f->kind), of_attempt = fact_kind_has_attempt(f->kind);
    if (sqlite3_column_int64(st, 2) != f->time_ms)
        return "time";
    if (strcmp(store_sql_get_text(st, 3), fact_kind_name(f->kind)) != 0)
        return "kind";
    if (strcmp(store_sql_get_text(st, 4), f->sweep) != 0)
        return "sweep";
    if (store_sql_is_null(st, 5) == of_trial || (of_trial && store_sql_get_u64(st, 5) != f->trial))
        return "trial";
    if (store_sql_is_null(st, 6) == of_attempt ||
        (of_attempt && store_sql_get_u64(st, 6) != f->attempt))
        return "attempt";
    return NULL;
}

const char *store_facts_sweep(const struct store_facts *r, uint64_t n)
{
    size_t from = 0, to = r->sweeps_n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (r->sweeps[mid].n == n)
            return r->sweeps[mid].id;
        if (r->sweeps[mid].n < n)
            from = mid + 1;
        else
            to = mid;
    }
    return NULL;
}

/* Numbers ascend, with gaps for removed sweeps. */
static bool sweep_add(struct store_facts *r, const struct fact *f)
{
    uint64_t last = r->sweeps_n ? r->sweeps[r->sweeps_n - 1].n : 0;
    if (f->n <= last || f->n >> STORE_SWEEP_BITS) {
        snprintf(r->problem, sizeof r->problem,
                 "fact %llu: the number %llu of sweep %s is not after %llu",
                 (unsigned long long)f->seq, (unsigned long long)f->n, f->sweep,
                 (unsigned long long)last);
        return false;
    }
    r->sweeps = mem_grow(r->sweeps, &r->sweeps_cap, r->sweeps_n + 1, sizeof *r->sweeps);
    struct store_facts_sweep *one = &r->sweeps[r->sweeps_n++];
    one->n = f->n;
    snprintf(one->id, sizeof one->id, "%s", f->sweep);
    return true;
}

static bool fact_read(struct store_facts *r, struct fact *ret)
{
    uint64_t seq = store_sql_get_u64(r->facts, 0);
    const char *text = store_sql_get_text(r->facts, 1);
    struct value *v;
    struct err why;
    r->facts_n++;
    if (json_parse(&r->arena, text, strlen(text), &v, &why) < 0 || fact_decode(v, ret, &why) < 0) {
        snprintf(r->problem, sizeof r->problem, "fact %llu cannot be read: %s",
                 (unsigned long long)seq, why.text);
        return false;
    }
    ret->seq = seq;
    const char *wrong = fact_column_wrong(r->facts, ret);
    if (wrong)
        snprintf(r->problem, sizeof r->problem, "fact %llu: the column %s differs from the body",
                 (unsigned long long)seq, wrong);
    return ret->kind != FACT_SWEEP_CREATED || sweep_add(r, ret);
}

static bool chunk_read(struct store_facts *r, struct fact *ret)
{
    sqlite3_stmt *st = r->chunks;
    uint64_t seq = store_sql_get_u64(st, 0), row = store_sql_get_u64(st, 1);
    const char *sweep = store_facts_sweep(r, row >> STORE_NUMBER_BITS);
    struct err why;
    *ret = (struct fact){
        .kind = FACT_METRICS,
        .seq = seq,
        .trial = store_trial_number(row),
        .attempt = (uint32_t)store_sql_get_u64(st, 2),
        .stream = fact_stream_of(store_sql_get_u64(st, 3)),
        .from = store_sql_get_u64(st, 4),
        .to = store_sql_get_u64(st, 5),
        .next_step = sqlite3_column_int64(st, 10),
    };
    r->chunks_n++;
    if (!sweep) {
        snprintf(r->problem, sizeof r->problem, "chunk %llu belongs to no sweep",
                 (unsigned long long)seq);
        return false;
    }
    ret->sweep = sweep;
    if (chunk_decode(r->view->codec, &r->arena, sqlite3_column_blob(st, 11),
                     (size_t)sqlite3_column_bytes(st, 11), &ret->points, &why) < 0) {
        snprintf(r->problem, sizeof r->problem, "chunk %llu, of trial %s-%llu: %s",
                 (unsigned long long)seq, ret->sweep, (unsigned long long)ret->trial, why.text);
        return false;
    }
    if (ret->points.n != store_sql_get_u64(st, 6))
        snprintf(r->problem, sizeof r->problem, "chunk %llu holds %zu points, its row says %lld",
                 (unsigned long long)seq, ret->points.n, (long long)sqlite3_column_int64(st, 6));
    r->points_n += ret->points.n;
    ret->points.bad = (size_t)store_sql_get_u64(st, 7);
    ret->points.dropped = (size_t)store_sql_get_u64(st, 8);
    ret->points.too_long = (size_t)store_sql_get_u64(st, 9);
    return true;
}

/* The fact returned last has texts of its statement, so that statement is stepped only now. */
static int facts_advance(struct store_facts *r, struct err *err)
{
    if (r->fact == 2)
        r->fact = store_sql_step(r->facts, err);
    if (r->chunk == 2)
        r->chunk = store_sql_step(r->chunks, err);
    return r->fact < 0 ? r->fact : r->chunk < 0 ? r->chunk : 0;
}

int store_facts_next(struct store_facts *r, struct fact *ret, bool *ret_usable, struct err *err)
{
    int rc = facts_advance(r, err);
    arena_clear(&r->arena);
    r->problem[0] = '\0';
    if (rc < 0 || (r->fact == 0 && r->chunk == 0))
        return rc;
    bool is_fact = r->chunk == 0 ||
                   (r->fact && store_sql_get_u64(r->facts, 0) < store_sql_get_u64(r->chunks, 0));
    *ret_usable = is_fact ? fact_read(r, ret) : chunk_read(r, ret);
    *(is_fact ? &r->fact : &r->chunk) = 2;
    return 1;
}
