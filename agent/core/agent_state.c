/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_state.h"

#include "base/check.h"
#include "base/machine.h"
#include "base/mem.h"

#define TO(s) MACHINE_TO(s)

static const struct machine_state entry_states[AGENT_ENTRY_STATES] = {
    [AGENT_HELD] = {"held", TO(AGENT_STARTING) | TO(AGENT_DRAINING) | TO(AGENT_FORGETTING), false},
    [AGENT_STARTING] = {"starting", TO(AGENT_RUNNING) | TO(AGENT_DRAINING) | TO(AGENT_FORGETTING),
                        false},
    [AGENT_RUNNING] = {"running", TO(AGENT_DRAINING) | TO(AGENT_FORGETTING), false},
    [AGENT_DRAINING] = {"draining", TO(AGENT_REPORTING) | TO(AGENT_FORGETTING), false},
    [AGENT_REPORTING] = {"reporting", TO(AGENT_DRAINING) | TO(AGENT_FORGETTING), false},
    [AGENT_FORGETTING] = {"forgetting", 0, true},
};

_Static_assert(sizeof(struct agent_key) == 32, "a key has no padding");

static void entry_free(struct agent_entry *entry)
{
    arena_done(&entry->kept);
    arena_done(&entry->granted);
    mem_free(entry);
}

struct agent_entry *agent_state_add(struct agent_core *c, const struct agent_key *key)
{
    struct agent_entry *entry = mem_alloc(sizeof *entry);
    entry->key = *key;
    entry->process.due_ms = INT64_MAX;
    entry->process.grace_ms = c->grace_ms;
    arena_init(&entry->kept);
    arena_init(&entry->granted);
    check(map_put(&c->entries, key, sizeof *key, entry) == NULL);
    return entry;
}

void agent_state_drop(struct agent_core *c, struct agent_entry *entry)
{
    map_remove(&c->entries, &entry->key, sizeof entry->key);
    entry_free(entry);
}

void agent_state_warn(enum agent_effect_kind kind, const char *text, struct agent_effects *out)
{
    agent_effects_add(out, kind, NULL)->message =
        (struct message){.text = arena_strdup(out->arena, text)};
}

struct message *agent_state_send(struct agent_core *c, const struct agent_entry *entry,
                                 enum message_type type, struct agent_effects *out)
{
    struct message *m = &agent_effects_add(out, AGENT_DO_SEND, NULL)->message;
    *m = (struct message){
        .type = type, .store = arena_strdup(out->arena, c->store), .epoch = c->epoch};
    if (entry) {
        m->sweep = arena_strdup(out->arena, entry->key.sweep);
        m->trial = entry->key.trial;
        m->attempt = entry->key.attempt;
    }
    return m;
}

struct agent_entry *agent_state_find(const struct agent_core *c, const struct agent_key *key)
{
    return map_find(&c->entries, key, sizeof *key);
}

void agent_state_move(struct agent_entry *entry, enum agent_entry_state to)
{
    machine_move(entry_states, &entry->state, (int)to);
}
