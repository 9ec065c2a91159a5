/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/sweeps.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/diag/diag_print.h"
#include "language/spec_read.h"
#include "tests/sim/learner.h"

static int64_t draw(struct sim *s, int64_t from, int64_t to)
{
    return sim_range(s, SIM_R_OPTIONS, from, to);
}

static void sweep_draw(struct sim *s, struct sweep *w)
{
    static const enum spec_method methods[] = {SPEC_GRID, SPEC_RANDOM, SPEC_SOBOL};
    static const double weights[] = {1, 1, 2, 0.5, 3.5};
    int64_t most = s->options.agents > 3 ? 100 : s->options.sweeps > 1 ? 24 : 50;
    snprintf(w->id, sizeof w->id, "s%d", w->index + 1);
    w->method = methods[draw(s, 0, 2)];
    w->learns = draw(s, 0, 3) == 0;
    if (w->learns)
        w->method = SPEC_RANDOM;
    if (w->index > 0 && draw(s, 0, 1))
        w->create_ms = draw(s, 1, s->options.chaos_ms);
    w->run_cap = (int)draw(s, 2, draw(s, 0, 1) ? 12 : most);
    w->max_parallel = draw(s, 0, 3) == 0 ? (int)draw(s, 1, 3) : 0;
    w->retry_failed = (int)draw(s, 0, 2);
    w->retry_host = draw(s, 0, 1) ? (int)draw(s, 0, 3) : 100;
    w->time_s = sim_has(s, SIM_HANGS) || draw(s, 0, 5) == 0 ? (int)draw(s, 2, 20) : 0;
    w->priority = (int)draw(s, 0, 2);
    w->weight = weights[draw(s, 0, 4)];
    w->has_target = draw(s, 0, 9) == 0;
    w->maximize = draw(s, 0, 1) == 0;
    w->capture = draw(s, 0, 2) == 0;
    w->stop_early = draw(s, 0, 3) == 0;
    /* Without a draw: the stories of the seeds stay what they are. */
    uint64_t luck = s->seed + 3 * (uint64_t)w->index;
    w->wall_s = luck % 7 == 0 ? 5 + (int)(luck / 7 % 56) : 0;
    if (sim_has(s, SIM_LONG) &&
        luck % 2 == 0) /* lost trials that end so, and whose agents return */
        w->retry_host = (int)(luck / 2 % 2);
    w->gpus = -1;
    if (s->options.sizes) {
        uint64_t dice = s->seed / 3 * 7919 + 104729 * (uint64_t)w->index;
        w->gpus = (int)(dice % 5) - 1 > 2 ? 2 : (int)(dice % 5) - 1;
        w->cpus = dice / 5 % 2 ? (int)(dice / 10 % 4) : 0;
        w->memory_gib = dice / 40 % 3 ? 0 : (int)(dice / 120 % 3);
        w->label = dice / 360 % 4 == 0;
        w->gpu_s = w->gpus != 0 && dice / 1440 % 4 == 0 ? 2 + (int)(dice / 5760 % 40) : 0;
    }
    check(w->run_cap <= SWEEP_TRIALS_MAX);
}

static void sweep_add_parameters(struct sim *s, const struct sweep *w, struct buf *out)
{
    bool finite = w->method == SPEC_GRID || (!w->learns && draw(s, 0, 1));
    /* Without a draw, as above. */
    if ((s->seed + (uint64_t)w->index) % 4 == 2)
        buf_adds(out, finite ? "initial: [{width: 8}, {layers: 1}]\n"
                             : "initial: [{lr: 0.002}, {lr: 0.01, momentum: 0.25}]\n");
    buf_adds(out, "parameters:\n");
    if (finite) {
        int64_t n = draw(s, 2, 8);
        buf_adds(out, "  width: {values: [");
        for (int64_t i = 0; i < n; i++)
            buf_addf(out, "%s%lld", i ? ", " : "", (long long)(8 << i));
        buf_addf(out, "]}\n  layers: {min: 1, max: %lld}\n", (long long)draw(s, 2, 7));
    } else {
        buf_adds(out, "  lr: {distribution: log_uniform_values, min: 0.0001, max: 0.1}\n"
                      "  momentum: {min: 0.0, max: 1.0}\n");
    }
    buf_adds(out, "  nested: {parameters: {fixed: {value: \"yes\"}}}\n");
    if (draw(s, 0, 2) > 0)
        return;
    buf_adds(out, finite ? "  extra: {values: [a, b], when: {width: 8}}\n"
                           "  units: {expr: width * layers}\n"
                           "forbid: [units > 64]\n"
                         : "  extra: {min: 0.0, max: 1.0, when: lr > 0.001}\n"
                           "forbid: [lr * momentum > 0.01]\n");
}

static void sweep_add_resources(const struct sweep *w, struct buf *out)
{
    buf_adds(out, "resources: {labels: [");
    buf_adds(out, w->label ? "big]" : "]");
    if (w->time_s)
        buf_addf(out, ", time: %ds", w->time_s);
    if (w->gpus >= 0)
        buf_addf(out, ", gpus: %d", w->gpus);
    if (w->cpus > 0)
        buf_addf(out, ", cpus: %d", w->cpus);
    if (w->memory_gib > 0)
        buf_addf(out, ", memory: %dGiB", w->memory_gib);
    buf_adds(out, "}\n");
}

