/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/bayes/explain.h"

#include <math.h>

#include "base/mem.h"

enum { NEAREST = 3 };

static struct value *explain_begin(struct arena *a, const char *phase)
{
    struct value *why = value_dict(a);
    value_put(a, why, "strategy", value_str(a, "bayes"));
    value_put(a, why, "phase", value_str(a, phase));
    return why;
}

struct value *explain_design(struct arena *a, const char *phase, const char *reason)
{
    struct value *why = explain_begin(a, phase);
    value_put(a, why, "reason", value_str(a, reason));
    return why;
}

/* Four digits are more than a model knows. */
static struct value *rounded_value(struct arena *a, double x)
{
    if (!isfinite(x) || x == 0)
        return value_float(a, x);
    /* Both powers are exact where digits are few, so the result prints with four digits. */
    double digits = 3 - floor(log10(fabs(x)));
    double up = pow(10, fmax(digits, 0)), down = pow(10, fmax(-digits, 0));
    double rounded = round(x * up / down) * down / up;
    return value_float(a, isfinite(rounded) ? rounded : x);
}

/* The trials nearest to x, as the model measures distances. */
static struct value *nearest_trials(struct arena *a, const struct terrain *t,
                                    const struct surrogate *s, const struct results *r,
                                    const double *x)
{
    size_t n = 0, nearest[NEAREST];
    double distances[NEAREST];
    for (size_t i = 0; i < r->n; i++) {
        double sum = 0;
        for (size_t j = 0; j < r->d; j++) {
            double by = terrain_difference(t, j, r->x[i * r->d + j], x[j]) / surrogate_length(s, j);
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

struct value *explain_model(struct arena *a, const struct terrain *t, const struct surrogate *s,
                            const struct results *r, bool maximize, const struct climb_point *p)
{
    struct value *why = explain_begin(a, "model"), *lengths = value_dict(a);
    double mean, sd, sign = maximize ? -1 : 1;
    surrogate_predict(s, p->x, &mean, &sd);
    double low = sign * warp_invert(&s->warp, mean - sd),
           high = sign * warp_invert(&s->warp, mean + sd);
    value_put(a, why, "results", value_int(a, (int64_t)r->n));
    value_put(a, why, "pending", value_int(a, (int64_t)r->pending));
    value_put(a, why, "predicted", rounded_value(a, sign * warp_invert(&s->warp, mean)));
    value_put(a, why, "low", rounded_value(a, fmin(low, high)));
    value_put(a, why, "high", rounded_value(a, fmax(low, high)));
    value_put(a, why, "acquisition", value_str(a, s->acquisition.bound ? "lcb" : "ei"));
    value_put(a, why, "value", rounded_value(a, p->value));
    value_put(a, why, "noisy", value_bool(a, s->noisy));
    value_put(a, why, "nearest", nearest_trials(a, t, s, r, p->x));
    for (size_t j = 0; j < t->d; j++)
        value_put(a, lengths, t->coordinates.items[j].p->name,
                  rounded_value(a, surrogate_length(s, j)));
    value_put(a, why, "lengths", lengths);
    return why;
}
