/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "language/advice/advice_folder.h"
#include "language/advice/advice_part.h"
#include "language/reader/spec_search.h"
#include "sweep/replicate/replicate.h"

static bool is_text(const struct spec_node *n, const char *text)
{
    return spec_node_kind(n) == VALUE_STR && strcmp(n->yaml->value->s.ptr, text) == 0;
}

/* Integers from 0 to 1 are rarely meant; integers from 4 to 5 may be. */
static void on_two_integers(struct spec_reader *r, const struct spec_node *min,
                            const struct spec_node *max)
{
    const struct value *low = min->yaml->value, *high = max->yaml->value;
    if (low->kind != VALUE_INT || high->kind != VALUE_INT || low->i >= high->i ||
        low->i + 1 != high->i)
        return;
    long long from = low->i, to = high->i;
    static const char said[] = "both bounds are integers, so this is %lld or %lld and nothing "
                               "between them; if that is intended, write values: [%lld, %lld]";
    const char *fix = arena_printf(r->arena, "min: %lld.0, max: %lld.0", from, to);
    diags_fix(r->diags,
              from == 0 ? spec_node_warn(r, max, NULL, said, from, to, from, to)
                        : spec_node_note(r, max, NULL, said, from, to, from, to),
              fix);
}

/* A uniform draw from a range of several decades nearly always falls in the last one. */
static void on_decades(struct spec_reader *r, const struct spec_node *min,
                       const struct spec_node *max)
{
    const double decades_enough = 1000;
    const struct value *low = min->yaml->value, *high = max->yaml->value;
    if (low->kind != VALUE_FLOAT || !value_is_number(high) || !isfinite(value_number(high)) ||
        !(low->f > 0) || value_number(high) / low->f < decades_enough)
        return;
    diags_fix(r->diags,
              spec_node_note(
                  r, max, NULL,
                  "9 of 10 values will be above %g: log_uniform_values gives each power of ten the "
                  "same share",
                  value_number(high) / 10),
              "distribution: log_uniform_values");
}

/* ${args} passes the folder to the script, and it is the same in every trial. */
static void on_output(struct spec_reader *r, const struct spec_node *parameter,
                      const struct spec_node *value)
{
    const char *name = parameter->key;
    if (spec_node_kind(value) == VALUE_STR &&
        advice_folder_is_shared(name, strlen(name), value->yaml->value->s.ptr))
        diags_fix(r->diags, spec_node_note(r, value, NULL, "all trials write to the same %s", name),
                  arena_printf(r->arena, "--%s=${trial_dir} in `command`, and no parameter %s",
                               name, name));
}

static bool is_searched(const struct spec_node *parameter)
{
    struct spec_node values, other;
    if (spec_node_get(parameter, "values", &values))
        return values.yaml->n > 1;
    return spec_node_get(parameter, "min", &other) || spec_node_get(parameter, "mu", &other);
}

/* A method that does not learn gives every seed the same chance: that is how seeds are compared. */
static void on_seed(struct spec_reader *r, const struct spec *s, const struct spec_node *parameter)
{
    if (!spec_search_learns(s->method) || !replicate_is_seed(parameter->key) ||
        !is_searched(parameter))
        return;
    diags_fix(r->diags,
              spec_node_note_key(r, parameter, NULL,
                                 "%s prefers the luckiest seed: with another seed, its best result "
                                 "is probably worse",
                                 spec_method_name(s->method)),
              arena_printf(r->arena,
                           "%s: {value: 1}, or leave it out and run besom enqueue --repeat best "
                           "at the end",
                           parameter->key));
}

void advice_on_parameter(struct spec_reader *r, const struct spec *s,
                         const struct spec_node *parameter)
{
    struct spec_node min, max, distribution, values, value;
    bool named = spec_node_get(parameter, "distribution", &distribution);
    bool range = spec_node_get(parameter, "min", &min) && spec_node_get(parameter, "max", &max) &&
                 value_is_number(min.yaml->value) && value_is_number(max.yaml->value);
    if (spec_node_get(parameter, "values", &values))
        advice_on_values(r, &values);
    else if (spec_node_get(parameter, "value", &value)) {
        advice_on_value(r, &value);
        on_output(r, parameter, &value);
    }
    if (!spec_node_has_diag(r, parameter->yaml, DIAG_ERROR))
        on_seed(r, s, parameter);
    bool usual = range && (!named || is_text(&distribution, "uniform"));
    if (!usual || spec_node_has_diag(r, parameter->yaml, DIAG_ERROR))
        return;
    if (!named)
        on_two_integers(r, &min, &max);
    on_decades(r, &min, &max);
}
