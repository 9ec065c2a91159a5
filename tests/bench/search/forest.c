/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "tests/bench/search/task.h"

struct tree {
    size_t n;
    int *feature, *left, *right;
    double *threshold, *value;
};

struct forest {
    size_t n;
    struct tree *trees;
};

static double *read_numbers(const struct value *list)
{
    double *ret = mem_alloc(list->list.n * sizeof *ret);
    for (size_t i = 0; i < list->list.n; i++)
        ret[i] = value_number(list->list.items[i]);
    return ret;
}

static int *read_ints(const struct value *list)
{
    int *ret = mem_alloc(list->list.n * sizeof *ret);
    for (size_t i = 0; i < list->list.n; i++)
        ret[i] = (int)value_number(list->list.items[i]);
    return ret;
}

struct forest *forest_read(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    struct buf text;
    struct arena a;
    struct value *v;
    struct err err = {0};
    char block[65536];
    buf_init(&text, SIZE_MAX);
    arena_init(&a);
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
        buf_add(&text, block, n);
    (void)fclose(file);
    if (json_parse(&a, buf_str(&text), text.len, &v, &err) != 0) {
        fprintf(stderr, "search_run: %s: %s\n", path, err.text);
        exit(1);
    }
    const struct value *trees = value_get(v, "trees");
    struct forest *ret = mem_alloc(sizeof *ret);
    ret->n = trees->list.n;
    ret->trees = mem_alloc(ret->n * sizeof *ret->trees);
    for (size_t i = 0; i < ret->n; i++) {
        const struct value *t = trees->list.items[i];
        ret->trees[i] = (struct tree){
            .n = value_get(t, "f")->list.n,
            .feature = read_ints(value_get(t, "f")),
            .left = read_ints(value_get(t, "l")),
            .right = read_ints(value_get(t, "r")),
            .threshold = read_numbers(value_get(t, "t")),
            .value = read_numbers(value_get(t, "v")),
        };
    }
    arena_done(&a);
    buf_done(&text);
    return ret;
}

double forest_value(const struct task *t, const struct value *params)
{
    double u[TASK_PARAMETERS_MAX], sum = 0;
    for (size_t i = 0; i < t->n; i++)
        u[i] = task_unit(&t->parameters[i], value_get(params, t->parameters[i].name));
    for (size_t i = 0; i < t->trees->n; i++) {
        const struct tree *tree = &t->trees->trees[i];
        int at = 0;
        while (tree->left[at] != -1)
            at = u[tree->feature[at]] <= tree->threshold[at] ? tree->left[at] : tree->right[at];
        sum += tree->value[at];
    }
    return sum / (double)t->trees->n;
}
