/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a method that learns takes for one proposal, by the number of results: ten parameters, a
 * smooth function, nothing prepared, CPU time, the median of several. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/number/rng.h"
#include "language/spec_read.h"
#include "strategies/strategy.h"

enum { DIMS = 10, REPEATS = 5 };

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void fail(const char *why)
{
    fprintf(stderr, "suggest_bench: %s\n", why);
    exit(1);
}

static struct spec *read_spec(const char *method, struct arena *a)
{
    struct diags d;
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "method: %s\nmetric: {name: loss}\nparameters:\n", method);
    for (int i = 0; i < DIMS; i++)
        buf_addf(&text, "  x%d: {min: -5.0, max: 5.0}\n", i);
    diags_init(&d, a, "bench");
    struct spec *spec = spec_read(buf_str(&text), text.len, &d);
    if (!spec)
        fail(d.items[0].message);
    buf_done(&text);
    return spec;
}

/* A history of n random points and their losses. */
static struct strategy *load(const struct spec *spec, uint64_t n, uint64_t seed)
{
    struct strategy *s;
    struct err err = {0};
    struct arena a;
    struct rng rng;
    if (strategy_new(spec, seed, &s, &err) != 0)
        fail(err.text);
    arena_init(&a);
    rng_init(&rng, seed, 0, RNG_TEST);
    for (uint64_t i = 0; i < n; i++) {
        char name[8];
        double loss = 0;
        struct value *params = value_dict(&a);
        for (int j = 0; j < DIMS; j++) {
            double x = -5 + 10 * rng_unit(&rng), away = x - 0.3 * j;
            (void)snprintf(name, sizeof name, "x%d", j);
            value_put(&a, params, name, value_float(&a, x));
            loss += away * away * (1 + j) + cos(3 * x);
        }
        strategy_replay(s, i, params);
        strategy_report(s, i, &(struct history_fate){.state = TRIAL_FINISHED, .objective = loss});
        arena_clear(&a);
    }
    arena_done(&a);
    return s;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void bench(const char *method, uint64_t n, double floor)
{
    double took[REPEATS];
    struct arena a;
    struct err err = {0};
    arena_init(&a);
    struct spec *spec = read_spec(method, &a);
    for (uint64_t i = 0; i < REPEATS; i++) {
        struct proposal p;
        struct strategy *s = load(spec, n + i % 2, i);
        double start = cpu_ms();
        if (strategy_propose(s, &a, &p, &err) != 0)
            fail(err.text);
        took[i] = cpu_ms() - start;
        strategy_free(s);
    }
    qsort(took, REPEATS, sizeof *took, compare_doubles);
    printf("%s: one proposal after %d results\t%.2f\tms of CPU\t%g\n", method, (int)n,
           took[REPEATS / 2], floor);
    spec_free(spec);
    arena_done(&a);
}

int main(void)
{
    static const struct {
        int n;
        double bayes_floor, tpe_floor;
    } sizes[] = {{10, 0.7, 1}, {50, 2, 1},    {100, 4, 1},
                 {500, 15, 1}, {1000, 25, 1}, {5000, 40, 2.5}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        bench("bayes", (uint64_t)sizes[i].n, sizes[i].bayes_floor);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        bench("tpe", (uint64_t)sizes[i].n, sizes[i].tpe_floor);
    return 0;
}
