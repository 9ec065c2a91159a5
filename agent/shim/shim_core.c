/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *   IDLE --started--> RUNNING --asked to stop, time is up--> STOPPING --grace over--> KILLING
 *    |                   |                                      |                        |
 *    | launch failed     | main process ended                   | ended                  | ended
 *    v                   v                                      v                        v
 *   DONE <--all gone-- SWEEPING <-------------------------------+    CLEARING <----------+
 *                        |  grace over                                 ^   |
 *                        +---------------------------------------------+   +--all gone--> DONE
 *
 * A request to interrupt leads from RUNNING to INTERRUPTING, and from there half of the grace, or a
 * request to stop, to STOPPING. A request to kill leads from RUNNING, INTERRUPTING and STOPPING to
 * KILLING, from SWEEPING to CLEARING. If no
 * process is left when the main process ends, SWEEPING and CLEARING are skipped. A process that
 * survives SIGKILL for UNKILLABLE_MS is recorded as unkillable and left alone: DONE.
 */
#include "agent/shim/shim_core.h"

#include <signal.h>
#include <stdio.h>

#include "base/check.h"
#include "base/machine.h"

enum {
    SWEEP_GRACE_MS_MAX = 5000,
    UNKILLABLE_MS = 60000,
    /* A process may fork between the listing and the signal, so SIGKILL is repeated. */
    KILL_AGAIN_MS = 50,
    LAUNCH_FAILED_CODE = 127,
};

static const struct machine_state states[] = {
    [SHIM_IDLE] = {"idle",
                   MACHINE_TO(SHIM_RUNNING) | MACHINE_TO(SHIM_INTERRUPTING) |
                       MACHINE_TO(SHIM_STOPPING) | MACHINE_TO(SHIM_KILLING) | MACHINE_TO(SHIM_DONE),
                   false},
    [SHIM_RUNNING] = {"running",
                      MACHINE_TO(SHIM_INTERRUPTING) | MACHINE_TO(SHIM_STOPPING) |
                          MACHINE_TO(SHIM_KILLING) | MACHINE_TO(SHIM_SWEEPING) |
                          MACHINE_TO(SHIM_DONE),
                      false},
    [SHIM_INTERRUPTING] = {"interrupting",
                           MACHINE_TO(SHIM_STOPPING) | MACHINE_TO(SHIM_KILLING) |
                               MACHINE_TO(SHIM_SWEEPING) | MACHINE_TO(SHIM_DONE),
                           false},
    [SHIM_STOPPING] = {"stopping",
                       MACHINE_TO(SHIM_KILLING) | MACHINE_TO(SHIM_SWEEPING) | MACHINE_TO(SHIM_DONE),
                       false},
    [SHIM_KILLING] = {"killing", MACHINE_TO(SHIM_CLEARING) | MACHINE_TO(SHIM_DONE), false},
    [SHIM_SWEEPING] = {"sweeping", MACHINE_TO(SHIM_CLEARING) | MACHINE_TO(SHIM_DONE), false},
    [SHIM_CLEARING] = {"clearing", MACHINE_TO(SHIM_DONE), false},
    [SHIM_DONE] = {"done", 0, true},
};

static void effect_add(struct shim_effects *out, enum shim_effect_kind kind)
{
    check(out->n < SHIM_EFFECTS_MAX);
    out->items[out->n++] = kind;
}

static int64_t time_after(int64_t now_ms, int64_t ms)
{
    return ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + ms;
}

static bool main_process_ended(int state)
{
    return state == SHIM_SWEEPING || state == SHIM_CLEARING;
}

static void training_finish(struct shim_core *c, const struct shim_event *ev,
                            struct shim_effects *out)
{
    machine_move(states, &c->state, SHIM_DONE);
    c->deadline_ms = INT64_MAX;
    c->end.ended_ms = ev->wall_ms;
    bool ran = c->end.cause != SHIM_CAUSE_LAUNCH && c->end.cause != SHIM_CAUSE_HOST;
    c->end.ran_ms = ran ? ev->now_ms - c->started_ms : 0;
    effect_add(out, SHIM_DO_RECORD);
    effect_add(out, SHIM_DO_QUIT);
}

