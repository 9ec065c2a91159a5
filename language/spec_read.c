/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/spec_read.h"

#include <string.h>
#include "base/diag/nearest.h"
#include "base/limits.h"
#include "base/yaml/yaml.h"
#include "language/advice/advice.h"
#include "language/advice/advice_finding.h"
#include "language/advice/advice_foreign.h"
#include "language/reader/spec_keys.h"

static const struct value *default_command(struct arena *a)
{
    static const char *const words[] = {"${env}", "${interpreter}", "${program}", "${args}"};
    struct value *command = value_list(a);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        value_push(a, command, value_str(a, words[i]));
    return command;
}

static void read_node(struct spec_reader *r, struct spec *s, const struct spec_node *node)
{
    spec_keys_read(r, s, node);
    s->content = node->yaml->value;
    s->tree = node->yaml;
    if (!s->command)
        s->command = default_command(&s->arena);
}

/* Reports that `up` does not have the key at `at` of the path that --root gives. */
static void say_no_root(struct spec_reader *r, const struct spec_node *up, const char *root,
                        const char *at, const char *key)
{
    const struct yaml_entry *entries = up->yaml->entries;
    const char *near = spec_node_kind(up) == VALUE_DICT
                           ? nearest_name(key, entries, up->yaml->n, sizeof *entries)
                           : NULL;
    diags_fix(r->diags, spec_node_error(r, up, NULL, "--root: there is no key `%s` here", key),
              near ? arena_printf(r->arena, "--root %.*s%s", (int)(at - root), root, near) : NULL);
}

/* Finds the node that holds the spec: `root` is its keys, joined by dots. */
static bool find_root(struct spec_reader *r, const char *whole, struct spec_node *node)
{
    for (const char *root = whole; root;) {
        const char *dot = strchr(root, '.');
        const char *key = arena_strndup(r->arena, root, dot ? (size_t)(dot - root) : strlen(root));
        const struct spec_node *up = node;
        struct spec_node *below = arena_alloc(r->arena, sizeof *below);
        if (spec_node_kind(up) != VALUE_DICT || !spec_node_get(up, key, below)) {
            say_no_root(r, up, whole, root, key);
            return false;
        }
        *node = *below;
        node->up = NULL;
        root = dot ? dot + 1 : NULL;
    }
    return true;
}

static bool same_place(const struct diag *a, const struct diag *b)
{
    return a->line == b->line && a->column == b->column;
}

/* An alias has the place of its anchor and repeats the anchor's mistakes: keep only those with the
 * anchor's own path. */
static bool is_said(const struct diags *d, size_t from, size_t i)
{
    const struct diag *one = &d->items[i];
    for (size_t k = from; k < d->n; k++) {
        const struct diag *other = &d->items[k];
        bool rather = other->elsewhere == one->elsewhere ? k < i : one->elsewhere;
        if (rather && same_place(other, one) && strcmp(other->message, one->message) == 0)
            return true;
    }
    return false;
}

/* Two diagnostics of one place are one mistake: drop the spec's if YAML has an error there, and
 * YAML's warnings if the spec has an error there. */
static void drop_echoes(struct diags *d, size_t from, size_t of_yaml)
{
    size_t kept = from;
    bool dropped[LIMIT_DIAGS] = {false};
    if (d->n > LIMIT_DIAGS)
        return;
    for (size_t i = from; i < d->n; i++) {
        const struct diag *one = &d->items[i];
        bool yaml = i < of_yaml, echo = false;
        for (size_t k = yaml ? of_yaml : from; k < (yaml ? d->n : of_yaml) && !echo; k++)
            echo = d->items[k].severity == DIAG_ERROR && same_place(&d->items[k], one) &&
                   (!yaml || one->severity != DIAG_ERROR);
        dropped[i - from] = echo || is_said(d, from, i);
        d->errors -= dropped[i - from] && one->severity == DIAG_ERROR;
    }
    for (size_t i = from; i < d->n; i++)
        if (!dropped[i - from])
            d->items[kept++] = d->items[i];
    d->n = kept;
}

struct spec *spec_look(const char *text, size_t len, const char *root, struct diags *d)
{
    struct spec *s = spec_new();
    size_t from = d->n, errors = d->errors;
    struct spec_reader r = {
        .arena = &s->arena, .diags = d, .text = text, .len = len, .advise = advice_finding};
    const struct yaml_node *tree = yaml_look(&s->arena, text, len, d);
    size_t of_yaml = d->n;
    struct spec_node node = {.yaml = tree, .line = 1, .column = 1};
    bool readable = tree && tree->value->kind == VALUE_DICT;
    if (!readable && advice_is_program(&r, text, len, from, errors))
        return s;
    if (!tree)
        advice_on_syntax(&r, from);
    bool found = tree && find_root(&r, root, &node);
    if (found && advice_foreign_say(&r, &node, from))
        return s;
    if (found) {
        read_node(&r, s, &node);
        advice_give(&r, s, &node);
        drop_echoes(d, from, of_yaml);
    }
    /* The reader follows the table of keys; people read from the top. */
    diags_sort(d, from);
    return s;
}

/* Takes ownership of s. */
static struct spec *only_without_error(struct spec *s, bool ok)
{
    if (ok)
        return s;
    spec_free(s);
    return NULL;
}

struct spec *spec_read(const char *text, size_t len, struct diags *d)
{
    size_t errors = d->errors;
    struct spec *s = spec_look(text, len, NULL, d);
    return only_without_error(s, d->errors == errors);
}

struct spec *spec_read_content(const struct value *content, struct diags *d)
{
    struct spec *s = spec_new();
    size_t from = d->n, errors = d->errors;
    struct spec_reader r = {.arena = &s->arena, .diags = d};
    struct spec_node node = {
        .yaml = yaml_tree_of_value(&s->arena, content), .line = 1, .column = 1};
    read_node(&r, s, &node);
    diags_sort(d, from);
    return only_without_error(s, d->errors == errors);
}

struct spec *spec_read_stored(const struct value *content, struct arena *a, const char **ret_fault)
{
    struct spec *s = spec_new();
    struct diags d;
    diags_init(&d, a, "");
    struct spec_reader r = {.arena = &s->arena, .diags = &d, .stored = true};
    struct spec_node node = {
        .yaml = yaml_tree_of_value(&s->arena, content), .line = 1, .column = 1};
    read_node(&r, s, &node);
    *ret_fault = NULL;
    for (size_t i = 0; i < d.n && !*ret_fault; i++)
        if (d.items[i].severity == DIAG_ERROR)
            *ret_fault = d.items[i].path && *d.items[i].path
                             ? arena_printf(a, "%s: %s", d.items[i].path, d.items[i].message)
                             : d.items[i].message;
    if (!*ret_fault && d.errors > 0)
        *ret_fault = "no reason given";
    return s;
}
