/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a method that learns takes for one proposal after N results: ten parameters, a smooth
 * function, CPU time. Prints one line of JSON; suggest_bench.py makes the table.
 * suggest_run METHOD N ROUNDS */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/number/rng.h"
#include "language/spec_read.h"
#include "strategies/strategy.h"

enum { DIMS = 10 };

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

static double loss_at(int j, double x)
{
    double away = x - 0.3 * j;
    return away * away * (1 + j) + cos(3 * x);
}

static double loss_of(const struct value *params)
{
    char name[8];
    double loss = 0;
    for (int j = 0; j < DIMS; j++) {
        (void)snprintf(name, sizeof name, "x%d", j);
        loss += loss_at(j, value_get_float(params, name, 0));
    }
    return loss;
}

/* A history of n random points and their losses. */
static struct strategy *load(const struct spec *spec, uint64_t n, uint64_t seed)
{
    struct arena a;
    struct err err = {0};
    struct strategy *s;
    if (strategy_new(spec, seed, &s, &err) != 0)
        fail(err.text);
    struct rng rng;
    arena_init(&a);
    rng_init(&rng, seed, 0, RNG_TEST);
    for (uint64_t i = 0; i < n; i++) {
        char name[8];
        struct value *params = value_dict(&a);
        for (int j = 0; j < DIMS; j++) {
            (void)snprintf(name, sizeof name, "x%d", j);
            value_put(&a, params, name, value_float(&a, -5 + 10 * rng_unit(&rng)));
        }
        strategy_replay(s, i, params);
        strategy_report(
            s, i, &(struct history_fate){.state = TRIAL_FINISHED, .objective = loss_of(params)});
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

/* Cold: the proposal is made when it is asked for. Ready: it was made ahead. */
static void measure(const char *method, uint64_t n, size_t rounds)
{
    struct arena a;
    struct err err = {0};
    double *cold = mem_alloc(2 * rounds * sizeof *cold), *ready = cold + rounds;
    arena_init(&a);
    struct spec *spec = read_spec(method, &a);
    long before = peak_kib();
    for (size_t i = 0; i < rounds; i++) {
        struct proposal p;
        struct strategy *s = load(spec, n + i % 2, i);
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
    printf("{\"method\":\"%s\",\"n\":%d,\"cold\":[%.4f,%.4f],\"ready\":[%.4f,%.4f],\"mib\":%.1f}\n",
           method, (int)n, quantile(cold, rounds, 0.5), quantile(cold, rounds, 0.99),
           quantile(ready, rounds, 0.5), quantile(ready, rounds, 0.99),
           (double)(peak_kib() - before) / 1024);
    spec_free(spec);
    arena_done(&a);
    mem_free(cold);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        fail("usage: suggest_run METHOD N ROUNDS");
    measure(argv[1], strtoull(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
    return 0;
}
