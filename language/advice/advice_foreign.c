/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/advice_foreign.h"

#include <string.h>
#include "base/limits.h"
#include "base/diag/nearest.h"

static const struct value *value_find(const struct yaml_node *n, const char *key)
{
    const struct yaml_entry *found = yaml_tree_find(n, key);
    return found ? found->node->value : NULL;
}

static bool is_of(const struct yaml_node *n, const char *key, enum value_kind kind)
{
    const struct value *v = value_find(n, key);
    return v && v->kind == kind;
}

/* Keys that files of other tools rarely have, at least not with this type. */
static bool has_key_of_sweep(const struct yaml_node *n)
{
    static const char *const sure[] = {"method",  "parameters", "program", "early_terminate",
                                       "run_cap", "forbid",     "budget",  "strategy"};
    for (size_t i = 0; i < sizeof sure / sizeof *sure; i++)
        if (yaml_tree_find(n, sure[i]))
            return true;
    return is_of(n, "metric", VALUE_DICT) || is_of(n, "metrics", VALUE_LIST) ||
           is_of(n, "command", VALUE_LIST);
}

static bool is_parameter(const struct yaml_node *n)
{
    return yaml_tree_find(n, "values") || yaml_tree_find(n, "distribution") ||
           (yaml_tree_find(n, "min") && yaml_tree_find(n, "max"));
}

/* A misspelling of a required key, another tool's name for one, or the contents of one without the
 * key: advice has messages of its own for these. */
static bool is_part_of_sweep(const struct yaml_entry *e)
{
    static const char *const needed[] = {"method", "parameters"};
    static const char *const others[] = {"params", "hyperparameters", "search_space"};
    bool other = false, holds = false;
    const struct yaml_node *n = e->node;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        other = other || strcmp(e->key, others[i]) == 0;
    for (size_t i = 0; i < n->n && other && n->value->kind == VALUE_DICT; i++)
        holds = holds ||
                (n->entries[i].node->value->kind == VALUE_DICT && is_parameter(n->entries[i].node));
    if (holds ||
        (n->value->kind == VALUE_DICT && (yaml_tree_find(n, "parameters") || is_parameter(n))))
        return true;
    if (other)
        return false;
    return nearest_name(e->key, needed, sizeof needed / sizeof *needed, sizeof *needed) != NULL;
}

static void drop_all_but_errors(struct diags *d, size_t from)
{
    size_t kept = from;
    for (size_t i = from; i < d->n && d->n <= LIMIT_DIAGS; i++)
        if (d->items[i].severity == DIAG_ERROR)
            d->items[kept++] = d->items[i];
    if (d->n <= LIMIT_DIAGS)
        d->n = kept;
}

bool advice_foreign_say(struct spec_reader *r, const struct spec_node *root, size_t from)
{
    const struct yaml_node *n = root->yaml;
    if (n->value->kind != VALUE_DICT || n->n == 0 || has_key_of_sweep(n))
        return false;
    for (size_t i = 0; i < n->n; i++)
        if (is_part_of_sweep(&n->entries[i]))
            return false;
    drop_all_but_errors(r->diags, from);
    diags_fix(r->diags,
              spec_node_error(r, root, NULL,
                              "this is not a sweep: it has neither `method` nor `parameters`"),
              "method: random, and parameters: {lr: {min: 0.001, max: 0.1}}");
    return true;
}
