/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/curves/view_reduce.h"

#include "language/spec_read.h"
#include "orchestrator/view/curves/view_curve.h"
#include "orchestrator/view/view_row.h"

static int metric_find(struct view *v, struct arena *a, const char *sweep, struct view_reduce *r,
                       struct err *err)
{
    sqlite3_stmt *st = NULL;
    const char *fault;
    int rc = store_sql_use(
        v->db, &st, "SELECT content FROM sweep JOIN spec ON spec.sweep = sweep.n WHERE id = ?1",
        err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    if (rc == 0 && (rc = store_sql_step(st, err)) > 0) {
        struct spec *spec = spec_read_stored(view_row_json(a, st, 0), a, &fault);
        r->metric = spec->metric.name ? arena_strdup(a, spec->metric.name) : NULL;
        r->maximize = spec->metric.maximize;
        spec_free(spec);
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

int view_reduce_find(struct view *v, struct arena *a, const char *sweep, const char *text,
                     struct view_reduce *ret, struct err *err)
{
    *ret = (struct view_reduce){0};
    int rc = reduce_parse(text, &ret->reduce, err);
    return rc < 0 ? rc : metric_find(v, a, sweep, ret, err);
}

int view_reduce_read(struct view *v, const char *sweep, uint64_t number, struct view_reduce *r,
                     bool *ret_has, double *ret, struct err *err)
{
    const struct view_curve of = {.metric = r->metric, .x = VIEW_CURVE_STEP};
    struct curve c;
    *ret_has = false;
    if (!r->metric)
        return 0;
    int rc = view_curve_read(v, sweep, number, &of, &c, err);
    *ret_has = rc == 0 && c.n > 0;
    if (*ret_has)
        *ret = reduce_curve(&r->reduce, &c, r->maximize);
    r->points += c.n;
    curve_done(&c);
    if (rc == 0 && r->points > VIEW_REDUCE_POINTS_MAX)
        rc = err_set(err, ERR_LIMIT, "reduce: the trials have more than %d points",
                     VIEW_REDUCE_POINTS_MAX);
    return rc;
}
