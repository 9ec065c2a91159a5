/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A YAML document as a tree: values with marks. Entries of a dict are sorted by key, as W&B's own
 * round trip leaves them, and each key is there once. Nodes are shared where an alias stood, so a
 * tree is never changed after it is made. Knows no syntax. */
#include <stdbool.h>
#include "base/value.h"

struct yaml_node {
    int line, column;          /* from 1; 0 for a tree made of a value */
    int end_line, end_column;  /* just after it; 0 as above */
    const struct value *value; /* what it holds; of a list or dict, all below too */
    union {
        struct yaml_node **items;   /* of a list */
        struct yaml_entry *entries; /* of a dict */
    };
    size_t n;            /* items or entries */
    size_t nodes, bytes; /* of the tree below, this one counted; of text and keys in it */
    unsigned height;
    bool loose;  /* a float that PyYAML leaves text: 1e-5 */
    bool shared; /* an alias or a merge key refers to it too, or to a node around it */
};

struct yaml_entry {
    const char *key;
    int line, column; /* of the key */
    int end_column;   /* just after the key; 0 if it takes several lines */
    struct yaml_node *node;
};

/* The items read so far of all open collections: the items of the innermost one are last. */
struct yaml_open {
    struct yaml_node **items;
    size_t items_n, items_cap;
    struct yaml_pair {
        struct yaml_entry entry;
        bool own; /* written in this dict, not merged into it */
        size_t order;
    } * pairs;
    size_t pairs_n, pairs_cap;
};

void yaml_tree_init(struct yaml_open *o);
void yaml_tree_done(struct yaml_open *o);
void yaml_tree_add_pair(struct yaml_open *o, struct yaml_entry e, bool own);
void yaml_tree_add_item(struct yaml_open *o, struct yaml_node *item);
/* Makes node the list or dict of the items after the first `from`, and removes these items. Of
 * several entries with one key, the last own entry wins, else the last merged one; told() is
 * called for each own entry that another replaces. The keys are not copied. */
void yaml_tree_list(struct arena *a, struct yaml_node *node, struct yaml_open *o, size_t from);
void yaml_tree_dict(struct arena *a, struct yaml_node *node, struct yaml_open *o, size_t from,
                    void (*told)(void *arg, const struct yaml_entry *kept,
                                 const struct yaml_entry *lost),
                    void *arg);
/* The tree of a value that came from elsewhere: no marks. */
struct yaml_node *yaml_tree_of_value(struct arena *a, const struct value *v);
/* NULL where node is NULL, not a dict, or lacks the key. */
const struct yaml_entry *yaml_tree_find(const struct yaml_node *node, const char *key);
/* The entries of a dict as the file has them. */
const struct yaml_entry **yaml_tree_by_place(struct arena *a, const struct yaml_node *dict);
