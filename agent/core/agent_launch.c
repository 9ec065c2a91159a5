/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_launch.h"

#include <stdio.h>
#include <string.h>

#include "agent/core/agent_process.h"
#include "agent/core/agent_stream.h"
#include "base/check.h"

static bool launch_has_slot(const struct agent_entry *entry, int64_t slot)
{
    const struct value *slots = value_get(entry->grant, "slots");
    for (size_t i = 0; slots && slots->kind == VALUE_LIST && i < slots->list.n; i++)
        if (slots->list.items[i]->kind == VALUE_INT && slots->list.items[i]->i == slot)
            return true;
    return entry->slot == slot;
}

/* Whether one of them has a slot of the other. */
static bool launch_shares_slot(const struct agent_entry *entry, const struct agent_entry *other)
{
    const struct value *slots = value_get(entry->grant, "slots");
    for (size_t i = 0; slots && slots->kind == VALUE_LIST && i < slots->list.n; i++)
        if (slots->list.items[i]->kind == VALUE_INT &&
            launch_has_slot(other, slots->list.items[i]->i))
            return true;
    return launch_has_slot(other, entry->slot);
}

/* An attempt that the controller gave up may still run in a slot that the controller takes for
 * free. The slots of an attempt found at the start are unknown, so it counts for every slot. */
static bool launch_slot_is_taken(const struct agent_core *c, const struct agent_entry *entry)
{
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);) {
        const struct agent_entry *other = value;
        if (other->state == AGENT_FORGETTING && (other->found || launch_shares_slot(entry, other)))
            return true;
    }
    return false;
}

/* Adds the sweep's part to each look or start. If that part is unknown, as right after a welcome,
 * the attempt is looked at again later. */
static void launch_join(const struct agent_core *c, struct agent_entry *entry, int64_t now_ms,
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

/* False if the controller has not sent the sweep over this link. */
static bool launch_start(struct agent_core *c, struct agent_entry *entry, int64_t now_ms,
                         struct agent_effects *out)
{
    struct message whole;
    size_t from = out->n;
    if (!agent_sweeps_join(&c->sweeps, &entry->launch, &whole))
        return false;
    entry->waiting = false;
    entry->process.time_ms = (int64_t)whole.time_ms;
    agent_state_move(entry, AGENT_STARTING);
    if (entry->process.state == AGENT_PROCESS_NONE)
        agent_process_look(entry, out);
    else if (entry->process.state == AGENT_PROCESS_ALIVE) /* looked at already, to be ended */
        agent_state_move(entry, AGENT_RUNNING);
    launch_join(c, entry, now_ms, from, out);
    return true;
}

static void launch_keep(struct agent_entry *entry, const struct message *m)
{
    arena_clear(&entry->kept);
    const struct value *copy = value_copy(&entry->kept, message_encode(&entry->kept, m));
    check(message_decode(copy, &entry->launch, NULL) == 0);
}

static void launch_drop(struct agent_entry *entry)
{
    arena_done(&entry->kept);
    arena_init(&entry->kept);
    entry->launch = (struct message){0};
}

/* An attempt that was found at the start already has a place. */
static bool launch_must_wait(const struct agent_core *c, const struct agent_entry *entry)
{
    /* MUTANT slot-left: launch_slot_is_taken(c, entry) => false */
    return !entry->found && (c->no_room || launch_slot_is_taken(c, entry));
}

/* The cause of an end that the agent brought about because it leaves. */
static const char *launch_leave_cause(const struct agent_core *c)
{
    return c->leaving == AGENT_INTERRUPTED ? "interrupt" : "preempt";
}

static void launch_ended(struct agent_core *c, struct agent_entry *entry,
                         const struct agent_end *end, struct agent_effects *out)
{
    bool runs = entry->state == AGENT_STARTING || entry->state == AGENT_RUNNING;
    if (!runs && !entry->waiting)
        return;
    entry->waiting = false;
    launch_drop(entry);
    agent_state_move(entry, AGENT_DRAINING);
    entry->end = *end;
    if (entry->left && (strcmp(end->cause, "stop") == 0 || strcmp(end->cause, "kill") == 0))
        entry->end.cause = launch_leave_cause(c);
    agent_stream_read_all(c, entry, out);
}

/* Its trial goes to another host at no cost. */
static void launch_hand_back(struct agent_core *c, struct agent_entry *entry,
                             const struct agent_event *ev, struct agent_effects *out)
{
    launch_ended(c, entry,
                 &(struct agent_end){.cause = "interrupt",
                                     .at_ms = ev->wall_ms,
                                     .text = "not started: no space on its disk"},
                 out);
}

void agent_launch_waiting(struct agent_core *c, const struct agent_event *ev,
                          struct agent_effects *out)
{
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);) {
        struct agent_entry *entry = value;
        bool waits = entry->state == AGENT_HELD && entry->waiting;
        if (waits && !entry->found && c->no_room && c->elsewhere)
            launch_hand_back(c, entry, ev, out);
        else if (waits && !launch_must_wait(c, entry))
            (void)launch_start(c, entry, ev->now_ms, out); /* false: again when its sweep is sent */
    }
}

