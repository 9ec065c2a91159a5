/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shell/agent_host.h"

#include "agent/disk_room.h"
#include "agent/telemetry/sampler.h"

/* Looks before a launch, and while a launch waits. Reports changes only. */
void agent_host_look_for_room(struct agent *a)
{
    struct disk_room room;
    bool found = disk_room_find(a->config.dir, &room);
    if (found != a->no_room)
        return;
    a->no_room = !found;
    agent_inside_queue(a, AGENT_EV_ROOM, NULL)->room = found;
    a->config.warned(a->config.arg, found ? "there is space on the disk again: starting trials"
                                          : disk_room_say(&a->out, a->config.dir, &room));
}

static void slots_on_changed(void *arg)
{
    struct agent *a = arg;
    agent_inside_queue(a, AGENT_EV_SLOTS, NULL)->slots = gpu_slots_offers(a->gpus, &a->turn.arena);
}

static void slots_on_looked(void *arg)
{
    agent_inside_queue(arg, AGENT_EV_TICK, NULL); /* the ends are sent after the slots are */
}

static void slots_on_warned(void *arg, const char *text)
{
    struct agent *a = arg;
    a->config.warned(a->config.arg, text);
}

/* Slots of a host whose GPUs are hidden: training must not see them. */
static struct value *slots_without_gpus(struct arena *a, const struct gpu_host *host, uint32_t n)
{
    struct value *list = value_list(a);
    for (uint32_t i = 0; i < n; i++)
        value_push(a, list, gpu_host_grant(host, a));
    return list;
}

/* Describes the slots to the core, before the hello. */
void agent_host_start_slots(struct agent *a, const char *run)
{
    const struct gpu_host *host = a->config.gpus;
    const struct gpu_slots_handler handler = {slots_on_changed, slots_on_warned, a};
    struct agent_effects none;
    struct agent_event ev = {.kind = AGENT_EV_SLOTS};
    if (!host || (host->choice.n == 0 && !host->hides))
        return;
    if (host->choice.n > 0)
        a->gpus = gpu_slots_new(a->config.loop, host, &a->core, run, &handler);
    gpu_ends_init(&a->ends, a->gpus, slots_on_looked, a);
    ev.slots = a->gpus ? gpu_slots_offers(a->gpus, &a->out)
                       : slots_without_gpus(&a->out, host, a->config.slots);
    agent_effects_init(&none, &a->out);
    agent_core_step(&a->core, &ev, &none);
    agent_effects_done(&none);
}

static struct value *disk_load(struct arena *a, const char *dir)
{
    struct disk_room room;
    struct value *v = value_dict(a);
    (void)disk_room_find(dir, &room);
    value_put(a, v, "free", value_int(a, (int64_t)room.free_bytes));
    value_put(a, v, "total", value_int(a, (int64_t)room.size_bytes));
    return v;
}

static void load_on_timer(uv_timer_t *timer)
{
    agent_host_tell_load(timer->data);
}

void agent_host_tell_load(struct agent *a)
{
    struct agent_event *ev = agent_inside_queue(a, AGENT_EV_LOAD, NULL);
    struct arena *arena = &a->turn.arena;
    struct value *load = value_dict(arena);
    value_put(arena, load, "disk", disk_load(arena, a->config.dir));
    value_put(arena, load, "gpus", a->gpus ? gpu_slots_load(a->gpus, arena) : value_list(arena));
    ev->load = load;
    uv_timer_start(&a->load, load_on_timer, (uint64_t)sampler_period_ms(), 0);
}
