/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/spec_metric.h"

#include <string.h>
#include "base/nearest.h"
#include "base/python.h"

static const char *const keys[] = {"goal", "impute", "impute_while_running",
                                   "name", "reduce", "target"};
enum { KEY_COUNT = sizeof keys / sizeof *keys };

static bool is_text(const struct spec_node *n, const char *text)
{
    return spec_node_kind(n) == VALUE_STR && strcmp(n->yaml->value->s.ptr, text) == 0;
}

static bool read_name(struct spec_reader *r, struct spec *s, const struct spec_node *metric)
{
    struct spec_node n;
    if (!spec_node_get(metric, "name", &n) || spec_node_kind(&n) == VALUE_NULL) {
        spec_node_warn_key(r, metric, "metric: {name: loss, goal: minimize}",
                           "the metric has no name: there will be no best trial");
        return false;
    }
    if (spec_node_kind(&n) != VALUE_STR)
        spec_node_warn(r, &n, arena_printf(r->arena, "name: '%s'", spec_node_shown(r, &n)),
                       "the name of a metric is text, and this is %s", spec_node_kind_name(&n));
    struct buf name;
    buf_init(&name, 4096);
    python_str(&name, n.yaml->value);
    s->metric.name = arena_strndup(r->arena, name.data, name.len);
    buf_done(&name);
    return true;
}

static void read_goal(struct spec_reader *r, struct spec *s, const struct spec_node *metric)
{
    struct spec_node n;
    if (!spec_node_get(metric, "goal", &n) || is_text(&n, "minimize"))
        return;
    s->metric.maximize = is_text(&n, "maximize");
    if (s->metric.maximize)
        return;
    const char *text = spec_node_kind(&n) == VALUE_STR ? n.yaml->value->s.ptr : "";
    spec_node_warn(r, &n, strncmp(text, "max", 3) == 0 ? "goal: maximize" : "goal: minimize",
                   "the goal must be minimize or maximize: %s is taken for minimize, as W&B does",
                   spec_node_shown(r, &n));
}

static void read_target(struct spec_reader *r, struct spec *s, const struct spec_node *metric)
{
    struct spec_node n;
    struct spec_number number;
    if (!spec_node_get(metric, "target", &n))
        return;
    if (!spec_node_is_number(&n) || !spec_node_number(r, &n, &number)) {
        spec_node_warn(r, &n, "target: 0.9", "the target must be a number; %s is ignored",
                       spec_node_shown(r, &n));
        return;
    }
    s->metric.has_target = true;
    s->metric.target = number.f;
}

static void read_reduce(struct spec_reader *r, struct spec *s, const struct spec_node *metric)
{
    struct spec_node n;
    if (!spec_node_get(metric, "reduce", &n))
        return;
    s->metric.reduce_last = is_text(&n, "last");
    if (!s->metric.reduce_last && !is_text(&n, "best"))
        spec_node_error(r, &n, "reduce: best, or reduce: last",
                        "a metric is reduced to its best or its last value, not %s",
                        spec_node_shown(r, &n));
}

/* Only model-based search imputes; the words are held against W&B's all the same. */
static void check_impute(struct spec_reader *r, const struct spec_node *metric, const char *key)
{
    struct spec_node n;
    if (!spec_node_get(metric, key, &n) || is_text(&n, "latest") || is_text(&n, "best") ||
        is_text(&n, "worst") || (strcmp(key, "impute_while_running") == 0 && is_text(&n, "false")))
        return;
    spec_node_warn(r, &n, arena_printf(r->arena, "%s: worst", key),
                   "`%s` must be latest, best or worst; %s is ignored", key,
                   spec_node_shown(r, &n));
}

void spec_metric_read(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    if (spec_node_kind(n) != VALUE_DICT) {
        spec_node_warn(r, n, "metric: {name: loss, goal: minimize}",
                       "`metric` must be a mapping with a name, and it is %s; it is ignored",
                       spec_node_kind_name(n));
        return;
    }
    for (size_t i = 0; i < n->yaml->n; i++) {
        struct spec_node field = spec_node_entry(n, i);
        bool known = false;
        for (size_t k = 0; k < KEY_COUNT; k++)
            known = known || strcmp(keys[k], field.key) == 0;
        if (!known)
            spec_node_warn_key(r, &field, nearest_name(field.key, keys, KEY_COUNT, sizeof *keys),
                               "`%s` is not a field of a metric; it is ignored", field.key);
    }
    if (!read_name(r, s, n))
        return;
    read_goal(r, s, n);
    read_target(r, s, n);
    read_reduce(r, s, n);
    check_impute(r, n, "impute");
    check_impute(r, n, "impute_while_running");
}
