/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/language_parameter.h"

#include <string.h>
#include "base/check.h"
#include "base/json.h"
#include "language/reader/parameter/spec_kind.h"

#define REF(name) "{\"$ref\":\"#/definitions/" name "\"}"
#define NAMES "^[A-Za-z_][A-Za-z0-9_.-]*$"
/* A number in quotes counts as a number, with a warning. */
#define NUMBER_TEXT                                                                          \
    "{\"type\":\"string\",\"pattern\":\"^[-+]?([0-9][0-9_]*\\\\.?[0-9_]*|\\\\.[0-9][0-9_]*)" \
    "([eE][-+]?[0-9]+)?$\",\"deprecationMessage\":\"a number in quotes: remove the quotes\"}"

static const struct {
    const char *doc, *schema;
} fields[FIELD_COUNT] = {
    [FIELD_A] = {"The first shape of a beta distribution. Default: 1.", REF("positive")},
    [FIELD_B] = {"The second shape of a beta distribution. Default: 1.", REF("positive")},
    [FIELD_DISTRIBUTION] =
        {"How values are drawn. Not needed with value, with values, or with min and max alone.",
         NULL},
    [FIELD_EXPR] = {"Computes the value from other parameters.",
                    "{\"type\":\"string\",\"minLength\":1,\"examples\":[\"layers * 2\"]}"},
    [FIELD_FLAG] = {"What the command line gets for each value, in place of --name=value: a text, "
                    "a list of arguments, or nothing.",
                    "{\"type\":\"object\",\"minProperties\":1,\"additionalProperties\":{\"anyOf\":"
                    "[{\"type\":[\"string\",\"number\",\"null\"]},{\"type\":\"array\",\"items\":"
                    "{\"type\":[\"string\",\"number\",\"boolean\"]}}]},"
                    "\"examples\":[{\"true\":\"--amp\",\"false\":null}]}"},
    [FIELD_MAX] = {"The largest value. If min and max are integers and there is no distribution, "
                   "all values are whole numbers.",
                   REF("number")},
    [FIELD_MIN] = {"The smallest value. If min and max are integers and there is no distribution, "
                   "all values are whole numbers.",
                   REF("number")},
    [FIELD_MU] = {"The mean of a normal distribution. Default: 0.", REF("number")},
    [FIELD_PARAMETERS] = {"Makes this a group: the script gets one mapping.",
                          REF("nested_parameters")},
    [FIELD_PROBABILITIES] = {"The probability of each of the values; they sum to 1.",
                             "{\"type\":\"array\",\"items\":{\"anyOf\":[{\"type\":\"number\","
                             "\"minimum\":0}," NUMBER_TEXT "]}}"},
    [FIELD_Q] = {"The step between values, or the number to whose multiples values are rounded.",
                 REF("positive")},
    [FIELD_SIGMA] = {"The standard deviation of a normal distribution. Default: 1.",
                     REF("positive")},
    [FIELD_VALUE] = {"A constant: every trial gets it.", "{}"},
    [FIELD_VALUES] = {"The values to choose from.",
                      "{\"type\":\"array\",\"minItems\":1,\"examples\":[[1,2,3]]}"},
    [FIELD_WHEN] = {"When the parameter exists: other parameters and their values, or a condition.",
                    "{\"type\":[\"object\",\"string\"],\"minProperties\":1,\"minLength\":1,"
                    "\"examples\":[{\"optimizer\":\"sgd\"},\"layers > 2\"]}"},
};

static const char *const kind_docs[SPACE_EXPR] = {
    [SPACE_CONSTANT] = "one value",
    [SPACE_CATEGORICAL] = "one of values, all equally likely",
    [SPACE_CATEGORICAL_P] = "one of values, with probabilities",
    [SPACE_INT_UNIFORM] = "whole numbers from min to max, both included",
    [SPACE_UNIFORM] = "any number from min to max",
    [SPACE_Q_UNIFORM] = "uniform, rounded to q",
    [SPACE_LOG_UNIFORM_VALUES] = "from min to max, uniform in the logarithm: for learning rates",
    [SPACE_INV_LOG_UNIFORM_VALUES] = "the same distribution as log_uniform_values",
    [SPACE_Q_LOG_UNIFORM_VALUES] = "log_uniform_values, rounded to q",
    [SPACE_LOG_UNIFORM] = "deprecated: min and max are exponents of e",
    [SPACE_INV_LOG_UNIFORM] = "deprecated: min and max are exponents of e",
    [SPACE_Q_LOG_UNIFORM] = "deprecated: min and max are exponents of e",
    [SPACE_NORMAL] = "the normal distribution of mu and sigma",
    [SPACE_Q_NORMAL] = "normal, rounded to q",
    [SPACE_LOG_NORMAL] = "exp of a normally distributed number",
    [SPACE_Q_LOG_NORMAL] = "log_normal, rounded to q",
    [SPACE_BETA] = "the beta distribution of a and b, from 0 to 1",
    [SPACE_Q_BETA] = "beta, rounded to q",
};

