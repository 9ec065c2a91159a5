/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/obeyed.h"

#include "base/yaml/yaml_tree.h"
#include "language/language.h"

#define NOT_YET "is not supported yet"

/* Refuses key, or the key inner within it. */
static void refuse_key(const struct spec *s, struct diags *d, const char *key, const char *inner,
                       const char *fix, const char *instead)
{
    const struct yaml_entry *e = yaml_tree_find(s->tree, key);
    const struct yaml_entry *below = e && inner ? yaml_tree_find(e->node, inner) : NULL;
    const struct yaml_entry *at = below ? below : e;
    const char *path = inner ? arena_printf(d->arena, "%s.%s", key, inner) : key;
    struct diag *said = diags_add(d, DIAG_ERROR, at ? at->line : 0, at ? at->column : 0, path, fix,
                                  "`%s` " NOT_YET "%s", inner ? inner : key, instead);
    if (at && at->end_column)
        diags_end_at(said, at->line, at->end_column);
}

static void check_method(const struct spec *s, struct diags *d)
{
    const struct yaml_entry *e = yaml_tree_find(s->tree, "method");
    if (s->method == SPEC_GRID || s->method == SPEC_RANDOM || s->method == SPEC_SOBOL ||
        s->method == SPEC_BAYES || s->method == SPEC_TPE || s->method == SPEC_CMAES)
        return;
    struct diag *said = diags_add(
        d, DIAG_ERROR, e ? e->node->line : 0, e ? e->node->column : 0, "method", "method: bayes",
        "the method %s " NOT_YET "; grid, random, sobol, bayes, tpe and cmaes are",
        spec_method_name(s->method));
    if (e)
        diags_end_at(said, e->node->end_line, e->node->end_column);
}

static void check_metric(const struct spec *s, struct diags *d)
{
    const struct yaml_entry *e = yaml_tree_find(s->tree, "early_terminate");
    diags_add(d, DIAG_ERROR, e ? e->line : 0, e ? e->column : 0, "early_terminate",
              "metric: {name: loss, goal: minimize}",
              "`early_terminate` needs a metric to compare trials by");
}

bool obeyed_check(const struct spec *s, enum obeyed_use use, struct diags *d)
{
    size_t errors = d->errors;
    check_method(s, d);
    if (s->early_terminate.on && !s->metric.name)
        check_metric(s, d);
    if (s->scheduler)
        refuse_key(s, d, "scheduler", NULL, NULL, ": leave it out");
    if (use == OBEYED_RUN && s->resources.labels)
        refuse_key(s, d, "resources", "labels", "resources: {time: 30m}",
                   ": there is one machine; leave it out");
    return d->errors == errors;
}