static void training_stop(struct shim_core *c, const struct shim_event *ev,
                          struct shim_effects *out)
{
    c->deadline_ms =
        c->state == SHIM_INTERRUPTING ? c->kill_by_ms : time_after(ev->now_ms, c->options.grace_ms);
    machine_move(states, &c->state, SHIM_STOPPING);
    effect_add(out, SHIM_DO_TERM);
}

/* As Ctrl-C in a terminal would, but for its children: Python raises KeyboardInterrupt. */
static void training_interrupt(struct shim_core *c, const struct shim_event *ev,
                               struct shim_effects *out)
{
    machine_move(states, &c->state, SHIM_INTERRUPTING);
    c->kill_by_ms = time_after(ev->now_ms, c->options.grace_ms);
    c->deadline_ms = time_after(ev->now_ms, c->options.grace_ms / 2);
    effect_add(out, SHIM_DO_INTERRUPT);
}

static void kill_all(struct shim_core *c, const struct shim_event *ev, struct shim_effects *out)
{
    machine_move(states, &c->state, main_process_ended(c->state) ? SHIM_CLEARING : SHIM_KILLING);
    c->killed = true;
    c->killing_since_ms = ev->now_ms;
    c->deadline_ms = time_after(ev->now_ms, KILL_AGAIN_MS);
    effect_add(out, SHIM_DO_KILL);
}

static void kill_again(struct shim_core *c, const struct shim_event *ev, struct shim_effects *out)
{
    if (ev->now_ms - c->killing_since_ms < UNKILLABLE_MS) {
        c->deadline_ms = time_after(ev->now_ms, KILL_AGAIN_MS);
        effect_add(out, SHIM_DO_KILL);
        return;
    }
    c->end.unkillable = true;
    if (c->state == SHIM_KILLING) {
        c->end.signal = SIGKILL;
        snprintf(c->end.error, sizeof c->end.error, "%s", "training survived SIGKILL");
    } else {
        snprintf(c->end.error, sizeof c->end.error, "%s",
                 "a process that training started survived SIGKILL");
    }
    training_finish(c, ev, out);
}

static void training_started(struct shim_core *c, const struct shim_event *ev,
                             struct shim_effects *out)
{
    check(c->state == SHIM_IDLE);
    c->started_ms = ev->now_ms;
    if (c->end.cause == SHIM_CAUSE_KILL) {
        kill_all(c, ev, out);
        return;
    }
    if (c->end.cause == SHIM_CAUSE_STOP && c->interrupts) {
        training_interrupt(c, ev, out);
        return;
    }
    if (c->end.cause == SHIM_CAUSE_STOP) {
        training_stop(c, ev, out);
        return;
    }
    machine_move(states, &c->state, SHIM_RUNNING);
    if (c->options.time_ms > 0)
        c->deadline_ms = time_after(ev->now_ms, c->options.time_ms);
}

static void launch_failed(struct shim_core *c, const struct shim_event *ev,
                          struct shim_effects *out)
{
    c->end.code = LAUNCH_FAILED_CODE;
    c->end.cause = ev->host ? SHIM_CAUSE_HOST : SHIM_CAUSE_LAUNCH;
    snprintf(c->end.error, sizeof c->end.error, "%s", ev->text);
    training_finish(c, ev, out);
}

