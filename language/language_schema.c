/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/language_schema.h"

#include <math.h>
#include <string.h>
#include "base/check.h"
#include "base/diag/diag.h"
#include "base/json.h"
#include "base/yaml/yaml.h"
#include "language/command/command.h"
#include "language/language.h"
#include "language/language_parameter.h"
#include "language/report.h"

#define MOMENT_DAY "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"

static const char ignored[] = "not a valid value of this key: it is ignored";

static struct value *json_of(struct arena *a, const char *json)
{
    return language_parameter_parse(a, json);
}

static struct value *ref_to(struct arena *a, const char *name)
{
    struct value *v = value_dict(a);
    value_put(a, v, "$ref", value_str(a, arena_printf(a, "#/definitions/%s", name)));
    return v;
}

/* Values of any other type are valid too, and all values if type is NULL; editors warn about them.
 */
static struct value *accept_more(struct arena *a, struct value *schema, const char *type,
                                 const char *warning)
{
    struct value *any = value_dict(a), *list = value_list(a), *rest = value_dict(a);
    if (type)
        value_put(a, rest, "not", json_of(a, arena_printf(a, "{\"type\":\"%s\"}", type)));
    value_put(a, rest, "deprecationMessage", value_str(a, warning));
    value_push(a, list, schema);
    value_push(a, list, rest);
    value_put(a, any, "anyOf", list);
    return any;
}

/* The value in an example of the tables, `key: value`. */
static struct value *value_of(struct arena *a, const char *yaml)
{
    struct diags d;
    diags_init(&d, a, NULL);
    const struct yaml_node *tree = yaml_read(a, yaml, strlen(yaml), &d);
    check(tree && d.errors == 0);
    const struct value *v = tree->value;
    return value_copy(a, v->kind == VALUE_DICT && v->dict.n == 1 ? v->dict.entries[0].value : v);
}

static struct value *of_words(struct arena *a, const char *const *words)
{
    struct value *v = value_dict(a), *list = value_list(a);
    for (size_t i = 0; words[i]; i++)
        value_push(a, list, value_str(a, words[i]));
    value_put(a, v, "enum", list);
    return v;
}

static struct value *of_number(struct arena *a, const struct language_field *f)
{
    struct value *v = value_dict(a);
    value_put(a, v, "type", value_str(a, f->type == LANGUAGE_INT ? "integer" : "number"));
    if (isfinite(f->least))
        value_put(a, v, f->above ? "exclusiveMinimum" : "minimum", value_int(a, (int64_t)f->least));
    return v;
}

static struct value *of_arguments(struct arena *a)
{
    struct value *v = json_of(a, "{\"type\":[\"array\",\"null\"]}");
    struct value *macros = value_dict(a), *list = value_list(a), *any = value_list(a);
    for (size_t i = 0; command_macro_name(i); i++)
        value_push(a, list, value_str(a, command_macro_name(i)));
    value_put(a, macros, "enum", list);
    value_push(a, any, macros);
    value_push(a, any, value_dict(a));
    struct value *items = value_dict(a);
    value_put(a, items, "anyOf", any);
    value_put(a, v, "items", items);
    return v;
}

/* A reader's name, a pattern, or a mapping from metrics to patterns. */
static struct value *of_one_output(struct arena *a)
{
    size_t n;
    const struct report_reader *readers = report_readers(&n);
    struct value *list = value_list(a), *names = value_dict(a), *any = value_list(a);
    value_push(a, list, value_str(a, REPORT_JSON));
    for (size_t i = 0; i < n; i++)
        value_push(a, list, value_str(a, readers[i].name));
    value_put(a, names, "enum", list);
    value_push(a, any, names);
    value_push(a, any, json_of(a, "{\"type\":\"string\",\"pattern\":\"\\\\(\\\\?(P?<|')\"}"));
    value_push(a, any,
               json_of(a, "{\"type\":\"object\",\"minProperties\":1,\"additionalProperties\":"
                          "{\"type\":\"string\",\"pattern\":\"\\\\(\"}}"));
    return any;
}

