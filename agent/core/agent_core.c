/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_core.h"

#include <string.h>

#include "agent/core/agent_process.h"
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

static struct message *entry_send(struct agent_core *c, const struct agent_entry *entry,
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

void agent_core_init(struct agent_core *c, const char *name, uint32_t slots)
{
    *c = (struct agent_core){.slots = slots, .grace_ms = AGENT_GRACE_MS};
    PRE(strlen(name) < sizeof c->name);
    memcpy(c->name, name, strlen(name));
    map_init(&c->entries);
    agent_sweeps_init(&c->sweeps);
}

static void entry_free(struct agent_entry *entry)
{
    arena_done(&entry->kept);
    mem_free(entry);
}

void agent_core_done(struct agent_core *c)
{
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);)
        entry_free(value);
    map_done(&c->entries);
    agent_sweeps_done(&c->sweeps);
}

_Static_assert(sizeof(struct agent_key) == 32, "a key has no padding");

struct agent_entry *agent_core_find(const struct agent_core *c, const struct agent_key *key)
{
    return map_find(&c->entries, key, sizeof *key);
}

static struct agent_entry *entry_add(struct agent_core *c, const struct agent_key *key)
{
    struct agent_entry *entry = mem_alloc(sizeof *entry);
    entry->key = *key;
    entry->process.due_ms = INT64_MAX;
    entry->process.grace_ms = c->grace_ms;
    arena_init(&entry->kept);
    check(map_put(&c->entries, key, sizeof *key, entry) == NULL);
    return entry;
}

static void entry_drop(struct agent_core *c, struct agent_entry *entry)
{
    map_remove(&c->entries, &entry->key, sizeof entry->key);
    entry_free(entry);
}

void agent_core_hold(struct agent_core *c, const struct agent_key *key)
{
    if (!agent_core_find(c, key))
        entry_add(c, key)->found = true;
}

static void read_stream(struct agent_core *c, struct agent_entry *entry, uint32_t stream,
                        struct agent_effects *out)
{
    struct agent_stream *s = &entry->streams[stream];
    if (!c->welcomed || s->reading || s->in_flight || s->drained)
        return;
    s->reading = true;
    struct agent_effect *e = agent_effects_add(out, AGENT_DO_READ, &entry->key);
    e->stream = stream;
    e->from = s->offset;
    e->last = s->read_last = entry->state == AGENT_DRAINING;
}

static uint32_t streams_of(const struct agent_entry *entry)
{
    return entry->capture ? 2 : 1;
}

static void read_streams(struct agent_core *c, struct agent_entry *entry, struct agent_effects *out)
{
    for (uint32_t i = 0; i < streams_of(entry); i++)
        read_stream(c, entry, i, out);
}

static void report_if_drained(struct agent_core *c, struct agent_entry *entry,
                              struct agent_effects *out)
{
    for (uint32_t i = 0; i < streams_of(entry); i++)
        /* MUTANT drained-first: !entry => i == 0 && !entry */
        if (!entry->streams[i].drained)
            return;
    machine_move(entry_states, &entry->state, AGENT_REPORTING);
    struct message *m = entry_send(c, entry, MESSAGE_ENDED, out);
    const struct agent_end *end = &entry->end;
    m->cause = end->cause;
    m->code = (uint64_t)(end->code < 0 ? 0 : end->code);
    m->signal = (uint64_t)end->signal;
    m->oom = end->oom;
    m->at_ms = (uint64_t)(end->at_ms < 0 ? 0 : end->at_ms);
    m->ran_ms = (uint64_t)(end->ran_ms < 0 ? 0 : end->ran_ms);
    m->dropped = end->dropped;
    m->stdout_dropped = end->stdout_dropped;
    m->no_room = end->no_room;
    m->rewrites = entry->rewrites;
    m->text = arena_strdup(out->arena, end->text);
}

/* Where the controller knows better what is durable than we do: after a hello, or a message lost.
 */
static void rewind_streams(struct agent_entry *entry, const struct value *offsets)
{
    for (uint32_t i = 0; i < AGENT_STREAMS; i++) {
        struct agent_stream *s = &entry->streams[i];
        if (offsets->kind == VALUE_LIST && i < offsets->list.n &&
            offsets->list.items[i]->kind == VALUE_INT)
            s->offset = (uint64_t)offsets->list.items[i]->i;
        s->in_flight = s->drained = false;
    }
    if (entry->state == AGENT_REPORTING)
        machine_move(entry_states, &entry->state, AGENT_DRAINING);
}

