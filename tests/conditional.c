/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/conditional.h"

#include "tests/test.h"

/* A rule in besom's language, and in C. */
static void cond_write_forbid(const struct cond_model *m, const struct cond_rule *r,
                              struct buf *out)
{
    const char *a = m->parameters[r->a].name, *b = m->parameters[r->b].name;
    switch (r->form) {
    case 0:
        buf_addf(out, "%s == %s", a, b);
        break;
    case 1:
        buf_addf(out, "%s + %s > %d", a, b, r->c);
        break;
    case 2:
        buf_addf(out, "%s < %d and %s > %d", a, r->c, b, r->c);
        break;
    case 3:
        buf_addf(out, "%s in [1, 3]", a);
        break;
    case 4:
        buf_addf(out, "1 / (%s - 2) > 0.4", a);
        break;
    case 5:
        buf_addf(out, "not (%s <= %s)", a, b);
        break;
    case 6:
        buf_addf(out, "max(%s, %s) == %d", a, b, r->c);
        break;
    default:
        buf_addf(out, "%s != 1 or %s * 2 < %d", a, b, r->c);
    }
}

enum { COND_FORBID_FORMS = 8 };

static bool cond_forbids(const struct cond_rule *r, double a, double b, bool *ret_undefined)
{
    switch (r->form) {
    case 0:
        return a == b;
    case 1:
        return a + b > r->c;
    case 2:
        return a < r->c && b > r->c;
    case 3:
        return a == 1 || a == 3;
    case 4:
        *ret_undefined = a == 2;
        return a != 2 && 1 / (a - 2) > 0.4;
    case 5:
        return !(a <= b);
    case 6:
        return fmax(a, b) == r->c;
    default:
        return a != 1 || b * 2 < r->c;
    }
}

static bool cond_names_b(const struct cond_rule *forbid)
{
    return forbid->form != 3 && forbid->form != 4;
}

static void cond_write_computed(const struct cond_model *m, const struct cond_rule *r,
                                struct buf *out)
{
    const char *a = m->parameters[r->a].name, *b = m->parameters[r->b].name;
    const char *text = r->form == 0 ? "%s + %s" : r->form == 1 ? "%s * 2 - %s" : "%s / (%s - 2)";
    buf_addf(out, text, a, b);
}

enum { COND_COMPUTED_FORMS = 3 };

static double cond_compute(const struct cond_rule *r, double a, double b, bool *ret_undefined)
{
    if (r->form < 2)
        return r->form == 0 ? a + b : a * 2 - b;
    *ret_undefined = b == 2;
    return b == 2 ? 0 : a / (b - 2);
}

static int cond_pick(struct rng *r, int n)
{
    return (int)rng_below(r, (uint64_t)n);
}

static void cond_draw_parameter(struct cond_model *m, struct rng *r, bool expressions)
{
    struct cond_parameter *p = &m->parameters[m->n];
    if (expressions && m->n >= 2 && cond_pick(r, 5) == 0)
        p->computed = (struct cond_rule){.form = cond_pick(r, COND_COMPUTED_FORMS),
                                         .a = cond_pick(r, m->n),
                                         .b = cond_pick(r, m->n)};
    else
        p->n = 1 + cond_pick(r, 4);
    p->range = p->n > 1 && cond_pick(r, 2);
    int wanted = m->n == 0 ? 0 : cond_pick(r, 3);
    for (int w = 0; w < wanted; w++) {
        int parent = cond_pick(r, m->n);
        if (m->parameters[parent].n == 0 || (w > 0 && p->parents[0] == parent))
            continue;
        p->parents[p->when_n] = parent;
        p->values[p->when_n++] =
            2 << cond_pick(r, m->parameters[parent].n) | 2 << cond_pick(r, m->parameters[parent].n);
    }
    m->n++;
}

/* Names in any order, so that a parameter may stand before those that it depends on. */
void cond_draw(struct cond_model *m, struct rng *r, bool expressions)
{
    *m = (struct cond_model){.n = 0};
    int n = 2 + cond_pick(r, COND_MAX - 1), letters[COND_MAX];
    for (int i = 0; i < n; i++) {
        int j = cond_pick(r, i + 1);
        letters[i] = letters[j];
        letters[j] = i;
    }
    for (int i = 0; i < n; i++) {
        snprintf(m->parameters[i].name, sizeof m->parameters[i].name, "%s%c",
                 cond_pick(r, 4) ? "" : "g.", 'm' + letters[i]);
        cond_draw_parameter(m, r, expressions);
    }
    m->forbid_n = expressions ? cond_pick(r, COND_FORBID_MAX + 1) : 0;
    for (int f = 0; f < m->forbid_n; f++)
        m->forbid[f] = (struct cond_rule){.form = cond_pick(r, COND_FORBID_FORMS),
                                          .a = cond_pick(r, n),
                                          .b = cond_pick(r, n),
                                          .c = 1 + cond_pick(r, 6)};
}

static bool cond_is_nested(const struct cond_parameter *p)
{
    return strchr(p->name, '.') != NULL;
}

