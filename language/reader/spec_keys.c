/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/spec_keys.h"

#include <string.h>
#include "language/reader/spec_command.h"
#include "language/reader/spec_fields.h"
#include "language/reader/spec_initial.h"
#include "language/reader/spec_metric.h"
#include "language/reader/parameter/spec_parameter.h"
#include "language/reader/spec_running.h"
#include "language/reader/spec_search.h"
#include "language/reader/spec_stopper.h"
#include "language/reader/spec_finding.h"
#include "language/reader/spec_value.h"

static void read_plain(struct spec_reader *r, struct spec *s, const struct spec_fields *f)
{
    int64_t seed = 0;
    bool unique = false, wandb = true;
    int word = 0;
    spec_fields_text(r, f, KEY_NAME, &s->name);
    spec_fields_text(r, f, KEY_DESCRIPTION, &s->description);
    if (spec_fields_text(r, f, KEY_PROGRAM, &s->program) && *s->program == '\0' && !r->stored)
        spec_node_error(r, &f->nodes[KEY_PROGRAM], SPEC_FOUND(NO_PROGRAM),
                        "`program` is empty: it names the script to run");
    spec_fields_text(r, f, KEY_WORKDIR, &s->workdir);
    spec_fields_int(r, f, KEY_RUN_CAP, &s->run_cap);
    spec_fields_int(r, f, KEY_MAX_PARALLEL, &s->max_parallel);
    spec_fields_int(r, f, KEY_PRIORITY, &s->priority);
    s->weight = 1;
    spec_fields_number(r, f, KEY_WEIGHT, &s->weight);
    s->has_seed = spec_fields_int(r, f, KEY_SEED, &seed);
    s->seed = (uint64_t)seed;
    if (spec_fields_bool(f, KEY_UNIQUE, &unique))
        s->unique = unique ? SPEC_UNIQUE_YES : SPEC_UNIQUE_NO;
    s->wandb_off = spec_fields_bool(f, KEY_WANDB, &wandb) && !wandb;
    spec_fields_text(r, f, KEY_PROJECT, &s->project);
    spec_fields_text(r, f, KEY_ENTITY, &s->entity);
    s->order_random = spec_fields_word(f, &language_top, KEY_ORDER, &word);
}

/* In W&B's order: a single objective takes precedence over several. */
static void read_metrics(struct spec_reader *r, struct spec *s, const struct spec_fields *f,
                         bool method_known)
{
    bool strict = method_known && spec_search_learns(s->method);
    if (f->present[KEY_METRIC])
        spec_metric_read(r, s, &f->nodes[KEY_METRIC], strict);
    else if (f->nodes[KEY_METRIC].yaml)
        spec_fields_say_wrong(r, &language_top, KEY_METRIC, &f->nodes[KEY_METRIC], strict);
    if (!f->present[KEY_METRICS])
        return;
    if (f->nodes[KEY_METRIC].yaml)
        spec_node_warn_key(r, &f->nodes[KEY_METRICS], NULL,
                           "`metrics` is ignored, because there is a `metric` too");
    else if (method_known && s->method <= SPEC_RANDOM)
        spec_node_warn_key(r, &f->nodes[KEY_METRICS], SPEC_FOUND(NOT_CUSTOM),
                           "W&B refuses it with the method %s, where it wants `custom`; besom "
                           "runs it",
                           spec_method_name(s->method));
    if (!f->nodes[KEY_METRIC].yaml)
        spec_metric_read_several(r, s, &f->nodes[KEY_METRICS],
                                 strict || (method_known && s->method == SPEC_CUSTOM));
}

static void read_stopper(struct spec_reader *r, struct spec *s, const struct spec_fields *f)
{
    const struct spec_node *n = &f->nodes[KEY_EARLY_TERMINATE];
    if (!f->present[KEY_EARLY_TERMINATE])
        return;
    spec_stopper_read(r, s, n);
    if (!s->early_terminate.on)
        return;
    bool metric = s->metric.name;
    bool slipped = spec_fields_slipped(r, f, KEY_METRIC, false);
    bool forgotten = !metric && !f->nodes[KEY_METRIC].yaml && !f->nodes[KEY_METRICS].yaml;
    /* W&B runs such a sweep and stops no trial early. besom run refuses it: the user meant to stop
     * some. */
    if (forgotten && !slipped)
        spec_node_warn_key(
            r, n, SPEC_FOUND(EXAMPLE, .object = &language_metric),
            "`early_terminate` compares trials by a metric, and there is none: add one");
    else if (!metric && !slipped)
        spec_node_warn_key(r, n, NULL, "without a metric, no trial is stopped early");
    if (f->nodes[KEY_SCHEDULER].yaml)
        spec_node_warn_key(r, n, NULL,
                           "a scheduler stops trials itself: `early_terminate` is ignored");
    s->early_terminate.on = (metric || forgotten) && !f->nodes[KEY_SCHEDULER].yaml;
}

