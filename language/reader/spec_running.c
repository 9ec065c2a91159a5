/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/spec_running.h"

#include <string.h>

#include "base/diag/nearest.h"
#include "base/limits.h"
#include "language/memory_size.h"
#include "language/report.h"
#include "language/reader/spec_fields.h"
#include "language/reader/spec_finding.h"
#include "language/reader/spec_value.h"

static void read_labels(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    const struct value *labels = n->yaml->value;
    bool fit = labels->list.n <= LIMIT_LABELS;
    for (size_t i = 0; fit && i < labels->list.n; i++)
        fit = labels->list.items[i]->s.len < LIMIT_LABEL_BYTES;
    if (!fit)
        spec_node_error(r, n, NULL, "at most %d labels of at most %d bytes each are allowed",
                        LIMIT_LABELS, LIMIT_LABEL_BYTES - 1);
    else if (labels->list.n > 0)
        s->resources.labels = labels;
}

void spec_running_read_resources(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    struct spec_fields f;
    spec_fields_read(r, n, &language_resources, false, &f);
    spec_fields_int(r, &f, RESOURCE_CPUS, &s->resources.cpus);
    spec_fields_int(r, &f, RESOURCE_GPUS, &s->resources.gpus);
    spec_fields_span(&f, RESOURCE_TIME, &s->resources.time_s);
    if (f.present[RESOURCE_LABELS])
        read_labels(r, s, &f.nodes[RESOURCE_LABELS]);
    if (f.present[RESOURCE_MEMORY])
        memory_size_parse(f.nodes[RESOURCE_MEMORY].yaml->value->s.ptr, &s->resources.memory_bytes);
}

void spec_running_read_code(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    struct spec_fields f;
    s->code.snapshot = true;
    if (spec_node_kind(n) != VALUE_DICT)
        return;
    spec_fields_read(r, n, &language_code, false, &f);
    if (f.present[CODE_FILES]) {
        s->code.files = f.nodes[CODE_FILES].yaml->value;
        if (s->code.files->list.n == 0 || s->code.files->list.n > LIMIT_CODE_PATTERNS)
            spec_node_error(r, &f.nodes[CODE_FILES], NULL, "`files` must name 1 to %d files",
                            LIMIT_CODE_PATTERNS);
    }
    if (!f.present[CODE_LIMIT])
        return;
    memory_size_parse(f.nodes[CODE_LIMIT].yaml->value->s.ptr, &s->code.limit);
    if (s->code.limit > LIMIT_CODE_BYTES)
        spec_node_error(r, &f.nodes[CODE_LIMIT], NULL, "`limit` must be at most %dMiB",
                        LIMIT_CODE_BYTES >> 20);
}

void spec_running_read_retry(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    struct spec_fields f;
    spec_fields_read(r, n, &language_retry, false, &f);
    spec_fields_int(r, &f, RETRY_FAILED, &s->retry.failed);
    spec_fields_int(r, &f, RETRY_HOST, &s->retry.host);
}

/* Trials are counted in the same way as for run_cap. */
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
        spec_node_error_key(r, n, NULL, "the name of a variable must not be empty or contain '='");
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
            spec_node_error(
                r, &item, SPEC_FOUND(VARIABLE), "the value of a variable must be text, not %s%s",
                spec_node_kind_name(&item),
                kind == VALUE_BOOL ? "; write it in quotes, as the program expects it" : "");
            continue;
        }
        value_put(r->arena, env, item.key, value_str(r->arena, spec_node_printed(r, &item)));
    }
    s->env = env;
}

/* Reads a pattern, or the name of a built-in reader. */
static bool report_read_text(struct spec_reader *r, const struct spec_node *n)
{
    struct regex *regex = NULL;
    struct err why = {0};
    const char *text, *names[16];
    size_t count;
    if (!spec_value_text(r, n, &text))
        return false;
    if (strlen(text) > LIMIT_PATTERN_BYTES) {
        spec_node_error(r, n, NULL, "a pattern may have at most %d bytes", LIMIT_PATTERN_BYTES);
        return false;
    }
    if (strcmp(text, REPORT_JSON) == 0 || report_reader_find(text))
        return true;
    if (report_is_pattern(text)) {
        int rc = report_pattern(text, false, &regex, &why);
        regex_free(regex);
        if (rc != 0)
            spec_node_error(r, n, why.code == ERR_SPEC ? SPEC_FOUND(NO_GROUP) : NULL, "%s",
                            why.text);
        return rc == 0;
    }
    const struct report_reader *readers = report_readers(&count);
    struct buf known;
    buf_init(&known, SIZE_MAX);
    names[0] = REPORT_JSON;
    for (size_t i = 0; i < count; i++) {
        names[i + 1] = readers[i].name;
        buf_addf(&known, ", %s", readers[i].name);
    }
    const char *near = nearest_name(text, names, count + 1, sizeof *names);
    spec_node_error(r, n, near ? SPEC_FOUND(MEANT, .text = near) : SPEC_FOUND(NO_STDOUT),
                    "unknown reader `%s`; the readers are json%s; a pattern needs a named group, "
                    "such as 'loss=(?<loss>\\S+)'",
                    text, buf_str(&known));
    buf_done(&known);
    return false;
}

