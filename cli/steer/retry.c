/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom retry: runs trials without a result again, with the same configuration. Sends one request
 * for each sweep that is named. */
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/steer/named.h"
#include "cli/steer/steer_reply.h"

enum { TRIALS_MAX = 500 }; /* trials in one request, which is a short line */

static const unsigned failed = MACHINE_TO(TRIAL_FAILED), lost = MACHINE_TO(TRIAL_LOST),
                      unmeasured = MACHINE_TO(TRIAL_FINISHED),
                      unmade = MACHINE_TO(TRIAL_CANCELLED) | MACHINE_TO(TRIAL_PREEMPTED);

static int named_retry(struct looking *l, const struct named *one, unsigned states, struct err *err)
{
    struct event_retry retry = {.states = states};
    if (!one->itself) {
        retry.numbers = one->numbers;
        retry.numbers_n = one->n;
    }
    if (states == 0)
        retry.states = failed | lost | unmeasured | (one->itself ? 0 : unmade);
    return steer_reply_ask(
        l, &(struct steer_request){.op = "retry", .sweep = one->sweep, .retry = &retry}, err);
}

static int retry_trials(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct named_list list = {0};
    unsigned states =
        (invocation_flag(inv, "failed") ? failed : 0) | (invocation_flag(inv, "lost") ? lost : 0);
    int rc = 0;
    for (size_t i = 0; rc == 0 && invocation_arg(inv, i); i++)
        rc = named_add(l, invocation_arg(inv, i), TRIALS_MAX, &list, err);
    for (size_t i = 0; rc == 0 && i < list.n; i++)
        rc = named_retry(l, &list.items[i], states, err);
    named_done(&list);
    return rc;
}

int cmd_retry(struct invocation *inv)
{
    return looking_run(inv, retry_trials);
}
