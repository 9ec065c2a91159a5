/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml/yaml_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void yaml_tree_init(struct yaml_open *o)
{
    *o = (struct yaml_open){0};
}

void yaml_tree_done(struct yaml_open *o)
{
    mem_free(o->items);
    mem_free(o->pairs);
    yaml_tree_init(o);
}

void yaml_tree_add_pair(struct yaml_open *o, struct yaml_entry e, bool own)
{
    o->pairs = mem_grow(o->pairs, &o->pairs_cap, o->pairs_n + 1, sizeof *o->pairs);
    o->pairs[o->pairs_n] = (struct yaml_pair){e, own, o->pairs_n};
    o->pairs_n++;
}

void yaml_tree_add_item(struct yaml_open *o, struct yaml_node *item)
{
    o->items = mem_grow(o->items, &o->items_cap, o->items_n + 1, sizeof *o->items);
    o->items[o->items_n++] = item;
}

static void count_below(struct yaml_node *node, const struct yaml_node *child)
{
    node->nodes += child->nodes;
    node->bytes += child->bytes;
    if (node->height < child->height + 1)
        node->height = child->height + 1;
}

void yaml_tree_list(struct arena *a, struct yaml_node *node, struct yaml_open *o, size_t from)
{
    size_t n = o->items_n - from;
    struct value **values = arena_alloc(a, n * sizeof *values);
    node->items = arena_alloc(a, n * sizeof *node->items);
    node->n = n;
    node->nodes = 1;
    node->height = 1;
    for (size_t i = 0; i < n; i++) {
        node->items[i] = o->items[from + i];
        /* The tree is shared as it is; nobody changes a value after it is made. */
        values[i] = (struct value *)node->items[i]->value;
        count_below(node, node->items[i]);
    }
    node->value = value_list_of(a, values, n);
    o->items_n = from;
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

static void sort_pairs(struct yaml_pair *pairs, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (by_key(&pairs[i - 1], &pairs[i]) > 0) {
            qsort(pairs, n, sizeof *pairs, by_key);
            return;
        }
    }
}

void yaml_tree_dict(struct arena *a, struct yaml_node *node, struct yaml_open *o, size_t from,
                    void (*told)(void *arg, const struct yaml_entry *kept,
                                 const struct yaml_entry *lost),
                    void *arg)
{
    size_t n = o->pairs_n - from, left = 0;
    struct yaml_pair *pairs = n ? o->pairs + from : NULL;
    sort_pairs(pairs, n);
    for (size_t i = 0; i < n; i++) {
        if (i + 1 == n || strcmp(pairs[i].entry.key, pairs[i + 1].entry.key) != 0)
            pairs[left++] = pairs[i];
        else if (pairs[i].own)
            told(arg, &pairs[i + 1].entry, &pairs[i].entry);
    }
    struct value *dict = value_dict_with_room(a, left);
    node->entries = arena_alloc(a, left * sizeof *node->entries);
    node->n = left;
    node->nodes = 1;
    node->height = 1;
    for (size_t i = 0; i < left; i++) {
        const struct yaml_entry *e = &pairs[i].entry;
        node->entries[i] = *e;
        value_put_new(dict, e->key, (struct value *)e->node->value);
        node->bytes += strlen(e->key);
        count_below(node, e->node);
    }
    node->value = dict;
    o->pairs_n = from;
}

static void told_nobody(void *arg, const struct yaml_entry *kept, const struct yaml_entry *lost)
{
    (void)arg;
    (void)kept;
    (void)lost;
}

static struct yaml_node *node_of(struct arena *a, const struct value *v, struct yaml_open *o)
{
    struct yaml_node *node = arena_alloc(a, sizeof *node);
    size_t items = o->items_n, pairs = o->pairs_n;
    if (v->kind == VALUE_LIST) {
        for (size_t i = 0; i < v->list.n; i++)
            yaml_tree_add_item(o, node_of(a, v->list.items[i], o));
        yaml_tree_list(a, node, o, items);
    } else if (v->kind == VALUE_DICT) {
        for (size_t i = 0; i < v->dict.n; i++) {
            const struct value_entry *e = &v->dict.entries[i];
            struct yaml_entry entry = {.key = arena_strdup(a, e->key),
                                       .node = node_of(a, e->value, o)};
            yaml_tree_add_pair(o, entry, true);
        }
        yaml_tree_dict(a, node, o, pairs, told_nobody, NULL);
    } else {
        node->value = value_copy(a, v);
        node->nodes = 1;
        node->height = 1;
    }
    return node;
}

struct yaml_node *yaml_tree_of_value(struct arena *a, const struct value *v)
{
    struct yaml_open open;
    yaml_tree_init(&open);
    struct yaml_node *node = node_of(a, v, &open);
    yaml_tree_done(&open);
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

static int by_place(const void *pa, const void *pb)
{
    const struct yaml_entry *a = *(const struct yaml_entry *const *)pa,
                            *b = *(const struct yaml_entry *const *)pb;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return (a > b) - (a < b);
}

const struct yaml_entry **yaml_tree_by_place(struct arena *a, const struct yaml_node *dict)
{
    const struct yaml_entry **list = arena_alloc(a, (dict->n + 1) * sizeof *list);
    for (size_t i = 0; i < dict->n; i++)
        list[i] = &dict->entries[i];
    if (dict->n > 1)
        qsort(list, dict->n, sizeof *list, by_place);
    return list;
}
