/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/parameter/spec_range.h"

#include <math.h>
#include <stdlib.h>
#include "language/reader/parameter/spec_kind.h"
#include "language/reader/spec_finding.h"
#include "language/reader/spec_flow.h"
#include "language/reader/spec_value.h"

static const enum spec_field bound_fields[2] = {FIELD_MIN, FIELD_MAX};

static bool read_optional(struct spec_reader *r, const struct spec_draft *d, enum spec_field field,
                          double *ret)
{
    struct spec_number number;
    if (!(d->present & (1u << field)))
        return true;
    if (!spec_value_number(r, &d->fields[field], &number))
        return false;
    *ret = number.f;
    return true;
}

static bool check_order(struct spec_reader *r, const struct spec_draft *d, bool less)
{
    if (!less) {
        const struct spec_node *min = &d->fields[FIELD_MIN], *max = &d->fields[FIELD_MAX];
        spec_node_error(r, min, SPEC_FOUND(ORDER, .draft = d), "min %s is not less than max %s",
                        spec_node_yaml(r, min), spec_node_yaml(r, max));
    }
    return less;
}

/* int_uniform with floats: fixes each whole float; with other floats the distribution is the
 * mistake. */
static bool check_integers(struct spec_reader *r, const struct spec_draft *d,
                           const struct spec_number bounds[2], const bool known[2])
{
    bool whole = true, ok = true;
    for (int i = 0; i < 2; i++)
        whole =
            whole && (!known[i] || (floor(bounds[i].f) == bounds[i].f && fabs(bounds[i].f) < 1e15));
    for (int i = 0; i < 2; i++) {
        const struct spec_node *n = &d->fields[bound_fields[i]];
        if (!known[i] || bounds[i].is_int)
            continue;
        if (whole || ok)
            spec_node_error(r, n,
                            whole ? SPEC_FOUND(BOUND_TYPE)
                                  : SPEC_FOUND(OTHER_KIND, .kind = SPACE_UNIFORM),
                            "int_uniform needs integers, not a float");
        ok = false;
    }
    return ok;
}

static bool read_int_range(struct spec_reader *r, const struct spec_draft *d, struct parameter *p,
                           const struct spec_number *min, const struct spec_number *max)
{
    int64_t width;
    if (!check_order(r, d, min->i < max->i))
        return false;
    if (__builtin_sub_overflow(max->i, min->i, &width) || width == INT64_MAX) {
        spec_node_error(r, &d->fields[FIELD_MIN], NULL, "the range holds more than 2^63 integers");
        return false;
    }
    p->int_min = min->i;
    p->int_max = max->i;
    return true;
}

/* from and to are the exponents of the sampled range. Some people who write exponents mean the
 * bounds themselves, others mean powers of ten. */
static void say_exponents(struct spec_reader *r, const struct spec_draft *d,
                          const struct parameter *p, double from, double to)
{
    const char *kind = space_kind_name(p->kind), *tens = "";
    const double least_ten = -8; /* nobody searches below 1e-8, but exp(-10) is 4.5e-5 */
    bool whole = to <= 0 && from >= least_ten && floor(from) == from && floor(to) == to;
    if (whole)
        tens = arena_printf(r->arena, ", not 1e%.0f to 1e%.0f", from, to);
    spec_node_warn(
        r, &d->fields[FIELD_DISTRIBUTION], SPEC_FOUND(EXPONENTS, .parameter = p, .sure = whole),
        "%s takes exponents of e: this samples %.6g to %.6g%s", kind, exp(from), exp(to), tens);
}

/* W&B's deprecated kinds take exponents of e, which few expect: reports the range they sample. */
static bool check_exponents(struct spec_reader *r, const struct spec_draft *d,
                            const struct parameter *p)
{
    const double most = 709.0; /* exp() of a larger number is infinite */
    bool inverse = p->kind == SPACE_INV_LOG_UNIFORM;
    if (fabs(p->min) > most || fabs(p->max) > most) {
        spec_node_error(r, &d->fields[FIELD_MIN], SPEC_FOUND(NO_EXPONENTS, .parameter = p),
                        "%s takes exponents of e, and these are too large for one",
                        space_kind_name(p->kind));
        return false;
    }
    say_exponents(r, d, p, inverse ? -p->max : p->min, inverse ? -p->min : p->max);
    return true;
}

