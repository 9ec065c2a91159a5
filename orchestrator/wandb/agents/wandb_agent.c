/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/agents/wandb_agent.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

void wandb_agent_init(struct wandb_agent *a, const char *name, const char *sweep, int64_t lost_ms,
                      struct wandb_now now)
{
    *a = (struct wandb_agent){.lost_ms = lost_ms, .heard_ms = now.ms};
    snprintf(a->name, sizeof a->name, "%s", name);
    snprintf(a->sweep, sizeof a->sweep, "%s", sweep);
}

void wandb_agent_done(struct wandb_agent *a)
{
    for (size_t i = 0; i < a->n; i++)
        arena_done(&a->tasks[i].kept);
    mem_free(a->tasks);
}

const struct wandb_task *wandb_agent_find(const struct wandb_agent *a, uint64_t trial)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->tasks[i].trial == trial && a->tasks[i].state < TASK_ENDED)
            return &a->tasks[i];
    return NULL;
}

void wandb_agent_hold(struct wandb_agent *a, uint64_t trial, uint64_t attempt, bool done)
{
    if (!wandb_agent_task(a, trial, attempt))
        wandb_agent_add_task(a, trial, attempt)->state = done ? TASK_DONE : TASK_NEW;
}

static bool agent_is_busy(const struct wandb_agent *a)
{
    return a->n > 0;
}

void wandb_agent_hello(struct wandb_agent *a, struct wandb_effects *out)
{
    wandb_agent_say_hello(a, false, out);
}

/* why: NULL if it said that it has ended. */
static void task_end(struct wandb_agent *a, struct wandb_task *t, struct wandb_now now,
                     const char *why, struct wandb_effects *out)
{
    if (t->state >= TASK_OVER)
        return;
    t->state = TASK_OVER;
    t->over_ms = now.ms;
    t->over_wall_ms = now.wall_ms;
    t->why = why;
    if (why)
        wandb_agent_effect(out, WANDB_EFFECT_ENDED, t);
    wandb_agent_push(a, t, out);
}

/* The slot is offered while a heartbeat waits that names no run, and nothing else is to be done. */
static void agent_offer(struct wandb_agent *a, struct wandb_effects *out)
{
    bool offers = a->hold_ms != 0 && !agent_is_busy(a) && !a->over;
    if (offers == a->offered)
        return;
    a->offered = offers;
    if (a->up)
        wandb_agent_say_slots(a, out);
}

static void agent_answer(struct wandb_agent *a, int64_t now_ms, enum wandb_command command,
                         struct wandb_task *t, struct wandb_effects *out)
{
    struct wandb_effect *e = t ? wandb_agent_effect(out, WANDB_EFFECT_ANSWER, t)
                               : wandb_agent_effect(out, WANDB_EFFECT_ANSWER, NULL);
    e->command = command;
    a->hold_ms = 0;
    a->heard_ms = now_ms; /* it waited until now */
}

/* It gets no more of the protocol: the controller is told that it leaves, also with runs, which are lost then.
 * Nobody is to miss it: a client that is started again has another id. */
static void agent_leave(struct wandb_agent *a, int64_t silent_ms, struct wandb_effects *out)
{
    if (a->up)
        wandb_agent_say_hello(a, true, out);
    wandb_agent_effect(out, WANDB_EFFECT_GONE, NULL)->silent_ms = silent_ms;
}

static bool task_is_given_again(const struct wandb_task *t)
{
    return (t->state == TASK_READY || (t->state == TASK_GIVEN && !t->named)) && !t->stop &&
           !t->forgotten;
}

/* Answers the heartbeat that waits, if there is something to say. Function agents heed only the first
 * command of an answer, so it has one. */
static void agent_reply(struct wandb_agent *a, struct wandb_now now, struct wandb_effects *out)
{
    bool named = false;
    if (a->hold_ms == 0)
        return;
    for (size_t i = 0; i < a->n; i++) {
        struct wandb_task *t = &a->tasks[i];
        named |= t->named;
        if (t->named && t->state < TASK_OVER && (t->stop || t->forgotten)) {
            agent_answer(a, now.ms, WANDB_STOP, t, out);
            return;
        }
    }
    for (size_t i = 0; i < a->n; i++) {
        struct wandb_task *t = &a->tasks[i];
        if (!task_is_given_again(t) || t->gives >= WANDB_AGENT_GIVES_MAX)
            continue;
        t->state = TASK_GIVEN;
        t->gives++;
        t->given_ms = now.ms;
        agent_answer(a, now.ms, t->again ? WANDB_RESUME : WANDB_RUN, t, out);
        return;
    }
    if (a->over && !agent_is_busy(a)) {
        agent_answer(a, now.ms, WANDB_EXIT, NULL, out);
        agent_leave(a, 0, out);
    } else if (named || now.ms >= a->hold_ms) {
        agent_answer(a, now.ms, WANDB_NOTHING, NULL, out);
    }
}

