/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/spec_keys.h"

#include <math.h>
#include <string.h>
#include "base/nearest.h"
#include "base/python.h"
#include "sweep/spec_metric.h"
#include "sweep/spec_parameter.h"
#include "sweep/spec_running.h"

typedef void (*read_fn)(struct spec_reader *r, struct spec *s, const struct spec_node *n);

static char *printed(struct spec_reader *r, const struct value *v)
{
    struct buf text;
    buf_init(&text, (size_t)1 << 20);
    python_str(&text, v);
    char *copy = arena_strndup(r->arena, text.data, text.len);
    buf_done(&text);
    return copy;
}

/* W&B's keys of text: it runs on with whatever is there, so what is wrong is a warning. */
static void read_wandb_text(struct spec_reader *r, const struct spec_node *n, const char **ret)
{
    enum value_kind kind = spec_node_kind(n);
    if (kind == VALUE_NULL || kind == VALUE_LIST || kind == VALUE_DICT) {
        spec_node_warn(r, n, NULL, "`%s` must be text, and it is %s; it is ignored", n->key,
                       spec_node_kind_name(n));
        return;
    }
    *ret = printed(r, n->yaml->value);
    if (kind != VALUE_STR)
        spec_node_warn(r, n, arena_printf(r->arena, "%s: '%s'", n->key, *ret),
                       "`%s` must be text, and it is %s", n->key, spec_node_kind_name(n));
}

static void read_name(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    read_wandb_text(r, n, &s->name);
}

static void read_description(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    read_wandb_text(r, n, &s->description);
}

static void read_program(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    read_wandb_text(r, n, &s->program);
}

static void read_command(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    if (spec_node_kind(n) == VALUE_NULL) {
        spec_node_warn(r, n, NULL, "`command` is empty: the usual one is taken");
        return;
    }
    if (spec_node_kind(n) != VALUE_LIST) {
        spec_node_error(r, n, "command: [\"${interpreter}\", \"${program}\", \"${args}\"]",
                        "`command` must be a list with one item for each argument, and it is %s",
                        spec_node_kind_name(n));
        return;
    }
    if (n->yaml->n == 0) /* W&B takes its default for an empty list too */
        return;
    struct value *command = value_list(r->arena);
    for (size_t i = 0; i < n->yaml->n; i++)
        value_push(r->arena, command, value_str(r->arena, printed(r, n->yaml->items[i]->value)));
    s->command = command;
}

static void read_run_cap(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    struct spec_number cap;
    if (spec_node_is_number(n) && spec_node_number(r, n, &cap) && cap.f >= 1 && cap.f < 1e15 &&
        cap.f == floor(cap.f))
        s->run_cap = (int64_t)cap.f;
    else
        spec_node_warn(r, n, "run_cap: 50",
                       "`run_cap` must be an integer above 0, and it is %s; it is ignored",
                       spec_node_shown(r, n));
}

static void read_seed(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    int64_t seed;
    if (!spec_node_int(r, n, 0, &seed))
        return;
    s->has_seed = true;
    s->seed = (uint64_t)seed;
}

static void read_unique(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    bool unique;
    if (spec_node_bool(r, n, &unique))
        s->unique = unique ? SPEC_UNIQUE_YES : SPEC_UNIQUE_NO;
}

static void read_order(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    const char *order;
    if (!spec_node_text(r, n, &order))
        return;
    if (strcmp(order, "random") != 0) {
        spec_node_error(r, n, "order: random", "%s is not an order: random, or none at all",
                        spec_node_shown(r, n));
        return;
    }
    s->order_random = true;
}

static void read_max_parallel(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    (void)spec_node_int(r, n, 1, &s->max_parallel);
}

static void read_workdir(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    (void)spec_node_text(r, n, &s->workdir);
}

/* Read apart, before and after the others. */
static void read_apart(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    (void)r;
    (void)s;
    (void)n;
}

enum effect { EFFECT_READ, EFFECT_NONE, EFFECT_LATER };

static const struct key {
    const char *name;
    enum effect effect;
    read_fn read;
} keys[] = {
    {"apiVersion", EFFECT_NONE, NULL},
    {"budget", EFFECT_LATER, NULL},
    {"command", EFFECT_READ, read_command},
    {"controller", EFFECT_NONE, NULL},
    {"description", EFFECT_READ, read_description},
    {"early_terminate", EFFECT_LATER, NULL},
    {"entity", EFFECT_NONE, NULL},
    {"env", EFFECT_READ, spec_running_read_env},
    {"forbid", EFFECT_READ, read_apart},
    {"image_uri", EFFECT_NONE, NULL},
    {"job", EFFECT_NONE, NULL},
    {"kind", EFFECT_NONE, NULL},
    {"max_parallel", EFFECT_READ, read_max_parallel},
    {"method", EFFECT_READ, read_apart},
    {"metric", EFFECT_READ, spec_metric_read},
    {"metrics", EFFECT_LATER, NULL},
    {"name", EFFECT_READ, read_name},
    {"order", EFFECT_READ, read_order},
    {"parameters", EFFECT_READ, read_apart},
    {"program", EFFECT_READ, read_program},
    {"project", EFFECT_NONE, NULL},
    {"report", EFFECT_READ, spec_running_read_report},
    {"resources", EFFECT_READ, spec_running_read_resources},
    {"retry", EFFECT_READ, spec_running_read_retry},
    {"run_cap", EFFECT_READ, read_run_cap},
    {"scheduler", EFFECT_LATER, NULL},
    {"seed", EFFECT_READ, read_seed},
    {"strategy", EFFECT_LATER, NULL},
    {"unique", EFFECT_READ, read_unique},
    {"workdir", EFFECT_READ, read_workdir},
};
enum { KEY_COUNT = sizeof keys / sizeof *keys };

