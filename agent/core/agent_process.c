/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *    NONE --look--> LOOKING --its shim lives, or was started--> ALIVE
 *                   | ^   ^                                       |
 *      nothing free | |   +-----------------gone------------------+
 *                   v | again                  |
 *                  BUSY                        +--it was dead--> SWEEPING
 *
 * Back to NONE from LOOKING: an end is on record, nothing can have been started, or the directory
 * is a copy's or cannot be read; from SWEEPING: nothing is left, or a process survives SIGKILL;
 * from ALIVE: the shim survives SIGKILL; from BUSY: it took too long.
 */
#include "agent/core/agent_process.h"

#include <stdio.h>
#include <string.h>

enum {
    SWEEP_AGAIN_MS = 20,
    SWEEP_MS_MAX = 5000,
    BUSY_AGAIN_MS = 1000,
    BUSY_MS_MAX = 60000,
    /* How long a shim may exceed its time before it is killed. */
    SLACK_MS = 10000,
};

static bool process_over(struct agent_entry *entry, const struct agent_event *ev, const char *cause,
                         const char *text, struct agent_end *ret)
{
    entry->process.state = AGENT_PROCESS_NONE;
    entry->process.due_ms = INT64_MAX;
    *ret = (struct agent_end){.cause = cause, .at_ms = ev->wall_ms};
    snprintf(ret->text, sizeof ret->text, "%.255s", text);
    return true;
}

void agent_process_look(struct agent_entry *entry, struct agent_effects *out)
{
    entry->process.state = AGENT_PROCESS_LOOKING;
    entry->process.due_ms = INT64_MAX;
    struct agent_effect *e = agent_effects_add(out, AGENT_DO_LOOK, &entry->key);
    if (entry->state == AGENT_STARTING)
        e->message = entry->launch;
}

void agent_process_wait(struct agent_entry *entry, int64_t now_ms)
{
    struct agent_process *p = &entry->process;
    if (p->since_ms == 0)
        p->since_ms = now_ms;
    p->state = AGENT_PROCESS_BUSY;
    p->due_ms = now_ms + BUSY_AGAIN_MS;
}

static int64_t process_after(int64_t now_ms, int64_t ms)
{
    return ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + ms;
}

/* How long a shim may take to exit after it was asked. */
static int64_t process_patience(const struct agent_process *p, enum agent_signal asked)
{
    bool grace = asked == AGENT_SIGNAL_CONTINUE || asked == AGENT_SIGNAL_STOP;
    return grace ? process_after(SLACK_MS, p->grace_ms) : SLACK_MS;
}

void agent_process_ask(struct agent_entry *entry, enum agent_signal how, int64_t now_ms,
                       struct agent_effects *out)
{
    struct agent_process *p = &entry->process;
    if (p->state != AGENT_PROCESS_ALIVE || how <= p->asked)
        return;
    p->asked = how;
    p->due_ms = process_after(now_ms, process_patience(p, how));
    agent_effects_add(out, AGENT_DO_SIGNAL, &entry->key)->signal = how;
}

static enum agent_signal process_wanted(const struct agent_entry *entry)
{
    return entry->state == AGENT_FORGETTING || entry->stop == 2 ? AGENT_SIGNAL_KILL
           : entry->stop == 1                                   ? AGENT_SIGNAL_STOP
                                                                : AGENT_SIGNAL_NONE;
}

static void process_started(struct agent_entry *entry, const struct agent_event *ev,
                            struct agent_effects *out)
{
    struct agent_process *p = &entry->process;
    if (p->state != AGENT_PROCESS_LOOKING)
        return;
    p->state = AGENT_PROCESS_ALIVE;
    p->asked = AGENT_SIGNAL_NONE;
    p->due_ms = INT64_MAX;
    if (p->time_ms > 0) {
        int64_t left = p->time_ms > p->age_ms ? p->time_ms - p->age_ms : 0;
        p->due_ms = process_after(ev->now_ms, process_after(left, SLACK_MS));
    }
    agent_process_ask(entry, process_wanted(entry), ev->now_ms, out);
}

