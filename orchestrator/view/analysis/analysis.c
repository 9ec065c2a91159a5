/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/analysis/analysis.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes/crc32.h"
#include "base/json.h"
#include "orchestrator/view/analysis/luck.h"
#include "orchestrator/view/analysis/matters.h"
#include "orchestrator/view/analysis/surface.h"
#include "orchestrator/view/view_inside.h"

#define SWEEPS "sweeps/"

static int importance_answer(struct view *v, struct arena *a, const char *id,
                             const struct value *query, struct value **ret, struct err *err)
{
    const struct evidence_query q = {.metric = value_get_str(query, "metric", NULL),
                                     .goal = value_get_str(query, "goal", NULL),
                                     .at = value_get_str(query, "at", NULL)};
    return matters_read(v, a, id, &q, value_get_str(query, "method", NULL), ret, err);
}

static int surface_answer(struct view *v, struct arena *a, const char *id,
                          const struct value *query, struct value **ret, struct err *err)
{
    const struct evidence_query q = {.metric = value_get_str(query, "metric", NULL),
                                     .goal = value_get_str(query, "goal", NULL),
                                     .at = value_get_str(query, "at", NULL),
                                     .needs_goal = true};
    struct evidence e;
    struct surface *s = arena_alloc(a, sizeof *s);
    int rc = evidence_read(&e, v, a, id, &q, err);
    if (rc == 0)
        rc = surface_find(s, &e, value_get_str(query, "x", NULL), value_get_str(query, "y", NULL),
                          err);
    if (rc == 0)
        *ret = surface_value(a, s, &e);
    evidence_done(&e);
    return rc;
}

static int luck_answer(struct view *v, struct arena *a, const char *id, const struct value *query,
                       struct value **ret, struct err *err)
{
    (void)query;
    return luck_read(v, a, id, ret, err);
}

static const struct {
    const char *part;
    int (*answer)(struct view *v, struct arena *a, const char *id, const struct value *query,
                  struct value **ret, struct err *err);
} documents[] = {
    {"importance", importance_answer}, {"luck", luck_answer}, {"surface", surface_answer}};

enum { DOCUMENTS = sizeof documents / sizeof *documents };

/* sweeps/NAME/PART */
static int path_document(const char *path)
{
    const char *slash = strrchr(path, '/');
    for (int i = 0; i < DOCUMENTS; i++)
        if (slash && strcmp(documents[i].part, slash + 1) == 0)
            return i;
    return -1;
}

static int sweep_find(struct view *v, const char *path, char id[16], struct err *err)
{
    char name[64];
    const char *end = strrchr(path, '/');
    size_t head = strlen(SWEEPS);
    if (strncmp(path, SWEEPS, head) != 0 || path_document(path) < 0 || end < path + head ||
        (size_t)(end - path) - head >= sizeof name)
        return err_set(err, ERR_NOT_FOUND, "there is no document %.100s", path);
    snprintf(name, sizeof name, "%.*s", (int)((size_t)(end - path) - head), path + head);
    return view_find_sweep(v, name, id, err);
}

/* Values of finished trials only change with their steps, attempts or states; those at rungs never do. */
static const char select_mark[] =
    "SELECT s.n, s.counts, (SELECT content FROM spec WHERE sweep = s.n), count(t.id),"
    " total(t.attempts), total(t.step), total(t.iterations), total(t.ended),"
    " (SELECT count(*) FROM rung WHERE trial BETWEEN s.n << 40 AND ((s.n + 1) << 40) - 1)"
    " FROM sweep s LEFT JOIN trial t ON t.id BETWEEN s.n << 40 AND ((s.n + 1) << 40) - 1"
    " AND t.state = 'finished' WHERE s.id = ?1 GROUP BY s.n";

int analysis_mark(struct view *v, const char *path, char id[16], char ret[ANALYSIS_MARK_BYTES],
                  struct err *err)
{
    sqlite3_stmt *st = NULL;
    v->served = true;
    int rc = sweep_find(v, path, id, err);
    if (rc == 0)
        rc = store_sql_use(v->db, &st, select_mark, err);
    if (rc == 0) {
        store_sql_text(st, 1, id);
        rc = store_sql_step(st, err);
    }
    if (rc == 0)
        rc = err_set(err, ERR_NOT_FOUND, "there is no sweep %s", id);
    if (rc > 0) {
        const char *counts = store_sql_get_text(st, 1), *spec = store_sql_get_text(st, 2);
        snprintf(ret, ANALYSIS_MARK_BYTES, "%s %llx %08x %08x %llu %.17g %.17g %.17g %.17g %llu",
                 id, (unsigned long long)store_sql_get_u64(st, 0),
                 crc32_add(0, counts, strlen(counts)), spec ? crc32_add(0, spec, strlen(spec)) : 0,
                 (unsigned long long)store_sql_get_u64(st, 3), store_sql_get_number(st, 4),
                 store_sql_get_number(st, 5), store_sql_get_number(st, 6),
                 store_sql_get_number(st, 7), (unsigned long long)store_sql_get_u64(st, 8));
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

int analysis_answer(struct view *v, const char *path, const char *id, const struct value *query,
                    struct buf *out, struct err *err)
{
    struct arena a;
    struct value *doc = NULL;
    bool bare = strcmp(value_get_str(query, "nan", ""), "bare") == 0;
    int which = path_document(path);
    if (which < 0)
        return err_set(err, ERR_NOT_FOUND, "there is no document %.100s", path);
    arena_init(&a);
    int rc = documents[which].answer(v, &a, id, query, &doc, err);
    if (rc == 0) {
        json_print(out, doc, bare ? JSON_PYTHON : JSON_COMPACT);
        buf_addc(out, '\n');
        rc = out->overflow ? err_set(err, ERR_LIMIT, "the answer is too large") : 0;
    }
    arena_done(&a);
    return rc;
}