/* Reads metrics, each with its pattern. */
static bool report_read_names(struct spec_reader *r, const struct spec_node *n)
{
    bool good = n->yaml->n > 0;
    if (!good)
        spec_node_error(r, n, NULL, "the mapping is empty: write METRIC: PATTERN");
    for (size_t i = 0; i < n->yaml->n; i++) {
        struct spec_node entry = spec_node_entry(n, i);
        struct regex *regex = NULL;
        struct err why = {0};
        const char *text;
        int rc = -1;
        if (spec_value_text(r, &entry, &text)) {
            rc = strlen(text) > LIMIT_PATTERN_BYTES
                     ? err_set(&why, ERR_SPEC, "a pattern may have at most %d bytes",
                               LIMIT_PATTERN_BYTES)
                     : report_pattern(text, true, &regex, &why);
            regex_free(regex);
            if (rc != 0)
                spec_node_error(r, &entry, NULL, "%s", why.text);
        }
        good = good && rc == 0;
    }
    return good;
}

static bool report_read_item(struct spec_reader *r, const struct spec_node *n, size_t *count)
{
    bool names = spec_node_kind(n) == VALUE_DICT;
    *count += names ? n->yaml->n : 1;
    return names ? report_read_names(r, n) : report_read_text(r, n);
}

/* Reads the reports of stdout or stderr. */
static void report_read_stream(struct spec_reader *r, struct value *report,
                               const struct spec_node *n)
{
    size_t count = 0;
    bool good = true, is_list = spec_node_kind(n) == VALUE_LIST;
    if (!is_list && spec_node_kind(n) != VALUE_STR && spec_node_kind(n) != VALUE_DICT) {
        spec_node_error(
            r, n, SPEC_FOUND(NO_STDOUT),
            "this does not say how to read metrics: write json, the name of a reader, or patterns");
        return;
    }
    if (is_list && n->yaml->n == 0)
        good = false, spec_node_error(r, n, SPEC_FOUND(NO_STDOUT), "the list is empty");
    for (size_t i = 0; is_list && i < n->yaml->n; i++) {
        struct spec_node item = spec_node_item(n, i);
        good &= report_read_item(r, &item, &count);
    }
    if (!is_list)
        good = report_read_item(r, n, &count);
    if (count > LIMIT_PATTERNS) {
        spec_node_error(r, n, NULL,
                        "%zu patterns, but at most %d are allowed: besom compares each line of "
                        "output with all of them",
                        count, LIMIT_PATTERNS);
        good = false;
    }
    if (good)
        value_put(r->arena, report, n->key, value_copy(r->arena, n->yaml->value));
}

void spec_running_read_report(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    struct spec_fields f;
    struct value *report = value_dict(r->arena);
    spec_fields_read(r, n, &language_report, false, &f);
    for (int i = 0; i < REPORT_COUNT; i++)
        if (f.present[i])
            report_read_stream(r, report, &f.nodes[i]);
    if (report->dict.n > 0)
        s->report = report;
}

void spec_running_check_metric(struct spec_reader *r, const struct spec *s,
                               const struct spec_node *metric)
{
    struct spec_node name;
    struct value *names = value_dict(r->arena);
    if (!s->report || !s->metric.name || r->stored || !spec_node_get(metric, "name", &name) ||
        report_gives(r->arena, s->report, names) || value_get(names, s->metric.name))
        return;
    const char *near = names->dict.n > 0 ? nearest_name(s->metric.name, names->dict.entries,
                                                        names->dict.n, sizeof(struct value_entry))
                                         : NULL;
    struct buf given;
    buf_init(&given, SIZE_MAX);
    for (size_t i = 0; i < names->dict.n; i++)
        buf_addf(&given, "%s%s",
                 i == 0                  ? ""
                 : i + 1 < names->dict.n ? ", "
                                         : " and ",
                 names->dict.entries[i].key);
    spec_node_error(r, &name, near ? SPEC_FOUND(MEANT, .text = near) : NULL,
                    "no pattern of `report` finds this metric; they find %s",
                    given.len > 0 ? buf_str(&given) : "none");
    buf_done(&given);
}
