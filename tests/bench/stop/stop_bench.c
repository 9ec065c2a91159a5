/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules of early termination on recorded learning curves: 8 asynchronous workers train
 * configurations of a table, chosen at random or by a method, and each epoch is a report to the
 * stopper that ships. What counts is the regret of the best value seen once the epochs of 15
 * complete trials are spent, divided by the distance of the table's median final value from its
 * best. The method is that of search-bench's early.py, whose floors these are. Needs curves_mlp.csv
 * and curves_lcb.csv: in $BESOM_SEARCH_BENCH, else ../shared/search-bench. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/number/rng.h"
#include "language/spec_read.h"
#include "strategies/stopper.h"
#include "tests/bench/stop/chooser.h"

enum { WORKERS = 8, FULL_RUNS = 15, BUDGETS = 4 };
static const size_t budgets[BUDGETS] = {2, 5, 10, FULL_RUNS}; /* complete trials */

static struct curves tables[CURVES_TABLES];
static const char *categories[CURVES_INPUTS_MAX] = {
    [4] = "[c0.1667, c0.5000, c0.8333]",
    [5] = "[c0.2500, c0.7500]",
};

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

/* Writes the normalised regret at each budget. stopper may be NULL. */
static void sweep_regrets(const struct curves *t, struct stopper *stopper, struct chooser *chooser,
                          struct rng *r, double ret[BUDGETS])
{
    struct worker workers[WORKERS] = {0};
    struct stopper_why why;
    size_t used = 0, at = 0;
    double best = INFINITY;
    for (size_t i = 0; i < WORKERS; i++)
        workers[i] =
            (struct worker){chooser_next(chooser), 0, INFINITY, 0.8 + 0.4 * rng_unit(r), true};
    for (struct worker *w; used < FULL_RUNS * t->epochs && (w = worker_next(workers));) {
        double value = t->values[w->curve][w->epochs++];
        w->best = fmin(w->best, value);
        best = fmin(best, value);
        bool ends = w->epochs == t->epochs;
        struct history_fate fate = {
            ends ? TRIAL_FINISHED : TRIAL_RUNNING, w->best, w->epochs, 0, {0}};
        if (stopper) {
            stopper_report(stopper, w->curve, w->epochs, value, w->best);
            if (!ends && stopper_judge(stopper, w->curve, w->best, &why))
                fate.state = TRIAL_STOPPED;
        }
        chooser_report(chooser, w->curve, &fate);
        w->due += 0.8 + 0.4 * rng_unit(r);
        if (++used == budgets[at] * t->epochs)
            ret[at++] = (best - t->best) / t->scale;
        if (fate.state == TRIAL_RUNNING)
            continue;
        if (stopper)
            stopper_forget(stopper, w->curve);
        size_t next = chooser_next(chooser);
        w->busy = next < t->n;
        if (w->busy)
            *w = (struct worker){next, 0, INFINITY, w->due, true};
    }
    for (; at < BUDGETS; at++)
        ret[at] = (best - t->best) / t->scale;
}

/* `%zu` in the rule is the epochs of a complete trial. */
static struct spec *sweep_spec(const char *method, const char *rule, const struct curves *t,
                               struct arena *a)
{
    struct buf text;
    struct diags d;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "program: t\nmethod: %s\nmetric: {name: loss}\nparameters:\n", method);
    for (size_t j = 0; j < t->inputs; j++)
        if (t->categories[j])
            buf_addf(&text, "  %s: {values: %s}\n", t->inputs_names[j], categories[j]);
        else
            buf_addf(&text, "  %s: {min: 0.0, max: 1.0}\n", t->inputs_names[j]);
    const char *at = rule ? strstr(rule, "%zu") : NULL;
    if (at)
        buf_addf(&text, "early_terminate: %.*s%zu%s\n", (int)(at - rule), rule, t->epochs, at + 3);
    else if (rule)
        buf_addf(&text, "early_terminate: %s\n", rule);
    diags_init(&d, a, "bench");
    struct spec *spec = spec_read(buf_str(&text), text.len, &d);
    buf_done(&text);
    if (!spec) {
        fprintf(stderr, "stop_bench: %s\n", d.items[0].message);
        exit(1);
    }
    return spec;
}

