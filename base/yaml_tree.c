/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml_tree.h"

#include <stdlib.h>
#include <string.h>

static void *grow(struct arena *a, void *items, size_t n, size_t *cap, size_t bytes)
{
    if (n < *cap)
        return items;
    *cap = *cap ? *cap * 2 : 8;
    void *more = arena_alloc(a, *cap * bytes);
    if (n)
        memcpy(more, items, n * bytes);
    return more;
}

void yaml_tree_add_pair(struct arena *a, struct yaml_pairs *p, struct yaml_entry e, bool own)
{
    p->items = grow(a, p->items, p->n, &p->cap, sizeof *p->items);
    p->items[p->n] = (struct yaml_pair){e, own, p->n};
    p->n++;
}

void yaml_tree_add_item(struct arena *a, struct yaml_items *p, struct yaml_node *item)
{
    p->items = grow(a, p->items, p->n, &p->cap, sizeof *p->items);
    p->items[p->n++] = item;
}

static void count_below(struct yaml_node *node, const struct yaml_node *child)
{
    node->nodes += child->nodes;
    node->bytes += child->bytes;
    if (node->height < child->height + 1)
        node->height = child->height + 1;
}

void yaml_tree_list(struct arena *a, struct yaml_node *node, const struct yaml_items *p)
{
    struct value *list = value_list(a);
    node->items = p->items;
    node->n = p->n;
    node->nodes = 1;
    node->height = 1;
    for (size_t i = 0; i < p->n; i++) {
        /* The tree is shared as it is; nobody changes a value after it is made. */
        value_push(a, list, (struct value *)p->items[i]->value);
        count_below(node, p->items[i]);
    }
    node->value = list;
}

static int by_key(const void *pa, const void *pb)
{
    const struct yaml_pair *a = pa, *b = pb;
    int order = strcmp(a->entry.key, b->entry.key);
    if (order != 0)
        return order;
    if (a->own != b->own)
        return a->own ? 1 : -1;
    return a->order < b->order ? -1 : a->order > b->order;
}

void yaml_tree_dict(struct arena *a, struct yaml_node *node, struct yaml_pairs *p,
                    void (*told)(void *arg, const struct yaml_entry *kept,
                                 const struct yaml_entry *lost),
                    void *arg)
{
    struct value *dict = value_dict(a);
    if (p->n > 1)
        qsort(p->items, p->n, sizeof *p->items, by_key);
    node->entries = arena_alloc(a, p->n * sizeof *node->entries);
    node->nodes = 1;
    node->height = 1;
    for (size_t i = 0; i < p->n; i++) {
        struct yaml_pair *pair = &p->items[i];
        if (i + 1 < p->n && strcmp(pair->entry.key, pair[1].entry.key) == 0) {
            if (pair->own)
                told(arg, &pair[1].entry, &pair->entry);
            continue;
        }
        node->entries[node->n++] = pair->entry;
        value_put(a, dict, pair->entry.key, (struct value *)pair->entry.node->value);
        node->bytes += strlen(pair->entry.key);
        count_below(node, pair->entry.node);
    }
    node->value = dict;
}

static void told_nobody(void *arg, const struct yaml_entry *kept, const struct yaml_entry *lost)
{
    (void)arg;
    (void)kept;
    (void)lost;
}

struct yaml_node *yaml_tree_of_value(struct arena *a, const struct value *v)
{
    struct yaml_node *node = arena_alloc(a, sizeof *node);
    if (v->kind == VALUE_LIST) {
        struct yaml_items items = {0};
        for (size_t i = 0; i < v->list.n; i++)
            yaml_tree_add_item(a, &items, yaml_tree_of_value(a, v->list.items[i]));
        yaml_tree_list(a, node, &items);
    } else if (v->kind == VALUE_DICT) {
        struct yaml_pairs pairs = {0};
        for (size_t i = 0; i < v->dict.n; i++) {
            const struct value_entry *e = &v->dict.entries[i];
            struct yaml_entry entry = {.key = arena_strdup(a, e->key),
                                       .node = yaml_tree_of_value(a, e->value)};
            yaml_tree_add_pair(a, &pairs, entry, true);
        }
        yaml_tree_dict(a, node, &pairs, told_nobody, NULL);
    } else {
        node->value = value_copy(a, v);
        node->nodes = 1;
        node->height = 1;
    }
    return node;
}

const struct yaml_entry *yaml_tree_find(const struct yaml_node *node, const char *key)
{
    if (!node || node->value->kind != VALUE_DICT)
        return NULL;
    size_t low = 0, high = node->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(node->entries[middle].key, key);
        if (order == 0)
            return &node->entries[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
