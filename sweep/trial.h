/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The lifecycle of sweep, trial and attempt as tables of allowed moves, and the reasons an attempt
 * can end for. Only names and moves: the controller decides who makes a move, and when. */
#include "base/machine.h"

enum sweep_state {
    SWEEP_RUNNING,
    SWEEP_PAUSED,
    SWEEP_STOPPING,
    SWEEP_FINISHED,
    SWEEP_CANCELLED,
    SWEEP_STATES
};
enum trial_state {
    TRIAL_PENDING,
    TRIAL_RUNNING,
    TRIAL_FINISHED,
    TRIAL_FAILED,
    TRIAL_STOPPED,
    TRIAL_CANCELLED,
    TRIAL_LOST,
    TRIAL_PREEMPTED,
    TRIAL_STATES
};
enum attempt_state { ATTEMPT_LAUNCHED, ATTEMPT_STOPPING, ATTEMPT_ENDED, ATTEMPT_STATES };

extern const struct machine_state sweep_states[SWEEP_STATES];
extern const struct machine_state trial_states[TRIAL_STATES];
extern const struct machine_state attempt_states[ATTEMPT_STATES];

/* reason, its word, the state of a trial that ends for it */
#define TRIAL_REASONS(X)                                                                         \
    X(REASON_NONE, "", TRIAL_PENDING)                                                            \
    X(REASON_OK, "ok", TRIAL_FINISHED)                                                           \
    X(REASON_EXIT, "exit", TRIAL_FAILED)       /* a code other than 0 */                         \
    X(REASON_SIGNAL, "signal", TRIAL_FAILED)   /* a signal that was not ours */                  \
    X(REASON_OOM, "oom", TRIAL_FAILED)         /* the kernel took it for its memory */           \
    X(REASON_TIMEOUT, "timeout", TRIAL_FAILED) /* resources.time */                              \
    X(REASON_LAUNCH, "launch", TRIAL_FAILED)   /* it could not be executed */                    \
    X(REASON_STOPPER, "stopper", TRIAL_STOPPED)                                                  \
    X(REASON_TARGET, "target", TRIAL_STOPPED)                                                    \
    X(REASON_BUDGET, "budget", TRIAL_STOPPED)                                                    \
    X(REASON_USER, "user", TRIAL_CANCELLED)                                                      \
    X(REASON_HOST, "host", TRIAL_LOST)             /* its agent is away, or its disk was full */ \
    X(REASON_SHIM, "shim", TRIAL_LOST)             /* its shim died */                           \
    X(REASON_REBOOT, "reboot", TRIAL_LOST)         /* the host started anew */                   \
    X(REASON_UNKILLABLE, "unkillable", TRIAL_LOST) /* it outlived SIGKILL */                     \
    X(REASON_POISON, "poison", TRIAL_LOST)         /* lost more often than retry.host allows */  \
    X(REASON_CODE, "code", TRIAL_PREEMPTED) /* its host could not get the sweep's snapshot */    \
    X(REASON_PREEMPTED, "preempted", TRIAL_PREEMPTED)                                            \
    X(REASON_INTERRUPTED, "interrupted", TRIAL_PENDING)                                          \
    X(REASON_SUPERSEDED, "superseded", TRIAL_PENDING) /* an earlier one continues instead */     \
    X(REASON_UNSTARTED, "unstarted", TRIAL_PENDING)   /* not on this host: another may start it */

enum trial_reason {
#define X(id, word, state) id,
    TRIAL_REASONS(X)
#undef X
        TRIAL_REASON_COUNT
};

const char *trial_reason_name(enum trial_reason r);
int trial_reason_find(const char *word); /* -1 if none */
enum trial_state trial_reason_state(enum trial_reason r);
/* The script did what was asked of it: it finished, or a stopper or a target ended it. */
bool trial_reason_is_well(enum trial_reason r);