/* Repetitions: those of random sweeps are cheap. */
static const struct method {
    const char *name, *spec;
    enum chooser_method chooser;
    uint64_t repetitions;
} methods[] = {
    {"random", "random", CHOOSER_RANDOM, 400},
    {"tpe", "tpe", CHOOSER_STRATEGY, 100},
    {"bayes", "bayes", CHOOSER_MODEL, 40},
};

/* Writes the regrets of one table, added to those of the tables before it; returns the last budget's,
 * and adds its variance. */
static double table_regret(const struct curves *t, const struct method *m, const char *rule,
                           uint64_t repetitions, double sums[BUDGETS], double *variance)
{
    struct arena a;
    arena_init(&a);
    struct spec *spec = sweep_spec(m->spec, rule, t, &a);
    double n = (double)repetitions, sum = 0, squares = 0;
    for (uint64_t k = 0; k < repetitions; k++) {
        double regrets[BUDGETS];
        struct rng r;
        rng_init(&r, 1, k, RNG_TEST);
        struct stopper *stopper = stopper_new(spec);
        struct chooser *chooser = chooser_new(m->chooser, t, spec, k + 1);
        sweep_regrets(t, stopper, chooser, &r, regrets);
        stopper_free(stopper);
        chooser_free(chooser);
        for (size_t b = 0; b < BUDGETS; b++)
            sums[b] += regrets[b] / n / CURVES_TABLES;
        sum += regrets[BUDGETS - 1];
        squares += regrets[BUDGETS - 1] * regrets[BUDGETS - 1];
    }
    *variance += (squares / n - sum / n * sum / n) / (n - 1) / (CURVES_TABLES * CURVES_TABLES);
    spec_free(spec);
    arena_done(&a);
    return sum / n;
}

static void bench(const struct method *m, const char *rule, uint64_t repetitions, const char *floor)
{
    double sums[BUDGETS] = {0}, variance = 0, area = 0;
    struct buf each;
    buf_init(&each, SIZE_MAX);
    for (size_t i = 0; i < CURVES_TABLES; i++) {
        double regret = table_regret(&tables[i], m, rule, repetitions, sums, &variance);
        buf_addf(&each, "%s%s %.3f", i ? ", " : "", tables[i].name, regret);
    }
    for (size_t b = 0; b < BUDGETS; b++)
        area += sums[b] / BUDGETS;
    printf("regret: %s, %s\t%.4f\tof %d full runs\t%s+-%.4f; mean of four budgets %.3f; %s\n",
           m->name, rule ? rule : "none", sums[BUDGETS - 1], FULL_RUNS, floor, sqrt(variance), area,
           buf_str(&each));
    (void)fflush(stdout);
    buf_done(&each);
}

/* Arguments: the number of repetitions, then METHOD RULE pairs; otherwise all rows. */
int main(int argc, char **argv)
{
    static const char asha[] = "{type: asha, max_iter: %zu}";
    static const char hyperband[] = "{type: hyperband, min_iter: 3}";
    const char *folder = getenv("BESOM_SEARCH_BENCH");
    curves_load(folder ? folder : "../shared/search-bench", tables);
    for (int i = 2; i + 1 < argc; i += 2)
        for (size_t k = 0; k < sizeof methods / sizeof *methods; k++)
            if (strcmp(argv[i], methods[k].name) == 0)
                bench(&methods[k], *argv[i + 1] == '{' ? argv[i + 1] : NULL,
                      strtoull(argv[1], NULL, 10), "");
    for (size_t k = 0; argc == 1 && k < sizeof methods / sizeof *methods; k++) {
        const struct method *m = &methods[k];
        bool random = k == 0, bayes = m->chooser == CHOOSER_MODEL;
        bench(m, NULL, m->repetitions, "");
        bench(m, hyperband, m->repetitions, random ? "0.130; " : "");
        bench(m, asha, m->repetitions, random ? "0.100; " : bayes ? "0.068; " : "");
    }
    if (argc > 1)
        return 0;
    bench(&methods[0], "{type: hyperband, min_iter: 3, strict: false}", 400, "0.130; ");
    bench(&methods[0], "{type: median}", 400, "");
    return 0;
}