/* An attempt that has reported must not start again: a power cut may have taken its directory or
 * its owner's file, and a second training's reports would mix with those of the first. */
static bool process_is_fresh(const struct agent_entry *entry, const struct agent_found *found)
{
    bool reported = found->reported;
    for (size_t i = 0; i < AGENT_STREAMS; i++)
        reported |= entry->streams[i].offset > 0;
    return entry->state == AGENT_STARTING && entry->launch.type == MESSAGE_LAUNCH && !entry->stop &&
           !reported;
}

static bool process_dead(struct agent_entry *entry, const struct agent_event *ev,
                         struct agent_end *ret)
{
    const struct agent_process *p = &entry->process;
    if (p->closed && entry->stop)
        return process_over(entry, ev, "stop", "", ret);
    if (p->asked == AGENT_SIGNAL_FORCE && p->overdue)
        return process_over(entry, ev, "time", "its shim did not end it in time, and was killed",
                            ret);
    if (p->asked == AGENT_SIGNAL_FORCE)
        return process_over(entry, ev, "kill", "its shim did not end it, and was killed", ret);
    if (p->rebooted)
        return process_over(entry, ev, "reboot", "the machine rebooted", ret);
    return process_over(entry, ev, "shim",
                        p->closed ? "its shim never started" : "its shim was killed", ret);
}

static bool process_swept(struct agent_entry *entry, const struct agent_event *ev,
                          struct agent_end *ret)
{
    struct agent_process *p = &entry->process;
    if (p->state != AGENT_PROCESS_SWEEPING)
        return false;
    /* No process of a dead shim's training may live when its end is reported. */
    /* MUTANT swept: ev->left == 0 => true */
    if (ev->left == 0)
        return process_dead(entry, ev, ret);
    if (ev->now_ms - p->since_ms > SWEEP_MS_MAX)
        return process_over(entry, ev, "unkillable",
                            "its shim died, and its processes survived SIGKILL", ret);
    p->due_ms = ev->now_ms + SWEEP_AGAIN_MS;
    return false;
}

static bool process_fault(struct agent_entry *entry, const struct agent_event *ev,
                          struct agent_end *ret)
{
    struct agent_process *p = &entry->process;
    const struct agent_found *found = ev->found;
    if (found->fault == AGENT_FAULT_LAUNCH)
        return process_over(entry, ev, "launch", found->text, ret);
    if (found->fault == AGENT_FAULT_HOST)
        return process_over(entry, ev, "shim", found->text, ret);
    if (found->fault == AGENT_FAULT_CODE)
        return process_over(entry, ev, "code", found->text, ret);
    if (found->fault == AGENT_FAULT_WAIT) {
        agent_process_wait(entry, ev->now_ms);
        p->since_ms = 0;
        return false;
    }
    agent_process_wait(entry, ev->now_ms);
    return ev->now_ms - p->since_ms > BUSY_MS_MAX &&
           process_over(entry, ev, "host", found->text, ret);
}

static bool process_unclaimed(struct agent_entry *entry, const struct agent_event *ev,
                              struct agent_end *ret, struct agent_effects *out)
{
    bool absent = ev->found->state == AGENT_FOUND_ABSENT;
    /* MUTANT fresh: process_is_fresh(entry, ev->found) => entry->state == AGENT_STARTING */
    bool fresh = process_is_fresh(entry, ev->found);
    if (fresh)
        agent_effects_add(out, AGENT_DO_START, &entry->key)->message = entry->launch;
    else if (absent && entry->stop)
        return process_over(entry, ev, "stop", "", ret);
    else if (absent)
        return process_over(entry, ev, "reboot",
                            "its directory is missing, perhaps after a power cut", ret);
    else if (entry->process.closed)
        return process_over(entry, ev, "shim", "its directory cannot be claimed", ret);
    else
        agent_effects_add(out, AGENT_DO_CLOSE, &entry->key);
    entry->process.closed = !fresh; /* the effect above closes it */
    return false;
}

