/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view_facts.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "orchestrator/store/chunk.h"
#include "orchestrator/store/store_inside.h"
#include "orchestrator/view/view_row.h"

struct page {
    struct view *v;
    struct arena arena;
    struct fact *facts;
    size_t n, limit, bytes;
    uint64_t next;
};

static void page_add(struct page *p, const struct fact *f)
{
    p->facts[p->n++] = *f;
}

static void take_fact(struct page *p, sqlite3_stmt *st)
{
    size_t len = (size_t)sqlite3_column_bytes(st, 1);
    struct value *v;
    struct fact f;
    if (json_parse(&p->arena, store_sql_get_text(st, 1), len, &v, NULL) != 0 ||
        fact_decode(v, &f, NULL) != 0)
        return;
    f.seq = store_sql_get_u64(st, 0);
    page_add(p, &f);
}

static void take_chunk(struct page *p, sqlite3_stmt *st)
{
    struct fact f = {
        .kind = FACT_METRICS,
        .seq = store_sql_get_u64(st, 0),
        .trial = store_sql_get_u64(st, 1) & ((1ull << STORE_NUMBER_BITS) - 1),
        .attempt = (uint32_t)store_sql_get_u64(st, 2),
        .stream = fact_stream_of(store_sql_get_u64(st, 3)),
        .from = store_sql_get_u64(st, 4),
        .to = store_sql_get_u64(st, 5),
        .next_step = sqlite3_column_int64(st, 9),
    };
    if (chunk_decode(p->v->codec, &p->arena, sqlite3_column_blob(st, 10),
                     (size_t)sqlite3_column_bytes(st, 10), &f.points, NULL) < 0)
        return;
    f.points.bad = (size_t)store_sql_get_u64(st, 6);
    f.points.dropped = (size_t)store_sql_get_u64(st, 7);
    f.points.too_long = (size_t)store_sql_get_u64(st, 8);
    f.sweep = arena_strdup(&p->arena, store_sql_get_text(st, 11));
    if (f.points.n > 0)
        f.time_ms = f.points.items[f.points.n - 1].time_ms;
    page_add(p, &f);
}

/* Facts and chunks share one sequence. */
static int page_merge(struct page *p, sqlite3_stmt *facts, sqlite3_stmt *chunks, bool *ret_end,
                      struct err *err)
{
    int fact = store_sql_step(facts, err), chunk = fact < 0 ? 0 : store_sql_step(chunks, err);
    for (size_t n = 0; n < p->limit && fact >= 0 && chunk >= 0 && (fact > 0 || chunk > 0); n++) {
        if (p->arena.bytes >= p->bytes)
            break;
        bool is_fact = chunk <= 0 || (fact > 0 && sqlite3_column_int64(facts, 0) <
                                                      sqlite3_column_int64(chunks, 0));
        p->next = store_sql_get_u64(is_fact ? facts : chunks, 0) + 1;
        if (is_fact) {
            take_fact(p, facts);
            fact = store_sql_step(facts, err);
        } else {
            take_chunk(p, chunks);
            chunk = store_sql_step(chunks, err);
        }
    }
    *ret_end = fact <= 0 && chunk <= 0;
    return fact < 0 ? fact : chunk < 0 ? chunk : 0;
}

static int page_read(struct page *p, bool *ret_end, struct err *err)
{
    sqlite3_stmt *facts = NULL, *chunks = NULL;
    struct view *v = p->v;
    int rc =
        store_sql_use(v->db, &facts, "SELECT seq, body FROM fact WHERE seq>=? ORDER BY seq", err);
    if (rc == 0)
        rc = store_sql_use(
            v->db, &chunks,
            "SELECT seq, trial, attempt, stream, from_byte, to_byte, bad_lines,"
            " dropped_values, long_lines, next_step, data, id FROM chunk JOIN sweep ON"
            " n = trial >> 40 WHERE seq>=? ORDER BY seq",
            err);
    if (rc == 0 && (rc = view_row_begin(v, err)) == 0) {
        store_sql_u64(facts, 1, p->next);
        store_sql_u64(chunks, 1, p->next);
        rc = page_merge(p, facts, chunks, ret_end, err);
        sqlite3_reset(facts);
        sqlite3_reset(chunks);
        view_row_end(v);
    }
    sqlite3_finalize(facts);
    sqlite3_finalize(chunks);
    return rc;
}

int view_facts(struct view *v, uint64_t from, size_t limit, size_t bytes, view_fact_fn fn,
               void *arg, uint64_t *ret_next, bool *ret_end, struct err *err)
{
    struct page p = {.v = v, .limit = limit, .next = from};
    arena_init(&p.arena);
    p.facts = arena_alloc(&p.arena, limit * sizeof *p.facts);
    p.bytes = bytes > SIZE_MAX - p.arena.bytes ? SIZE_MAX : p.arena.bytes + bytes;
    int rc = page_read(&p, ret_end, err);
    for (size_t i = 0; rc == 0 && i < p.n; i++)
        if (!fn(arg, &p.facts[i])) {
            p.next = p.facts[i].seq;
            *ret_end = false;
            break;
        }
    *ret_next = p.next;
    arena_done(&p.arena);
    return rc;
}