/* What the controller gave up may live until it is forgotten, in a slot that the controller takes
 * for free. Of what was found at the start no slot is known. */
static bool slot_is_taken(const struct agent_core *c, uint32_t slot)
{
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);) {
        const struct agent_entry *entry = value;
        if (entry->state == AGENT_FORGETTING && (entry->found || entry->slot == slot))
            return true;
    }
    return false;
}

/* What is to be looked at or started is told with its sweep's part. Where that is not known, as
 * between a welcome and what is told after it, it is looked at again. */
static void join_launch(const struct agent_core *c, struct agent_entry *entry, int64_t now_ms,
                        size_t from, struct agent_effects *out)
{
    for (size_t i = from; i < out->n; i++) {
        struct agent_effect *e = &out->items[i];
        bool launch = (e->kind == AGENT_DO_LOOK || e->kind == AGENT_DO_START) &&
                      e->message.type == MESSAGE_LAUNCH;
        if (launch && !agent_sweeps_join(&c->sweeps, &entry->launch, &e->message)) {
            out->n = i;
            agent_process_wait(entry, now_ms);
        }
    }
}

/* False where the sweep has not been told of over this link. */
static bool entry_start(struct agent_core *c, struct agent_entry *entry, int64_t now_ms,
                        struct agent_effects *out)
{
    struct message whole;
    size_t from = out->n;
    if (!agent_sweeps_join(&c->sweeps, &entry->launch, &whole))
        return false;
    entry->waiting = false;
    entry->process.time_ms = (int64_t)whole.time_ms;
    machine_move(entry_states, &entry->state, AGENT_STARTING);
    agent_process_look(entry, out);
    join_launch(c, entry, now_ms, from, out);
    return true;
}

static void keep_launch(struct agent_entry *entry, const struct message *m)
{
    arena_clear(&entry->kept);
    const struct value *copy = value_copy(&entry->kept, message_encode(&entry->kept, m));
    check(message_decode(copy, &entry->launch, NULL) == 0);
}

static void drop_launch(struct agent_entry *entry)
{
    arena_done(&entry->kept);
    arena_init(&entry->kept);
    entry->launch = (struct message){0};
}

/* What was found at the start has a place already. */
static bool must_wait(const struct agent_core *c, const struct agent_entry *entry)
{
    /* MUTANT slot-left: slot_is_taken(c, entry->slot) => false */
    return !entry->found && (c->no_room || slot_is_taken(c, entry->slot));
}

static void start_waiting(struct agent_core *c, int64_t now_ms, struct agent_effects *out)
{
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);) {
        struct agent_entry *entry = value;
        if (entry->state == AGENT_HELD && entry->waiting && !must_wait(c, entry))
            (void)entry_start(c, entry, now_ms, out); /* or when its sweep is told of again */
    }
}

static void entry_ended(struct agent_core *c, struct agent_entry *entry,
                        const struct agent_end *end, struct agent_effects *out)
{
    bool runs = entry->state == AGENT_STARTING || entry->state == AGENT_RUNNING;
    if (!runs && !entry->waiting)
        return;
    entry->waiting = false;
    drop_launch(entry);
    machine_move(entry_states, &entry->state, AGENT_DRAINING);
    entry->end = *end;
    read_streams(c, entry, out);
}

static void entry_launch(struct agent_core *c, const struct agent_key *key,
                         const struct agent_event *ev, struct agent_effects *out)
{
    const struct message *m = ev->message;
    struct message whole;
    struct agent_entry *entry = agent_core_find(c, key);
    if (!entry)
        entry = entry_add(c, key);
    if (entry->state == AGENT_FORGETTING)
        return;
    entry->capture = agent_sweeps_join(&c->sweeps, m, &whole) && whole.capture[0];
    entry->slot = (uint32_t)m->slot;
    rewind_streams(entry, m->offsets);
    if (entry->state == AGENT_HELD) {
        keep_launch(entry, m);
        entry->waiting = true;
        if (must_wait(c, entry))
            return;
        if (!entry_start(c, entry, ev->now_ms, out))
            entry_ended(c, entry,
                        &(struct agent_end){.cause = "launch",
                                            .at_ms = ev->wall_ms,
                                            .text = "its sweep was never told of"},
                        out);
    } else if (entry->state != AGENT_STARTING) {
        read_streams(c, entry, out);
    }
}

