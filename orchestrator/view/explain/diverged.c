/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/explain/diverged.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { POINTS_MAX = 20000 }; /* that are read: others wait for it */

struct since {
    size_t points; /* read so far */
    const char *metric;
    bool known, nan;
    int64_t step;
};

/* JSON from another machine has such numbers as text. */
static bool number_is_lost(const struct value *v)
{
    return value_is_number(v) ? !isfinite(value_number(v)) : v->kind == VALUE_STR;
}

static bool number_is_nan(const struct value *v)
{
    return value_is_number(v) ? isnan(value_number(v)) : strcmp(v->s.ptr, "NaN") == 0;
}

/* Other states say more than that. */
static bool state_may_diverge(const char *state)
{
    return strcmp(state, "finished") == 0 || strcmp(state, "running") == 0;
}

const char *diverged_last(struct arena *a, const char *state, const char *metric, double last)
{
    if (isfinite(last) || !state_may_diverge(state))
        return NULL;
    return arena_printf(a, "last %s is %s", metric, isnan(last) ? "NaN" : "infinite");
}

const char *diverged_metric(const struct value *trial)
{
    const struct value *metrics = value_get(trial, "metrics");
    if (!state_may_diverge(value_get_str(trial, "state", "")) || !metrics ||
        metrics->kind != VALUE_DICT)
        return NULL;
    for (size_t i = 0; i < metrics->dict.n; i++)
        if (number_is_lost(metrics->dict.entries[i].value))
            return metrics->dict.entries[i].key;
    return NULL;
}

static int point_look(void *arg, const struct value *point)
{
    struct since *s = arg;
    const struct value *v = value_get(value_get(point, "metrics"), s->metric);
    if (++s->points > POINTS_MAX)
        return 1;
    if (!v)
        return 0;
    bool lost = number_is_lost(v);
    if (lost && !s->known) {
        s->step = value_get_int(point, "step", 0);
        s->nan = number_is_nan(v);
    }
    s->known = lost;
    return 0;
}

const char *diverged_text(struct view *v, struct arena *a, const struct value *trial)
{
    struct since s = {.metric = diverged_metric(trial)};
    struct err none = {0};
    if (!s.metric ||
        view_points(v, value_get_str(trial, "sweep", ""),
                    (uint64_t)value_get_int(trial, "number", 0),
                    (uint32_t)value_get_int(trial, "attempt", 0), point_look, &s, &none) != 0)
        return NULL;
    return s.known && s.points <= POINTS_MAX
               ? arena_printf(a, "%s is %s since step %" PRId64, s.metric,
                              s.nan ? "NaN" : "infinite", s.step)
               : NULL;
}
