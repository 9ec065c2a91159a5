/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/store_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/store/store_inside.h"
#include "orchestrator/view/view_inside.h"

enum { PROBLEMS_SAID = 100, PROBLEM_BYTES = 900, FACTS_A_COMMIT = 1000 };

struct checker {
    struct view *v;
    struct store *rows; /* what the facts give */
    struct books books;
    struct arena arena; /* of one fact */
    char (*sweeps)[16]; /* ids in the order of their rows */
    size_t sweeps_n, sweeps_cap;
    uint64_t pending; /* facts since the last commit */
    store_check_fn fn;
    void *arg;
    struct store_check *found;
};

static void problem(struct checker *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void problem(struct checker *c, const char *fmt, ...)
{
    char text[PROBLEM_BYTES];
    va_list ap;
    if (c->found->problems++ >= PROBLEMS_SAID)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    c->fn(c->arg, text);
}

static int check_pages(struct checker *c, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(c->v->db, &st, "PRAGMA integrity_check", err);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        if (strcmp(store_sql_get_text(st, 0), "ok") != 0)
            problem(c, "the file: %s", store_sql_get_text(st, 0));
    sqlite3_finalize(st);
    return rc;
}

/* Folds f; a fact that does not fit is a problem and left out. */
static int fold(struct checker *c, const struct fact *f, struct err *err)
{
    struct err why;
    int rc;
    if (books_apply(&c->books, f, &why) < 0) {
        problem(c, "fact %llu: %s", (unsigned long long)f->seq, why.text);
        return 0;
    }
    if (f->kind == FACT_SWEEP_CREATED) {
        c->sweeps = mem_grow(c->sweeps, &c->sweeps_cap, c->sweeps_n + 1, sizeof *c->sweeps);
        snprintf(c->sweeps[c->sweeps_n++], sizeof *c->sweeps, "%s", f->sweep);
    }
    if ((rc = store_append(c->rows, f, err)) < 0 || ++c->pending < FACTS_A_COMMIT)
        return rc;
    c->pending = 0;
    rc = store_commit(c->rows, &c->books, err);
    books_sweep_out(&c->books);
    return rc;
}

static int fold_fact(struct checker *c, sqlite3_stmt *st, struct err *err)
{
    uint64_t seq = store_sql_get_u64(st, 0);
    const char *text = store_sql_get_text(st, 1);
    struct value *v;
    struct fact f;
    struct err why;
    c->found->facts++;
    if (json_parse(&c->arena, text, strlen(text), &v, &why) == 0 && fact_decode(v, &f, &why) == 0) {
        f.seq = seq;
        return fold(c, &f, err);
    }
    problem(c, "fact %llu cannot be read: %s", (unsigned long long)seq, why.text);
    return 0;
}

static int fold_chunk(struct checker *c, sqlite3_stmt *st, struct err *err)
{
    uint64_t seq = store_sql_get_u64(st, 0), row = store_sql_get_u64(st, 1);
    uint64_t sweep = row >> STORE_NUMBER_BITS;
    struct err why;
    struct fact f = {
        .kind = FACT_METRICS,
        .seq = seq,
        .trial = row & ((1ull << STORE_NUMBER_BITS) - 1),
        .attempt = (uint32_t)store_sql_get_u64(st, 2),
        .stream = store_sql_get_u64(st, 3) ? FACT_STREAM_STDOUT : FACT_STREAM_FILE,
        .from = store_sql_get_u64(st, 4),
        .to = store_sql_get_u64(st, 5),
        .next_step = sqlite3_column_int64(st, 9),
    };
    c->found->chunks++;
    if (sweep == 0 || sweep > c->sweeps_n) {
        problem(c, "chunk %llu is of no sweep", (unsigned long long)seq);
        return 0;
    }
    f.sweep = c->sweeps[sweep - 1];
    if (chunk_decode(c->v->codec, &c->arena, sqlite3_column_blob(st, 10),
                     (size_t)sqlite3_column_bytes(st, 10), &f.points, &why) < 0) {
        problem(c, "chunk %llu, of trial %s-%llu: %s", (unsigned long long)seq, f.sweep,
                (unsigned long long)f.trial, why.text);
        return 0;
    }
    if (f.points.n != store_sql_get_u64(st, 6))
        problem(c, "chunk %llu holds %zu points, its row says %lld", (unsigned long long)seq,
                f.points.n, (long long)sqlite3_column_int64(st, 6));
    c->found->points += f.points.n;
    f.points.bad = (size_t)store_sql_get_u64(st, 7);
    f.points.dropped = (size_t)store_sql_get_u64(st, 8);
    return fold(c, &f, err);
}

/* Facts and chunks share one sequence: it is the order in which they happened. */
static int fold_all(struct checker *c, sqlite3_stmt *facts, sqlite3_stmt *chunks, struct err *err)
{
    int fact = store_sql_step(facts, err), chunk = store_sql_step(chunks, err), rc = 0;
    while (rc == 0 && (fact > 0 || chunk > 0)) {
        if (chunk <= 0 ||
            (fact > 0 && store_sql_get_u64(facts, 0) < store_sql_get_u64(chunks, 0))) {
            rc = fold_fact(c, facts, err);
            fact = rc < 0 ? 0 : store_sql_step(facts, err);
        } else {
            rc = fold_chunk(c, chunks, err);
            chunk = rc < 0 ? 0 : store_sql_step(chunks, err);
        }
        arena_clear(&c->arena);
        rc = fact < 0 ? fact : chunk < 0 ? chunk : rc;
    }
    return rc < 0 ? rc : store_commit(c->rows, &c->books, err);
}

static int check_facts(struct checker *c, struct err *err)
{
    sqlite3_stmt *facts = NULL, *chunks = NULL;
    int rc = store_sql_use(c->v->db, &facts, "SELECT seq, body FROM fact ORDER BY seq", err);
    if (rc == 0)
        rc = store_sql_use(c->v->db, &chunks,
                           "SELECT seq, trial, attempt, stream, from_byte, to_byte, points,"
                           " bad_lines, dropped_values, next_step, data FROM chunk ORDER BY seq",
                           err);
    if (rc == 0)
        rc = fold_all(c, facts, chunks, err);
    sqlite3_finalize(facts);
    sqlite3_finalize(chunks);
    return rc;
}

struct table {
    const char *name, *sql;
    int keys; /* the first columns, integers */
};

static int compare_keys(sqlite3_stmt *a, sqlite3_stmt *b, int keys)
{
    for (int i = 0; i < keys; i++) {
        int64_t x = sqlite3_column_int64(a, i), y = sqlite3_column_int64(b, i);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

static void name_row(const struct checker *c, const struct table *t, sqlite3_stmt *st, char out[64])
{
    uint64_t key = store_sql_get_u64(st, 0);
    bool of_trial = strcmp(t->name, "sweep") != 0 && strcmp(t->name, "spec") != 0;
    uint64_t sweep = of_trial ? key >> STORE_NUMBER_BITS : key;
    const char *id = sweep > 0 && sweep <= c->sweeps_n ? c->sweeps[sweep - 1] : "?";
    int n = snprintf(out, 64, "%s %s", t->name, id);
    if (of_trial)
        n += snprintf(out + n, 64 - (size_t)n, "-%llu",
                      (unsigned long long)(key & ((1ull << STORE_NUMBER_BITS) - 1)));
    if (t->keys == 2)
        snprintf(out + n, 64 - (size_t)n, " %s %lld", sqlite3_column_name(st, 1),
                 (long long)sqlite3_column_int64(st, 1));
}

static void compare_row(struct checker *c, const struct table *t, sqlite3_stmt *has,
                        sqlite3_stmt *wants)
{
    char row[64];
    for (int i = t->keys; i < sqlite3_column_count(has); i++) {
        bool same = sqlite3_column_type(has, i) == sqlite3_column_type(wants, i);
        int n = sqlite3_column_bytes(has, i);
        if (same && sqlite3_column_type(has, i) == SQLITE_FLOAT)
            same = sqlite3_column_double(has, i) == sqlite3_column_double(wants, i);
        else if (same && n == sqlite3_column_bytes(wants, i) && n > 0)
            same =
                memcmp(sqlite3_column_blob(has, i), sqlite3_column_blob(wants, i), (size_t)n) == 0;
        else
            same = same && n == sqlite3_column_bytes(wants, i);
        if (same)
            continue;
        name_row(c, t, has, row);
        problem(c, "%s: %s is %.200s, the facts say %.200s", row, sqlite3_column_name(has, i),
                store_sql_is_null(has, i) ? "absent" : store_sql_get_text(has, i),
                store_sql_is_null(wants, i) ? "absent" : store_sql_get_text(wants, i));
    }
}

static int compare_rows(struct checker *c, const struct table *t, sqlite3_stmt *has,
                        sqlite3_stmt *wants, struct err *err)
{
    char row[64];
    int a = store_sql_step(has, err), b = store_sql_step(wants, err);
    while (a > 0 || b > 0) {
        int order = a <= 0 ? 1 : b <= 0 ? -1 : compare_keys(has, wants, t->keys);
        if (order == 0) {
            compare_row(c, t, has, wants);
        } else {
            name_row(c, t, order < 0 ? has : wants, row);
            problem(c, order < 0 ? "%s: no fact tells of it" : "%s: its row is missing", row);
        }
        c->found->trials += t->keys == 1 && order >= 0 && strcmp(t->name, "trial") == 0;
        if (order <= 0)
            a = store_sql_step(has, err);
        if (order >= 0)
            b = store_sql_step(wants, err);
        if (a < 0 || b < 0)
            break;
    }
    return a < 0 ? a : b;
}

static int check_rows(struct checker *c, struct err *err)
{
    static const struct table tables[] = {
        {"sweep", "SELECT * FROM sweep ORDER BY n", 1},
        {"spec", "SELECT * FROM spec ORDER BY sweep", 1},
        {"trial", "SELECT * FROM trial ORDER BY id", 1},
        {"attempt", "SELECT * FROM attempt ORDER BY trial, number", 2},
        {"rung", "SELECT * FROM rung ORDER BY trial, iterations", 2},
    };
    int rc = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables && rc == 0; i++) {
        sqlite3_stmt *has = NULL, *wants = NULL;
        if ((rc = store_sql_use(c->v->db, &has, tables[i].sql, err)) == 0 &&
            (rc = store_sql_use(c->rows->db, &wants, tables[i].sql, err)) == 0)
            rc = compare_rows(c, &tables[i], has, wants, err);
        sqlite3_finalize(has);
        sqlite3_finalize(wants);
    }
    return rc;
}

static int check_all(struct checker *c, struct err *err)
{
    int rc = view_begin(c->v, err);
    if (rc < 0)
        return rc;
    if ((rc = check_pages(c, err)) == 0 && (rc = check_facts(c, err)) == 0)
        rc = check_rows(c, err);
    view_end(c->v);
    return rc;
}

int store_check(const char *dir, store_check_fn fn, void *arg, struct store_check *ret,
                struct err *err)
{
    struct checker c = {.fn = fn, .arg = arg, .found = ret};
    *ret = (struct store_check){0};
    int rc = view_open(dir, &c.v, err);
    if (rc < 0)
        return rc;
    books_init(&c.books);
    if ((rc = store_open_rows(&c.rows, err)) == 0)
        rc = check_all(&c, err);
    store_close(c.rows);
    books_done(&c.books);
    arena_done(&c.arena);
    mem_free(c.sweeps);
    view_close(c.v);
    if (rc == 0 && ret->problems)
        rc = err_set(err, ERR_DAMAGED,
                     "the store %s has %llu problem%s: keep a copy of it, and go on from a backup",
                     dir, (unsigned long long)ret->problems, ret->problems == 1 ? "" : "s");
    return rc;
}
