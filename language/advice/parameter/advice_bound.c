/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/parameter/advice_bound.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/yaml/yaml_scalar.h"
#include "language/reader/parameter/spec_kind.h"
#include "language/reader/spec_flow.h"

static bool read_number(const char *s, size_t len, double *ret)
{
    struct yaml_scalar number = yaml_scalar_number(s, len);
    *ret = number.kind == YAML_SCALAR_INT ? (double)number.i : number.f;
    return number.kind == YAML_SCALAR_INT || number.kind == YAML_SCALAR_FLOAT;
}

/* Most people who write 10,000 mean ten thousand. */
static bool is_thousands(const char *text, const char *comma)
{
    size_t before = (size_t)(comma - text);
    return before >= 1 && before <= 3 && *text != '0' && strspn(text, "0123456789") == before &&
           strlen(comma + 1) == 3 && strspn(comma + 1, "0123456789") == 3;
}

/* The number that 0,1 or 10,000 means. */
static bool guess_number(const char *text, double *ret)
{
    char number[32];
    const char *comma = strchr(text, ',');
    if (!comma)
        return false;
    int n = snprintf(number, sizeof number, "%.*s%s%s", (int)(comma - text), text,
                     is_thousands(text, comma) ? "" : ".", comma + 1);
    return n > 0 && (size_t)n < sizeof number && read_number(number, (size_t)n, ret);
}

/* A value for the bound, on the right side of the other bound if that is known. */
static double bound_beside(enum spec_field field, enum space_kind kind,
                           const struct spec_number *other)
{
    bool max = field == FIELD_MAX;
    if (!other)
        return kind == SPACE_INT_UNIFORM         ? (max ? 10 : 1)
               : max                             ? 1
               : spec_kind_takes_logarithm(kind) ? 1e-3
                                                 : 0;
    double f = other->f, far = f == 0 ? 1 : fabs(f);
    if (max)
        return f >= 0 ? far * 10 : f / 10;
    return f > 0 ? f / 10 : -far * 10;
}

const char *advice_bound_line(struct spec_reader *r, const struct spec_draft *d,
                              enum space_kind kind, enum spec_field field)
{
    const enum spec_field other_field = field == FIELD_MAX ? FIELD_MIN : FIELD_MAX;
    const struct spec_node *n = &d->fields[field], *other_node = &d->fields[other_field];
    struct spec_number other;
    bool known = d->present & (1u << other_field) && spec_node_as_number(other_node, &other) &&
                 fabs(other.f) < 1e15;
    double f;
    bool ints = known ? other.is_int : kind == SPACE_INT_UNIFORM, guessed = false;
    const char *text =
        d->present & (1u << field) && spec_node_kind(n) == VALUE_STR ? n->yaml->value->s.ptr : "";
    if (guess_number(text, &f))
        guessed = (!known || (field == FIELD_MAX ? f > other.f : f < other.f)) &&
                  (!spec_kind_takes_logarithm(kind) || f > 0) && fabs(f) < 1e15 &&
                  (kind != SPACE_INT_UNIFORM || floor(f) == f);
    else if (strpbrk(text, "0123456789")) /* 10^-4: it means a number, and any other is wrong */
        return NULL;
    if (!guessed)
        f = bound_beside(field, kind, known ? &other : NULL);
    if (ints && (!guessed || floor(f) == f))
        return arena_printf(r->arena, "%s: %.0f", spec_draft_field_name(field),
                            field == FIELD_MAX ? ceil(f) : floor(f) + 0.0);
    return arena_printf(r->arena, "%s: %s", spec_draft_field_name(field),
                        spec_flow_number(r->arena, f));
}
