/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proposals a second of each strategy over a space of six parameters, two of them nested, in
 * memory: the configuration and its explanation are built and thrown away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "strategies/strategy.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct spec *read_spec(const char *text, struct arena *a)
{
    struct diags d;
    diags_init(&d, a, "bench");
    struct spec *spec = spec_read(text, strlen(text), &d);
    if (!spec) {
        fprintf(stderr, "propose_bench: %s\n", d.n ? d.items[0].message : "the spec is refused");
        exit(1);
    }
    return spec;
}

static void bench(const char *name, const char *text, unsigned long proposals, const char *floor)
{
    struct arena a;
    arena_init(&a);
    struct spec *spec = read_spec(text, &a);
    struct strategy *strategy;
    struct err err = {0};
    if (strategy_new(spec, 1, &strategy, &err) != 0) {
        fprintf(stderr, "propose_bench: %s\n", err.text);
        exit(1);
    }
    double start = now();
    unsigned long made = 0;
    struct proposal p;
    while (made < proposals && strategy_propose(strategy, &a, &p, &err) == 0) {
        made++;
        arena_clear(&a);
    }
    double seconds = now() - start;
    printf("proposals: %s\t%.0f\ta second\t%s\n", name, (double)made / seconds, floor);
    strategy_free(strategy);
    spec_free(spec);
    arena_done(&a);
}

#define GRID                                                                                   \
    "  batch: {values: [16, 32, 64, 128]}\n"                                                   \
    "  depth: {min: 1, max: 100}\n"                                                            \
    "  dropout: {distribution: q_uniform, min: 0.0, max: 1.0, q: 0.01}\n"                      \
    "  model: {parameters: {act: {values: [relu, gelu, tanh]}, width: {min: 1, max: 1000}}}\n" \
    "  seed: {min: 1, max: 1000}\n"
#define MIXED                                                              \
    "  batch: {values: [16, 32, 64, 128]}\n"                               \
    "  depth: {min: 1, max: 100}\n"                                        \
    "  dropout: {min: 0.0, max: 0.5}\n"                                    \
    "  lr: {distribution: log_uniform_values, min: 1.0e-5, max: 1.0e-1}\n" \
    "  model: {parameters: {act: {values: [relu, gelu, tanh]}, init: {distribution: normal}}}\n"

int main(void)
{
    bench("grid", "method: grid\nparameters:\n" GRID, 2000000, "1000000");
    bench("grid, random order", "method: grid\norder: random\nparameters:\n" GRID, 2000000, "");
    bench("random", "method: random\nparameters:\n" MIXED, 1000000, "100000");
    bench("random, no repeats", "method: random\nparameters:\n" GRID, 1000000, "");
    bench("sobol", "method: sobol\nparameters:\n" MIXED, 200000, "");
    return 0;
}