static void entry_stop(struct agent_core *c, struct agent_entry *entry,
                       const struct agent_event *ev, struct agent_effects *out)
{
    bool now = ev->message->now;
    int wanted = now ? 2 : 1;
    if (wanted <= entry->stop)
        return;
    entry->stop = wanted;
    if (entry->waiting)
        entry_ended(c, entry, &(struct agent_end){.cause = "stop", .at_ms = ev->wall_ms}, out);
    else
        agent_process_ask(entry, now ? AGENT_SIGNAL_KILL : AGENT_SIGNAL_STOP, ev->now_ms, out);
}

static void entry_forget(struct agent_entry *entry, const struct agent_event *ev,
                         struct agent_effects *out)
{
    if (entry->state == AGENT_FORGETTING)
        return;
    entry->waiting = false;
    machine_move(entry_states, &entry->state, AGENT_FORGETTING);
    if (entry->process.state == AGENT_PROCESS_NONE)
        agent_process_look(entry, out);
    else
        agent_process_ask(entry, AGENT_SIGNAL_KILL, ev->now_ms, out);
}

static void metrics_ack(struct agent_core *c, struct agent_entry *entry, const struct message *m,
                        struct agent_effects *out)
{
    if (m->stream >= AGENT_STREAMS)
        return;
    struct agent_stream *s = &entry->streams[m->stream];
    s->offset = m->to;
    /* MUTANT acked: s->in_flight = false => (void)s */
    s->in_flight = false;
    if (entry->state == AGENT_DRAINING || (entry->state == AGENT_RUNNING && s->more))
        read_stream(c, entry, (uint32_t)m->stream, out);
}

static void take_welcome(struct agent_core *c, const struct message *m)
{
    if (m->epoch < c->epoch || strlen(m->store) >= sizeof c->store)
        return;
    memcpy(c->store, m->store, strlen(m->store) + 1);
    c->epoch = m->epoch;
    c->welcomed = true;
    agent_sweeps_done(&c->sweeps); /* it tells each anew over this link */
}

static void take_message(struct agent_core *c, const struct agent_event *ev,
                         struct agent_effects *out)
{
    const struct message *m = ev->message;
    struct agent_key key = {.trial = m->trial, .attempt = m->attempt};
    if (m->type == MESSAGE_WELCOME) {
        take_welcome(c, m);
        return;
    }
    /* MUTANT agent-epoch: m->epoch == c->epoch => true */
    bool ours = c->welcomed && strcmp(m->store, c->store) == 0 && m->epoch == c->epoch;
    if (!ours || !m->sweep || strlen(m->sweep) >= sizeof key.sweep)
        return;
    memcpy(key.sweep, m->sweep, strlen(m->sweep) + 1);
    struct agent_entry *entry = agent_core_find(c, &key);
    if (m->type == MESSAGE_SWEEP) {
        agent_sweeps_tell(&c->sweeps, m);
    } else if (m->type == MESSAGE_SWEEP_DONE) {
        agent_sweeps_forget(&c->sweeps, m->sweep);
    } else if (m->type == MESSAGE_LAUNCH) {
        entry_launch(c, &key, ev, out);
    } else if (!entry) {
        return;
    } else if (m->type == MESSAGE_STOP) {
        entry_stop(c, entry, ev, out);
    } else if (m->type == MESSAGE_FORGET) {
        entry_forget(entry, ev, out);
    } else if (m->type == MESSAGE_METRICS_ACK) {
        metrics_ack(c, entry, m, out);
    } else if (m->type == MESSAGE_ENDED_ACK && entry->state == AGENT_REPORTING) {
        agent_effects_add(out, AGENT_DO_TRIM, &key);
        entry_drop(c, entry);
    }
}

static const struct value *slots_offered(const struct agent_core *c, struct arena *a)
{
    struct value *list = value_list(a);
    for (uint32_t i = 0; i < c->slots; i++)
        value_push(a, list, value_dict(a));
    return list;
}

static void link_up(struct agent_core *c, struct agent_effects *out)
{
    c->linked = true;
    c->welcomed = false;
    struct value *held = value_list(out->arena);
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);) {
        struct agent_entry *entry = value;
        for (int i = 0; i < AGENT_STREAMS; i++)
            entry->streams[i].in_flight = false;
        if (entry->state == AGENT_FORGETTING)
            continue;
        struct value *item = value_list(out->arena);
        value_push(out->arena, item, value_str(out->arena, entry->key.sweep));
        value_push(out->arena, item, value_int(out->arena, (int64_t)entry->key.trial));
        value_push(out->arena, item, value_int(out->arena, (int64_t)entry->key.attempt));
        value_push(out->arena, held, item);
    }
    struct message *m = entry_send(c, NULL, MESSAGE_HELLO, out);
    m->version = MESSAGE_VERSION;
    m->agent = c->name;
    m->slots = slots_offered(c, out->arena);
    m->held = held;
}