static bool process_found(struct agent_entry *entry, const struct agent_event *ev,
                          struct agent_end *ret, struct agent_effects *out)
{
    struct agent_process *p = &entry->process;
    const struct agent_found *found = ev->found;
    if (p->state != AGENT_PROCESS_LOOKING)
        return false;
    if (found->state != AGENT_FOUND_FAULT)
        p->since_ms = 0;
    switch (found->state) {
    case AGENT_FOUND_ABSENT:
    case AGENT_FOUND_UNOWNED:
        return process_unclaimed(entry, ev, ret, out);
    case AGENT_FOUND_ALIVE:
        p->age_ms = found->age_ms;
        agent_effects_add(out, AGENT_DO_WATCH, &entry->key);
        return false;
    case AGENT_FOUND_ENDED:
        process_over(entry, ev, "none", "", ret);
        *ret = found->end;
        return true;
    case AGENT_FOUND_DEAD:
        p->state = AGENT_PROCESS_SWEEPING;
        p->since_ms = ev->now_ms;
        p->closed = found->closed;
        p->rebooted = found->rebooted;
        agent_effects_add(out, AGENT_DO_SWEEP, &entry->key);
        return false;
    case AGENT_FOUND_COPIED:
        return process_over(entry, ev, "copy", "it runs in the original of this copied store", ret);
    case AGENT_FOUND_FAULT:
        return process_fault(entry, ev, ret);
    }
    return false;
}

/* A shim that ignores a request, or the end of its time, is stopped, hangs or is out of reach. */
static bool process_late(struct agent_entry *entry, const struct agent_event *ev,
                         struct agent_end *ret, struct agent_effects *out)
{
    struct agent_process *p = &entry->process;
    if (p->asked == AGENT_SIGNAL_FORCE)
        return process_over(entry, ev, "unkillable", "its shim survived SIGKILL", ret);
    p->overdue |= p->asked == AGENT_SIGNAL_NONE;
    agent_process_ask(entry,
                      p->asked == AGENT_SIGNAL_NONE   ? AGENT_SIGNAL_CONTINUE
                      : p->asked == AGENT_SIGNAL_STOP ? AGENT_SIGNAL_KILL
                                                      : AGENT_SIGNAL_FORCE,
                      ev->now_ms, out);
    return false;
}

static bool process_due(struct agent_entry *entry, const struct agent_event *ev,
                        struct agent_end *ret, struct agent_effects *out)
{
    struct agent_process *p = &entry->process;
    if (ev->now_ms < p->due_ms)
        return false;
    p->due_ms = INT64_MAX;
    if (p->state == AGENT_PROCESS_SWEEPING)
        agent_effects_add(out, AGENT_DO_SWEEP, &entry->key);
    else if (p->state == AGENT_PROCESS_BUSY)
        agent_process_look(entry, out);
    else if (p->state == AGENT_PROCESS_ALIVE)
        return process_late(entry, ev, ret, out);
    return false;
}

bool agent_process_step(struct agent_entry *entry, const struct agent_event *ev,
                        struct agent_end *ret, struct agent_effects *out)
{
    switch (ev->kind) {
    case AGENT_EV_FOUND:
        return process_found(entry, ev, ret, out);
    case AGENT_EV_STARTED:
        process_started(entry, ev, out);
        return false;
    case AGENT_EV_GONE:
        if (entry->process.state == AGENT_PROCESS_ALIVE ||
            entry->process.state == AGENT_PROCESS_LOOKING)
            agent_process_look(entry, out);
        return false;
    case AGENT_EV_SWEPT:
        return process_swept(entry, ev, ret);
    case AGENT_EV_TICK:
        return process_due(entry, ev, ret, out);
    default:
        return false;
    }
}
