/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "base/python.h"
#include "language/advice_part.h"

static bool is_text(const struct spec_node *n, const char *text)
{
    return spec_node_kind(n) == VALUE_STR && strcmp(n->yaml->value->s.ptr, text) == 0;
}

/* Text that Python prints for what YAML writes otherwise. */
static bool on_word(struct spec_reader *r, const struct spec_node *n)
{
    static const struct {
        const char *text, *yaml;
    } words[] = {{"None", "null"}, {"True", "true"}, {"False", "false"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!is_text(n, words[i].text))
            continue;
        spec_node_note(r, n, words[i].yaml,
                       "'%s' is text here, not %s: on a command line both read %s, in the file of "
                       "parameters they differ",
                       words[i].text, words[i].yaml, words[i].text);
        return true;
    }
    return false;
}

static void on_values(struct spec_reader *r, const struct spec_node *values)
{
    if (spec_node_kind(values) != VALUE_LIST)
        return;
    bool has_null = false;
    for (size_t i = 0; i < values->yaml->n; i++)
        has_null = has_null || values->yaml->items[i]->value->kind == VALUE_NULL;
    for (size_t i = 0; i < values->yaml->n && !has_null; i++) {
        struct spec_node item = spec_node_item(values, i);
        if (on_word(r, &item)) /* one for a list says enough */
            break;
    }
    struct spec_node only = {0};
    if (values->yaml->n == 1)
        only = spec_node_item(values, 0);
    if (only.yaml && spec_node_kind(&only) == VALUE_STR && strchr(only.yaml->value->s.ptr, ','))
        spec_node_note(
            r, &only, NULL,
            "the quotes make this one value, so there is nothing to choose from: without "
            "them each comma begins another");
}

/* 0 and 1, or 4 and 5: a range that is hardly meant to be of two integers. */
static void on_two_integers(struct spec_reader *r, const struct spec_node *min,
                            const struct spec_node *max)
{
    const struct value *low = min->yaml->value, *high = max->yaml->value;
    if (low->kind != VALUE_INT || high->kind != VALUE_INT || low->i >= high->i ||
        low->i + 1 != high->i)
        return;
    spec_node_warn(
        r, max,
        arena_printf(r->arena, "min: %lld.0, max: %lld.0", (long long)low->i, (long long)high->i),
        "both bounds are integers, so this is %lld or %lld and nothing between them; if "
        "that is meant, write values: [%lld, %lld]",
        (long long)low->i, (long long)high->i, (long long)low->i, (long long)high->i);
}

/* Of a range over decades a uniform choice takes nearly all from the last. */
static void on_decades(struct spec_reader *r, const struct spec_node *min,
                       const struct spec_node *max)
{
    const double decades_enough = 1000;
    const struct value *low = min->yaml->value, *high = max->yaml->value;
    if (low->kind != VALUE_FLOAT || !value_is_number(high) || !isfinite(value_number(high)) ||
        !(low->f > 0) || value_number(high) / low->f < decades_enough)
        return;
    char tenth[PYTHON_FLOAT_BYTES];
    python_float(tenth, value_number(high) / 10);
    spec_node_note(
        r, max, "distribution: log_uniform_values",
        "9 of 10 values will be above %s: log_uniform_values gives each power of ten the "
        "same share",
        tenth);
}

void advice_on_parameter(struct spec_reader *r, const struct spec_node *parameter)
{
    struct spec_node min, max, distribution, values, value;
    bool named = spec_node_get(parameter, "distribution", &distribution);
    bool range = spec_node_get(parameter, "min", &min) && spec_node_get(parameter, "max", &max) &&
                 value_is_number(min.yaml->value) && value_is_number(max.yaml->value);
    if (spec_node_get(parameter, "values", &values))
        on_values(r, &values);
    else if (spec_node_get(parameter, "value", &value))
        on_word(r, &value);
    else if (range && !named)
        on_two_integers(r, &min, &max);
    if (range && (!named || is_text(&distribution, "uniform")))
        on_decades(r, &min, &max);
}