static void step_process(struct agent_core *c, struct agent_entry *entry,
                         const struct agent_event *ev, struct agent_effects *out)
{
    struct agent_end end;
    size_t from = out->n;
    bool over = agent_process_step(entry, ev, &end, out);
    join_launch(c, entry, ev->now_ms, from, out);
    if (ev->kind == AGENT_EV_STARTED && entry->state == AGENT_STARTING) {
        machine_move(entry_states, &entry->state, AGENT_RUNNING);
        drop_launch(entry);
    }
    if (over && entry->state == AGENT_FORGETTING) {
        agent_effects_add(out, AGENT_DO_TRIM, &entry->key);
        entry_drop(c, entry);
        start_waiting(c, ev->now_ms, out);
    } else if (over) {
        entry_ended(c, entry, &end, out);
    }
}

static void read_done(struct agent_core *c, struct agent_entry *entry, const struct agent_event *ev,
                      struct agent_effects *out)
{
    struct agent_stream *s = &entry->streams[ev->stream];
    bool stale = !c->welcomed || s->in_flight || ev->from != s->offset ||
                 (entry->state != AGENT_RUNNING && entry->state != AGENT_DRAINING);
    s->reading = false;
    s->more = ev->more;
    if (ev->rewrites > entry->rewrites)
        entry->rewrites = ev->rewrites;
    if (stale) {
        if (entry->state == AGENT_DRAINING)
            read_stream(c, entry, ev->stream, out);
        return;
    }
    if (ev->to > ev->from) {
        s->in_flight = true;
        struct message *m = entry_send(c, entry, MESSAGE_METRICS, out);
        m->stream = ev->stream;
        m->from = ev->from;
        m->to = ev->to;
        m->at_ms = (uint64_t)ev->wall_ms;
        m->text = ev->text;
        m->line = ev->line;
        m->bad_lines = ev->bad_lines;
        m->bad_line = ev->bad_line;
        m->long_lines = ev->long_lines;
        m->long_line = ev->long_line;
    } else if (entry->state == AGENT_DRAINING) {
        /* A read that began before the end may have missed the last line. */
        /* MUTANT read-last: !s->read_last => false */
        if (!s->read_last) {
            read_stream(c, entry, ev->stream, out);
            return;
        }
        s->drained = true;
        report_if_drained(c, entry, out);
    }
}

static void take_tick(struct agent_core *c, const struct agent_event *ev, struct agent_effects *out)
{
    bool poll = ev->now_ms >= c->poll_at_ms;
    if (poll)
        c->poll_at_ms = ev->now_ms + AGENT_POLL_MS;
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);) {
        struct agent_entry *entry = value;
        if (poll && entry->state == AGENT_RUNNING)
            read_streams(c, entry, out);
        if (ev->now_ms >= entry->process.due_ms)
            step_process(c, entry, ev, out); /* it may be dropped */
    }
}

void agent_core_step(struct agent_core *c, const struct agent_event *ev, struct agent_effects *out)
{
    struct agent_entry *entry = NULL;
    switch (ev->kind) {
    case AGENT_EV_TICK:
        take_tick(c, ev, out);
        return;
    case AGENT_EV_LINK_UP:
        link_up(c, out);
        return;
    case AGENT_EV_LINK_DOWN:
        c->linked = c->welcomed = false;
        return;
    case AGENT_EV_MESSAGE:
        take_message(c, ev, out);
        return;
    case AGENT_EV_ROOM:
        c->no_room = !ev->room;
        start_waiting(c, ev->now_ms, out);
        return;
    case AGENT_EV_FOUND:
    case AGENT_EV_STARTED:
    case AGENT_EV_GONE:
    case AGENT_EV_SWEPT:
    case AGENT_EV_READ:
        entry = agent_core_find(c, &ev->key);
    }
    if (entry && ev->kind == AGENT_EV_READ)
        read_done(c, entry, ev, out);
    else if (entry)
        step_process(c, entry, ev, out);
}

int64_t agent_core_deadline(const struct agent_core *c)
{
    void *value;
    int64_t deadline = INT64_MAX;
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