/* Whether an attempt other than those that end has this slot. */
static bool launch_slot_is_busy(const struct agent_core *c, int64_t slot)
{
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);) {
        const struct agent_entry *other = value;
        bool lives =
            other->waiting || other->state == AGENT_STARTING || other->state == AGENT_RUNNING;
        if (lives && other->grant && launch_has_slot(other, slot))
            return true;
    }
    return false;
}

/* Why a new attempt cannot have these slots; NULL: it can. A sound controller asks for a slot that
 * is not there only where the agent was started again with fewer. */
static const char *launch_fault(const struct agent_core *c, const struct message *m,
                                struct arena *a)
{
    const struct value *slots = value_get(m->grant, "slots");
    size_t n = slots && slots->kind == VALUE_LIST ? slots->list.n : 0;
    for (size_t i = 0; i <= n; i++) {
        const struct value *one = i < n ? slots->list.items[i] : NULL;
        int64_t slot = !one ? (int64_t)m->slot : one->kind == VALUE_INT ? one->i : -1;
        if (slot < 0 || slot >= c->slots)
            return arena_printf(a, "the controller asks for slot %lld, but this agent has %u",
                                (long long)slot, c->slots);
        if (launch_slot_is_busy(c, slot))
            return arena_printf(a, "the controller asks for slot %lld, where a trial runs already",
                                (long long)slot);
    }
    return NULL;
}

/* Its trial goes elsewhere at no cost. Nothing is kept of it: if this message is lost, the
 * controller sends its launch again. */
static void launch_refuse(struct agent_core *c, const struct agent_event *ev, const char *why,
                          struct agent_effects *out)
{
    struct message *m = agent_state_send(c, NULL, MESSAGE_ENDED, out);
    m->sweep = arena_strdup(out->arena, ev->message->sweep);
    m->trial = ev->message->trial;
    m->attempt = ev->message->attempt;
    m->cause = "interrupt";
    m->at_ms = (uint64_t)ev->wall_ms;
    m->text = why;
    if (c->slots > 0) /* one without slots is there to end what an earlier one has left */
        agent_state_warn(AGENT_DO_WARN, why, out);
}

void agent_launch_take(struct agent_core *c, const struct agent_key *key,
                       const struct agent_event *ev, struct agent_effects *out)
{
    const struct message *m = ev->message;
    struct message whole;
    struct agent_entry *entry = agent_state_find(c, key);
    const char *fault = entry ? NULL : launch_fault(c, m, out->arena);
    if (fault) {
        launch_refuse(c, ev, fault, out);
        return;
    }
    if (!entry)
        entry = agent_state_add(c, key);
    if (entry->state == AGENT_FORGETTING)
        return;
    entry->capture = agent_sweeps_join(&c->sweeps, m, &whole) && whole.report->dict.n > 0;
    entry->slot = (uint32_t)m->slot;
    arena_clear(&entry->granted);
    entry->grant = value_copy(&entry->granted, m->grant);
    agent_stream_rewind(entry, m->offsets);
    if (entry->state == AGENT_HELD) {
        launch_keep(entry, m);
        entry->waiting = true;
        if (c->leaving != AGENT_STAYS && !entry->found) {
            launch_ended(c, entry,
                         &(struct agent_end){.cause = launch_leave_cause(c), .at_ms = ev->wall_ms},
                         out);
            return;
        }
        if (c->no_room && c->elsewhere && !entry->found)
            launch_hand_back(c, entry, ev, out);
        if (!entry->waiting || launch_must_wait(c, entry))
            return;
        if (!launch_start(c, entry, ev->now_ms, out))
            launch_ended(c, entry,
                         &(struct agent_end){.cause = "launch",
                                             .at_ms = ev->wall_ms,
                                             .text = "the controller never sent its sweep"},
                         out);
    } else if (entry->state != AGENT_STARTING) {
        agent_stream_read_all(c, entry, out);
    }
}

