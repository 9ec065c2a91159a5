/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/plan/plan_json.h"

static struct value *count_value(struct arena *a, uint64_t n)
{
    return n == 0 || n > INT64_MAX ? value_null(a) : value_int(a, (int64_t)n);
}

static void put_float(struct arena *a, struct value *v, const char *key, double f)
{
    value_put(a, v, key, value_float(a, f));
}

static struct value *when_of(struct arena *a, const struct space *s, const struct parameter *p)
{
    struct value *list = value_list(a);
    for (size_t i = 0; i < p->when_n; i++) {
        const struct when *w = &p->when[i];
        struct value *one = value_dict(a);
        if (w->condition) {
            value_put(a, one, "condition", value_str(a, w->condition->text));
        } else {
            value_put(a, one, "parameter", value_str(a, s->parameters[w->parent].name));
            value_put(a, one, "values", value_copy(a, w->values));
        }
        value_push(a, list, one);
    }
    return list;
}

/* Adds the fields of the parameter's kind, by their names in the language. */
static void put_fields(struct arena *a, struct value *v, const struct parameter *p)
{
    switch (p->kind) {
    case SPACE_CONSTANT:
        value_put(a, v, "value", value_copy(a, p->value));
        return;
    case SPACE_CATEGORICAL:
    case SPACE_CATEGORICAL_P:
        value_put(a, v, "values", value_copy(a, p->values));
        if (p->probabilities) {
            struct value *list = value_list(a);
            for (size_t i = 0; i < p->values->list.n; i++)
                value_push(a, list, value_float(a, p->probabilities[i]));
            value_put(a, v, "probabilities", list);
        }
        return;
    case SPACE_EXPR:
        value_put(a, v, "expr", value_str(a, p->expr->text));
        return;
    case SPACE_INT_UNIFORM:
        value_put(a, v, "min", value_int(a, p->int_min));
        value_put(a, v, "max", value_int(a, p->int_max));
        break;
    case SPACE_NORMAL:
    case SPACE_Q_NORMAL:
    case SPACE_LOG_NORMAL:
    case SPACE_Q_LOG_NORMAL:
        put_float(a, v, "mu", p->mu);
        put_float(a, v, "sigma", p->sigma);
        break;
    case SPACE_BETA:
    case SPACE_Q_BETA:
        put_float(a, v, "a", p->a);
        put_float(a, v, "b", p->b);
        break;
    default:
        put_float(a, v, "min", p->min);
        put_float(a, v, "max", p->max);
    }
    if (p->q > 0)
        value_put(a, v, "q", p->q_int ? value_int(a, (int64_t)p->q) : value_float(a, p->q));
}

static struct value *parameters_value(struct plan *p)
{
    struct arena *a = &p->arena;
    const struct space *space = &p->spec->space;
    struct value *list = value_list(a);
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *parameter = &space->parameters[i];
        struct value *v = value_dict(a);
        value_put(a, v, "name", value_str(a, parameter->name));
        value_put(a, v, "distribution", value_str(a, space_kind_name(parameter->kind)));
        put_fields(a, v, parameter);
        value_put(a, v, "points", count_value(a, plan_points(parameter)));
        if (parameter->when_n > 0)
            value_put(a, v, "when", when_of(a, space, parameter));
        value_push(a, list, v);
    }
    return list;
}

static struct value *forbidden_value(struct plan *p)
{
    struct arena *a = &p->arena;
    const struct space *space = &p->spec->space;
    struct value *list = value_list(a);
    for (size_t i = 0; i < space->forbid_n; i++)
        value_push(a, list, value_str(a, space->forbid[i].text));
    return list;
}

static struct value *samples_value(struct plan *p)
{
    struct arena *a = &p->arena;
    struct value *list = value_list(a);
    for (size_t i = 0; i < p->n_samples; i++) {
        const struct plan_sample *s = &p->samples[i];
        struct value *v = value_dict(a);
        value_put(a, v, "params", s->params);
        value_put(a, v, "argv", s->argv ? value_copy(a, s->argv) : value_null(a));
        value_put(a, v, "shell", s->argv ? value_str(a, plan_shell(a, s->argv)) : value_null(a));
        value_push(a, list, v);
    }
    return list;
}

static struct value *estimate_value(struct plan *p)
{
    struct arena *a = &p->arena;
    if (p->cost.trials == 0)
        return value_null(a);
    struct value *v = value_dict(a);
    value_put(a, v, "sweep", value_str(a, p->cost.sweep));
    value_put(a, v, "same_file", value_bool(a, p->cost.same_file));
    value_put(a, v, "trials", count_value(a, p->cost.trials));
    put_float(a, v, "trial_seconds", p->cost.median_s);
    double all = plan_seconds(p);
    value_put(a, v, "seconds", all < 0 ? value_null(a) : value_float(a, all));
    return v;
}

static struct value *earlier_value(struct plan *p)
{
    struct arena *a = &p->arena;
    if (!*p->cost.newest)
        return value_null(a);
    struct value *v = value_dict(a);
    value_put(a, v, "sweep", value_str(a, p->cost.newest));
    value_put(a, v, "state", value_str(a, p->cost.state));
    return v;
}

struct value *plan_json(struct plan *p)
{
    struct arena *a = &p->arena;
    const struct spec *spec = p->spec;
    struct value *v = value_dict(a);
    value_put(a, v, "file", value_str(a, p->file));
    value_put(a, v, "method", value_str(a, spec_method_name(spec->method)));
    value_put(a, v, "seed", value_str(a, arena_printf(a, "%llu", (unsigned long long)p->seed)));
    if (p->seed <= INT64_MAX)
        value_put(a, v, "seed", value_int(a, (int64_t)p->seed));
    value_put(a, v, "points", count_value(a, p->points));
    value_put(a, v, "ends", value_bool(a, plan_ends(p)));
    value_put(a, v, "total", count_value(a, p->total));
    value_put(a, v, "run_cap", count_value(a, (uint64_t)spec->run_cap));
    value_put(a, v, "at_once", count_value(a, p->at_once));
    value_put(a, v, "workdir", *p->workdir ? value_str(a, p->workdir) : value_null(a));
    value_put(a, v, "store", value_str(a, p->store));
    value_put(a, v, "earlier", earlier_value(p));
    value_put(a, v, "refused", p->refused);
    value_put(a, v, "parameters", parameters_value(p));
    value_put(a, v, "forbid", forbidden_value(p));
    value_put(a, v, "sampled_at_random", value_bool(a, p->stand_in));
    value_put(a, v, "samples", samples_value(p));
    value_put(a, v, "samples_cut", p->cut ? value_str(a, p->cut) : value_null(a));
    value_put(a, v, "env", value_copy(a, p->env));
    value_put(a, v, "estimate", estimate_value(p));
    return v;
}
