/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a method that learns takes for one proposal after N results: ten parameters or DIMS, a
 * smooth function, PENDING trials without a result, CPU time. Prints one line of JSON;
 * suggest_bench.py makes the table.
 * suggest_run METHOD N ROUNDS [DIMS [PENDING [CANDIDATES]]] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/number/rng.h"
#include "language/spec_read.h"
#include "strategies/evolution/cma.h"
#include "strategies/strategy.h"

struct task {
    const char *method;
    uint64_t n, pending;
    size_t dims, rounds;
    const char *candidates; /* of tpe; NULL: the default */
};

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void fail(const char *why)
{
    fprintf(stderr, "suggest_run: %s\n", why);
    exit(1);
}

static struct spec *read_spec(const struct task *t, struct arena *a)
{
    struct diags d;
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "method: %s\nmetric: {name: loss}\n", t->method);
    if (t->candidates)
        buf_addf(&text, "strategy: {candidates: %s}\n", t->candidates);
    if (strcmp(t->method, "cmaes") == 0) /* a run that restarts has generations of another size */
        buf_adds(&text, "strategy: {restarts: none}\n");
    buf_adds(&text, "parameters:\n");
    for (size_t i = 0; i < t->dims; i++)
        buf_addf(&text, "  x%zu: {min: -5.0, max: 5.0}\n", i);
    diags_init(&d, a, "bench");
    struct spec *spec = spec_read(buf_str(&text), text.len, &d);
    if (!spec)
        fail(d.items[0].message);
    buf_done(&text);
    return spec;
}

static double loss_at(size_t j, double x)
{
    double away = x - 0.3 * (double)j;
    return away * away * (double)(1 + j) + cos(3 * x);
}

static struct value *point_draw(const struct task *t, struct arena *a, struct rng *rng,
                                double *ret_loss)
{
    struct value *params = value_dict(a);
    *ret_loss = 0;
    for (size_t j = 0; j < t->dims; j++) {
        char name[32];
        double x = -5 + 10 * rng_unit(rng);
        (void)snprintf(name, sizeof name, "x%zu", j);
        value_put(a, params, name, value_float(a, x));
        *ret_loss += loss_at(j % 10, x);
    }
    return params;
}

/* A history of n random points and their losses, and of pending ones. The cursors of cmaes are its
 * generations; it has made a proposal before the last of them has ended. */
static struct strategy *load(const struct spec *spec, const struct task *t, uint64_t n,
                             uint64_t seed, double *ret_start)
{
    struct arena a;
    struct err err = {0};
    struct strategy *s;
    struct rng rng;
    uint64_t population = cma_population(t->dims), all = n + t->pending;
    bool evolves = strcmp(t->method, "cmaes") == 0;
    if (strategy_new(spec, seed, &s, &err) != 0)
        fail(err.text);
    arena_init(&a);
    rng_init(&rng, seed, 0, RNG_TEST);
    *ret_start = 0;
    for (uint64_t i = 0; i < all; i++) {
        double loss, start = cpu_ms();
        if (evolves && i + population == n) {
            strategy_prepare(s);
            *ret_start = cpu_ms() - start;
        }
        strategy_replay(s, evolves ? i / population : i, point_draw(t, &a, &rng, &loss));
        if (i < n)
            strategy_report(s, i,
                            &(struct history_fate){.state = TRIAL_FINISHED, .objective = loss});
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

static double quantile(const double *sorted, size_t n, double q)
{
    size_t at = (size_t)(q * (double)n);
    return sorted[at < n ? at : n - 1];
}

/* The most memory that this program has had; getrusage() would count what its parent had. */
static long peak_kib(void)
{
    char line[128];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    if (file)
        (void)fclose(file);
    return kib;
}

/* Cold: the proposal is made when it is asked for. Ready: it was made ahead. Start: the first one of
 * cmaes after a start, which takes in all results. */
static void measure(const struct task *t)
{
    struct arena a;
    struct err err = {0};
    size_t rounds = t->rounds;
    double *cold = mem_alloc(3 * rounds * sizeof *cold), *ready = cold + rounds,
           *starts = ready + rounds;
    arena_init(&a);
    struct spec *spec = read_spec(t, &a);
    long before = peak_kib();
    for (size_t i = 0; i < rounds; i++) {
        struct proposal p;
        struct strategy *s = load(spec, t, t->n + i % 2, i, &starts[i]);
        double start = cpu_ms();
        strategy_prepare(s);
        double between = cpu_ms();
        if (strategy_propose(s, &a, &p, &err) != 0)
            fail(err.text);
        double end = cpu_ms();
        cold[i] = end - start;
        ready[i] = end - between;
        strategy_free(s);
    }
    qsort(cold, rounds, sizeof *cold, compare_doubles);
    qsort(ready, rounds, sizeof *ready, compare_doubles);
    qsort(starts, rounds, sizeof *starts, compare_doubles);
    printf("{\"method\":\"%s\",\"n\":%d,\"cold\":[%.4f,%.4f],\"ready\":[%.4f,%.4f],\"start\":%.4f,"
           "\"mib\":%.1f}\n",
           t->method, (int)t->n, quantile(cold, rounds, 0.5), quantile(cold, rounds, 0.99),
           quantile(ready, rounds, 0.5), quantile(ready, rounds, 0.99),
           quantile(starts, rounds, 0.5), (double)(peak_kib() - before) / 1024);
    spec_free(spec);
    arena_done(&a);
    mem_free(cold);
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 7)
        fail("usage: suggest_run METHOD N ROUNDS [DIMS [PENDING [CANDIDATES]]]");
    measure(&(struct task){.method = argv[1],
                           .n = strtoull(argv[2], NULL, 10),
                           .rounds = strtoul(argv[3], NULL, 10),
                           .dims = argc > 4 ? strtoul(argv[4], NULL, 10) : 10,
                           .pending = argc > 5 ? strtoull(argv[5], NULL, 10) : 0,
                           .candidates = argc > 6 ? argv[6] : NULL});
    return 0;
}