static const struct key *key_find(const char *name)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

static void say_unknown(struct spec_reader *r, const struct spec_node *n)
{
    const char *near = nearest_name(n->key, keys, KEY_COUNT, sizeof *keys);
    spec_node_warn_key(r, n, near, "`%s` is not a key of a sweep, and is ignored", n->key);
}

static bool read_method(struct spec_reader *r, struct spec *s, const struct spec_node *root)
{
    static const char *const obeyed[] = {"grid", "random", "sobol"};
    static const char *const later[] = {"bayes", "tpe", "cmaes", "custom"};
    struct spec_node n;
    if (!spec_node_get(root, "method", &n)) {
        spec_node_error(r, root, "method: random (or grid, or sobol)", "`method` is missing");
        return false;
    }
    const char *name = spec_node_kind(&n) == VALUE_STR ? n.yaml->value->s.ptr : "";
    for (size_t i = 0; i < sizeof obeyed / sizeof *obeyed; i++) {
        if (strcmp(obeyed[i], name) == 0) {
            s->method = (enum spec_method)i;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        if (strcmp(later[i], name) == 0) {
            spec_node_error(r, &n, "method: random (or grid, or sobol)",
                            "the method %s is understood, but not obeyed yet by this version",
                            name);
            return false;
        }
    }
    const char *near = nearest_name(name, obeyed, sizeof obeyed / sizeof *obeyed, sizeof *obeyed);
    spec_node_error(r, &n, arena_printf(r->arena, "method: %s", near ? near : "random"),
                    "%s is not a method: grid, random or sobol", spec_node_shown(r, &n));
    return false;
}

/* Where someone wrapped the whole spec in another key, that is the one mistake to name. */
static bool say_wrapped(struct spec_reader *r, const struct spec_node *root)
{
    struct spec_node inner;
    if (yaml_tree_find(root->yaml, "method") || yaml_tree_find(root->yaml, "parameters"))
        return false;
    for (size_t i = 0; i < root->yaml->n; i++) {
        struct spec_node n = spec_node_entry(root, i);
        if (spec_node_get(&n, "parameters", &inner)) {
            spec_node_error_key(
                r, &n, NULL,
                "the sweep is wrapped in `%s`: remove that line and indent the rest less", n.key);
            return true;
        }
    }
    return false;
}

static void read_parameters(struct spec_reader *r, struct spec *s, const struct spec_node *root,
                            bool method_known)
{
    struct spec_node n, forbid;
    bool forbids = spec_node_get(root, "forbid", &forbid);
    if (spec_node_get(root, "parameters", &n))
        spec_parameter_read_all(r, s, method_known, &n, forbids ? &forbid : NULL);
    else
        spec_node_error(r, root, "parameters: {lr: {min: 0.001, max: 0.1}}",
                        "`parameters` is missing");
}

static void check_together(struct spec_reader *r, const struct spec *s,
                           const struct spec_node *root, bool method_known)
{
    struct spec_node n;
    if (s->order_random && method_known && s->method != SPEC_GRID &&
        spec_node_get(root, "order", &n))
        spec_node_error_key(r, &n, NULL,
                            "only a grid has an order, and the method is %s: leave it out",
                            spec_method_name(s->method));
    if (s->unique == SPEC_UNIQUE_NO && method_known && s->method == SPEC_GRID &&
        spec_node_get(root, "unique", &n))
        spec_node_warn_key(r, &n, NULL, "a grid never repeats a point: `unique` is ignored");
    bool endless = method_known && s->method != SPEC_GRID && s->run_cap == 0 &&
                   (s->unique == SPEC_UNIQUE_NO || space_points(&s->space) == 0);
    if (endless && r->diags->errors == 0 && spec_node_get(root, "method", &n))
        spec_node_note(r, &n, "run_cap: 50", "this sweep never ends by itself");
    if (!s->program && !yaml_tree_find(root->yaml, "command"))
        spec_node_warn(r, root, "program: train.py",
                       "there is neither `program` nor `command`: nothing can be run");
}

void spec_keys_read(struct spec_reader *r, struct spec *s, const struct spec_node *root)
{
    if (!spec_node_dict(r, root, "method: …, parameters: …, program: …") || say_wrapped(r, root))
        return;
    bool method_known = read_method(r, s, root);
    for (size_t i = 0; i < root->yaml->n; i++) {
        struct spec_node n = spec_node_entry(root, i);
        const struct key *key = key_find(n.key);
        if (!key)
            say_unknown(r, &n);
        else if (key->effect == EFFECT_LATER)
            spec_node_error_key(
                r, &n, NULL, "`%s` is understood, but not obeyed yet by this version: leave it out",
                n.key);
        else if (key->effect == EFFECT_READ)
            key->read(r, s, &n);
    }
    read_parameters(r, s, root, method_known);
    check_together(r, s, root, method_known);
}
