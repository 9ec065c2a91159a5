/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/earlier/earlier_range.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"

void earlier_range_init(struct earlier_ranges *ranges, struct arena *a)
{
    *ranges = (struct earlier_ranges){.arena = a};
    map_init(&ranges->of);
}

void earlier_range_done(struct earlier_ranges *ranges)
{
    void *range;
    for (size_t at = 0; map_next(&ranges->of, &at, &range);)
        mem_free(((struct earlier_range *)range)->text);
    map_done(&ranges->of);
}

static bool range_is_whole(double x)
{
    return fabs(x) < 0x1p53 && x == floor(x);
}

/* The names of Optuna 1 to 5 (optuna/distributions.py). */
static bool range_parse(struct arena *a, const char *distribution, struct earlier_range *r)
{
    struct value *d = NULL;
    if (json_parse(a, distribution, strlen(distribution), &d, NULL) != 0)
        return false;
    const char *name = value_get_str(d, "name", "");
    const struct value *attributes = value_get(d, "attributes"),
                       *choices = value_get(attributes, "choices");
    if (strcmp(name, "CategoricalDistribution") == 0) {
        r->kind = EARLIER_CHOICES;
        r->choices = (struct value *)choices;
        return choices && choices->kind == VALUE_LIST && choices->list.n > 0;
    }
    r->kind = strncmp(name, "Int", 3) == 0 ? EARLIER_INT : EARLIER_FLOAT;
    r->low = value_get_float(attributes, "low", NAN);
    r->high = value_get_float(attributes, "high", NAN);
    r->step = value_get_float(attributes, "step", value_get_float(attributes, "q", 0));
    r->log = value_get_bool(attributes, "log", strstr(name, "LogUniform") != NULL);
    if (r->kind == EARLIER_INT && (!range_is_whole(r->low) || !range_is_whole(r->high)))
        return false;
    return strstr(name, "Distribution") && isfinite(r->low) && isfinite(r->high) &&
           r->low <= r->high && isfinite(r->step) && r->step >= 0 && (!r->log || r->low > 0);
}

static const char *range_add(struct earlier_ranges *ranges, const char *name,
                             const char *distribution, const struct earlier_range *like,
                             struct earlier_range **ret)
{
    struct arena *a = ranges->arena;
    size_t bytes = like->kind == EARLIER_CHOICES ? strlen(distribution) : 0;
    if (ranges->of.live >= LIMIT_PARAMETERS)
        return "is one of more than 4096 different parameters";
    static_assert(LIMIT_PARAMETERS == 4096, "the text names it");
    if (ranges->choices_bytes + bytes > LIMIT_SPEC_BYTES)
        return "has too many choices: those of all parameters take more than 1 MiB";
    ranges->choices_bytes += bytes;
    struct earlier_range *r = arena_alloc(a, sizeof *r);
    *r = *like;
    r->name = arena_strdup(a, name);
    r->choices = like->choices ? value_copy(a, like->choices) : NULL;
    map_put(&ranges->of, name, strlen(name), r);
    *ret = r;
    return NULL;
}

static const char *range_widen(struct earlier_range *r, const struct earlier_range *more)
{
    if ((r->kind == EARLIER_CHOICES) != (more->kind == EARLIER_CHOICES))
        return "has choices in one trial and a range in another";
    if (r->kind == EARLIER_CHOICES)
        return value_same(r->choices, more->choices) ? NULL
                                                     : "has other choices than in earlier trials";
    if (r->step != more->step || fmod(more->low - r->low, r->step ? r->step : 1) != 0)
        r->step = 0;
    if (more->kind == EARLIER_FLOAT)
        r->kind = EARLIER_FLOAT;
    r->log = r->log && more->log;
    r->low = fmin(r->low, more->low);
    r->high = fmax(r->high, more->high);
    return NULL;
}

const struct earlier_range *earlier_range_find(const struct earlier_ranges *ranges,
                                               const char *name)
{
    return map_find(&ranges->of, name, strlen(name));
}

const struct earlier_range *earlier_range_read(struct earlier_ranges *ranges, const char *name,
                                               const char *distribution, const char **ret_why)
{
    struct earlier_range *r = map_find(&ranges->of, name, strlen(name)), read = {0};
    struct arena a;
    if (r && strcmp(r->text, distribution) == 0)
        return r;
    arena_init(&a);
    *ret_why = !range_parse(&a, distribution, &read) ? "has a distribution that is not Optuna's"
               : r                                   ? range_widen(r, &read)
                   : range_add(ranges, name, distribution, &read, &r);
    arena_done(&a);
    if (*ret_why)
        return NULL;
    mem_free(r->text);
    r->text = mem_strdup(distribution);
    return r;
}

struct value *earlier_range_value(const struct earlier_range *r, struct arena *a, double number)
{
    if (r->kind == EARLIER_CHOICES)
        return number >= 0 && number < (double)r->choices->list.n && number == floor(number)
                   ? r->choices->list.items[(size_t)number]
                   : NULL;
    if (r->kind == EARLIER_INT && range_is_whole(number))
        return value_int(a, (int64_t)number);
    return value_float(a, number);
}

struct value *earlier_range_parameter(const struct earlier_range *r, struct arena *a)
{
    struct value *p = value_dict(a);
    bool ints = r->kind == EARLIER_INT;
    if (r->kind == EARLIER_CHOICES) {
        value_put(a, p, r->choices->list.n > 1 ? "values" : "value",
                  r->choices->list.n > 1 ? r->choices : r->choices->list.items[0]);
    } else if (r->low == r->high) {
        value_put(a, p, "value", earlier_range_value(r, a, r->low));
    } else {
        const char *name = r->log && ints ? "q_log_uniform_values"
                           : r->log       ? "log_uniform_values"
                           : ints         ? "int_uniform"
                                          : "uniform";
        value_put(a, p, "distribution", value_str(a, name));
        value_put(a, p, "min", earlier_range_value(r, a, r->low));
        value_put(a, p, "max", earlier_range_value(r, a, r->high));
        if (!r->log && r->step > (ints ? 1 : 0))
            value_put(a, p, "q", earlier_range_value(r, a, r->step));
    }
    return p;
}