static struct value *of_output(struct arena *a)
{
    struct value *any = of_one_output(a), *items = value_dict(a), *v = value_dict(a);
    struct value *list = json_of(a, "{\"type\":\"array\",\"minItems\":1}");
    value_put(a, items, "anyOf", of_one_output(a));
    value_put(a, list, "items", items);
    value_push(a, any, list);
    value_put(a, v, "anyOf", any);
    return v;
}

static struct value *any_of(struct arena *a, struct value *list)
{
    struct value *v = value_dict(a);
    value_put(a, v, "anyOf", list);
    return v;
}

static struct value *of_type(struct arena *a, const struct language_field *f, const char *object)
{
    static const char *const schemas[] = {
        [LANGUAGE_BOOL] = "{\"type\":\"boolean\"}",
        [LANGUAGE_SPAN] =
            "{\"anyOf\":[{\"type\":\"number\",\"exclusiveMinimum\":0},{\"type\":\"string\","
            "\"pattern\":\"^(?=[0-9])([0-9]+(\\\\.[0-9]*)?|([0-9]+(\\\\.[0-9]*)?d)?([0-9]+(\\\\."
            "[0-9]*)?h)?([0-9]+(\\\\.[0-9]*)?m)?([0-9]+(\\\\.[0-9]*)?s)?)$\"}]}",
        [LANGUAGE_MEMORY] =
            "{\"type\":\"string\",\"pattern\":\"^[0-9]+(\\\\.[0-9]*)? *[KMGT]i?B$\"}",
        [LANGUAGE_MOMENT] =
            "{\"type\":\"string\",\"pattern\":\"^(" MOMENT_DAY "|[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]"
            "" MOMENT_DAY "(Z|[-+][0-9]{2}:[0-9]{2})?)$\"}",
        [LANGUAGE_CONDITIONS] =
            "{\"anyOf\":[{\"type\":\"array\",\"items\":{\"type\":[\"string\",\"object\"],"
            "\"minProperties\":1,\"minLength\":1}},{\"type\":[\"string\",\"object\",\"null\"],"
            "\"minProperties\":1,\"minLength\":1,\"deprecationMessage\":"
            "\"a list of conditions\"}]}",
        [LANGUAGE_POINTS] =
            "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"minProperties\":1}}",
        [LANGUAGE_NAMES] = "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"minLength\":1}}",
        [LANGUAGE_OPTIONS] = "{\"type\":\"object\"}",
        [LANGUAGE_PARAMETERS] = "{\"$ref\":\"#/definitions/parameters\"}",
        [LANGUAGE_VARIABLES] =
            "{\"type\":\"object\",\"propertyNames\":{\"pattern\":\"^(?!BESOM_)[^=]+$\"},"
            "\"additionalProperties\":{\"type\":[\"string\",\"number\"]}}",
    };
    struct value *list;
    switch (f->type) {
    case LANGUAGE_CODE:
        list = value_list(a);
        value_push(a, list, of_words(a, f->words));
        value_push(a, list, ref_to(a, object));
        return any_of(a, list);
    case LANGUAGE_OUTPUT:
        return of_output(a);
    case LANGUAGE_TEXT:
        return json_of(a, f->fault == LANGUAGE_ERROR ? "{\"type\":\"string\",\"minLength\":1}"
                                                     : "{\"type\":\"string\"}");
    case LANGUAGE_INT:
    case LANGUAGE_NUMBER:
        return of_number(a, f);
    case LANGUAGE_WORD:
        return of_words(a, f->words);
    case LANGUAGE_MAP:
        return ref_to(a, object);
    case LANGUAGE_LIST:
        list = json_of(a, "{\"type\":\"array\"}");
        value_put(a, list, "items", accept_more(a, ref_to(a, object), "object", ignored));
        return list;
    case LANGUAGE_ARGUMENTS:
        return of_arguments(a);
    default:
        return json_of(a, schemas[f->type]);
    }
}

