/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_core.h"

#include <string.h>

#include "agent/core/agent_hello.h"
#include "agent/core/agent_launch.h"
#include "agent/core/agent_leave.h"
#include "agent/core/agent_stream.h"
#include "base/check.h"

void agent_core_init(struct agent_core *c, const char *name, uint64_t instance, uint32_t slots)
{
    *c = (struct agent_core){.instance = instance, .slots = slots, .grace_ms = AGENT_GRACE_MS};
    PRE(strlen(name) < sizeof c->name);
    memcpy(c->name, name, strlen(name));
    map_init(&c->entries);
    arena_init(&c->kept);
    arena_init(&c->kept_host);
    agent_sweeps_init(&c->sweeps);
}

void agent_core_set_host(struct agent_core *c, const struct value *host)
{
    arena_clear(&c->kept_host);
    c->host = value_copy(&c->kept_host, host);
}

void agent_core_done(struct agent_core *c)
{
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);)
        agent_state_drop(c, value);
    map_done(&c->entries);
    arena_done(&c->kept);
    arena_done(&c->kept_host);
    agent_sweeps_done(&c->sweeps);
}

struct agent_entry *agent_core_find(const struct agent_core *c, const struct agent_key *key)
{
    return agent_state_find(c, key);
}

void agent_core_hold(struct agent_core *c, const struct agent_key *key)
{
    if (!agent_state_find(c, key))
        agent_state_add(c, key)->found = true;
}

static void core_offer(struct agent_core *c, struct agent_effects *out)
{
    agent_state_send(c, NULL, MESSAGE_SLOTS, out)->slots = agent_hello_slots(c, out->arena);
    c->offers_changed = false;
}

static void core_welcome(struct agent_core *c, const struct message *m, struct agent_effects *out)
{
    if (m->epoch < c->epoch || strlen(m->store) >= sizeof c->store)
        return;
    if (c->store[0] && strcmp(m->store, c->store) != 0) {
        agent_state_warn(AGENT_DO_CLOSE_LINK,
                         arena_printf(out->arena,
                                      "the controller has the store %s, but this agent works for "
                                      "the store %s",
                                      m->store, c->store),
                         out);
        return;
    }
    memcpy(c->store, m->store, strlen(m->store) + 1);
    c->epoch = m->epoch;
    c->welcomed = true;
    agent_sweeps_done(&c->sweeps); /* the controller sends each again over this link */
    if (c->offers_changed)
        core_offer(c, out);
}

/* Needs no entry: log and files outlive the agent's knowledge of their attempt. */
static void core_answer(struct agent_core *c, const struct agent_key *key, const struct message *m,
                        struct agent_effects *out)
{
    struct agent_effect *e = agent_effects_add(out, AGENT_DO_ANSWER, key);
    bool log = m->type == MESSAGE_LOG_READ;
    e->message = (struct message){.type = log ? MESSAGE_LOG : MESSAGE_FILES,
                                  .store = arena_strdup(out->arena, c->store),
                                  .epoch = c->epoch,
                                  .sweep = arena_strdup(out->arena, key->sweep),
                                  .trial = key->trial,
                                  .attempt = key->attempt,
                                  .request = m->request,
                                  .from = m->from,
                                  .to = m->to,
                                  .lines = m->lines,
                                  .max = m->max,
                                  .fold = m->fold,
                                  .find = log ? arena_strdup(out->arena, m->find) : NULL,
                                  .path = log ? NULL : arena_strdup(out->arena, m->path)};
}

static void core_renew(struct agent_core *c, const struct message *m, struct agent_effects *out)
{
    bool asked = m->type == MESSAGE_RENEW;
    struct agent_effect *e =
        agent_effects_add(out, asked ? AGENT_DO_RENEW : AGENT_DO_RENEWED, NULL);
    e->message = (struct message){.type = asked ? MESSAGE_RENEWAL : MESSAGE_RENEWED,
                                  .store = arena_strdup(out->arena, c->store),
                                  .epoch = c->epoch,
                                  .text = m->text ? arena_strdup(out->arena, m->text) : NULL};
}