/* What follows from the time and the last heartbeat, for one task. */
static void task_review(struct wandb_agent *a, struct wandb_task *t, struct wandb_now now,
                        struct wandb_effects *out)
{
    bool unborn = t->state == TASK_NEW || t->state == TASK_READY;
    if (!unborn && t->state < TASK_OVER && !t->stop && a->time_ms > 0 &&
        now.ms - t->given_ms >= a->time_ms)
        t->timed = t->stop = true;
    if (t->state >= TASK_OVER || (t->named && t->state == TASK_LIVE))
        return;
    if (t->stop && (unborn || (t->state == TASK_GIVEN && a->hold_ms != 0)))
        task_end(a, t, now, "it was stopped before it began", out);
    else if (t->state == TASK_GIVEN && a->hold_ms != 0 && t->gives >= WANDB_AGENT_GIVES_MAX)
        task_end(a, t, now, "it ended before it reported to besom: does it call wandb.init()?",
                 out);
    else if (t->state == TASK_LIVE && t->missing_ms != 0 &&
             now.ms - t->missing_ms >= WANDB_AGENT_GRACE_MS)
        task_end(a, t, now, "it ended without calling wandb.finish(): it may have been killed",
                 out);
}

/* What the controller need not hear of any more is dropped as soon as it does not run: a run that is
 * complete may still be in its last lines, and a short one is complete before a heartbeat can name it. */
static void tasks_drop(struct wandb_agent *a)
{
    for (size_t i = a->n; i-- > 0;)
        if ((a->tasks[i].forgotten || a->tasks[i].over_beat) && !a->tasks[i].named)
            wandb_agent_drop_task(a, &a->tasks[i]);
}

static void agent_settle(struct wandb_agent *a, struct wandb_now now, struct wandb_effects *out)
{
    tasks_drop(a);
    for (size_t i = 0; i < a->n; i++)
        task_review(a, &a->tasks[i], now, out);
    agent_reply(a, now, out);
    agent_offer(a, out);
}

static void told_welcome(struct wandb_agent *a, const struct message *m, struct wandb_effects *out)
{
    bool offered = a->offered;
    a->up = true;
    snprintf(a->store, sizeof a->store, "%s", m->store);
    a->epoch = m->epoch;
    for (size_t i = 0; i < a->n; i++)
        a->tasks[i].launched = a->tasks[i].feeding = false;
    agent_offer(a, out);
    if (offered == a->offered && offered) /* said before the welcome */
        wandb_agent_say_slots(a, out);
}

static void told_launch(struct wandb_agent *a, const struct message *m, struct wandb_effects *out)
{
    struct wandb_task *t = wandb_agent_task(a, m->trial, m->attempt);
    const struct value *offsets = m->offsets;
    if (!t)
        t = wandb_agent_add_task(a, m->trial, m->attempt);
    if (!t->params)
        t->params = value_copy(&t->kept, m->params);
    if (offsets && offsets->kind == VALUE_LIST && offsets->list.n > 0 &&
        offsets->list.items[0]->kind == VALUE_INT)
        t->acked = (uint64_t)offsets->list.items[0]->i;
    t->launched = true;
    t->feeding = false;
    if (t->state == TASK_NEW)
        wandb_agent_effect(out, WANDB_EFFECT_RECORD, t);
    else
        wandb_agent_push(a, t, out);
}

static void told_of_task(struct wandb_agent *a, const struct message *m, struct wandb_effects *out)
{
    struct wandb_task *t = wandb_agent_task(a, m->trial, m->attempt);
    if (!t)
        return;
    if (m->type == MESSAGE_STOP) {
        t->stop = true;
    } else if (m->type == MESSAGE_FORGET) {
        t->forgotten = true;
    } else if (m->type == MESSAGE_METRICS_ACK) {
        t->acked = m->to;
        t->feeding = false;
        wandb_agent_push(a, t, out);
    } else if (t->state == TASK_ENDED) {
        t->state = TASK_DONE;
        t->over_beat = a->hold_ms != 0;
    }
}

void wandb_agent_told(struct wandb_agent *a, struct wandb_now now, const struct message *m,
                      struct wandb_effects *out)
{
    switch (m->type) {
    case MESSAGE_WELCOME:
        told_welcome(a, m, out);
        break;
    case MESSAGE_SWEEP:
        snprintf(a->program, sizeof a->program, "%s", m->program);
        a->time_ms = (int64_t)m->time_ms;
        break;
    case MESSAGE_DRAINED:
        a->over = true;
        break;
    case MESSAGE_LAUNCH:
        told_launch(a, m, out);
        break;
    case MESSAGE_STOP:
    case MESSAGE_FORGET:
    case MESSAGE_METRICS_ACK:
    case MESSAGE_ENDED_ACK:
        told_of_task(a, m, out);
        break;
    default: /* of logs, credentials, GPUs */
        break;
    }
    agent_settle(a, now, out);
}

static bool names_hold(const uint64_t *named, size_t n, uint64_t trial)
{
    for (size_t i = 0; i < n; i++)
        if (named[i] == trial)
            return true;
    return false;
}