void agent_launch_stop(struct agent_core *c, struct agent_entry *entry,
                       const struct agent_event *ev, struct agent_effects *out)
{
    bool now = ev->message->now;
    int wanted = now ? 2 : 1;
    if (wanted <= entry->stop)
        return;
    entry->stop = wanted;
    if (entry->waiting)
        launch_ended(c, entry, &(struct agent_end){.cause = "stop", .at_ms = ev->wall_ms}, out);
    else
        agent_process_ask(entry, now ? AGENT_SIGNAL_KILL : AGENT_SIGNAL_STOP, ev->now_ms, out);
}

void agent_launch_leave(struct agent_core *c, struct agent_entry *entry, bool now,
                        const struct agent_event *ev, struct agent_effects *out)
{
    int wanted = now ? 2 : 1;
    bool ends = entry->state == AGENT_FORGETTING || entry->state == AGENT_DRAINING ||
                entry->state == AGENT_REPORTING;
    if (ends || wanted <= entry->stop)
        return;
    entry->left |= entry->stop == 0;
    entry->stop = wanted;
    if (entry->waiting)
        launch_ended(c, entry, &(struct agent_end){.cause = "stop", .at_ms = ev->wall_ms}, out);
    else if (entry->state == AGENT_HELD && entry->process.state == AGENT_PROCESS_NONE)
        agent_process_look(entry, out);
    else
        agent_process_ask(entry, now ? AGENT_SIGNAL_KILL : AGENT_SIGNAL_STOP, ev->now_ms, out);
}

void agent_launch_forget(struct agent_entry *entry, const struct agent_event *ev,
                         struct agent_effects *out)
{
    if (entry->state == AGENT_FORGETTING)
        return;
    entry->waiting = false;
    agent_state_move(entry, AGENT_FORGETTING);
    if (entry->process.state == AGENT_PROCESS_NONE)
        agent_process_look(entry, out);
    else
        agent_process_ask(entry, AGENT_SIGNAL_KILL, ev->now_ms, out);
}

/* Tells the controller what the attempt waits for, if that has changed. */
static void launch_tell(struct agent_core *c, struct agent_entry *entry, const char *text,
                        struct agent_effects *out)
{
    if (!c->welcomed || strcmp(text, entry->waits) == 0)
        return;
    snprintf(entry->waits, sizeof entry->waits, "%s", text);
    agent_state_send(c, entry, MESSAGE_WAITS, out)->text = arena_strdup(out->arena, text);
}

void agent_launch_step(struct agent_core *c, struct agent_entry *entry,
                       const struct agent_event *ev, struct agent_effects *out)
{
    struct agent_end end;
    size_t from = out->n;
    bool waits = ev->kind == AGENT_EV_FOUND && ev->found->state == AGENT_FOUND_FAULT &&
                 ev->found->fault == AGENT_FAULT_WAIT;
    bool over = agent_process_step(entry, ev, &end, out);
    if (waits || ev->kind == AGENT_EV_STARTED)
        launch_tell(c, entry, waits ? ev->found->text : "", out);
    launch_join(c, entry, ev->now_ms, from, out);
    if (ev->kind == AGENT_EV_STARTED && entry->state == AGENT_STARTING) {
        agent_state_move(entry, AGENT_RUNNING);
        launch_drop(entry);
    }
    if (over && entry->state == AGENT_FORGETTING) {
        agent_effects_add(out, AGENT_DO_TRIM, &entry->key);
        agent_state_drop(c, entry);
        agent_launch_waiting(c, ev, out);
    } else if (over) {
        launch_ended(c, entry, &end, out);
    }
}
