/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules of early termination on recorded learning curves: 8 asynchronous workers train random
 * configurations of a table, and each epoch is a report to the stopper that ships. What counts is the
 * regret of the best value seen once the epochs of 15 complete trials are spent, divided by the
 * distance of the table's median final value from its best. The method is that of search-bench's
 * early.py, whose floors these are. Needs curves_mlp.csv and curves_lcb.csv: in $BESOM_SEARCH_BENCH,
 * else ../shared/search-bench. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/number/rng.h"
#include "language/spec_read.h"
#include "strategies/stopper.h"

enum {
    TABLES = 5,
    CURVES_MAX = 1000,
    EPOCHS_MAX = 64,
    WORKERS = 8,
    FULL_RUNS = 15,
    REPETITIONS = 400
};

struct table {
    char name[16];
    size_t curves_n, epochs;
    double values[CURVES_MAX][EPOCHS_MAX]; /* lower is better */
    double best, scale;                    /* of all values; from there to the median final value */
};

static struct table tables[TABLES];

static int double_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct table *table_named(const char *name)
{
    for (size_t i = 0; i < TABLES; i++) {
        if (!tables[i].name[0])
            snprintf(tables[i].name, sizeof tables[i].name, "%s", name);
        if (strcmp(tables[i].name, name) == 0)
            return &tables[i];
    }
    fprintf(stderr, "stop_bench: more than %d tables\n", TABLES);
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

/* Columns that are named e1, e2, … are the curve; a first column `task` names the table. */
static void curves_read(const char *folder, const char *file, const char *name)
{
    char path[4096], line[4096], *at, *rest = line;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *f = fopen(path, "r");
    if (!f || !fgets(line, sizeof line, f)) {
        fprintf(stderr, "stop_bench: %s cannot be read: set BESOM_SEARCH_BENCH\n", path);
        exit(1);
    }
    bool by_task = strncmp(line, "task,", 5) == 0;
    size_t skip = 0;
    while ((at = cell_next(&rest)) && strcmp(at, "e1") != 0)
        skip++;
    while (fgets(line, sizeof line, f)) {
        size_t column = 0, epochs = 0;
        rest = line;
        at = cell_next(&rest);
        struct table *t = table_named(by_task && at ? at : name);
        double *curve = t->values[t->curves_n++ % CURVES_MAX];
        for (; at && epochs < EPOCHS_MAX; at = cell_next(&rest))
            if (column++ >= skip)
                curve[epochs++] = strtod(at, NULL);
        t->epochs = epochs;
    }
    fclose(f);
}

static void table_scale(struct table *t)
{
    static double finals[CURVES_MAX];
    t->best = INFINITY;
    for (size_t i = 0; i < t->curves_n; i++) {
        finals[i] = t->values[i][t->epochs - 1];
        for (size_t e = 0; e < t->epochs; e++)
            t->best = fmin(t->best, t->values[i][e]);
    }
    qsort(finals, t->curves_n, sizeof *finals, double_compare);
    t->scale = (finals[(t->curves_n - 1) / 2] + finals[t->curves_n / 2]) / 2 - t->best;
}

struct worker {
    size_t curve, epochs;
    double best, due;
    bool busy;
};

static struct worker *worker_next(struct worker *workers)
{
    struct worker *next = NULL;
    for (size_t i = 0; i < WORKERS; i++)
        if (workers[i].busy && (!next || workers[i].due < next->due))
            next = &workers[i];
    return next;
}

/* The normalised regret once the budget is spent. stopper may be NULL. */
static double sweep_regret(const struct table *t, struct stopper *stopper, struct rng *r)
{
    static size_t order[CURVES_MAX];
    struct worker workers[WORKERS] = {0};
    struct stopper_why why;
    size_t next = 0, used = 0;
    double best = INFINITY;
    for (size_t i = 0; i < t->curves_n; i++) {
        size_t j = rng_below(r, i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (size_t i = 0; i < WORKERS; i++)
        workers[i] = (struct worker){order[next++], 0, INFINITY, 0.8 + 0.4 * rng_unit(r), true};
    for (struct worker *w; used < FULL_RUNS * t->epochs && (w = worker_next(workers)); used++) {
        double value = t->values[w->curve][w->epochs++];
        w->best = fmin(w->best, value);
        best = fmin(best, value);
        bool ends = w->epochs == t->epochs;
        if (stopper) {
            stopper_report(stopper, w->curve, w->epochs, value, w->best);
            ends |= stopper_judge(stopper, w->curve, w->best, &why);
        }
        w->due += 0.8 + 0.4 * rng_unit(r);
        if (!ends)
            continue;
        if (stopper)
            stopper_forget(stopper, w->curve);
        w->busy = next < t->curves_n;
        if (w->busy)
            *w = (struct worker){order[next++], 0, INFINITY, w->due, true};
    }
    return (best - t->best) / t->scale;
}

/* `%zu` in the rule is the epochs of a complete trial. */
static struct spec *rule_spec(const char *rule, const struct table *t, struct arena *a)
{
    struct buf text;
    struct diags d;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "program: t\nmethod: random\nmetric: {name: loss}\n"
                    "parameters: {a: {min: 0.0, max: 1.0}}\nearly_terminate: ");
    const char *at = strstr(rule, "%zu");
    if (at)
        buf_addf(&text, "%.*s%zu%s\n", (int)(at - rule), rule, t->epochs, at + 3);
    else
        buf_addf(&text, "%s\n", rule);
    diags_init(&d, a, "bench");
    struct spec *spec = spec_read(buf_str(&text), text.len, &d);
    buf_done(&text);
    if (!spec) {
        fprintf(stderr, "stop_bench: %s\n", d.items[0].message);
        exit(1);
    }
    return spec;
}

static double table_regret(const struct table *t, const char *rule)
{
    struct arena a;
    arena_init(&a);
    struct spec *spec = rule ? rule_spec(rule, t, &a) : NULL;
    double sum = 0;
    for (uint64_t i = 0; i < REPETITIONS; i++) {
        struct rng r;
        rng_init(&r, 1, i, RNG_TEST);
        struct stopper *stopper = spec ? stopper_new(spec) : NULL;
        sum += sweep_regret(t, stopper, &r);
        stopper_free(stopper);
    }
    spec_free(spec);
    arena_done(&a);
    return sum / REPETITIONS;
}

static void bench(const char *rule, const char *floor)
{
    double sum = 0;
    struct buf each;
    buf_init(&each, SIZE_MAX);
    for (size_t i = 0; i < TABLES; i++) {
        double regret = table_regret(&tables[i], rule);
        sum += regret;
        buf_addf(&each, "%s%s %.3f", i ? ", " : "", tables[i].name, regret);
    }
    printf("regret: %s\t%.4f\tof %d full runs\t%s%s\n", rule ? rule : "none", sum / TABLES,
           FULL_RUNS, floor, buf_str(&each));
    buf_done(&each);
}

int main(int argc, char **argv)
{
    const char *folder = getenv("BESOM_SEARCH_BENCH");
    if (!folder)
        folder = "../shared/search-bench";
    curves_read(folder, "curves_mlp.csv", "mlp");
    curves_read(folder, "curves_lcb.csv", "lcb");
    for (size_t i = 0; i < TABLES; i++)
        table_scale(&tables[i]);
    bench(NULL, "");
    bench("{type: hyperband, min_iter: 3}", "0.130; ");
    bench("{type: hyperband, min_iter: 3, strict: false}", "0.130; ");
    bench("{type: asha, max_iter: %zu}", "0.100; ");
    bench("{type: median}", "");
    for (int i = 1; i < argc; i++)
        bench(argv[i], "");
}