static void read_maps(struct spec_reader *r, struct spec *s, const struct spec_fields *f,
                      bool method_known)
{
    static const struct {
        int key;
        void (*read)(struct spec_reader *r, struct spec *s, const struct spec_node *n);
    } maps[] = {
        {KEY_BUDGET, spec_running_read_budget}, {KEY_RESOURCES, spec_running_read_resources},
        {KEY_RETRY, spec_running_read_retry},   {KEY_REPORT, spec_running_read_report},
        {KEY_ENV, spec_running_read_env},       {KEY_COMMAND, spec_command_read},
        {KEY_CODE, spec_running_read_code},
    };
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        if (f->present[maps[i].key])
            maps[i].read(r, s, &f->nodes[maps[i].key]);
    if (f->present[KEY_STRATEGY] && method_known)
        spec_search_read_strategy(r, s, &f->nodes[KEY_STRATEGY]);
    if (f->present[KEY_CONTROLLER]) {
        struct spec_fields controller;
        spec_fields_read(r, &f->nodes[KEY_CONTROLLER], &language_controller, false, &controller);
    }
}

/* Whether the root has another key of a sweep than the one at skip. */
static bool has_key_of_sweep(const struct spec_node *root, size_t skip)
{
    for (size_t i = 0; i < root->yaml->n; i++)
        for (size_t k = 0; k < language_top.n && i != skip; k++)
            if (strcmp(root->yaml->entries[i].key, language_top.fields[k].name) == 0)
                return true;
    return false;
}

/* A whole spec wrapped in another key is one mistake: name that one. */
static bool say_wrapped(struct spec_reader *r, const struct spec_node *root)
{
    struct spec_node inner;
    if (yaml_tree_find(root->yaml, "method") || yaml_tree_find(root->yaml, "parameters"))
        return false;
    for (size_t i = 0; i < root->yaml->n; i++) {
        struct spec_node n = spec_node_entry(root, i);
        if (!spec_node_get(&n, "parameters", &inner))
            continue;
        if (has_key_of_sweep(root, i))
            spec_node_error_key(r, &n, NULL,
                                "part of the sweep is wrapped in `%s`: remove that line, and "
                                "indent the lines under it like the other keys",
                                n.key);
        else
            spec_node_error_key(r, &n, NULL,
                                "the sweep is wrapped in `%s`: remove that line and indent the "
                                "rest less, or give --root %s to besom lint, plan, run and "
                                "ask",
                                n.key, n.key);
        return true;
    }
    return false;
}

static void read_parameters(struct spec_reader *r, struct spec *s, const struct spec_node *root,
                            const struct spec_fields *f, bool method_known)
{
    bool elsewhere = f->present[KEY_SCHEDULER] &&
                     spec_search_read_scheduler(r, s, method_known, &f->nodes[KEY_SCHEDULER]);
    const struct spec_node *parameters =
        f->present[KEY_PARAMETERS] ? &f->nodes[KEY_PARAMETERS] : NULL;
    struct spec_node meant;
    if (!parameters && !elsewhere && !spec_fields_slipped(r, f, KEY_PARAMETERS, true))
        spec_node_error(r, root, SPEC_FOUND(NO_PARAMETERS), "`parameters` is missing");
    else if (!parameters && !elsewhere &&
             spec_node_get(root, f->slips[KEY_PARAMETERS].key, &meant) &&
             spec_node_kind(&meant) == VALUE_DICT)
        parameters = &meant; /* so the mistakes below are reported in the same pass */
    if (parameters)
        spec_parameter_read_all(r, s, method_known, parameters,
                                f->present[KEY_FORBID] ? &f->nodes[KEY_FORBID] : NULL);
}

static bool is_endless(const struct spec *s)
{
    bool bounded = s->run_cap > 0 || s->budget.wall_s > 0 || s->budget.gpu_hours > 0 ||
                   s->budget.until || s->metric.has_target;
    return s->method != SPEC_GRID && s->method != SPEC_CUSTOM && !bounded &&
           (s->unique == SPEC_UNIQUE_NO || space_points(&s->space) == 0);
}