/* The kind that two numbers imply if no distribution is named. */
static void infer_kind(struct spec_reader *r, const struct spec_draft *d, struct parameter *p,
                       const struct spec_number bounds[2], bool ret_said[2])
{
    const struct spec_number *min = &bounds[0], *max = &bounds[1];
    bool whole = !(d->present & FIELD_BIT(Q)) || spec_node_kind(&d->fields[FIELD_Q]) == VALUE_INT;
    if (min->is_int && max->is_int && whole) {
        p->kind = SPACE_INT_UNIFORM;
    } else if (min->is_int != max->is_int && d->depth == 1 && min->f < max->f) {
        int i = min->is_int ? 0 : 1;
        const struct spec_node *bound = &d->fields[bound_fields[i]];
        spec_node_warn(r, bound, SPEC_FOUND(BOUND_TYPE),
                       "one bound is an integer and one a float: this is read as uniform, but the "
                       "wandb command refuses it");
        ret_said[i] = true;
    }
}

/* Reads both bounds as numbers that the kind takes. Each gets at most one diagnostic. */
static bool read_bounds(struct spec_reader *r, const struct spec_draft *d, struct parameter *p,
                        struct spec_number bounds[2])
{
    bool known[2], said[2] = {false, false}, named = d->present & FIELD_BIT(DISTRIBUTION);
    for (int i = 0; i < 2; i++) {
        const struct spec_node *n = &d->fields[bound_fields[i]];
        known[i] = spec_node_as_finite(n, &bounds[i]);
        if (!known[i])
            spec_value_say_no_number(
                r, n,
                SPEC_FOUND(MISSING, .draft = d, .kind = p->kind, .fields = 1u << bound_fields[i]));
    }
    bool ok = known[0] && known[1];
    if (named && p->kind == SPACE_INT_UNIFORM)
        ok = check_integers(r, d, bounds, known) && ok;
    else if (!named && ok)
        infer_kind(r, d, p, bounds, said);
    for (int i = 0; i < 2; i++)
        if (known[i] && !said[i] && (bounds[i].is_int || p->kind != SPACE_INT_UNIFORM))
            spec_value_say_text(r, &d->fields[bound_fields[i]]);
    return ok;
}

bool spec_range_read(struct spec_reader *r, const struct spec_draft *d, struct parameter *p)
{
    struct spec_number bounds[2], min, max;
    if (!read_bounds(r, d, p, bounds))
        return false;
    min = bounds[0];
    max = bounds[1];
    if (p->kind == SPACE_INT_UNIFORM)
        return read_int_range(r, d, p, &min, &max);
    p->min = min.f;
    p->max = max.f;
    p->bounds_int = min.is_int && max.is_int;
    if (!check_order(r, d, min.f < max.f))
        return false;
    if (!isfinite(max.f - min.f)) {
        spec_node_error(r, &d->fields[FIELD_MAX], NULL, "the range is too wide for a float");
        return false;
    }
    if (spec_kind_takes_logarithm(p->kind) && min.f <= 0) {
        spec_node_error(r, &d->fields[FIELD_MIN], SPEC_FOUND(LOGARITHM, .parameter = p),
                        "%s needs min above 0: there is no logarithm of %s",
                        space_kind_name(p->kind), spec_node_shown(r, &d->fields[FIELD_MIN]));
        return false;
    }
    bool exponents = p->kind == SPACE_LOG_UNIFORM || p->kind == SPACE_INV_LOG_UNIFORM ||
                     p->kind == SPACE_Q_LOG_UNIFORM;
    return !exponents || check_exponents(r, d, p);
}

/* Steps of q from min, all equally likely. */
static bool read_int_step(struct spec_reader *r, const struct spec_draft *d, struct parameter *p)
{
    const struct spec_node *n = &d->fields[FIELD_Q];
    int64_t q;
    if (!(d->present & FIELD_BIT(Q)))
        return true;
    if (spec_node_kind(n) == VALUE_FLOAT) {
        spec_node_error(r, n, SPEC_FOUND(OTHER_KIND, .kind = SPACE_Q_UNIFORM),
                        "`q` of int_uniform must be an integer, not the float %s",
                        spec_node_shown(r, n));
        return false;
    }
    if (!spec_value_above_zero(r, n, &q))
        return false;
    if (q > p->int_max - p->int_min)
        spec_node_warn(r, n, NULL, "with this q, the only value is %lld", (long long)p->int_min);
    p->int_max -= (p->int_max - p->int_min) % q;
    p->int_step = q;
    p->q = (double)q;
    p->q_int = true;
    return true;
}

