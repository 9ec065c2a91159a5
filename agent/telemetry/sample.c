/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/telemetry/sample.h"

#include <math.h>

#include "base/json.h"

enum { WAITS_A_LIFE = 1000 };

static void gpu_put(struct arena *a, struct value *line, const struct sample_gpu *of)
{
    const struct gpu *g = of->gpu;
    const struct {
        const char *name;
        int64_t n;
        double unit;
    } numbers[] = {{"utilization", g->utilisation, 1},   {"memory.used", g->memory_used, 1},
                   {"memory.total", g->memory_total, 1}, {"memory.trial", of->own_memory, 1},
                   {"power", g->power_mw, 1000},         {"temperature", g->temperature_c, 1}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].n >= 0)
            value_put(a, line, arena_printf(a, "system/gpu.%s.%s", g->index, numbers[i].name),
                      value_float(a, (double)numbers[i].n / numbers[i].unit));
}

void sample_print(struct buf *out, const struct sample *s)
{
    struct arena a;
    arena_init(&a);
    struct value *line = value_dict(&a);
    value_put(&a, line, "_time", value_float(&a, (double)s->wall_ms / 1000));
    if (s->cpu_percent >= 0)
        value_put(&a, line, "system/cpu.percent", value_float(&a, round(s->cpu_percent * 10) / 10));
    if (s->memory >= 0)
        value_put(&a, line, "system/memory", value_int(&a, s->memory));
    for (size_t i = 0; i < s->gpus_n; i++)
        gpu_put(&a, line, &s->gpus[i]);
    json_print(out, line, JSON_COMPACT);
    buf_addc(out, '\n');
    arena_done(&a);
}

int64_t sample_wait_ms(int64_t period_ms, int64_t age_ms)
{
    int64_t wait = age_ms / WAITS_A_LIFE;
    return wait > period_ms ? wait : period_ms;
}
