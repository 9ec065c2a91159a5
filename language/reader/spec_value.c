/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/spec_value.h"

#include "language/reader/spec_flow.h"
#include "language/reader/spec_finding.h"

bool spec_value_dict(struct spec_reader *r, const struct spec_node *n,
                     const struct spec_finding *found)
{
    if (spec_node_kind(n) == VALUE_DICT)
        return true;
    spec_node_error(r, n, found, "this must be a mapping, not %s", spec_node_kind_name(n));
    return false;
}

bool spec_value_text(struct spec_reader *r, const struct spec_node *n, const char **ret)
{
    bool text = spec_node_kind(n) == VALUE_STR;
    if (!text || n->yaml->value->s.len == 0) {
        spec_node_error(r, n, SPEC_FOUND(NO_TEXT), "this must be text, not %s",
                        text ? "empty text" : spec_node_kind_name(n));
        return false;
    }
    *ret = n->yaml->value->s.ptr;
    return true;
}

bool spec_value_above_zero(struct spec_reader *r, const struct spec_node *n, int64_t *ret)
{
    const struct value *v = n->yaml->value;
    if (v->kind != VALUE_INT)
        spec_node_error(r, n, NULL, "this must be an integer, not %s",
                        v->kind == VALUE_FLOAT || v->kind == VALUE_STR ? spec_node_shown(r, n)
                                                                       : spec_node_kind_name(n));
    else if (v->i < 1)
        spec_node_error(r, n, SPEC_FOUND(NUMBER), "%lld is too small: the least is 1",
                        (long long)v->i);
    else
        *ret = v->i;
    return v->kind == VALUE_INT && v->i >= 1;
}

const char *spec_value_as_number(struct spec_reader *r, const struct spec_node *n)
{
    struct spec_number number;
    if (!spec_node_as_number(n, &number))
        return NULL;
    return number.is_int ? arena_printf(r->arena, "%lld", (long long)number.i)
                         : spec_flow_number(r->arena, number.f);
}

void spec_value_say_no_number(struct spec_reader *r, const struct spec_node *n,
                              const struct spec_finding *found)
{
    struct spec_number number;
    bool infinite = spec_node_as_number(n, &number);
    spec_node_error(r, n, found, "this must be a %snumber, not %s", infinite ? "finite " : "",
                    infinite || spec_node_kind(n) == VALUE_STR ? spec_node_shown(r, n)
                                                               : spec_node_kind_name(n));
}

void spec_value_say_text(struct spec_reader *r, const struct spec_node *n)
{
    if (spec_node_kind(n) == VALUE_STR)
        spec_node_warn(r, n, SPEC_FOUND(TEXT_NUMBER), "the text %s is read as the number %s",
                       spec_node_shown(r, n), spec_value_as_number(r, n));
}

bool spec_value_number(struct spec_reader *r, const struct spec_node *n, struct spec_number *ret)
{
    if (!spec_node_as_finite(n, ret)) {
        spec_value_say_no_number(r, n, SPEC_FOUND(NUMBER));
        return false;
    }
    spec_value_say_text(r, n);
    return true;
}
