/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proposals a second of each strategy over a space of six parameters, two of them nested, and over
 * one of twenty, in memory: the configuration and its explanation are built and thrown away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "strategies/strategy.h"
#include "language/spec_read.h"

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
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
    double start = cpu_seconds();
    unsigned long made = 0;
    struct proposal p;
    while (made < proposals && strategy_propose(strategy, &a, &p, &err) == 0) {
        made++;
        arena_clear(&a);
    }
    double seconds = cpu_seconds() - start;
    printf("proposals: %s\t%.0f\ta second of CPU\t%s\n", name, (double)made / seconds, floor);
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
/* Twenty parameters of all kinds, as a sweep of a language model may have them. */
#define TWENTY_HEAD                                                              \
    "  batch: {values: [16, 32, 64, 128]}\n"                                     \
    "  beta1: {min: 0.8, max: 0.99}\n"                                           \
    "  beta2: {distribution: beta, a: 5, b: 2}\n"                                \
    "  clip: {distribution: log_normal, mu: 0, sigma: 0.5}\n"                    \
    "  decay: {distribution: log_uniform_values, min: 1.0e-6, max: 0.1}\n"       \
    "  dropout: {distribution: q_uniform, min: 0.0, max: 0.5, q: 0.05}\n"        \
    "  epochs: {min: 1, max: 50}\n"                                              \
    "  fixed: {value: run}\n"                                                    \
    "  heads: {values: [2, 4, 8, 16]}\n"                                         \
    "  init: {distribution: normal, sigma: 0.02}\n"                              \
    "  layers: {min: 1, max: 24}\n"                                              \
    "  lr: {distribution: log_uniform_values, min: 1.0e-5, max: 1.0e-1}\n"       \
    "  norm: {values: [pre, post]}\n"                                            \
    "  optimizer: {values: [adam, sgd, lion], probabilities: [0.5, 0.3, 0.2]}\n" \
    "  schedule: {values: [cosine, linear, constant]}\n"                         \
    "  seed: {min: 1, max: 1000}\n"
#define TWENTY                                                                                 \
    TWENTY_HEAD                                                                                \
    "  warmup: {min: 0.0, max: 0.2}\n"                                                         \
    "  model: {parameters: {act: {values: [relu, gelu]}, width: {distribution: q_log_uniform_" \
    "values, min: 64, max: 4096, q: 64}}}\n"                                                   \
    "  momentum: {min: 0.0, max: 0.99}\n"
/* Some exist only with others, two are computed, and two draws in five are forbidden. */
#define TWENTY_CONDITIONAL                                                                \
    TWENTY_HEAD                                                                           \
    "  warmup: {min: 0.0, max: 0.2, when: {schedule: [cosine, linear]}}\n"                \
    "  model: {parameters: {act: {values: [relu, gelu]}, width: {expr: 'heads * 64'}}}\n" \
    "  momentum: {min: 0.0, max: 0.99, when: {optimizer: sgd}}\n"                         \
    "  final: {expr: 'lr / 100 if schedule == \"linear\" else lr'}\n"                     \
    "forbid:\n"                                                                           \
    "  - batch * layers > 1536\n"                                                         \
    "  - lr > 0.01 and optimizer == 'adam'\n"                                             \
    "  - momentum + dropout > 1.2\n"

int main(void)
{
    bench("grid", "method: grid\nparameters:\n" GRID, 2000000, "1000000");
    bench("grid, random order", "method: grid\norder: random\nparameters:\n" GRID, 2000000, "");
    bench("random", "method: random\nparameters:\n" MIXED, 1000000, "100000");
    bench("random, no repeats", "method: random\nparameters:\n" GRID, 1000000, "");
    bench("sobol", "method: sobol\nparameters:\n" MIXED, 500000, "");
    bench("random, 20 parameters", "method: random\nparameters:\n" TWENTY, 300000, "100000");
    bench("random, 20 parameters, conditions", "method: random\nparameters:\n" TWENTY_CONDITIONAL,
          300000, "100000");
    bench("sobol, 20 parameters", "method: sobol\nparameters:\n" TWENTY, 300000, "100000");
    bench("sobol, 20 parameters, conditions", "method: sobol\nparameters:\n" TWENTY_CONDITIONAL,
          300000, "100000");
    return 0;
}
