/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/spec_running.h"

#include <stdio.h>
#include <string.h>
#include "base/nearest.h"
#include "base/python.h"
#include "sweep/duration.h"

struct field {
    const char *name;
    void (*read)(struct spec_reader *r, struct spec *s,
                 const struct spec_node *n); /* NULL: later */
};

/* Gives each entry of dict to its reader. */
static void read_dict(struct spec_reader *r, struct spec *s, const struct spec_node *dict,
                      const struct field *fields, size_t count, const char *example)
{
    if (!spec_node_dict(r, dict, example))
        return;
    for (size_t i = 0; i < dict->yaml->n; i++) {
        struct spec_node n = spec_node_entry(dict, i);
        const struct field *f = NULL;
        for (size_t k = 0; k < count; k++)
            if (strcmp(fields[k].name, n.key) == 0)
                f = &fields[k];
        if (!f)
            spec_node_error_key(r, &n, nearest_name(n.key, fields, count, sizeof *fields),
                                "`%s` is not a field of `%s`", n.key, dict->key);
        else if (!f->read)
            spec_node_error_key(
                r, &n, NULL, "`%s` is understood, but not obeyed yet by this version: leave it out",
                n.key);
        else
            f->read(r, s, &n);
    }
}

static void read_cpus(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    (void)spec_node_int(r, n, 1, &s->resources.cpus);
}

static void read_time(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    const struct value *v = n->yaml->value;
    char text[64] = "";
    if (v->kind == VALUE_STR && v->s.len < sizeof text)
        snprintf(text, sizeof text, "%s", v->s.ptr);
    else if (value_is_number(v))
        snprintf(text, sizeof text, "%.9f", value_number(v));
    if (!duration_parse(text, &s->resources.time_s))
        spec_node_error(r, n, "time: 30m (or 90 for seconds, 45s, 2h, 1h30m, 1d)",
                        "this is not a span of time: %s", spec_node_shown(r, n));
}

void spec_running_read_resources(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    static const struct field fields[] = {
        {"cpus", read_cpus}, {"gpus", NULL}, {"memory", NULL}, {"time", read_time}};
    read_dict(r, s, n, fields, sizeof fields / sizeof *fields, "resources: {cpus: 1, time: 30m}");
}

static void read_failed(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    (void)spec_node_int(r, n, 0, &s->retry.failed);
}

static void read_host(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    (void)spec_node_int(r, n, 0, &s->retry.host);
}

void spec_running_read_retry(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    static const struct field fields[] = {{"failed", read_failed}, {"host", read_host}};
    read_dict(r, s, n, fields, sizeof fields / sizeof *fields, "retry: {failed: 0, host: 3}");
}

static bool check_env_name(struct spec_reader *r, const struct spec_node *n)
{
    if (*n->key == '\0' || strchr(n->key, '=')) {
        spec_node_error_key(r, n, NULL, "a variable's name is not empty and holds no '='");
        return false;
    }
    if (strncmp(n->key, "BESOM_", 6) == 0) {
        spec_node_error_key(r, n, NULL, "names that begin with BESOM_ are besom's own");
        return false;
    }
    return true;
}

void spec_running_read_env(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    if (!spec_node_dict(r, n, "env: {OMP_NUM_THREADS: 1}"))
        return;
    struct value *env = value_dict(r->arena);
    for (size_t i = 0; i < n->yaml->n; i++) {
        struct spec_node item = spec_node_entry(n, i);
        enum value_kind kind = spec_node_kind(&item);
        if (!check_env_name(r, &item))
            continue;
        if (kind != VALUE_STR && kind != VALUE_INT && kind != VALUE_FLOAT) {
            spec_node_error(r, &item, arena_printf(r->arena, "%s: 'text'", item.key),
                            "a variable holds text, and this is %s%s", spec_node_kind_name(&item),
                            kind == VALUE_BOOL ? ": quote it as the program wants it" : "");
            continue;
        }
        struct buf text;
        buf_init(&text, (size_t)1 << 20);
        python_str(&text, item.yaml->value);
        value_put(r->arena, env, item.key, value_strn(r->arena, text.data, text.len));
        buf_done(&text);
    }
    s->env = env;
}

static void read_patterns(struct spec_reader *r, struct spec *s, const struct spec_node *list)
{
    for (size_t i = 0; i < list->yaml->n; i++) {
        struct spec_node item = spec_node_item(list, i);
        const char *text;
        if (!spec_node_text(r, &item, &text))
            return;
        if (!strstr(text, "(?<") && !strstr(text, "(?P<") && !strstr(text, "(?'")) {
            spec_node_error(r, &item, "'loss=(?<loss>\\S+)'",
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
        spec_node_error(r, n, "stdout: json, or stdout: ['loss=(?<loss>\\S+)']",
                        "metrics are read from stdout as json or by a list of patterns");
}

void spec_running_read_report(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    static const struct field fields[] = {{"stdout", read_stdout}};
    read_dict(r, s, n, fields, sizeof fields / sizeof *fields, "report: {stdout: json}");
}