static struct value *wrap_field(struct arena *a, const struct language_field *f,
                                struct value *schema, bool strict)
{
    if (f->fault == LANGUAGE_ERROR || (strict && f->fault != LANGUAGE_REPLACED))
        return schema;
    const char *type = f->type == LANGUAGE_MAP    ? "object"
                       : f->type == LANGUAGE_LIST ? "array"
                                                  : NULL;
    return accept_more(a, schema, type,
                       f->fault == LANGUAGE_REPLACED
                           ? arena_printf(a, "read as %s, as in W&B", f->fallback)
                           : ignored);
}

/* strict: reject all that W&B rejects in an object that it needs. */
static struct value *of_object(struct arena *a, const struct language_object *o,
                               const char *const *objects, bool strict)
{
    struct value *v = json_of(a, "{\"type\":\"object\"}"), *properties = value_dict(a);
    for (size_t i = 0; i < o->n; i++) {
        const struct language_field *f = &o->fields[i];
        struct value *field = value_dict(a), *all = value_list(a), *examples = value_list(a);
        value_put(a, field, "description", value_str(a, f->doc));
        value_push(a, examples, value_of(a, f->example));
        value_put(a, field, "examples", examples);
        if (f->fallback)
            value_put(a, field, "default", value_of(a, f->fallback));
        value_push(a, all, wrap_field(a, f, of_type(a, f, objects ? objects[i] : NULL), strict));
        value_put(a, field, "allOf", all);
        value_put(a, properties, f->name, field);
    }
    value_put(a, v, "properties", properties);
    if (!o->open && (o->fault == LANGUAGE_ERROR || strict))
        value_put(a, v, "additionalProperties", value_bool(a, false));
    else if (!o->open)
        value_put(a, v, "additionalProperties",
                  json_of(a, arena_printf(
                                 a, "{\"deprecationMessage\":\"not a field of %s: it is ignored\"}",
                                 o->name)));
    return v;
}

/* Adds a rule: if the method is `method`, the schema `then` applies. */
static void add_rule(struct arena *a, struct value *rules, const char *method, const char *then)
{
    struct value *rule = json_of(
        a, arena_printf(a,
                        "{\"if\":{\"properties\":{\"method\":{\"const\":\"%s\"}},\"required\":"
                        "[\"method\"]}}",
                        method));
    value_put(a, rule, "then", json_of(a, then));
    value_push(a, rules, rule);
}

#define JUDGED                                                                            \
    "{\"anyOf\":[{\"required\":[\"metric\"]},{\"required\":[\"metrics\"],\"properties\":" \
    "{\"metrics\":{\"type\":\"array\",\"minItems\":1}}}]}"
#define STRICT_METRICS                                                                     \
    "{\"if\":{\"not\":{\"required\":[\"metric\"]}},\"then\":{\"properties\":{\"metrics\":" \
    "{" STRICT_ITEMS "}}}}"
#define ONE_METRIC                                                                         \
    "{\"if\":{\"not\":{\"required\":[\"metric\"]}},\"then\":{\"properties\":{\"metrics\":" \
    "{\"maxItems\":1}}}}"
#define STRICT_ITEMS "\"items\":{\"$ref\":\"#/definitions/metric_of_model\"}"