struct value *language_parameter_parse(struct arena *a, const char *json)
{
    struct value *v = NULL;
    struct err err = {0};
    check(json_parse(a, json, strlen(json), &v, &err) == 0);
    return v;
}

static struct value *names_of(struct arena *a, unsigned bits)
{
    struct value *list = value_list(a);
    for (int i = 0; i < FIELD_COUNT; i++)
        if (bits & 1u << i)
            value_push(a, list, value_str(a, spec_draft_field_name((enum spec_field)i)));
    return list;
}

/* The constraints that this kind adds to the field's own schema. */
static struct value *narrowed_field(struct arena *a, enum space_kind kind, enum spec_field field)
{
    bool exponents =
        kind == SPACE_LOG_UNIFORM || kind == SPACE_INV_LOG_UNIFORM || kind == SPACE_Q_LOG_UNIFORM;
    bool values = kind == SPACE_LOG_UNIFORM_VALUES || kind == SPACE_INV_LOG_UNIFORM_VALUES ||
                  kind == SPACE_Q_LOG_UNIFORM_VALUES;
    bool bound = field == FIELD_MIN || field == FIELD_MAX;
    if (bound && exponents)
        return language_parameter_parse(a, "{\"minimum\":-709,\"maximum\":709}");
    if (field == FIELD_MIN && values)
        return language_parameter_parse(a, "{\"exclusiveMinimum\":0}");
    if ((bound || field == FIELD_Q) && kind == SPACE_INT_UNIFORM)
        return language_parameter_parse(a, "{\"type\":[\"integer\",\"string\"]}");
    return NULL;
}

/* {"if": the parameter names this distribution, "then": these are its fields} */
static struct value *rule_of_kind(struct arena *a, enum space_kind kind)
{
    struct value *rule = language_parameter_parse(a, "{\"if\":{\"required\":[\"distribution\"]}}");
    struct value *then = value_dict(a), *properties = value_dict(a), *named = value_dict(a);
    unsigned allowed = spec_kind_fields(kind) | spec_kind_fields(spec_kind_rounded(kind)) |
                       FIELD_BIT(DISTRIBUTION) | FIELD_BIT(WHEN);
    struct value *constant = value_dict(a);
    value_put(a, constant, "const", value_str(a, space_kind_name(kind)));
    value_put(a, named, "distribution", constant);
    value_put(a, (struct value *)value_get(rule, "if"), "properties", named);
    for (int i = 0; i < FIELD_COUNT; i++) {
        struct value *more = narrowed_field(a, kind, (enum spec_field)i);
        const char *name = spec_draft_field_name((enum spec_field)i);
        if (!(allowed & 1u << i))
            value_put(a, properties, name, value_bool(a, false));
        else if (more)
            value_put(a, properties, name, more);
    }
    value_put(a, then, "properties", properties);
    if (spec_kind_required(kind))
        value_put(a, then, "required", names_of(a, spec_kind_required(kind)));
    value_put(a, rule, "then", then);
    return rule;
}

/* Parameters without a distribution: they have all of `required` and nothing outside `allowed`. */
static struct value *shape_of(struct arena *a, unsigned required, unsigned allowed)
{
    struct value *v = value_dict(a), *only = value_dict(a);
    value_put(a, v, "required", names_of(a, required));
    value_put(a, only, "enum", names_of(a, required | allowed | FIELD_BIT(WHEN)));
    value_put(a, v, "propertyNames", only);
    return v;
}

static struct value *rule_of_inference(struct arena *a)
{
    struct value *rule =
        language_parameter_parse(a, "{\"if\":{\"not\":{\"required\":[\"distribution\"]}}}");
    struct value *shapes = value_list(a), *then = value_dict(a);
    value_push(a, shapes,
               shape_of(a, FIELD_BIT(VALUES), FIELD_BIT(PROBABILITIES) | FIELD_BIT(FLAG)));
    value_push(a, shapes, shape_of(a, FIELD_BIT(VALUE), FIELD_BIT(FLAG)));
    value_push(a, shapes, shape_of(a, FIELD_BIT(MIN) | FIELD_BIT(MAX), FIELD_BIT(Q)));
    value_push(a, shapes, shape_of(a, FIELD_BIT(PARAMETERS), 0));
    value_push(a, shapes, shape_of(a, FIELD_BIT(EXPR), 0));
    value_put(a, then, "anyOf", shapes);
    value_put(a, rule, "then", then);
    return rule;
}