/* A run that was given to another agent meanwhile: it is stopped. */
static void beat_take_strangers(struct wandb_agent *a, const uint64_t *named, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool known = false;
        for (size_t k = 0; k < a->n; k++)
            known |= a->tasks[k].trial == named[i];
        if (known)
            continue;
        struct wandb_task *t = wandb_agent_add_task(a, named[i], 0);
        t->state = TASK_LIVE;
        t->forgotten = true;
    }
}

void wandb_agent_beat(struct wandb_agent *a, struct wandb_now now, const uint64_t *named, size_t n,
                      struct wandb_effects *out)
{
    a->heard_ms = now.ms;
    a->hold_ms = now.ms + WANDB_AGENT_HOLD_MS;
    beat_take_strangers(a, named, n);
    for (size_t i = 0; i < a->n; i++) {
        struct wandb_task *t = &a->tasks[i];
        t->named = names_hold(named, n, t->trial);
        t->over_beat = t->state == TASK_DONE;
        if (t->named && (t->state == TASK_READY || t->state == TASK_GIVEN)) {
            t->given_ms = t->given_ms ? t->given_ms : now.ms; /* an earlier process gave it */
            t->state = TASK_LIVE;
            wandb_agent_push(a, t, out);
        }
        if (t->named)
            t->missing_ms = 0;
        else if (t->state == TASK_LIVE && t->missing_ms == 0)
            t->missing_ms = now.ms;
    }
    agent_settle(a, now, out);
}

void wandb_agent_hung_up(struct wandb_agent *a, struct wandb_effects *out)
{
    a->hold_ms = 0;
    agent_offer(a, out);
}

void wandb_agent_ran(struct wandb_agent *a, struct wandb_now now, uint64_t trial, uint64_t attempt,
                     const struct wandb_ran *ran, struct wandb_effects *out)
{
    struct wandb_task *t = wandb_agent_task(a, trial, attempt);
    if (!t || t->state >= TASK_OVER)
        return;
    if (t->state == TASK_NEW) {
        t->state = t->named ? TASK_LIVE : TASK_READY;
        t->again = ran->again;
    }
    if (ran->begun && t->state < TASK_LIVE)
        t->state = TASK_LIVE;
    if (ran->heard)
        a->heard_ms = now.ms;
    if (ran->begun && t->given_ms == 0) /* an earlier process gave it */
        t->given_ms = now.ms;
    t->rows = ran->rows > t->rows ? ran->rows : t->rows;
    t->preempting = ran->preempting;
    t->complete = ran->complete;
    t->code = ran->code;
    if (t->complete)
        task_end(a, t, now, NULL, out);
    else
        wandb_agent_push(a, t, out);
    agent_settle(a, now, out);
}

void wandb_agent_finish(struct wandb_agent *a, struct wandb_now now, struct wandb_effects *out)
{
    a->over = true;
    agent_settle(a, now, out);
}

/* One whose runs are all done may have been told to run so many and no more. */
static bool agent_has_runs(const struct wandb_agent *a)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->tasks[i].state != TASK_DONE)
            return true;
    return false;
}

static int64_t agent_silence_max(const struct wandb_agent *a)
{
    if (agent_has_runs(a))
        return a->lost_ms;
    return a->lost_ms < WANDB_AGENT_IDLE_MS ? a->lost_ms : WANDB_AGENT_IDLE_MS;
}

static bool agent_is_silent(const struct wandb_agent *a, int64_t now_ms)
{
    return a->hold_ms == 0 && now_ms - a->heard_ms >= agent_silence_max(a);
}

void wandb_agent_tick(struct wandb_agent *a, struct wandb_now now, struct wandb_effects *out)
{
    bool waits = false;
    agent_settle(a, now, out);
    if (!agent_is_silent(a, now.ms))
        return;
    for (size_t i = 0; i < a->n; i++) {
        struct wandb_task *t = &a->tasks[i];
        if (t->preempting || t->stop)
            task_end(a, t, now, "its agent was not heard any more", out);
        waits |= (t->state == TASK_OVER || t->state == TASK_ENDED) && !t->forgotten && a->up;
    }
    if (!waits)
        agent_leave(a, now.ms - a->heard_ms, out);
}

int64_t wandb_agent_deadline(const struct wandb_agent *a)
{
    int64_t due = a->hold_ms ? a->hold_ms : a->heard_ms + agent_silence_max(a);
    for (size_t i = 0; i < a->n; i++) {
        const struct wandb_task *t = &a->tasks[i];
        int64_t grace = t->missing_ms + WANDB_AGENT_GRACE_MS;
        bool runs = t->state == TASK_GIVEN || t->state == TASK_LIVE;
        if (t->state == TASK_LIVE && t->missing_ms != 0 && grace < due)
            due = grace;
        if (runs && a->time_ms > 0 && !t->stop && t->given_ms + a->time_ms < due)
            due = t->given_ms + a->time_ms;
    }
    return due;
}
