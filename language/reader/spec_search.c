/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/spec_search.h"
#include "language/reader/spec_finding.h"

#include <string.h>

bool spec_search_learns(enum spec_method m)
{
    return m == SPEC_BAYES || m == SPEC_TPE || m == SPEC_CMAES;
}

bool spec_search_read_method(struct spec_reader *r, struct spec *s, const struct spec_node *root,
                             const struct spec_fields *top)
{
    int method = 0;
    if (spec_fields_word(top, &language_top, KEY_METHOD, &method)) {
        s->method = (enum spec_method)method;
        return true;
    }
    if (!yaml_tree_find(root->yaml, "method") && !spec_fields_slipped(r, top, KEY_METHOD, true))
        spec_node_error(r, root, SPEC_FOUND(NO_METHOD), "`method` is missing: %s",
                        "grid, random, sobol, bayes, tpe or cmaes");
    return false;
}

void spec_search_read_strategy(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    const char *method = spec_method_name(s->method);
    const struct language_object *object = language_strategy(method);
    struct spec_fields f;
    if (spec_node_kind(n) != VALUE_DICT) {
        spec_node_error(r, n, SPEC_FOUND(EXAMPLE, .object = object),
                        "`strategy` must be a mapping of the method's options, not %s",
                        spec_node_kind_name(n));
        return;
    }
    if (!object) {
        if (n->yaml->n > 0)
            spec_node_judge_key(r, n, NULL, "the method %s has no options: leave it out", method);
        return;
    }
    spec_fields_read(r, n, object, true, &f);
    s->strategy = n->yaml->value;
}

static void check_engine(struct spec_reader *r, const struct spec *s, const struct spec_node *n,
                         int engine)
{
    bool wandb = engine == 0;
    bool fits = wandb
                    ? s->method == SPEC_GRID || s->method == SPEC_RANDOM || s->method == SPEC_BAYES
                    : s->method == SPEC_CUSTOM;
    if (!fits)
        spec_node_warn(r, n, wandb ? SPEC_FOUND(NOT_WANDB) : SPEC_FOUND(NOT_CUSTOM),
                       "the engine %s does not support the method %s: use wandb with grid, random "
                       "and bayes, optuna and ax with custom",
                       n->yaml->value->s.ptr, spec_method_name(s->method));
}

bool spec_search_read_scheduler(struct spec_reader *r, struct spec *s, bool method_known,
                                const struct spec_node *n)
{
    struct spec_fields f;
    int engine = 0;
    spec_fields_read(r, n, &language_scheduler, false, &f);
    s->scheduler = spec_fields_word(&f, &language_scheduler, SCHEDULER_ENGINE, &engine);
    if (!s->scheduler && !yaml_tree_find(n->yaml, "engine") &&
        !spec_fields_slipped(r, &f, SCHEDULER_ENGINE, false))
        spec_node_warn_key(r, n, SPEC_FOUND(EXAMPLE, .object = &language_scheduler),
                           "`scheduler` has no `engine`; it is ignored");
    if (s->scheduler && method_known)
        check_engine(r, s, &f.nodes[SCHEDULER_ENGINE], engine);
    for (int i = SCHEDULER_OPTIMIZER; i <= SCHEDULER_SEARCH_SPACE; i++)
        if (f.present[i] && !f.present[SCHEDULER_SOURCE])
            spec_node_warn_key(r, &f.nodes[i], SPEC_FOUND(NO_SOURCE, .node = n),
                               "`%s` names a function, but `source`, its file, is missing",
                               f.nodes[i].key);
    return f.present[SCHEDULER_SEARCH_SPACE];
}

static bool has_searchable(const struct space *space)
{
    for (size_t i = 0; i < space->n; i++)
        if (space->parameters[i].kind != SPACE_CONSTANT && space->parameters[i].kind != SPACE_EXPR)
            return true;
    return false;
}

static void check_model(struct spec_reader *r, const struct spec *s, const struct spec_node *root,
                        const struct spec_fields *top)
{
    const char *method = spec_method_name(s->method);
    const struct spec_node *n = &top->nodes[KEY_METHOD];
    bool slipped = spec_fields_slipped(r, top, KEY_METRIC, true);
    if (!slipped && !yaml_tree_find(root->yaml, "metric") && !yaml_tree_find(root->yaml, "metrics"))
        spec_node_error(r, n, SPEC_FOUND(EXAMPLE, .object = &language_metric),
                        "%s learns from a metric, and there is none: add one", method);
    else if (r->diags->errors == 0 && !s->metric.name)
        spec_node_error(r, n, SPEC_FOUND(EXAMPLE, .object = &language_metric),
                        "%s learns from a metric, but `metric` has no name", method);
    if (r->diags->errors == 0 && top->present[KEY_PARAMETERS] && !has_searchable(&s->space))
        spec_node_error_key(r, &top->nodes[KEY_PARAMETERS],
                            SPEC_FOUND(NOTHING_TO_SEARCH, .node = n),
                            "there is nothing to search: each parameter has one constant value");
}

void spec_search_check(struct spec_reader *r, const struct spec *s, const struct spec_node *root,
                       const struct spec_fields *top)
{
    if (spec_search_learns(s->method))
        check_model(r, s, root, top);
    if (s->method == SPEC_CUSTOM && !top->present[KEY_SCHEDULER])
        spec_node_note(r, &top->nodes[KEY_METHOD],
                       SPEC_FOUND(EXAMPLE, .object = &language_scheduler),
                       "with method custom a scheduler of your own proposes trials, but "
                       "`scheduler` is missing");
}