static struct value *distribution_list(struct arena *a)
{
    struct value *list = value_list(a), *any = value_dict(a);
    for (int kind = 0; kind < SPACE_EXPR; kind++) {
        struct value *one = value_dict(a);
        value_put(a, one, "const", value_str(a, space_kind_name((enum space_kind)kind)));
        value_put(a, one, "description", value_str(a, kind_docs[kind]));
        value_push(a, list, one);
    }
    value_put(a, any, "anyOf", list);
    return any;
}

static struct value *parameter_schema(struct arena *a)
{
    struct value *v = language_parameter_parse(a, "{\"type\":\"object\",\"minProperties\":1}");
    struct value *properties = value_dict(a), *rules = value_list(a);
    for (int i = 0; i < FIELD_COUNT; i++) {
        struct value *field = value_dict(a), *both = value_list(a);
        value_put(a, field, "description", value_str(a, fields[i].doc));
        value_push(a, both,
                   fields[i].schema ? language_parameter_parse(a, fields[i].schema)
                                    : distribution_list(a));
        value_put(a, field, "allOf", both);
        value_put(a, properties, spec_draft_field_name((enum spec_field)i), field);
    }
    value_put(a, v, "properties", properties);
    value_put(a, v, "additionalProperties", value_bool(a, false));
    value_push(a, rules, rule_of_inference(a));
    for (int kind = 0; kind < SPACE_EXPR; kind++)
        value_push(a, rules, rule_of_kind(a, (enum space_kind)kind));
    value_put(a, v, "allOf", rules);
    return v;
}

/* The kinds that a grid allows: see space_grid_allows(). */
static struct value *parameter_of_grid(struct arena *a)
{
    struct value *v = language_parameter_parse(
        a, "{\"properties\":{\"parameters\":" REF(
               "grid_only") ",\"probabilities\":false},"
                            "\"if\":{\"not\":{\"anyOf\":[{\"required\":[\"distribution\"]},"
                            "{\"required\":[\"q\"]}]}},"
                            "\"then\":{\"properties\":{\"min\":{\"type\":[\"integer\",\"string\"]},"
                            "\"max\":{\"type\":[\"integer\",\"string\"]}}}}");
    struct value *kinds = value_list(a), *with_q = value_list(a), *named = value_dict(a);
    for (int i = 0; i < SPACE_EXPR; i++) {
        enum space_kind kind = (enum space_kind)i, rounded = spec_kind_rounded(kind);
        bool allowed = space_grid_allows(&(struct parameter){.kind = kind});
        if (allowed || space_grid_allows(&(struct parameter){.kind = rounded}))
            value_push(a, kinds, value_str(a, space_kind_name(kind)));
        if (!allowed)
            value_push(a, with_q, value_str(a, space_kind_name(kind)));
    }
    value_put(a, named, "enum", kinds);
    value_put(a, (struct value *)value_get(v, "properties"), "distribution", named);
    struct value *rule = language_parameter_parse(
        a, "{\"if\":{\"required\":[\"distribution\"],\"properties\":{\"distribution\":{}}},"
           "\"then\":{\"required\":[\"q\"]}}");
    value_put(
        a,
        (struct value *)value_get(value_get(value_get(rule, "if"), "properties"), "distribution"),
        "enum", with_q);
    struct value *all = value_list(a);
    value_push(a, all, rule);
    value_put(a, v, "allOf", all);
    return v;
}

void language_parameter_define(struct arena *a, struct value *definitions)
{
    static const struct {
        const char *name, *schema;
    } plain[] = {
        {"number", "{\"anyOf\":[{\"type\":\"number\"}," NUMBER_TEXT "]}"},
        {"positive", "{\"anyOf\":[{\"type\":\"number\",\"exclusiveMinimum\":0}," NUMBER_TEXT "]}"},
        {"parameters",
         "{\"type\":\"object\",\"minProperties\":1,\"additionalProperties\":" REF("parameter") "}"},
        {"nested_parameters",
         "{\"type\":\"object\",\"minProperties\":1,\"propertyNames\":"
         "{\"pattern\":\"" NAMES "\"},\"additionalProperties\":" REF("parameter") "}"},
        {"grid_only", "{\"additionalProperties\":" REF("parameter_of_grid") "}"},
    };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        value_put(a, definitions, plain[i].name, language_parameter_parse(a, plain[i].schema));
    value_put(a, definitions, "parameter", parameter_schema(a));
    value_put(a, definitions, "parameter_of_grid", parameter_of_grid(a));
}
