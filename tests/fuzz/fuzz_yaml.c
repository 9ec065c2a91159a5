/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as YAML: refused with a word and a place inside of the text, or read to a tree whose
 * marks lie in the text, whose keys are sorted and there once, which counts itself right, and whose
 * value, printed as JSON, parses and makes a tree of the same print. */
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/yaml/yaml.h"
#include "tests/fuzz/fuzz.h"

struct sum {
    size_t nodes, bytes, height;
};

static void check_marks(const struct yaml_node *n, size_t size)
{
    check(n->line >= 1 && n->column >= 1);
    check(n->end_line > n->line || (n->end_line == n->line && n->end_column >= n->column));
    check((size_t)n->end_line <= size + 1 && (size_t)n->end_column <= size + 1);
}

static struct sum check_tree(const struct yaml_node *n, size_t size)
{
    struct sum sum = {1, 0, 1};
    enum value_kind kind = n->value->kind;
    check_marks(n, size);
    if (kind == VALUE_STR)
        check(!memchr(n->value->s.ptr, '\0', n->value->s.len));
    size_t below = kind == VALUE_LIST || kind == VALUE_DICT ? n->n : 0;
    check(kind != VALUE_LIST || n->value->list.n == n->n);
    check(kind != VALUE_DICT || n->value->dict.n == n->n);
    for (size_t i = 0; i < below; i++) {
        const struct yaml_node *child = kind == VALUE_LIST ? n->items[i] : n->entries[i].node;
        struct sum its = check_tree(child, size);
        sum.nodes += its.nodes;
        sum.height = sum.height > its.height + 1 ? sum.height : its.height + 1;
        if (kind == VALUE_LIST) {
            check(n->value->list.items[i] == child->value);
            continue;
        }
        const char *key = n->entries[i].key;
        check(i == 0 || strcmp(n->entries[i - 1].key, key) < 0);
        check(value_get(n->value, key) == child->value);
        check(yaml_tree_find(n, key) == &n->entries[i]);
    }
    check(n->nodes == sum.nodes && n->height == sum.height && n->bytes <= LIMIT_SPEC_BYTES);
    return sum;
}

static void go_round(struct arena *a, const struct value *v)
{
    struct value *back = NULL;
    struct err err = {0};
    const char *text = json_text(a, v, JSON_PYTHON);
    check(json_parse(a, text, strlen(text), &back, &err) == 0);
    check(value_same(v, back));
    check(strcmp(text, json_text(a, yaml_tree_of_value(a, back)->value, JSON_PYTHON)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a, "fuzz.yaml");
    struct yaml_node *root = yaml_read(&a, (const char *)data, size, &d);
    check((root != NULL) == (d.errors == 0));
    for (size_t i = 0; i < d.n; i++) {
        check(d.items[i].message && *d.items[i].message);
        check(d.items[i].line >= 0 && (size_t)d.items[i].line <= size + 1);
    }
    if (root) {
        struct sum sum = check_tree(root, size);
        check(sum.nodes <= LIMIT_YAML_NODES && sum.height <= LIMIT_YAML_DEPTH);
        go_round(&a, root->value);
    }
    arena_done(&a);
    return 0;
}