static struct value *rules_of_top(struct arena *a)
{
    struct value *rules = value_list(a);
    value_push(a, rules,
               json_of(a, "{\"if\":{\"not\":{\"properties\":{\"scheduler\":{\"required\":"
                          "[\"search_space\"]}},\"required\":[\"scheduler\"]}},\"then\":"
                          "{\"required\":[\"parameters\"]}}"));
    add_rule(a, rules, "grid",
             "{\"properties\":{\"parameters\":{\"$ref\":\"#/definitions/grid_only\"}}}");
    add_rule(a, rules, "custom", STRICT_METRICS);
    add_rule(a, rules, "cmaes", ONE_METRIC);
    for (size_t i = 0; language_methods[i]; i++) {
        const char *method = language_methods[i];
        const struct language_object *options = language_strategy(method);
        if (strcmp(method, "grid") != 0)
            add_rule(a, rules, method, "{\"properties\":{\"order\":false}}");
        if (strcmp(method, "bayes") == 0 || strcmp(method, "tpe") == 0 ||
            strcmp(method, "cmaes") == 0)
            add_rule(a, rules, method,
                     "{\"allOf\":[" JUDGED ",{\"properties\":{\"metric\":{\"$ref\":"
                     "\"#/definitions/metric_of_model\"}}}," STRICT_METRICS "]}");
        if (!options)
            add_rule(a, rules, method, "{\"properties\":{\"strategy\":{\"maxProperties\":0}}}");
        else if (!options->open)
            add_rule(a, rules, method,
                     arena_printf(a,
                                  "{\"properties\":{\"strategy\":{\"$ref\":\"#/definitions/"
                                  "strategy_of_%s\"}}}",
                                  method));
    }
    return rules;
}

static struct value *definition_list(struct arena *a)
{
    static const struct {
        const char *name;
        const struct language_object *object;
    } objects[] = {
        {"budget", &language_budget},         {"code", &language_code},
        {"controller", &language_controller}, {"early_terminate", &language_stopper},
        {"metric", &language_metric},         {"report", &language_report},
        {"resources", &language_resources},   {"retry", &language_retry},
        {"scheduler", &language_scheduler},
    };
    struct value *v = value_dict(a);
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
        value_put(a, v, objects[i].name, of_object(a, objects[i].object, NULL, false));
    struct value *metric = of_object(a, &language_metric, NULL, true);
    value_put(a, metric, "required", json_of(a, "[\"name\"]"));
    value_put(a, v, "metric_of_model", metric);
    for (size_t i = 0; language_methods[i]; i++) {
        const struct language_object *options = language_strategy(language_methods[i]);
        if (options && !options->open)
            value_put(a, v, arena_printf(a, "strategy_of_%s", language_methods[i]),
                      of_object(a, options, NULL, true));
    }
    language_parameter_define(a, v);
    return v;
}

char *language_schema_text(struct arena *a)
{
    static const char *const objects[KEY_COUNT] = {
        [KEY_BUDGET] = "budget",
        [KEY_CODE] = "code",
        [KEY_CONTROLLER] = "controller",
        [KEY_METRIC] = "metric",
        [KEY_EARLY_TERMINATE] = "early_terminate",
        [KEY_METRICS] = "metric",
        [KEY_REPORT] = "report",
        [KEY_RESOURCES] = "resources",
        [KEY_RETRY] = "retry",
        [KEY_SCHEDULER] = "scheduler",
    };
    struct value *v = value_dict(a), *top = of_object(a, &language_top, objects, false);
    value_put(a, v, "$schema", value_str(a, "http://json-schema.org/draft-07/schema#"));
    value_put(a, v, "title", value_str(a, "besom sweep"));
    value_put(a, v, "description",
              value_str(a, "A hyperparameter sweep, in the language of W&B Sweeps with a few keys "
                           "of besom's own."));
    for (size_t i = 0; i < top->dict.n; i++)
        value_put(a, v, top->dict.entries[i].key, top->dict.entries[i].value);
    value_put(a, v, "required", json_of(a, "[\"method\"]"));
    value_put(a, v, "allOf", rules_of_top(a));
    value_put(a, v, "definitions", definition_list(a));
    /* The first line names the licence, as in every file here. */
    return arena_printf(a,
                        "{ \"$comment\": \"SPDX-License-Identifier: GPL-3.0-or-later. Printed by "
                        "besom lint --schema; not to be edited.\",%s\n",
                        json_text(a, v, JSON_PRETTY) + 1);
}
