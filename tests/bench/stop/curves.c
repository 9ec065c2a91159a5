/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/stop/curves.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int double_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct curves *table_named(struct curves *tables, const char *name)
{
    for (size_t i = 0; i < CURVES_TABLES; i++) {
        if (!tables[i].name[0])
            snprintf(tables[i].name, sizeof tables[i].name, "%s", name);
        if (strcmp(tables[i].name, name) == 0)
            return &tables[i];
    }
    fprintf(stderr, "stop_bench: more than %d tables\n", CURVES_TABLES);
    exit(1);
}

/* Cuts the next cell off the line; NULL after the last. */
static char *cell_next(char **line)
{
    char *cell = *line;
    if (!cell)
        return NULL;
    char *end = cell + strcspn(cell, ",\r\n");
    *line = *end == ',' ? end + 1 : NULL;
    *end = '\0';
    return cell;
}

static bool is_category(const char *name)
{
    return strcmp(name, "act") == 0 || strcmp(name, "solver") == 0;
}

/* The columns before e1 are the configuration, those from there on the curve; a first column `task`
 * names the table. */
static void curves_read(struct curves *tables, const char *folder, const char *file,
                        const char *name)
{
    char path[4096], line[4096], *at, *rest = line;
    char names[CURVES_INPUTS_MAX][24];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *f = fopen(path, "r");
    if (!f || !fgets(line, sizeof line, f)) {
        fprintf(stderr, "stop_bench: %s cannot be read: set BESOM_SEARCH_BENCH\n", path);
        exit(1);
    }
    bool by_task = strncmp(line, "task,", 5) == 0;
    size_t inputs = 0;
    if (by_task)
        (void)cell_next(&rest);
    while ((at = cell_next(&rest)) && strcmp(at, "e1") != 0 && inputs < CURVES_INPUTS_MAX)
        snprintf(names[inputs++], sizeof names[0], "%.20s", at);
    while (fgets(line, sizeof line, f)) {
        size_t column = 0, epochs = 0;
        rest = line;
        struct curves *t = table_named(tables, by_task ? cell_next(&rest) : name);
        size_t row = t->n++ % CURVES_MAX;
        while ((at = cell_next(&rest)) && epochs < CURVES_EPOCHS_MAX)
            if (column++ < inputs)
                t->points[row][column - 1] = strtod(at, NULL);
            else
                t->values[row][epochs++] = strtod(at, NULL);
        t->epochs = epochs;
        t->inputs = inputs;
        memcpy(t->inputs_names, names, sizeof names);
        for (size_t j = 0; j < inputs; j++)
            t->categories[j] = is_category(names[j]);
    }
    fclose(f);
}

static void curves_scale(struct curves *t)
{
    static double finals[CURVES_MAX];
    t->best = INFINITY;
    for (size_t i = 0; i < t->n; i++) {
        finals[i] = t->values[i][t->epochs - 1];
        for (size_t e = 0; e < t->epochs; e++)
            t->best = fmin(t->best, t->values[i][e]);
    }
    qsort(finals, t->n, sizeof *finals, double_compare);
    t->scale = (finals[(t->n - 1) / 2] + finals[t->n / 2]) / 2 - t->best;
}

void curves_load(const char *folder, struct curves tables[CURVES_TABLES])
{
    curves_read(tables, folder, "curves_mlp.csv", "mlp");
    curves_read(tables, folder, "curves_lcb.csv", "lcb");
    for (size_t i = 0; i < CURVES_TABLES; i++)
        curves_scale(&tables[i]);
}
