/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/trial.h"

#include <string.h>

#define TO(s) MACHINE_TO(s)

/*   running <-> paused    stop: no new trials, the running ones end    cancel: they are ended
 *      |  \       |  \
 *      |   stopping   \     Only a retry, an edit, an enqueued trial or a lost one that returns
 *      |       |      |     makes a sweep that has ended run again, or stop again. */
const struct machine_state sweep_states[SWEEP_STATES] = {
    [SWEEP_RUNNING] = {"running",
                       TO(SWEEP_PAUSED) | TO(SWEEP_STOPPING) | TO(SWEEP_FINISHED) |
                           TO(SWEEP_CANCELLED),
                       false},
    [SWEEP_PAUSED] = {"paused", TO(SWEEP_RUNNING) | TO(SWEEP_STOPPING) | TO(SWEEP_CANCELLED),
                      false},
    [SWEEP_STOPPING] = {"stopping", TO(SWEEP_RUNNING) | TO(SWEEP_FINISHED) | TO(SWEEP_CANCELLED),
                        false},
    [SWEEP_FINISHED] = {"finished", TO(SWEEP_RUNNING) | TO(SWEEP_STOPPING), true},
    [SWEEP_CANCELLED] = {"cancelled", TO(SWEEP_RUNNING), true},
};

/*   pending -> running -> finished | failed | stopped | cancelled | lost | preempted
 *      ^          |
 *      +----------+  lost, preempted or interrupted, and failed while retry.failed lasts
 *
 * A lost trial runs again if its agent returns with the attempt.
 * A trial without a result may be retried and is pending again, also if it finished without the
 * metric. A trial that reported the metric is not retried: the best of the sweep, rungs and
 * strategies depend on it. */
const struct machine_state trial_states[TRIAL_STATES] = {
    [TRIAL_PENDING] = {"pending", TO(TRIAL_RUNNING) | TO(TRIAL_CANCELLED), false},
    [TRIAL_RUNNING] = {"running",
                       TO(TRIAL_PENDING) | TO(TRIAL_FINISHED) | TO(TRIAL_FAILED) |
                           TO(TRIAL_STOPPED) | TO(TRIAL_CANCELLED) | TO(TRIAL_LOST) |
                           TO(TRIAL_PREEMPTED),
                       false},
    [TRIAL_FINISHED] = {"finished", TO(TRIAL_PENDING), true},
    [TRIAL_FAILED] = {"failed", TO(TRIAL_PENDING), true},
    [TRIAL_STOPPED] = {"stopped", 0, true},
    [TRIAL_CANCELLED] = {"cancelled", TO(TRIAL_PENDING), true},
    [TRIAL_LOST] = {"lost", TO(TRIAL_PENDING) | TO(TRIAL_RUNNING), true},
    [TRIAL_PREEMPTED] = {"preempted", TO(TRIAL_PENDING), true},
};

const struct machine_state attempt_states[ATTEMPT_STATES] = {
    [ATTEMPT_LAUNCHED] = {"running", TO(ATTEMPT_STOPPING) | TO(ATTEMPT_ENDED), false},
    [ATTEMPT_STOPPING] = {"stopping", TO(ATTEMPT_ENDED), false},
    [ATTEMPT_ENDED] = {"ended", 0, true},
};

static const struct {
    const char *word;
    enum trial_state state;
} reasons[TRIAL_REASON_COUNT] = {
#define X(id, word, state) [id] = {word, state},
    TRIAL_REASONS(X)
#undef X
};

const char *trial_reason_name(enum trial_reason r)
{
    return reasons[r].word;
}

int trial_reason_find(const char *word)
{
    for (int r = 0; r < TRIAL_REASON_COUNT; r++)
        if (strcmp(reasons[r].word, word) == 0)
            return r;
    return -1;
}

enum trial_state trial_reason_state(enum trial_reason r)
{
    return reasons[r].state;
}

bool trial_reason_is_well(enum trial_reason r)
{
    return r == REASON_OK || r == REASON_STOPPER || r == REASON_TARGET;
}
