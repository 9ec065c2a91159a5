/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_hello.h"

static const char *const words[] = {[AGENT_STAYS] = "",
                                    [AGENT_DRAINED] = "drained",
                                    [AGENT_INTERRUPTED] = "interrupted",
                                    [AGENT_PREEMPTED] = "preempted"};

const struct value *agent_hello_slots(const struct agent_core *c, struct arena *a)
{
    struct value *list = c->offers ? value_copy(a, c->offers) : value_list(a);
    for (uint32_t i = 0; !c->offers && i < c->slots; i++)
        value_push(a, list, value_dict(a));
    for (size_t i = 0; c->elsewhere && c->no_room && i < list->list.n; i++)
        value_put(a, list->list.items[i], "why", value_str(a, "no space on its disk"));
    for (size_t i = 0; c->leaving != AGENT_STAYS && i < list->list.n; i++)
        value_put(a, list->list.items[i], "why",
                  value_str(a, arena_printf(a, "its agent is %s", words[c->leaving])));
    return list;
}

void agent_hello_send(struct agent_core *c, struct agent_effects *out)
{
    c->welcomed = c->offers_changed = false;
    struct value *held = value_list(out->arena);
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);) {
        struct agent_entry *entry = value;
        for (int i = 0; i < AGENT_STREAMS; i++)
            entry->streams[i].in_flight = false;
        entry->waits[0] = '\0'; /* told again */
        if (entry->state == AGENT_FORGETTING)
            continue;
        struct value *item = value_list(out->arena);
        value_push(out->arena, item, value_str(out->arena, entry->key.sweep));
        value_push(out->arena, item, value_int(out->arena, (int64_t)entry->key.trial));
        value_push(out->arena, item, value_int(out->arena, (int64_t)entry->key.attempt));
        value_push(out->arena, held, item);
    }
    struct message *m = agent_state_send(c, NULL, MESSAGE_HELLO, out);
    m->version = MESSAGE_VERSION;
    m->agent = c->name;
    m->instance = c->instance;
    m->slots = agent_hello_slots(c, out->arena);
    m->host = c->host ? value_copy(out->arena, c->host) : NULL;
    m->leaving = words[c->leaving];
    m->held = held;
}
