/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/fix_guard.h"

#include <math.h>
#include <string.h>
#include "base/yaml/yaml_place.h"

/* Records that the walk has reached the place `at` in the new text. */
static void guard_touch(struct fix_guard *g, const struct yaml_place *at)
{
    struct buf path;
    if (g->touched_n == g->touched_cap) {
        size_t cap = g->touched_cap ? g->touched_cap * 2 : 8;
        const char **more = arena_alloc(g->arena, cap * sizeof *more);
        for (size_t i = 0; i < g->touched_n; i++)
            more[i] = g->touched[i];
        g->touched = more;
        g->touched_cap = cap;
    }
    buf_init(&path, 64 << 10);
    yaml_place_print(&path, at);
    g->touched[g->touched_n++] = arena_strndup(g->arena, buf_peek(&path), path.len);
    buf_done(&path);
}

static bool is_edited(const struct fix_guard *g, int line, int column, int end_column, bool whole)
{
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < g->items[i].edits_n; k++) {
            const struct diag_span *at = &g->items[i].edits[k].at;
            if (at->line == line && at->column >= column && at->end_column <= end_column &&
                (!whole || (at->column == column && at->end_column == end_column)))
                return true;
        }
    return false;
}

/* Whether an edit lies within this text of several lines. */
static bool is_text_edited(const struct fix_guard *g, const struct yaml_node *n)
{
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < g->items[i].edits_n; k++) {
            const struct diag_span *at = &g->items[i].edits[k].at;
            if ((at->line > n->line || (at->line == n->line && at->column >= n->column)) &&
                (at->end_line < n->end_line ||
                 (at->end_line == n->end_line && at->end_column <= n->end_column)))
                return true;
        }
    return false;
}

static bool is_node_edited(const struct fix_guard *g, const struct yaml_node *n)
{
    if (n->line != n->end_line)
        return n->value->kind == VALUE_STR && is_text_edited(g, n);
    return is_edited(g, n->line, n->column, n->end_column, n->value->kind >= VALUE_LIST);
}

static bool same_scalar(const struct yaml_node *a, const struct yaml_node *b)
{
    const struct value *va = a->value, *vb = b->value;
    if (va->kind != vb->kind)
        return false;
    bool nan = va->kind == VALUE_FLOAT && isnan(va->f) && isnan(vb->f);
    return nan || value_same(va, vb);
}

static bool same_node(struct fix_guard *g, const struct yaml_node *a, const struct yaml_node *b,
                      const struct yaml_place *at, bool shared);

static bool same_dict(struct fix_guard *g, const struct yaml_node *a, const struct yaml_node *b,
                      const struct yaml_place *at, bool shared)
{
    /* In the order of the file: a corrected key may sort differently. */
    const struct yaml_entry **before = yaml_tree_by_place(g->arena, a),
                            **after = yaml_tree_by_place(g->arena, b);
    for (size_t i = 0; i < a->n; i++) {
        const struct yaml_entry *old = before[i];
        const struct yaml_entry *new = after[i];
        struct yaml_place here = {at, new->key, 0};
        if (strcmp(old->key, new->key) != 0) {
            if (shared || !is_edited(g, old->line, old->column, old->end_column, true))
                return false;
            guard_touch(g, &here);
        }
        if (!same_node(g, old->node, new->node, &here, shared))
            return false;
    }
    return true;
}

static bool same_node(struct fix_guard *g, const struct yaml_node *a, const struct yaml_node *b,
                      const struct yaml_place *at, bool shared)
{
    shared = shared || a->shared;
    if (!shared && is_node_edited(g, a)) {
        guard_touch(g, at);
        return true;
    }
    if (a->value->kind != b->value->kind)
        return false;
    if (a->n != b->n)
        return false;
    if (a->value->kind == VALUE_DICT)
        return same_dict(g, a, b, at, shared);
    if (a->value->kind != VALUE_LIST)
        return same_scalar(a, b);
    for (size_t i = 0; i < a->n; i++) {
        struct yaml_place here = {at, NULL, i};
        if (!same_node(g, a->items[i], b->items[i], &here, shared))
            return false;
    }
    return true;
}

bool fix_guard_same(struct fix_guard *g, const struct yaml_node *before,
                    const struct yaml_node *after)
{
    return same_node(g, before, after, NULL, false);
}

/* Whether path begins with whole, and ends there or continues with the next key. */
static bool is_within(const char *path, const char *whole)
{
    size_t len = strlen(whole);
    return len == 0 || (strncmp(path, whole, len) == 0 && strchr(".[", path[len]));
}

bool fix_guard_touched(const struct fix_guard *g, const char *path)
{
    for (size_t i = 0; i < g->touched_n; i++)
        if (is_within(path, g->touched[i]) || is_within(g->touched[i], path))
            return true;
    return false;
}
