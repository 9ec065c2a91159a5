/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The shim's decisions, as a pure machine: from the start of training, through a stop, a deadline
 * or its own end, to the record of the end. It reads no clock and signals no process: events carry
 * the time; agent/shim/shim_main.c or the simulator executes the effects in order. */
#include <stdbool.h>
#include <stdint.h>
#include "agent/shim/shim_record.h"

enum shim_state {
    SHIM_IDLE,         /* training not started */
    SHIM_RUNNING,      /* its main process lives */
    SHIM_INTERRUPTING, /* SIGINT was sent to it alone, half of the grace period runs */
    SHIM_STOPPING,     /* SIGTERM was sent, the grace period runs */
    SHIM_KILLING,      /* SIGKILL was sent, the main process has not ended yet */
    SHIM_SWEEPING, /* the main process has ended: SIGTERM was sent to the processes that it left */
    SHIM_CLEARING, /* SIGKILL was sent to the processes that are left */
    SHIM_DONE,     /* the record is written */
};

enum shim_event_kind {
    SHIM_EV_STARTED,         /* exec succeeded */
    SHIM_EV_LAUNCH_FAILED,   /* exec failed: text */
    SHIM_EV_CHILD_EXITED,    /* main process: code or signal, oom, `others` left */
    SHIM_EV_ASKED_STOP,      /* the shim got SIGTERM */
    SHIM_EV_ASKED_INTERRUPT, /* the shim got SIGINT */
    SHIM_EV_ASKED_KILL,      /* the shim got SIGQUIT */
    SHIM_EV_TICK,            /* the deadline has passed: `others` left besides the main process */
    SHIM_EV_ALL_GONE,        /* no process of the attempt is left but the shim */
};

struct shim_event {
    enum shim_event_kind kind;
    int64_t now_ms;   /* monotonic */
    int64_t wall_ms;  /* since 1970 */
    int code, signal; /* CHILD_EXITED */
    bool oom_counted; /* CHILD_EXITED: the cgroup's counter of kills has moved */
    bool others;      /* CHILD_EXITED: there are processes left */
    const char *text; /* LAUNCH_FAILED */
    bool host;        /* LAUNCH_FAILED: the machine lacked something */
};

enum shim_effect_kind {
    SHIM_DO_INTERRUPT, /* SIGINT to the main process alone */
    SHIM_DO_TERM,      /* SIGTERM to training's group and to every other descendant */
    SHIM_DO_KILL,      /* SIGKILL to all of them; repeated while any is left */
    SHIM_DO_RECORD,    /* drain the output, then write core->end */
    SHIM_DO_QUIT,
};

enum { SHIM_EFFECTS_MAX = 4 };
struct shim_effects {
    enum shim_effect_kind items[SHIM_EFFECTS_MAX];
    unsigned n;
};

struct shim_options {
    int64_t grace_ms; /* between SIGTERM and SIGKILL */
    int64_t time_ms;  /* 0: no limit */
};

struct shim_core {
    struct shim_options options;
    int state;           /* enum shim_state */
    int64_t deadline_ms; /* monotonic; INT64_MAX: none */
    int64_t kill_by_ms;  /* monotonic; while INTERRUPTING: when SIGKILL follows */
    bool interrupts;     /* asked to interrupt before training has started */
    int64_t started_ms;  /* monotonic; meaningful once it has left IDLE for other than DONE */
    int64_t killing_since_ms;
    bool killed; /* a SIGKILL of ours is out */
    struct shim_end end;
};

void shim_core_init(struct shim_core *c, const struct shim_options *options);
/* Effects replace what `out` held. */
void shim_core_step(struct shim_core *c, const struct shim_event *ev, struct shim_effects *out);
int64_t shim_core_deadline(const struct shim_core *c); /* monotonic ms at which a TICK is wanted */
