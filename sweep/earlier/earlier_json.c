/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON objects, one a line or in a list: besom export --jsonl (params, metrics), runs of W&B's API
 * (config, summary), and others, whose keys are names of parameters and metrics. */
#include <string.h>

#include "base/json.h"
#include "sweep/earlier/earlier.h"
#include "sweep/trial.h"

static void metric_take(struct arena *a, struct value *to, const char *name, const struct value *v)
{
    const struct value *number = v ? earlier_number(a, v) : NULL;
    if (number)
        value_put(a, to, name, (struct value *)number);
}

static void metrics_take(struct arena *a, struct value *to, const struct value *from)
{
    const struct value *flat = value_flatten(a, from);
    for (size_t i = 0; i < flat->dict.n; i++)
        if (flat->dict.entries[i].key[0] != '_')
            metric_take(a, to, flat->dict.entries[i].key, flat->dict.entries[i].value);
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
                      inner && entry->value->dict.n <= 2 ? (struct value *)inner : entry->value);
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
    struct arena *a = &e->scratch;
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
        row.params = (struct value *)params;
        if (value_get(v, "metrics"))
            metrics_take(a, row.metrics, value_get(v, "metrics"));
    } else if (config) {
        config_take(a, row.params, config);
        if (summary)
            metrics_take(a, row.metrics, summary);
    } else {
        row.mixed = true;
        for (size_t i = 0; i < v->dict.n; i++)
            if (!earlier_is_about_run(v->dict.entries[i].key))
                value_put(a, row.params, v->dict.entries[i].key, v->dict.entries[i].value);
    }
    metric_take(a, row.metrics, "objective", value_get(v, "objective"));
    return earlier_give(e, &row, err);
}

/* The end of the item of a list that begins at p: the comma or bracket after it, or the text's end.
 * Only strings and brackets matter; each item is parsed alone. */
static const char *item_end(const char *p, const char *end)
{
    size_t depth = 0;
    for (bool quoted = false; p < end; p++) {
        if (quoted && *p == '\\' && p + 1 < end)
            p++;
        else if (*p == '"')
            quoted = !quoted;
        else if (!quoted && (*p == '[' || *p == '{'))
            depth++;
        else if (!quoted && depth == 0 && (*p == ',' || *p == ']'))
            break;
        else if (!quoted && depth > 0 && (*p == ']' || *p == '}'))
            depth--;
    }
    return p;
}

static const char *space_skip(const char *p, const char *end)
{
    while (p < end && *p && strchr(" \t\r\n", *p))
        p++;
    return p;
}

/* first: after the bracket. */
static int list_read(struct earlier *e, const char *first, const char *end, struct err *err)
{
    const char *p = space_skip(first, end);
    size_t number = 1;
    int rc = 0;
    for (bool more = p < end && *p != ']'; rc == 0 && more; number++) {
        const char *stop = item_end(p, end);
        const struct value *v = earlier_json(e, p, (size_t)(stop - p), number);
        more = stop < end && *stop == ',';
        p = more ? stop + 1 : stop;
        rc = v ? object_take(e, v, number, err) : 0;
    }
    if (rc != 0)
        return rc;
    if (p == end)
        return err_set(err, ERR_SYNTAX, "the list does not end: a ] is missing");
    return space_skip(p + 1, end) == end ? 0 : err_set(err, ERR_SYNTAX, "text after the list");
}

int earlier_json_read(struct earlier *e, const char *text, size_t len, struct err *err)
{
    const char *end = text + len, *line, *p = space_skip(text, end);
    size_t number = 1, n;
    int rc = 0;
    if (p < end && *p == '[')
        return list_read(e, p + 1, end, err);
    for (p = text; rc == 0 && earlier_line(&p, end, &line, &n); number++) {
        const struct value *v = n > 0 ? earlier_json(e, line, n, number) : NULL;
        rc = v ? object_take(e, v, number, err) : 0;
    }
    return rc;
}