/* Whether the path or anything below it has a mistake, which must be fixed first. */
static bool is_wrong(const struct spec_reader *r, const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < r->diags->n; i++) {
        const struct diag *d = &r->diags->items[i];
        if (d->severity != DIAG_NOTE && strncmp(d->path, path, len) == 0 &&
            (d->path[len] == '\0' || d->path[len] == '.'))
            return true;
    }
    return false;
}

/* Whether a key that would end the sweep has a misspelt name or a wrong value. */
static bool bound_slipped(struct spec_reader *r, const struct spec_fields *f)
{
    return spec_fields_slipped(r, f, KEY_RUN_CAP, false) ||
           spec_fields_slipped(r, f, KEY_BUDGET, false) ||
           spec_fields_slipped(r, f, KEY_METRIC, false) || is_wrong(r, "run_cap") ||
           is_wrong(r, "budget") || is_wrong(r, "metric.target") || is_wrong(r, "unique");
}

static void check_program(struct spec_reader *r, const struct spec *s, const struct spec_node *root,
                          const struct spec_fields *f)
{
    if (s->program || spec_fields_slipped(r, f, KEY_PROGRAM, false) ||
        spec_fields_slipped(r, f, KEY_COMMAND, false))
        return;
    if (!yaml_tree_find(root->yaml, "command"))
        spec_node_warn(r, root, SPEC_FOUND(NO_PROGRAM),
                       "`program` and `command` are both missing: there is nothing to run");
    for (size_t i = 0; s->command && i < s->command->list.n; i++) {
        struct spec_node item = spec_node_item(&f->nodes[KEY_COMMAND], i);
        if (strcmp(s->command->list.items[i]->s.ptr, "${program}") != 0)
            continue;
        spec_node_warn(r, &item, SPEC_FOUND(NO_PROGRAM),
                       "`program` is missing: there is nothing to run");
        return;
    }
}

static void check_together(struct spec_reader *r, const struct spec *s,
                           const struct spec_node *root, const struct spec_fields *f,
                           bool method_known)
{
    if (s->order_random && method_known && s->method != SPEC_GRID)
        spec_node_error_key(r, &f->nodes[KEY_ORDER], NULL,
                            "`order` is for grids, and the method is %s: leave it out",
                            spec_method_name(s->method));
    if (s->unique == SPEC_UNIQUE_NO && method_known && s->method == SPEC_GRID)
        spec_node_warn_key(r, &f->nodes[KEY_UNIQUE], NULL,
                           "a grid never repeats a point: `unique` is ignored");
    if (method_known)
        spec_search_check(r, s, root, f);
    if (method_known && is_endless(s) && !bound_slipped(r, f))
        spec_node_note(r, &f->nodes[KEY_METHOD], SPEC_FOUND(ENDLESS, .node = root),
                       "this sweep never ends by itself");
    check_program(r, s, root, f);
    spec_command_check(r, s, f->present[KEY_COMMAND] ? &f->nodes[KEY_COMMAND] : NULL);
    if (f->present[KEY_METRIC])
        spec_running_check_metric(r, s, &f->nodes[KEY_METRIC]);
}

void spec_keys_read(struct spec_reader *r, struct spec *s, const struct spec_node *root)
{
    struct spec_fields f;
    if (!spec_value_dict(r, root, SPEC_FOUND(NO_METHOD)) || say_wrapped(r, root))
        return;
    spec_fields_read(r, root, &language_top, false, &f);
    bool method_known = spec_search_read_method(r, s, root, &f);
    read_plain(r, s, &f);
    read_metrics(r, s, &f, method_known);
    read_stopper(r, s, &f);
    read_maps(r, s, &f, method_known);
    read_parameters(r, s, root, &f, method_known);
    check_together(r, s, root, &f, method_known);
    if (f.present[KEY_PRIOR])
        s->prior = f.nodes[KEY_PRIOR].yaml->value;
    if (s->prior && method_known && !spec_search_learns(s->method))
        spec_node_warn_key(r, &f.nodes[KEY_PRIOR], NULL,
                           "the method %s does not learn, so `prior` has no effect",
                           spec_method_name(s->method));
    if (f.present[KEY_INITIAL] && method_known && r->diags->errors == 0 && s->space.n > 0)
        spec_initial_read(r, s, &f.nodes[KEY_INITIAL]);
}
