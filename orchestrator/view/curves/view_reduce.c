/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/curves/view_reduce.h"

#include "orchestrator/view/curves/view_curve.h"
#include "orchestrator/view/view_row.h"

int view_reduce_find(struct view *v, struct arena *a, const char *sweep, const char *text,
                     struct view_reduce *ret, struct err *err)
{
    *ret = (struct view_reduce){0};
    int rc = reduce_parse(text, &ret->reduce, err);
    return rc < 0 ? rc : view_row_metric(v, a, sweep, &ret->metric, &ret->maximize, err);
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
