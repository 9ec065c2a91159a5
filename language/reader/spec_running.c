/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/spec_running.h"

#include <string.h>
#include "base/limits.h"
#include "language/memory_size.h"
#include "language/reader/spec_fields.h"
#include "language/reader/spec_finding.h"
#include "language/reader/spec_value.h"

void spec_running_read_resources(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    struct spec_fields f;
    spec_fields_read(r, n, &language_resources, false, &f);
    spec_fields_int(r, &f, RESOURCE_CPUS, &s->resources.cpus);
    spec_fields_int(r, &f, RESOURCE_GPUS, &s->resources.gpus);
    spec_fields_span(&f, RESOURCE_TIME, &s->resources.time_s);
    if (f.present[RESOURCE_MEMORY])
        memory_size_parse(f.nodes[RESOURCE_MEMORY].yaml->value->s.ptr, &s->resources.memory_bytes);
}

void spec_running_read_retry(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    struct spec_fields f;
    spec_fields_read(r, n, &language_retry, false, &f);
    spec_fields_int(r, &f, RETRY_FAILED, &s->retry.failed);
    spec_fields_int(r, &f, RETRY_HOST, &s->retry.host);
}

/* Trials are counted as run_cap counts them. */
void spec_running_read_budget(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    struct spec_fields f;
    int64_t trials = 0;
    spec_fields_read(r, n, &language_budget, false, &f);
    if (spec_fields_int(r, &f, BUDGET_TRIALS, &trials) && (s->run_cap == 0 || trials < s->run_cap))
        s->run_cap = trials;
    spec_fields_span(&f, BUDGET_WALL, &s->budget.wall_s);
    spec_fields_number(r, &f, BUDGET_GPU_HOURS, &s->budget.gpu_hours);
    spec_fields_text(r, &f, BUDGET_UNTIL, &s->budget.until);
}

static bool check_env_name(struct spec_reader *r, const struct spec_node *n)
{
    if (*n->key == '\0' || strchr(n->key, '=')) {
        spec_node_error_key(r, n, NULL, "a variable's name is not empty and holds no '='");
        return false;
    }
    if (strncmp(n->key, "BESOM_", 6) == 0) {
        spec_node_judge_key(r, n, NULL, "names that begin with BESOM_ are reserved for besom");
        return r->stored;
    }
    return true;
}

void spec_running_read_env(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    if (!spec_value_dict(r, n, SPEC_FOUND(NO_VARIABLES)))
        return;
    struct value *env = value_dict(r->arena);
    for (size_t i = 0; i < n->yaml->n; i++) {
        struct spec_node item = spec_node_entry(n, i);
        enum value_kind kind = spec_node_kind(&item);
        if (!check_env_name(r, &item))
            continue;
        if (kind != VALUE_STR && kind != VALUE_INT && kind != VALUE_FLOAT) {
            spec_node_error(r, &item, SPEC_FOUND(VARIABLE),
                            "a variable holds text, and this is %s%s", spec_node_kind_name(&item),
                            kind == VALUE_BOOL ? ": quote it as the program wants it" : "");
            continue;
        }
        value_put(r->arena, env, item.key, value_str(r->arena, spec_node_printed(r, &item)));
    }
    s->env = env;
}

static void read_patterns(struct spec_reader *r, struct spec *s, const struct spec_node *list)
{
    if (list->yaml->n > LIMIT_PATTERNS) {
        spec_node_error(r, list, NULL,
                        "%zu patterns: each line of output is held against them all, "
                        "and %d are allowed",
                        list->yaml->n, LIMIT_PATTERNS);
        return;
    }
    for (size_t i = 0; i < list->yaml->n; i++) {
        struct spec_node item = spec_node_item(list, i);
        const char *text;
        if (!spec_value_text(r, &item, &text))
            return;
        if (strlen(text) > LIMIT_PATTERN_BYTES) {
            spec_node_error(r, &item, NULL, "a pattern may have at most %d bytes",
                            LIMIT_PATTERN_BYTES);
            return;
        }
        if (!strstr(text, "(?<") && !strstr(text, "(?P<") && !strstr(text, "(?'")) {
            spec_node_error(r, &item, SPEC_FOUND(NO_GROUP),
                            "the pattern has no named group, so it gives no metric");
            return;
        }
    }
    s->report_stdout = SPEC_STDOUT_PATTERNS;
    s->report_patterns = list->yaml->value;
}

static void read_stdout(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    const struct value *v = n->yaml->value;
    if (v->kind == VALUE_STR && strcmp(v->s.ptr, "json") == 0)
        s->report_stdout = SPEC_STDOUT_JSON;
    else if (v->kind == VALUE_LIST && v->list.n > 0)
        read_patterns(r, s, n);
    else
        spec_node_error(r, n, SPEC_FOUND(NO_STDOUT),
                        "metrics are read from stdout as json or by a list of patterns");
}

void spec_running_read_report(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    struct spec_fields f;
    spec_fields_read(r, n, &language_report, false, &f);
    if (f.present[REPORT_STDOUT])
        read_stdout(r, s, &f.nodes[REPORT_STDOUT]);
}
