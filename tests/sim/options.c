/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/options.h"

static const char *const fault_names[] = {
#define X(id, name) name,
    SIM_FAULTS(X)
#undef X
};

static int64_t draw(struct sim *s, int64_t from, int64_t to)
{
    return sim_range(s, SIM_R_OPTIONS, from, to);
}

/* Few faults at once show what each alone does; many show what they do together. */
static uint32_t draw_faults(struct sim *s)
{
    uint32_t faults = 0;
    int64_t share = draw(s, 0, 4);
    for (int i = 0; i < SIM_FAULT_COUNT; i++)
        if (draw(s, 0, 5) < share)
            faults |= 1u << i;
    if (draw(s, 0, 2) != 0) /* they end a story early, or keep it from telling of anything else */
        faults &= ~(1u << SIM_ENDINGS | 1u << SIM_UNKILLABLE);
    return faults;
}

void options_draw(struct sim *s)
{
    static const enum spec_method methods[] = {SPEC_GRID, SPEC_RANDOM, SPEC_SOBOL};
    struct sim_options *o = &s->options;
    *o = (struct sim_options){.faults = draw_faults(s)};
    o->method = methods[draw(s, 0, 2)];
    o->together = draw(s, 0, 2) == 0;
    o->agents = o->together ? 1 : (int)draw(s, 1, SIM_AGENTS_MAX);
    for (int i = 0; i < o->agents; i++)
        o->slots[i] = (int)draw(s, 1, 3);
    o->capture = draw(s, 0, 2) == 0;
    o->run_cap = (int)draw(s, 2, draw(s, 0, 1) ? 12 : 50);
    o->max_parallel = draw(s, 0, 3) == 0 ? (int)draw(s, 1, 3) : 0;
    o->retry_failed = (int)draw(s, 0, 2);
    o->retry_host = draw(s, 0, 1) ? (int)draw(s, 0, 3) : 100;
    o->time_s = sim_has(s, SIM_HANGS) || draw(s, 0, 5) == 0 ? (int)draw(s, 2, 20) : 0;
    o->has_target = draw(s, 0, 9) == 0;
    o->maximize = draw(s, 0, 1) == 0;
    o->chaos_ms = draw(s, 2000, sim_has(s, SIM_LONG) ? 900000 : 60000);
    o->fault_ms = draw(s, 20, sim_has(s, SIM_LONG) ? 20000 : 1000);
    o->latency_ms = draw(s, 0, 3) == 0 ? draw(s, 0, 3000) : draw(s, 0, 20);
    o->lost_ms = sim_has(s, SIM_LONG) ? draw(s, 500, 60000) : 60000;
    o->turn_ms = draw(s, 0, 2) == 0 ? draw(s, 0, 500) : 2;
    o->grace_ms = draw(s, 100, 5000);
    o->batch_bytes = (size_t)draw(s, 60, 600);
    o->lines = (int)draw(s, 0, 12);
    o->pace_ms = draw(s, 1, draw(s, 0, 3) == 0 ? 3000 : 300);
    o->stop_early = draw(s, 0, 3) == 0;
}

void options_print(struct buf *out, const struct sim_options *o)
{
    buf_addf(out, "%s run_cap=%d agents=%d slots=", spec_method_name(o->method), o->run_cap,
             o->agents);
    for (int i = 0; i < o->agents; i++)
        buf_addf(out, "%s%d", i ? "," : "", o->slots[i]);
    buf_addf(out, "%s%s max_parallel=%d retry=%d/%d time=%ds%s%s chaos=%.1fs fault=%.1fs",
             o->together ? " together" : "", o->capture ? " capture" : "", o->max_parallel,
             o->retry_failed, o->retry_host, o->time_s, o->has_target ? " target" : "",
             o->stop_early ? " stop_early" : "", (double)o->chaos_ms / 1000,
             (double)o->fault_ms / 1000);
    buf_addf(out,
             " lost=%lldms latency=%lldms turn=%lldms grace=%lldms batch=%zu lines=%d pace=%lldms; "
             "faults:",
             (long long)o->lost_ms, (long long)o->latency_ms, (long long)o->turn_ms,
             (long long)o->grace_ms, o->batch_bytes, o->lines, (long long)o->pace_ms);
    for (int i = 0; i < SIM_FAULT_COUNT; i++)
        if (o->faults >> i & 1)
            buf_addf(out, " %s", fault_names[i]);
}

static void parameters(struct sim *s, struct buf *out)
{
    buf_adds(out, "parameters:\n");
    bool finite = s->options.method == SPEC_GRID || draw(s, 0, 1);
    if (finite) {
        buf_adds(out, "  width: {values: [");
        int64_t n = draw(s, 2, 8);
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

void options_spec(struct sim *s, struct buf *out)
{
    const struct sim_options *o = &s->options;
    buf_addf(out,
             "method: %s\nprogram: train\ncommand: [train, \"${args}\"]\nseed: %llu\n"
             "run_cap: %d\nretry: {failed: %d, host: %d}\n",
             spec_method_name(o->method), (unsigned long long)(s->seed % 1000003), o->run_cap,
             o->retry_failed, o->retry_host);
    buf_addf(out, "metric: {name: loss, goal: %s%s%s}\n", o->maximize ? "maximize" : "minimize",
             o->has_target ? o->maximize ? ", target: 990" : ", target: 10" : "",
             draw(s, 0, 1) ? ", reduce: last" : "");
    if (o->max_parallel)
        buf_addf(out, "max_parallel: %d\n", o->max_parallel);
    if (o->time_s)
        buf_addf(out, "resources: {time: %ds}\n", o->time_s);
    if (o->capture)
        buf_adds(out, "report: {stdout: json}\n");
    if (o->method == SPEC_GRID && draw(s, 0, 1))
        buf_adds(out, "order: random\n");
    parameters(s, out);
    if (o->stop_early)
        buf_addf(out, "early_terminate: {type: asha, min_iter: %d, max_iter: 12}\n",
                 (int)draw(s, 1, 2));
}
