/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/offers.h"

/* The first host can hold a trial of any sweep. */
int offers_cpus(const struct host *h)
{
    return h->index == 0 ? 6 : 2 + h->index % 5;
}

int offers_memory_gib(const struct host *h)
{
    return h->index == 0 ? 4 : 1 + h->index % 3;
}

bool offers_label(const struct host *h)
{
    return h->index % 2 == 0;
}

bool offers_only(const struct host *h)
{
    return h->index == 2;
}

int offers_share(const struct sim *s, const struct host *h)
{
    return 1 + (int)(s->seed / 3 + (uint64_t)h->index) % 2;
}

static struct value *offers_slots(struct sim *s, const struct host *h, struct arena *a)
{
    struct value *list = value_list(a);
    int share = offers_share(s, h);
    uint64_t n = h->core.slots, gpus = (n + (uint64_t)share - 1) / (uint64_t)share;
    for (uint64_t i = 0; i < n; i++) {
        struct value *slot = value_dict(a), *ids = value_list(a);
        uint64_t gpu = (i / (uint64_t)share + h->generation) % gpus;
        value_push(a, ids, value_str(a, arena_printf(a, "g%llu", (unsigned long long)gpu)));
        value_put(a, slot, "gpus", ids);
        value_put(a, slot, "share", value_int(a, share));
        if (!s->healing && sim_has(s, SIM_SLOTS) && sim_one_in(s, SIM_R_HOSTS, 4))
            value_put(a, slot, "why", value_str(a, "it is in use by others"));
        value_push(a, list, slot);
    }
    return list;
}

static void offers_change(struct sim *s, void *who, uint64_t generation)
{
    struct host *h = who;
    if (!h->alive || h->generation != generation)
        return;
    struct agent_event *ev = host_queue(s, h, AGENT_EV_SLOTS, NULL);
    ev->slots = offers_slots(s, h, &h->in);
    if (!s->healing)
        sim_after(s, sim_range(s, SIM_R_HOSTS, 100, 5000), offers_change, h, generation);
}

void offers_begin(struct sim *s, struct host *h)
{
    struct arena *a = &h->in;
    if (!s->options.sizes)
        return;
    struct value *host = value_dict(a), *labels = value_list(a);
    if (offers_label(h))
        value_push(a, labels, value_str(a, "big"));
    value_put(a, host, "cpus", value_int(a, offers_cpus(h)));
    value_put(a, host, "memory", value_int(a, (int64_t)offers_memory_gib(h) << 30));
    value_put(a, host, "labels", labels);
    value_put(a, host, "only", value_bool(a, offers_only(h)));
    agent_core_set_host(&h->core, host);
    struct agent_effects none;
    struct agent_event ev = {.kind = AGENT_EV_SLOTS, .slots = offers_slots(s, h, a)};
    agent_effects_init(&none, a);
    agent_core_step(&h->core, &ev, &none);
    agent_effects_done(&none);
    if (sim_has(s, SIM_SLOTS))
        sim_after(s, sim_range(s, SIM_R_HOSTS, 100, 5000), offers_change, h, h->generation);
}
