/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/bayes/explain.h"

#include <math.h>

#include "base/mem.h"
#include "strategies/bayes/design.h"

enum { NEAREST = 3 };

struct value *explain_number(struct arena *a, double x)
{
    if (!isfinite(x) || x == 0)
        return value_float(a, x);
    /* Both powers are exact if digits are few, so the result prints with four digits. */
    double digits = 3 - floor(log10(fabs(x)));
    double up = pow(10, fmax(digits, 0)), down = pow(10, fmax(-digits, 0));
    double rounded = round(x * up / down) * down / up;
    return value_float(a, isfinite(rounded) ? rounded : x);
}

struct value *explain_nearest(struct arena *a, const struct terrain *t, const struct results *r,
                              const size_t *among, size_t among_n, const double *lengths,
                              const double *x)
{
    size_t n = 0, nearest[NEAREST];
    double distances[NEAREST];
    for (size_t k = 0; k < among_n; k++) {
        size_t i = among[k];
        double sum = 0;
        for (size_t j = 0; j < r->d; j++) {
            double by = features_difference(t->kinds[j], r->x[i * r->d + j], x[j]);
            by /= lengths ? lengths[j] : 1;
            sum += by * by;
        }
        size_t at = n < NEAREST ? n++ : NEAREST;
        for (; at > 0 && sum < distances[at - 1]; at--)
            if (at < NEAREST) {
                distances[at] = distances[at - 1];
                nearest[at] = nearest[at - 1];
            }
        if (at < NEAREST) {
            distances[at] = sum;
            nearest[at] = i;
        }
    }
    struct value *list = value_list(a);
    for (size_t i = 0; i < n; i++)
        value_push(a, list, value_int(a, (int64_t)r->trials[nearest[i]]));
    return list;
}

void explain_resource(struct arena *a, struct value *why, const struct results *r)
{
    if (!r->reached)
        return;
    struct value *resource = value_dict(a);
    value_put(a, resource, "full", value_int(a, (int64_t)r->full));
    value_put(a, resource, "partial", value_int(a, (int64_t)r->partial));
    value_put(a, resource, "running", value_int(a, (int64_t)r->running));
    value_put(a, why, "resource", resource);
}

struct value *explain_model(struct arena *a, const struct terrain *t, const struct surrogate *s,
                            const struct results *r, bool maximize, const struct climb_point *p)
{
    struct value *why = design_explain(a, "bayes", "model"), *lengths = value_dict(a);
    double *lengths_of = mem_alloc(t->d * sizeof *lengths_of);
    for (size_t j = 0; j < t->d; j++)
        lengths_of[j] = surrogate_length(s, j);
    double mean, sd, sign = maximize ? -1 : 1;
    surrogate_predict(s, p->x, &mean, &sd);
    double low = sign * warp_invert(&s->warp, mean - sd),
           high = sign * warp_invert(&s->warp, mean + sd);
    value_put(a, why, "results", value_int(a, (int64_t)r->n));
    value_put(a, why, "pending", value_int(a, (int64_t)r->pending));
    explain_resource(a, why, r);
    value_put(a, why, "predicted", explain_number(a, sign * warp_invert(&s->warp, mean)));
    value_put(a, why, "low", explain_number(a, fmin(low, high)));
    value_put(a, why, "high", explain_number(a, fmax(low, high)));
    value_put(a, why, "acquisition", value_str(a, s->acquisition.bound ? "lcb" : "ei"));
    value_put(a, why, "value", explain_number(a, p->value));
    value_put(a, why, "noisy", value_bool(a, s->noisy));
    value_put(a, why, "nearest", explain_nearest(a, t, r, s->order, r->n, lengths_of, p->x));
    for (size_t j = 0; j < t->d; j++)
        value_put(a, lengths, t->coordinates.items[j].p->name, explain_number(a, lengths_of[j]));
    value_put(a, why, "lengths", lengths);
    mem_free(lengths_of);
    return why;
}
