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
    for (int i = 0; i < SIM_SUSPEND; i++)
        if (draw(s, 0, 5) < share)
            faults |= 1u << i;
    if (draw(s, 0, 2) != 0) /* they end a story early, or keep it from telling of anything else */
        faults &= ~(1u << SIM_ENDINGS | 1u << SIM_UNKILLABLE);
    return faults;
}

/* Of a stream of their own: without them, the story of a seed is the same. */
static uint32_t draw_more_faults(struct sim *s)
{
    uint32_t faults = 0;
    int64_t share = sim_range(s, SIM_R_MORE, 0, 4);
    for (int i = SIM_SUSPEND; i < SIM_FAULT_COUNT; i++)
        if (sim_range(s, SIM_R_MORE, 0, 7) < share)
            faults |= 1u << i;
    return faults;
}

/* Mostly few agents, which meet often; now and then a fleet. */
static int draw_agents(struct sim *s)
{
    int64_t kind = draw(s, 0, 59);
    if (kind == 0)
        return (int)draw(s, 31, SIM_AGENTS_MAX);
    return (int)(kind < 6 ? draw(s, 4, 30) : draw(s, 1, 3));
}

void options_draw(struct sim *s)
{
    struct sim_options *o = &s->options;
    *o = (struct sim_options){.faults = draw_faults(s)};
    o->faults |= draw_more_faults(s);
    o->together = draw(s, 0, 2) == 0;
    o->agents = o->together ? 1 : draw_agents(s);
    for (int i = 0; i < o->agents; i++)
        o->slots[i] = (int)draw(s, 1, 3);
    /* Without a draw: the stories of the other seeds stay what they are. The first agent can hold
     * any trial (offers.c). */
    o->sizes = s->seed % 3 == 1;
    if (o->sizes)
        o->slots[0] = 4;
    bool fleet = o->agents > 3;
    o->sweeps = draw(s, 0, 1) ? 1 : (int)draw(s, 2, SIM_SWEEPS_MAX);
    o->chaos_ms = draw(s, 2000, sim_has(s, SIM_LONG) && !fleet ? 900000 : 60000);
    o->fault_ms = draw(s, 20, sim_has(s, SIM_LONG) ? 20000 : 1000);
    o->latency_ms = draw(s, 0, 3) == 0 ? draw(s, 0, 3000) : draw(s, 0, 20);
    o->lost_ms = sim_has(s, SIM_LONG) ? draw(s, 500, 60000) : 60000;
    o->turn_ms = draw(s, 0, 2) == 0 ? draw(s, 0, 500) : 2;
    o->write_ms = draw(s, 0, 1) ? 0 : draw(s, 1, draw(s, 0, 3) ? 30 : 2000);
    o->think_ms = draw(s, 0, 1) ? draw(s, 0, 20) : draw(s, 0, draw(s, 0, 3) ? 3000 : 200000);
    o->grace_ms = draw(s, 100, 5000);
    o->batch_bytes = (size_t)draw(s, 60, 600);
    o->lines = (int)draw(s, 0, fleet ? 3 : 12);
    o->pace_ms = draw(s, 1, draw(s, 0, 3) == 0 ? 3000 : 300);
}

static void print_slots(struct buf *out, const struct sim_options *o)
{
    buf_addf(out, "agents=%d slots=", o->agents);
    for (int i = 0; i < o->agents && i < 8; i++)
        buf_addf(out, "%s%d", i ? "," : "", o->slots[i]);
    buf_addf(out, "%s", o->agents > 8 ? ",…" : "");
}

void options_print(struct buf *out, const struct sim_options *o)
{
    print_slots(out, o);
    buf_addf(out, "%s%s chaos=%.1fs fault=%.1fs lost=%lldms latency=%lldms",
             o->together ? " together" : "", o->sizes ? " sizes" : "", (double)o->chaos_ms / 1000,
             (double)o->fault_ms / 1000, (long long)o->lost_ms, (long long)o->latency_ms);
    buf_addf(out, " turn=%lldms write=%lldms think=%lldms grace=%lldms batch=%zu lines=%d",
             (long long)o->turn_ms, (long long)o->write_ms, (long long)o->think_ms,
             (long long)o->grace_ms, o->batch_bytes, o->lines);
    buf_addf(out, " pace=%lldms; faults:", (long long)o->pace_ms);
    for (int i = 0; i < SIM_FAULT_COUNT; i++)
        if (o->faults >> i & 1)
            buf_addf(out, " %s", fault_names[i]);
}