static void cond_write_parameter(const struct cond_model *m, const struct cond_parameter *p,
                                 struct buf *out)
{
    bool nested = cond_is_nested(p);
    buf_addf(out, "%s%s: {", nested ? "      " : "  ", nested ? p->name + 2 : p->name);
    if (p->n == 0) {
        buf_adds(out, "expr: \"");
        cond_write_computed(m, &p->computed, out);
        buf_addc(out, '"');
    } else if (p->range)
        buf_addf(out, "min: 1, max: %d", p->n);
    else {
        buf_adds(out, "values: [1");
        for (int v = 2; v <= p->n; v++)
            buf_addf(out, ", %d, 1", v); /* repeats count once */
        buf_addc(out, ']');
    }
    for (int w = 0; w < p->when_n; w++) {
        buf_addf(out, "%s%s: [", w ? ", " : ", when: {", m->parameters[p->parents[w]].name);
        const char *comma = "";
        for (int v = 1; v <= 4; v++)
            if (p->values[w] >> v & 1) {
                buf_addf(out, "%s%d", comma, v);
                comma = ", ";
            }
        buf_addc(out, ']');
    }
    buf_adds(out, p->when_n ? "}}\n" : "}\n");
}

/* head holds the keys before `parameters`. */
void cond_write(const struct cond_model *m, const char *head, struct buf *out)
{
    buf_addf(out, "%sprogram: t.py\n", head);
    for (int f = 0; f < m->forbid_n; f++) {
        buf_adds(out, f ? "  - \"" : "forbid:\n  - \"");
        cond_write_forbid(m, &m->forbid[f], out);
        buf_adds(out, "\"\n");
    }
    buf_adds(out, "parameters:\n");
    for (int nested = 0; nested < 2; nested++) {
        bool begun = false;
        for (int i = 0; i < m->n; i++) {
            if (cond_is_nested(&m->parameters[i]) != nested)
                continue;
            buf_adds(out, nested && !begun ? "  g:\n    parameters:\n" : "");
            cond_write_parameter(m, &m->parameters[i], out);
            begun = true;
        }
    }
}

static bool cond_exists(const struct cond_parameter *p, const struct cond_number *at)
{
    for (int w = 0; w < p->when_n; w++)
        if (!at[p->parents[w]].exists || !(p->values[w] >> (int)at[p->parents[w]].x & 1))
            return false;
    return true;
}

static bool cond_is_allowed(const struct cond_model *m, const struct cond_number *at)
{
    for (int f = 0; f < m->forbid_n; f++) {
        const struct cond_rule *r = &m->forbid[f];
        bool undefined = false;
        if (!at[r->a].exists || (cond_names_b(r) && !at[r->b].exists))
            continue;
        if (cond_forbids(r, at[r->a].x, at[r->b].x, &undefined) || undefined)
            return false;
    }
    return true;
}

static void cond_key(const struct cond_model *m, const struct cond_number *at, char key[COND_KEY])
{
    size_t len = 0;
    for (int i = 0; i < m->n; i++)
        if (at[i].exists)
            len += (size_t)snprintf(key + len, COND_KEY - len, "%.12g ", at[i].x);
        else
            len += (size_t)snprintf(key + len, COND_KEY - len, "- ");
}

static void cond_enumerate(struct cond_model *m, struct cond_number *at, int i)
{
    if (i == m->n) {
        if (!cond_is_allowed(m, at))
            return;
        if (m->points_n == m->points_cap) {
            m->points_cap = 2 * m->points_cap + 64;
            m->points = realloc(m->points, m->points_cap * sizeof *m->points);
            ASSERT(m->points);
        }
        cond_key(m, at, m->points[m->points_n++]);
        return;
    }
    const struct cond_parameter *p = &m->parameters[i];
    const struct cond_number *a = &at[p->computed.a], *b = &at[p->computed.b];
    at[i] = (struct cond_number){.exists = cond_exists(p, at)};
    if (p->n == 0 && at[i].exists) {
        bool undefined = false;
        at[i].exists = a->exists && b->exists;
        if (at[i].exists)
            at[i].x = cond_compute(&p->computed, a->x, b->x, &undefined);
        if (undefined)
            return;
    } else if (at[i].exists) {
        for (int v = 1; v <= p->n; v++) {
            at[i] = (struct cond_number){.exists = true, .x = v};
            cond_enumerate(m, at, i + 1);
        }
        return;
    }
    cond_enumerate(m, at, i + 1);
}

int cond_compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

void cond_find_points(struct cond_model *m)
{
    struct cond_number at[COND_MAX] = {{0}};
    cond_enumerate(m, at, 0);
    if (m->points_n)
        qsort(m->points, m->points_n, sizeof *m->points, cond_compare);
}

void cond_done(struct cond_model *m)
{
    free(m->points);
}

/* What a proposal is in the terms of cond_key(). */
void cond_key_of(const struct cond_model *m, const struct value *params, char key[COND_KEY])
{
    struct cond_number at[COND_MAX] = {{0}};
    const struct value *group = value_get(params, "g");
    for (int i = 0; i < m->n; i++) {
        const struct cond_parameter *p = &m->parameters[i];
        const struct value *v =
            cond_is_nested(p) ? value_get(group, p->name + 2) : value_get(params, p->name);
        if (v) {
            ASSERT(value_is_number(v));
            at[i] = (struct cond_number){.exists = true, .x = value_number(v)};
        }
    }
    cond_key(m, at, key);
}