static bool check_above(struct spec_reader *r, const struct spec_draft *d, enum spec_field field,
                        double v)
{
    if (v > 0)
        return true;
    spec_node_error(r, &d->fields[field], SPEC_FOUND(NUMBER), "%s must be above 0",
                    spec_draft_field_name(field));
    return false;
}

static bool min_is_int(const struct spec_draft *d)
{
    struct spec_number min;
    return spec_node_as_finite(&d->fields[FIELD_MIN], &min) && min.is_int;
}

bool spec_range_read_q(struct spec_reader *r, const struct spec_draft *d, struct parameter *p)
{
    struct spec_number q = {.f = 1.0};
    if (p->kind == SPACE_INT_UNIFORM)
        return read_int_step(r, d, p);
    if (d->present & FIELD_BIT(Q)) {
        if (!spec_value_number(r, &d->fields[FIELD_Q], &q) || !check_above(r, d, FIELD_Q, q.f))
            return false;
    }
    p->q = q.f;
    p->q_int = q.is_int;
    p->from_min = p->kind == SPACE_Q_UNIFORM && !spec_kind_is_named(d, SPACE_Q_UNIFORM);
    if (p->from_min)
        p->q_int = q.is_int && min_is_int(d);
    return true;
}

bool spec_range_read_shape(struct spec_reader *r, const struct spec_draft *d, struct parameter *p)
{
    p->sigma = p->a = p->b = 1;
    bool ok = read_optional(r, d, FIELD_MU, &p->mu);
    ok = read_optional(r, d, FIELD_SIGMA, &p->sigma) && ok;
    ok = read_optional(r, d, FIELD_A, &p->a) && ok;
    ok = read_optional(r, d, FIELD_B, &p->b) && ok;
    return ok && check_above(r, d, FIELD_SIGMA, p->sigma) && check_above(r, d, FIELD_A, p->a) &&
           check_above(r, d, FIELD_B, p->b);
}

/* W&B's q_uniform counts from min in a grid, and takes multiples of q otherwise. */
static void check_multiples(struct spec_reader *r, const struct spec_draft *d,
                            const struct parameter *p)
{
    double level = p->min / p->q, first = space_level_near(p, p->min) * p->q;
    if (p->kind != SPACE_Q_UNIFORM || p->from_min ||
        fabs(level - rint(level)) <= 1e-9 * fmax(1, fabs(level)))
        return;
    spec_node_note(r, &d->fields[FIELD_MIN], SPEC_FOUND(OFF_STEPS, .draft = d, .parameter = p),
                   "min is not a multiple of q: a grid tries %g, %g, …, and random draws are %g, "
                   "%g, …",
                   p->min, p->min + p->q, first, first + p->q);
}

void spec_range_check_steps(struct spec_reader *r, const struct spec_draft *d,
                            const struct parameter *p)
{
    const double tail = 0.03;
    double low = space_quantile(p, tail), high = space_quantile(p, 1 - tail);
    double step = pow(10, floor(log10((high - low) / 3)));
    bool given = d->present & FIELD_BIT(Q);
    double level = space_level_near(p, low);
    if (level != space_level_near(p, high) || !(step > 0) || !isfinite(step)) {
        check_multiples(r, d, p);
        return;
    }
    const char *value =
        spec_flow_number(r->arena, space_level_number(p, level) + 0.0); /* -0 is 0 */
    if (given)
        spec_node_warn(r, &d->fields[FIELD_Q], SPEC_FOUND(STEPS, .number = step),
                       "with this q, nearly every draw is %s", value);
    else
        spec_node_warn_key(r, &d->node, SPEC_FOUND(STEPS, .number = step),
                           "`q` is 1 by default, so nearly every draw is %s", value);
}
