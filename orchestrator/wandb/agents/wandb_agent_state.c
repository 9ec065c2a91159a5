/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/agents/wandb_agent_state.h"

#include <string.h>

#include "base/mem.h"

struct wandb_effect *wandb_agent_effect(struct wandb_effects *out, enum wandb_effect_kind kind,
                                        const struct wandb_task *t)
{
    if (out->n == out->cap) {
        size_t cap = out->cap ? 2 * out->cap : 8;
        struct wandb_effect *items = arena_alloc(out->arena, cap * sizeof *items);
        if (out->n > 0)
            memcpy(items, out->items, out->n * sizeof *items);
        out->items = items;
        out->cap = cap;
    }
    struct wandb_effect *e = &out->items[out->n++];
    *e = (struct wandb_effect){.kind = kind, .task = t};
    if (t) {
        e->trial = t->trial;
        e->attempt = t->attempt;
    }
    return e;
}

static struct message *message_add(const struct wandb_agent *a, enum message_type type,
                                   struct wandb_effects *out)
{
    struct wandb_effect *e = wandb_agent_effect(out, WANDB_EFFECT_SEND, NULL);
    e->message = (struct message){
        .type = type, .store = arena_strdup(out->arena, a->store), .epoch = a->epoch};
    return &e->message;
}

struct wandb_task *wandb_agent_task(const struct wandb_agent *a, uint64_t trial, uint64_t attempt)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->tasks[i].trial == trial && a->tasks[i].attempt == attempt)
            return &a->tasks[i];
    return NULL;
}

struct wandb_task *wandb_agent_add_task(struct wandb_agent *a, uint64_t trial, uint64_t attempt)
{
    a->tasks = mem_grow(a->tasks, &a->cap, a->n + 1, sizeof *a->tasks);
    struct wandb_task *t = &a->tasks[a->n++];
    *t = (struct wandb_task){.trial = trial, .attempt = attempt};
    arena_init(&t->kept);
    return t;
}

void wandb_agent_drop_task(struct wandb_agent *a, struct wandb_task *t)
{
    arena_done(&t->kept);
    memmove(t, t + 1, (size_t)(a->tasks + a->n - (t + 1)) * sizeof *t);
    a->n--;
}

/* Its slot, which may be given a trial only while it asks for one. */
static struct value *agent_slots(const struct wandb_agent *a, struct arena *arena)
{
    struct value *list = value_list(arena), *slot = value_dict(arena);
    if (!a->offered)
        value_put(arena, slot, "why", value_str(arena, "wandb's agent asks for no run at present"));
    value_push(arena, list, slot);
    return list;
}

/* One that is leaving has no slot. */
void wandb_agent_say_hello(const struct wandb_agent *a, bool leaves, struct wandb_effects *out)
{
    struct arena *arena = out->arena;
    struct message *m = message_add(a, MESSAGE_HELLO, out);
    struct value *host = value_dict(arena), *labels = value_list(arena), *held = value_list(arena);
    value_push(arena, labels, value_str(arena, arena_printf(arena, "wandb:%s", a->sweep)));
    value_put(arena, host, "labels", labels);
    value_put(arena, host, "only", value_bool(arena, true));
    for (size_t i = 0; i < a->n; i++) {
        struct value *item = value_list(arena);
        if (a->tasks[i].forgotten || a->tasks[i].state == TASK_DONE)
            continue;
        value_push(arena, item, value_str(arena, a->sweep));
        value_push(arena, item, value_int(arena, (int64_t)a->tasks[i].trial));
        value_push(arena, item, value_int(arena, (int64_t)a->tasks[i].attempt));
        value_push(arena, held, item);
    }
    m->version = MESSAGE_VERSION;
    m->agent = arena_strdup(arena, a->name);
    m->instance = 1;
    m->slots = leaves ? value_list(arena) : agent_slots(a, arena);
    m->host = host;
    m->leaving = leaves ? "drained" : "";
    m->held = held;
}

void wandb_agent_say_slots(const struct wandb_agent *a, struct wandb_effects *out)
{
    message_add(a, MESSAGE_SLOTS, out)->slots = agent_slots(a, out->arena);
}

static void ended_add(struct wandb_agent *a, struct wandb_task *t, struct wandb_effects *out)
{
    struct message *m = message_add(a, MESSAGE_ENDED, out);
    bool preempted = t->preempting && !(t->complete && t->code == 0);
    m->sweep = arena_strdup(out->arena, a->sweep);
    m->trial = t->trial;
    m->attempt = t->attempt;
    m->at_ms = (uint64_t)t->over_wall_ms;
    m->ran_ms = t->given_ms && t->over_ms > t->given_ms ? (uint64_t)(t->over_ms - t->given_ms) : 0;
    m->cause = t->timed ? "time" : t->stop ? "stop" : preempted ? "preempt" : "none";
    m->code = t->complete ? (uint64_t)(t->code & 0xff) : t->why ? 1 : 0;
    m->text = t->why ? t->why : "";
    t->state = TASK_ENDED;
}

/* Sends on what the run has recorded, and then its end. */
void wandb_agent_push(struct wandb_agent *a, struct wandb_task *t, struct wandb_effects *out)
{
    if (!a->up || !t->launched || t->forgotten || t->state < TASK_LIVE || t->feeding)
        return;
    uint64_t to = t->rows + (t->state >= TASK_OVER);
    if (t->acked < to) {
        struct wandb_effect *e = wandb_agent_effect(out, WANDB_EFFECT_FEED, t);
        e->from = t->acked;
        e->to = to;
        t->feeding = true;
    } else if (t->state == TASK_OVER || t->state == TASK_ENDED) {
        ended_add(a, t, out);
    }
}