static void core_message(struct agent_core *c, const struct agent_event *ev,
                         struct agent_effects *out)
{
    const struct message *m = ev->message;
    struct agent_key key = {.trial = m->trial, .attempt = m->attempt};
    if (m->type == MESSAGE_WELCOME) {
        core_welcome(c, m, out);
        return;
    }
    /* MUTANT agent-epoch: m->epoch == c->epoch => true */
    bool ours = c->welcomed && strcmp(m->store, c->store) == 0 && m->epoch == c->epoch;
    if (ours && m->type == MESSAGE_DRAINED)
        agent_leave_begin(c, AGENT_DRAINED, ev, out);
    else if (ours && m->type == MESSAGE_RELEASE)
        agent_effects_add(out, AGENT_DO_RELEASE, NULL);
    if (ours && (m->type == MESSAGE_RENEW || m->type == MESSAGE_RENEWED))
        core_renew(c, m, out);
    if (!ours || !m->sweep || strlen(m->sweep) >= sizeof key.sweep)
        return;
    memcpy(key.sweep, m->sweep, strlen(m->sweep) + 1);
    struct agent_entry *entry = agent_core_find(c, &key);
    if (m->type == MESSAGE_LOG_READ ||
        m->type == MESSAGE_FILES_READ) { /* an invalid sweep id is answered with an error */
        core_answer(c, &key, m, out);
    } else if (!agent_sweeps_is_id(m->sweep)) {
        return;
    } else if (m->type == MESSAGE_SWEEP) {
        if (!agent_sweeps_tell(&c->sweeps, m))
            agent_state_warn(AGENT_DO_CLOSE_LINK,
                             "the controller describes more sweeps than this agent has memory for",
                             out);
    } else if (m->type == MESSAGE_SWEEP_DONE) {
        agent_sweeps_forget(&c->sweeps, m->sweep);
    } else if (m->type == MESSAGE_LAUNCH) {
        agent_launch_take(c, &key, ev, out);
    } else if (!entry) {
        return;
    } else if (m->type == MESSAGE_STOP) {
        agent_launch_stop(c, entry, ev, out);
    } else if (m->type == MESSAGE_FORGET) {
        agent_launch_forget(entry, ev, out);
    } else if (m->type == MESSAGE_METRICS_ACK) {
        agent_stream_acked(c, entry, m, out);
    } else if (m->type == MESSAGE_ENDED_ACK && entry->state == AGENT_REPORTING) {
        agent_effects_add(out, AGENT_DO_TRIM, &key);
        agent_state_drop(c, entry);
    }
}

static void core_link_up(struct agent_core *c, struct agent_effects *out)
{
    c->linked = true;
    agent_hello_send(c, out);
}

static void core_tell_code(struct agent_core *c, const struct agent_event *ev,
                           struct agent_effects *out)
{
    if (!c->welcomed) /* it is looked at again with the next link */
        return;
    struct message *m = agent_state_send(c, NULL, MESSAGE_CODE, out);
    m->sweep = arena_strdup(out->arena, ev->key.sweep);
    m->text = arena_strdup(out->arena, ev->text);
}

static void core_tell_load(struct agent_core *c, const struct agent_event *ev,
                           struct agent_effects *out)
{
    if (c->welcomed)
        agent_state_send(c, NULL, MESSAGE_LOAD, out)->host = value_copy(out->arena, ev->load);
}

static void core_set_slots(struct agent_core *c, const struct value *slots,
                           struct agent_effects *out)
{
    PRE(slots->list.n == c->slots);
    arena_clear(&c->kept);
    c->offers = value_copy(&c->kept, slots);
    c->offers_changed = true;
    if (c->welcomed)
        core_offer(c, out);
}

static void core_set_room(struct agent_core *c, const struct agent_event *ev,
                          struct agent_effects *out)
{
    c->no_room = !ev->room;
    c->offers_changed |= c->elsewhere;
    if (c->welcomed && c->offers_changed)
        core_offer(c, out);
    agent_launch_waiting(c, ev, out);
}

static void core_tick(struct agent_core *c, const struct agent_event *ev, struct agent_effects *out)
{
    bool poll = ev->now_ms >= c->poll_at_ms;
    if (poll)
        c->poll_at_ms = ev->now_ms + AGENT_POLL_MS;
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);) {
        struct agent_entry *entry = value;
        if (poll && entry->state == AGENT_RUNNING)
            agent_stream_read_all(c, entry, out);
        if (ev->now_ms >= entry->process.due_ms)
            agent_launch_step(c, entry, ev, out); /* may drop the entry */
    }
}

