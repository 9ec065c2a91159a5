/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON objects, one a line or in a list: besom export --jsonl (params, metrics), runs of W&B's API
 * (config, summary), and others, whose keys are names of parameters and metrics. */
#include <string.h>

#include "base/json.h"
#include "sweep/earlier/earlier.h"
#include "sweep/trial.h"

static void metrics_take(struct arena *a, struct value *to, const struct value *from)
{
    const struct value *flat = value_flatten(a, from);
    for (size_t i = 0; i < flat->dict.n; i++) {
        const struct value_entry *entry = &flat->dict.entries[i];
        if (value_is_number(entry->value) && entry->key[0] != '_')
            value_put(a, to, entry->key, entry->value);
    }
}

/* W&B's API has {"lr": {"value": 0.1, "desc": null}}, its Python client {"lr": 0.1}; both have keys
 * of their own that begin with _. The text form is JSON within JSON. */
static void config_take(struct arena *a, struct value *to, const struct value *from)
{
    for (size_t i = 0; from->kind == VALUE_DICT && i < from->dict.n; i++) {
        const struct value_entry *entry = &from->dict.entries[i];
        const struct value *inner = value_get(entry->value, "value");
        if (entry->key[0] != '_' && strcmp(entry->key, "wandb_version") != 0)
            value_put(a, to, entry->key,
                      inner && entry->value->dict.n <= 2 ? value_copy(a, inner) : entry->value);
    }
}

static const struct value *object_of(struct arena *a, const struct value *v)
{
    struct value *inner = NULL;
    if (v && v->kind == VALUE_STR && json_parse(a, v->s.ptr, v->s.len, &inner, NULL) == 0)
        v = inner;
    return v && v->kind == VALUE_DICT ? v : NULL;
}

static int object_take(struct earlier *e, const struct value *v, size_t line, struct err *err)
{
    struct arena *a = e->arena;
    const char *state = value_get_str(v, "state", "finished");
    const struct value *params = object_of(a, value_get(v, "params"));
    const struct value *config = object_of(a, value_get(v, "config"));
    const struct value *summary = object_of(a, value_get(v, "summary"));
    if (!summary)
        summary = object_of(a, value_get(v, "summaryMetrics"));
    struct earlier_row row = {.line = line,
                              .params = value_dict(a),
                              .metrics = value_dict(a),
                              .state = earlier_state(state)};
    if (v->kind != VALUE_DICT) {
        earlier_fault(e, line, "it is not a JSON object");
        return 0;
    }
    if (row.state < 0) {
        earlier_fault(e, line, "its state is %.40s: it has not ended", state);
        return 0;
    }
    if (params) {
        row.params = value_copy(a, params);
        metrics_take(a, row.metrics,
                     value_get(v, "metrics") ? value_get(v, "metrics") : row.metrics);
    } else if (config) {
        config_take(a, row.params, config);
        if (summary)
            metrics_take(a, row.metrics, summary);
    } else {
        e->mixed = true;
        for (size_t i = 0; i < v->dict.n; i++)
            if (!earlier_is_about_run(v->dict.entries[i].key))
                value_put(a, row.params, v->dict.entries[i].key, v->dict.entries[i].value);
    }
    const struct value *objective = value_get(v, "objective");
    if (objective && value_is_number(objective))
        value_put(a, row.metrics, "objective", value_copy(a, objective));
    return earlier_add(e, &row, err);
}

static int list_read(struct earlier *e, const char *text, size_t len, struct err *err)
{
    struct value *list;
    int rc = json_parse(e->arena, text, len, &list, err);
    if (rc == 0 && list->kind != VALUE_LIST)
        return err_set(err, ERR_SYNTAX, "it is not a list of JSON objects");
    for (size_t i = 0; rc == 0 && i < list->list.n; i++)
        rc = object_take(e, list->list.items[i], i + 1, err);
    return rc;
}

int earlier_json_read(struct earlier *e, const char *text, size_t len, struct err *err)
{
    size_t line = 1;
    const char *end = text + len, *first = text;
    while (first < end && strchr(" \t\r\n", *first))
        first++;
    if (first < end && *first == '[')
        return list_read(e, text, len, err);
    int rc = 0;
    for (const char *p = text; rc == 0 && p < end; line++) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((newline ? newline : end) - p);
        struct value *v;
        if (n > 0 && p[0] != '\r') {
            rc = json_parse(e->arena, p, n, &v, err);
            rc = rc == 0 ? object_take(e, v, line, err) : err_wrap(err, "line %zu", line);
        }
        p += n + 1;
    }
    return rc;
}
