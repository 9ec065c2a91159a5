/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/spec_metric.h"

#include <string.h>

#include "language/reader/spec_fields.h"
#include "language/reader/spec_finding.h"

static void say_nameless(struct spec_reader *r, const struct spec_node *n, bool strict)
{
    if (strict)
        spec_node_error_key(r, n, SPEC_FOUND(METRIC_NAME), "the metric has no name");
    else
        spec_node_warn_key(r, n, SPEC_FOUND(METRIC_NAME),
                           "the metric has no name: there will be no best trial");
}

static bool read_one(struct spec_reader *r, const struct spec_node *n, bool strict,
                     struct spec_metric *m)
{
    struct spec_fields f;
    int word = 0;
    *m =
        (struct spec_metric){.impute = SPEC_IMPUTE_WORST, .impute_while_running = SPEC_IMPUTE_NONE};
    spec_fields_read(r, n, &language_metric, strict, &f);
    if (!spec_fields_text(r, &f, METRIC_NAME, &m->name)) {
        if (!yaml_tree_find(n->yaml, "name") && !spec_fields_slipped(r, &f, METRIC_NAME, strict))
            say_nameless(r, n, strict);
        return false;
    }
    if (spec_fields_word(&f, &language_metric, METRIC_GOAL, &word))
        m->maximize = word == 1;
    m->has_target = spec_fields_number(r, &f, METRIC_TARGET, &m->target);
    if (spec_fields_word(&f, &language_metric, METRIC_REDUCE, &word))
        m->reduce_last = word == 1;
    if (spec_fields_word(&f, &language_metric, METRIC_IMPUTE, &word))
        m->impute = (enum spec_impute)word;
    if (spec_fields_word(&f, &language_metric, METRIC_IMPUTE_WHILE_RUNNING, &word))
        m->impute_while_running = (enum spec_impute)word;
    return true;
}

void spec_metric_read(struct spec_reader *r, struct spec *s, const struct spec_node *n, bool strict)
{
    struct spec_metric metric;
    if (read_one(r, n, strict, &metric))
        s->metric = metric;
}

/* The values of a trial are to be those of one model, the one that it ends with. */
static void check_several(struct spec_reader *r, const struct spec_node *n,
                          struct spec_metric *metrics, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++)
            if (strcmp(metrics[i].name, metrics[k].name) == 0)
                spec_node_error(r, n, NULL, "two of the objectives are %s: each needs its own name",
                                metrics[i].name);
        if (metrics[i].has_target)
            spec_node_warn(
                r, n, NULL,
                "with several objectives no target ends the sweep: that of %s is ignored",
                metrics[i].name);
        metrics[i].has_target = false;
        metrics[i].reduce_last = true;
    }
}

void spec_metric_read_several(struct spec_reader *r, struct spec *s, const struct spec_node *n,
                              bool strict)
{
    struct spec_metric *metrics = arena_alloc(r->arena, (n->yaml->n + 1) * sizeof *metrics);
    size_t count = 0;
    for (size_t i = 0; i < n->yaml->n; i++) {
        struct spec_node item = spec_node_item(n, i);
        if (spec_node_kind(&item) == VALUE_DICT) {
            count += read_one(r, &item, strict, &metrics[count]);
            continue;
        }
        static const char wrong[] = "each of `metrics` must be a mapping with a name, not";
        if (strict)
            spec_node_error(r, &item, SPEC_FOUND(NO_OBJECTIVE), "%s %s", wrong,
                            spec_node_kind_name(&item));
        else
            spec_node_warn(r, &item, SPEC_FOUND(NO_OBJECTIVE), "%s %s; it is ignored", wrong,
                           spec_node_kind_name(&item));
    }
    if (count > PARETO_OBJECTIVES_MAX)
        spec_node_error(r, n, SPEC_FOUND(NO_OBJECTIVE),
                        "there are %zu objectives, and at most %d are supported", count,
                        PARETO_OBJECTIVES_MAX);
    if (n->yaml->n < 2)
        spec_node_warn(r, n, SPEC_FOUND(ONE_METRIC, .metric = count ? &metrics[0] : NULL),
                       "use `metrics` for two or more objectives, `metric` for one%s",
                       n->yaml->n == 0 ? "; it is ignored" : "");
    if (count == 0 || count > PARETO_OBJECTIVES_MAX)
        return;
    s->metric = metrics[0];
    if (count < 2)
        return;
    if (s->method == SPEC_CMAES)
        spec_node_error(r, n, NULL,
                        "cmaes searches by one objective: use `metric`, or method bayes or tpe");
    check_several(r, n, metrics, count);
    s->metric = metrics[0];
    s->metrics = metrics;
    s->metrics_n = count;
}