void agent_core_step(struct agent_core *c, const struct agent_event *ev, struct agent_effects *out)
{
    struct agent_entry *entry = NULL;
    switch (ev->kind) {
    case AGENT_EV_TICK:
        core_tick(c, ev, out);
        return;
    case AGENT_EV_LINK_UP:
        core_link_up(c, out);
        return;
    case AGENT_EV_LINK_DOWN:
        c->linked = c->welcomed = false;
        return;
    case AGENT_EV_MESSAGE:
        core_message(c, ev, out);
        return;
    case AGENT_EV_LEAVE:
        agent_leave_begin(c, ev->leave, ev, out);
        return;
    case AGENT_EV_ROOM:
        core_set_room(c, ev, out);
        return;
    case AGENT_EV_CODE:
        core_tell_code(c, ev, out);
        return;
    case AGENT_EV_LOAD:
        core_tell_load(c, ev, out);
        return;
    case AGENT_EV_SLOTS:
        core_set_slots(c, ev->slots, out);
        return;
    case AGENT_EV_FOUND:
    case AGENT_EV_STARTED:
    case AGENT_EV_GONE:
    case AGENT_EV_SWEPT:
    case AGENT_EV_SAMPLED:
    case AGENT_EV_READ:
        entry = agent_core_find(c, &ev->key);
    }
    if (entry && ev->kind == AGENT_EV_READ)
        agent_stream_take(c, entry, ev, out);
    else if (entry && ev->kind == AGENT_EV_SAMPLED)
        entry->streams[AGENT_STREAM_SYSTEM].fresh = true; /* the next poll reads it */
    else if (entry)
        agent_launch_step(c, entry, ev, out);
}

int64_t agent_core_deadline(const struct agent_core *c)
{
    void *value;
    int64_t deadline = c->leaving != AGENT_STAYS ? c->leave_by_ms : INT64_MAX;
    for (size_t at = 0; map_next(&c->entries, &at, &value);) {
        const struct agent_entry *entry = value;
        if (entry->process.due_ms < deadline)
            deadline = entry->process.due_ms;
        if (entry->state == AGENT_RUNNING && c->welcomed && c->poll_at_ms < deadline)
            deadline = c->poll_at_ms;
    }
    return agent_core_waits_for_room(c) && c->poll_at_ms < deadline ? c->poll_at_ms : deadline;
}

bool agent_core_waits_for_room(const struct agent_core *c)
{
    void *value;
    if (c->no_room && c->elsewhere) /* it offers nothing until there is some */
        return true;
    for (size_t at = 0; c->no_room && map_next(&c->entries, &at, &value);)
        if (((struct agent_entry *)value)->waiting)
            return true;
    return false;
}

size_t agent_core_count(const struct agent_core *c, const char *sweep)
{
    size_t n = 0;
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);)
        n += !sweep || strcmp(((struct agent_entry *)value)->key.sweep, sweep) == 0;
    return n;
}

bool agent_core_has_trial(const struct agent_core *c, const struct agent_key *key)
{
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);) {
        const struct agent_key *other = &((struct agent_entry *)value)->key;
        if (other->trial == key->trial && strcmp(other->sweep, key->sweep) == 0)
            return true;
    }
    return false;
}

bool agent_core_is_taken(const struct agent_core *c, uint32_t slot)
{
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);) {
        const struct agent_entry *entry = value;
        const struct value *slots = value_get(entry->grant, "slots");
        if (entry->grant && entry->slot == slot)
            return true;
        for (size_t i = 0; slots && slots->kind == VALUE_LIST && i < slots->list.n; i++)
            if (slots->list.items[i]->kind == VALUE_INT && slots->list.items[i]->i == slot)
                return true;
    }
    return false;
}

bool agent_core_entry_holds(const struct agent_entry *entry, const char *gpu)
{
    const struct value *gpus = value_get(entry->grant, "gpus");
    for (size_t i = 0; gpus && gpus->kind == VALUE_LIST && i < gpus->list.n; i++)
        if (gpus->list.items[i]->kind == VALUE_STR && strcmp(gpus->list.items[i]->s.ptr, gpu) == 0)
            return true;
    return false;
}

bool agent_core_holds_gpu(const struct agent_core *c, const char *gpu)
{
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);)
        if (agent_core_entry_holds(value, gpu))
            return true;
    return false;
}