static void sweep_add_spec(struct sim *s, const struct sweep *w, struct buf *out)
{
    buf_addf(out,
             "method: %s\nprogram: train\ncommand: [train, \"${args}\"]\nseed: %llu\n"
             "run_cap: %d\nretry: {failed: %d, host: %d}\npriority: %d\nweight: %g\n",
             spec_method_name(w->method),
             (unsigned long long)(s->seed % 1000003 + (uint64_t)w->index), w->run_cap,
             w->retry_failed, w->retry_host, w->priority, w->weight);
    buf_addf(out, "metric: {name: loss, goal: %s%s%s}\n", w->maximize ? "maximize" : "minimize",
             w->has_target ? w->maximize ? ", target: 990" : ", target: 10" : "",
             draw(s, 0, 1) ? ", reduce: last" : "");
    if (w->max_parallel)
        buf_addf(out, "max_parallel: %d\n", w->max_parallel);
    sweep_add_resources(w, out);
    if (w->capture)
        buf_adds(out, "report: {stdout: json}\n");
    if (w->method == SPEC_GRID && draw(s, 0, 1))
        buf_adds(out, "order: random\n");
    if (w->wall_s && w->gpu_s)
        buf_addf(out, "budget: {wall: %ds, gpu_hours: %.9f}\n", w->wall_s, w->gpu_s / 3600.0);
    else if (w->wall_s)
        buf_addf(out, "budget: {wall: %ds}\n", w->wall_s);
    else if (w->gpu_s)
        buf_addf(out, "budget: {gpu_hours: %.9f}\n", w->gpu_s / 3600.0);
    if (w->stop_early) {
        static const char *const rules[] = {"type: asha, max_iter: 12", "type: hyperband, eta: 2",
                                            "type: hyperband, strict: false",
                                            "type: median, min_trials: 2"};
        buf_addf(out, "early_terminate: {%s, min_iter: %d}\n",
                 rules[(s->seed + (uint64_t)w->index) % 4], (int)draw(s, 1, 2));
    }
    sweep_add_parameters(s, w, out);
}

static struct spec *sweep_read(struct sim *s, const struct buf *text)
{
    struct diags diags;
    struct buf said;
    diags_init(&diags, &s->arena, "sweep.yaml");
    struct spec *spec = spec_read(buf_str(text), text->len, &diags);
    if (!spec) {
        buf_init(&said, SIZE_MAX);
        diag_print(&said, &diags, DIAG_ERROR, &(struct diag_style){0});
        fputs(buf_str(&said), stderr);
        buf_done(&said);
    }
    check(spec);
    return spec;
}

void sweeps_init(struct sim *s)
{
    s->sweeps = arena_alloc(&s->arena, (size_t)s->options.sweeps * sizeof *s->sweeps);
    for (int i = 0; i < s->options.sweeps; i++) {
        struct sweep *w = &s->sweeps[i];
        struct buf text;
        *w = (struct sweep){.index = i};
        buf_init(&text, SIZE_MAX);
        sweep_draw(s, w);
        sweep_add_spec(s, w, &text);
        w->spec = sweep_read(s, &text);
        buf_done(&text);
    }
}

void sweeps_done(struct sim *s)
{
    for (int i = 0; i < s->options.sweeps; i++)
        spec_free(s->sweeps[i].spec);
}

void sweeps_print(struct buf *out, const struct sim *s)
{
    for (int i = 0; i < s->options.sweeps; i++) {
        const struct sweep *w = &s->sweeps[i];
        buf_addf(out, "%s%s: %s%s run_cap=%d", i ? "; " : "", w->id, spec_method_name(w->method),
                 w->learns ? " (learns)" : "", w->run_cap);
        buf_addf(out, " create=%lldms max_parallel=%d retry=%d/%d time=%ds priority=%d weight=%g",
                 (long long)w->create_ms, w->max_parallel, w->retry_failed, w->retry_host,
                 w->time_s, w->priority, w->weight);
        if (w->wall_s)
            buf_addf(out, " wall=%ds", w->wall_s);
        if (s->options.sizes)
            buf_addf(out, " gpus=%d cpus=%d memory=%d gpu_time=%ds%s", w->gpus, w->cpus,
                     w->memory_gib, w->gpu_s, w->label ? " label" : "");
        buf_addf(out, "%s%s%s%s", w->has_target ? " target" : "", w->maximize ? " maximize" : "",
                 w->capture ? " capture" : "", w->stop_early ? " stop_early" : "");
    }
}

struct sweep *sweeps_find(const struct sim *s, const char *id)
{
    for (int i = 0; i < s->options.sweeps; i++)
        if (strcmp(s->sweeps[i].id, id) == 0)
            return &s->sweeps[i];
    return NULL;
}

struct strategy *sweeps_strategy(const struct sweep *w)
{
    struct strategy *strategy = NULL;
    struct err err = {0};
    uint64_t seed = w->spec->seed;
    int rc = w->learns ? strategy_new_of(&strategy_learner, w->spec, seed, &strategy, &err)
                       : strategy_new(w->spec, seed, &strategy, &err);
    check(rc == 0);
    return strategy;
}
