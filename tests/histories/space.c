/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/histories/space.h"

#include <math.h>
#include <stdio.h>

static const struct bounds {
    double low, high, q;
} uniforms[] = {{0, 1, 0},          {-5, 5, 0},        {1e-300, 2e-300, 0},
                {-1e300, 1e300, 0}, {1e9, 1e9 + 1, 0}, {0.5, 0.5 + 1e-13, 0}},
  logs[] = {{1e-5, 0.1, 0}, {1e-300, 1e300, 0}, {1, 1 + 1e-7, 0}},
  ints[] = {{0, 1, 0}, {1, 40, 0}, {-5, 5, 0}, {0, 1e12, 0}, {3, 4, 0}},
  steps[] = {{0, 1, 0.25}, {8, 64, 8}, {0, 1e6, 0.1}, {-1, 1, 0.5}},
  normals[] = {{0, 3, 0}, {1e9, 1e-3, 0}, {0, 1e200, 0}};

#define PICK(r, list) (list)[rng_below(r, sizeof(list) / sizeof *(list))]

static int find_parent(const struct space_maker *m, struct rng *r)
{
    int at = m->n > 0 ? (int)rng_below(r, (uint64_t)m->n) : 0;
    return m->n > 0 && m->parameters[at].kind == MAKER_TEXTS && rng_below(r, 2) ? at : -1;
}

void space_maker_draw(struct space_maker *m, struct rng *r)
{
    int n = 1 + (int)rng_below(r, SPACE_MAKER_MAX);
    *m = (struct space_maker){.n = 0};
    while (m->n < n) {
        enum maker_kind kind = (enum maker_kind)rng_below(r, m->n ? MAKER_KINDS : MAKER_CONSTANT);
        struct maker_parameter *p = &m->parameters[m->n];
        struct bounds b = {0};
        switch (kind) {
        case MAKER_UNIFORM:
            b = PICK(r, uniforms);
            break;
        case MAKER_LOG:
            b = PICK(r, logs);
            break;
        case MAKER_INT:
            b = PICK(r, ints);
            break;
        case MAKER_Q:
            b = PICK(r, steps);
            break;
        case MAKER_NORMAL:
            b = PICK(r, normals);
            break;
        default:
            break;
        }
        *p = (struct maker_parameter){kind, b.low, b.high, b.q, 2 + (int)rng_below(r, 3), -1, 0};
        p->parent = find_parent(m, r);
        if (p->parent >= 0)
            p->parent_value = (int)rng_below(r, (uint64_t)m->parameters[p->parent].values);
        m->n++;
    }
}

static void write_list(const struct maker_parameter *p, struct buf *out)
{
    for (int i = 0; i < p->values; i++)
        if (p->kind == MAKER_TEXTS)
            buf_addf(out, "%sv%d", i ? ", " : "values: [", i);
        else
            buf_addf(out, "%s%d", i ? ", " : "values: [", 1 << i);
    buf_adds(out, "]");
}

void space_maker_write(const struct space_maker *m, struct buf *out)
{
    for (int i = 0; i < m->n; i++) {
        const struct maker_parameter *p = &m->parameters[i];
        buf_addf(out, "  p%d: {", i);
        switch (p->kind) {
        case MAKER_INT:
            buf_addf(out, "min: %.0f, max: %.0f", p->low, p->high);
            break;
        case MAKER_TEXTS:
        case MAKER_NUMBERS:
            write_list(p, out);
            break;
        case MAKER_CONSTANT:
            buf_adds(out, "value: 7");
            break;
        case MAKER_NORMAL:
            buf_addf(out, "distribution: normal, mu: %.17e, sigma: %.17e", p->low, p->high);
            break;
        default:
            buf_addf(out, "distribution: %s, min: %.17e, max: %.17e",
                     p->kind == MAKER_UNIFORM ? "uniform"
                     : p->kind == MAKER_LOG   ? "log_uniform_values"
                                              : "q_uniform",
                     p->low, p->high);
            if (p->kind == MAKER_Q)
                buf_addf(out, ", q: %.17e", p->q);
        }
        if (p->parent >= 0)
            buf_addf(out, ", when: {p%d: v%d}", p->parent, p->parent_value);
        buf_adds(out, "}\n");
    }
}

/* The number of a text, v0 to v9; -1 for any other value. */
static int text_number(const struct value *v)
{
    bool is_text = v->kind == VALUE_STR && v->s.len == 2 && v->s.ptr[0] == 'v';
    return is_text && v->s.ptr[1] >= '0' && v->s.ptr[1] <= '9' ? v->s.ptr[1] - '0' : -1;
}

static const struct value *value_at(const struct value *params, int i)
{
    char name[16];
    snprintf(name, sizeof name, "p%d", i);
    return value_get(params, name);
}

static bool is_listed(const struct maker_parameter *p, const struct value *v)
{
    if (p->kind == MAKER_TEXTS)
        return text_number(v) >= 0 && text_number(v) < p->values;
    for (int i = 0; i < p->values && v->kind == VALUE_INT; i++)
        if (v->i == 1 << i)
            return true;
    return false;
}

static bool fits(const struct maker_parameter *p, const struct value *v)
{
    if (p->kind == MAKER_TEXTS || p->kind == MAKER_NUMBERS)
        return is_listed(p, v);
    if (!value_is_number(v) || !isfinite(value_number(v)))
        return false;
    double x = value_number(v), slack = 1e-9 * fmax(fabs(p->low), fabs(p->high));
    switch (p->kind) {
    case MAKER_NORMAL:
        return true;
    case MAKER_CONSTANT:
        return x == 7;
    case MAKER_INT:
        return v->kind == VALUE_INT && x >= p->low && x <= p->high;
    case MAKER_UNIFORM:
        return x >= p->low && x <= p->high;
    case MAKER_LOG:
        return x >= p->low - 1e-9 * p->low && x <= p->high + slack;
    default: /* rounded to a multiple of q, at most half of it beyond the bounds */
        return fabs(x / p->q - nearbyint(x / p->q)) < 1e-6 && x >= p->low - p->q / 2 - slack &&
               x <= p->high + p->q / 2 + slack;
    }
}

bool space_maker_has(const struct space_maker *m, const struct value *params, char *text,
                     size_t bytes)
{
    bool exists[SPACE_MAKER_MAX];
    for (int i = 0; i < m->n; i++) {
        const struct maker_parameter *p = &m->parameters[i];
        const struct value *v = value_at(params, i);
        const struct value *parent = p->parent >= 0 ? value_at(params, p->parent) : NULL;
        exists[i] = p->parent < 0 || (exists[p->parent] && text_number(parent) == p->parent_value);
        if (exists[i] != (v != NULL) || (v && !fits(p, v))) {
            snprintf(text, bytes, "p%d %s", i,
                     exists[i] && v ? "is not in the space"
                     : exists[i]    ? "is missing"
                                    : "should not exist");
            return false;
        }
    }
    return true;
}