static void child_exited(struct shim_core *c, const struct shim_event *ev, struct shim_effects *out)
{
    check(!main_process_ended(c->state) && c->state != SHIM_IDLE && c->state != SHIM_DONE);
    c->end.code = ev->code;
    c->end.signal = ev->signal;
    c->end.oom = ev->oom_counted && ev->signal == SIGKILL && !c->killed;
    /* MUTANT daemons: !ev->others => true */
    if (!ev->others) {
        training_finish(c, ev, out);
    } else if (c->state == SHIM_KILLING) {
        machine_move(states, &c->state, SHIM_CLEARING);
        c->deadline_ms = time_after(ev->now_ms, KILL_AGAIN_MS);
        effect_add(out, SHIM_DO_KILL);
    } else {
        int64_t grace = c->options.grace_ms;
        int64_t until =
            time_after(ev->now_ms, grace < SWEEP_GRACE_MS_MAX ? grace : SWEEP_GRACE_MS_MAX);
        /* In a stop they have had their SIGTERM: a second one means "at once" to many programs. */
        if (c->state == SHIM_RUNNING || c->state == SHIM_INTERRUPTING)
            effect_add(out, SHIM_DO_TERM);
        else if (c->deadline_ms < until)
            until = c->deadline_ms;
        machine_move(states, &c->state, SHIM_SWEEPING);
        c->deadline_ms = until;
    }
}

static void stop_asked(struct shim_core *c, const struct shim_event *ev, struct shim_effects *out)
{
    bool to_kill = ev->kind == SHIM_EV_ASKED_KILL, to_stop = ev->kind == SHIM_EV_ASKED_STOP;
    bool by_itself = main_process_ended(c->state) || c->state == SHIM_DONE;
    if (!by_itself && (c->end.cause == SHIM_CAUSE_NONE || c->state == SHIM_IDLE))
        c->end.cause = to_kill ? SHIM_CAUSE_KILL : SHIM_CAUSE_STOP;
    if (c->state == SHIM_IDLE)
        c->interrupts = !to_stop && !to_kill;
    if (to_stop && (c->state == SHIM_RUNNING || c->state == SHIM_INTERRUPTING))
        training_stop(c, ev, out);
    else if (!to_kill && !to_stop && c->state == SHIM_RUNNING)
        training_interrupt(c, ev, out);
    if (to_kill && (c->state == SHIM_RUNNING || c->state == SHIM_INTERRUPTING ||
                    c->state == SHIM_STOPPING || c->state == SHIM_SWEEPING))
        kill_all(c, ev, out);
}

static void take_tick(struct shim_core *c, const struct shim_event *ev, struct shim_effects *out)
{
    if (ev->now_ms < c->deadline_ms)
        return;
    if (c->state == SHIM_RUNNING) {
        c->end.cause = SHIM_CAUSE_TIME;
        training_stop(c, ev, out);
    } else if (c->state == SHIM_INTERRUPTING) {
        training_stop(c, ev, out);
    } else if (c->state == SHIM_STOPPING || c->state == SHIM_SWEEPING) {
        kill_all(c, ev, out);
    } else {
        kill_again(c, ev, out);
    }
}

static void all_gone(struct shim_core *c, const struct shim_event *ev, struct shim_effects *out)
{
    if (main_process_ended(c->state))
        training_finish(c, ev, out);
}

void shim_core_init(struct shim_core *c, const struct shim_options *options)
{
    *c = (struct shim_core){.options = *options, .state = SHIM_IDLE, .deadline_ms = INT64_MAX};
}

void shim_core_step(struct shim_core *c, const struct shim_event *ev, struct shim_effects *out)
{
    static void (*const steps[])(struct shim_core *, const struct shim_event *,
                                 struct shim_effects *) = {
        [SHIM_EV_STARTED] = training_started,
        [SHIM_EV_LAUNCH_FAILED] = launch_failed,
        [SHIM_EV_CHILD_EXITED] = child_exited,
        [SHIM_EV_ASKED_STOP] = stop_asked,
        [SHIM_EV_ASKED_INTERRUPT] = stop_asked,
        [SHIM_EV_ASKED_KILL] = stop_asked,
        [SHIM_EV_TICK] = take_tick,
        [SHIM_EV_ALL_GONE] = all_gone,
    };
    out->n = 0;
    steps[ev->kind](c, ev, out);
}

int64_t shim_core_deadline(const struct shim_core *c)
{
    return c->deadline_ms;
}
