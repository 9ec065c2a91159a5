/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom retry: runs trials without a result again, with the same configuration. Sends one request
 * for each sweep that is named. */
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/steer/steer_reply.h"
#include "cli/steer/steer_send.h"

enum { NAMED_MAX = 500 }; /* trials in one request, which is a short line */

static const unsigned failed = MACHINE_TO(TRIAL_FAILED), lost = MACHINE_TO(TRIAL_LOST),
                      unmeasured = MACHINE_TO(TRIAL_FINISHED),
                      unmade = MACHINE_TO(TRIAL_CANCELLED) | MACHINE_TO(TRIAL_PREEMPTED);

struct wanted { /* the trials of one sweep */
    char sweep[16];
    bool all; /* all of them, or those in `numbers` */
    uint64_t numbers[NAMED_MAX];
    size_t n;
};

static struct wanted *wanted_of(struct wanted **list, size_t *n, size_t *cap, const char *sweep)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp((*list)[i].sweep, sweep) == 0)
            return &(*list)[i];
    *list = mem_grow(*list, cap, *n + 1, sizeof **list);
    struct wanted *w = &(*list)[(*n)++];
    memset(w, 0, sizeof *w);
    memcpy(w->sweep, sweep, strlen(sweep) + 1);
    return w;
}

static int wanted_add(struct looking *l, const char *what, struct wanted **list, size_t *n,
                      size_t *cap, struct err *err)
{
    char id[16];
    uint64_t number = 0;
    bool is_trial = false;
    int rc = view_find(l->view, what, id, &is_trial, &number, err);
    if (rc != 0)
        return rc;
    struct wanted *w = wanted_of(list, n, cap, id);
    w->all |= !is_trial;
    if (is_trial && w->n == NAMED_MAX)
        return err_set(err, ERR_USAGE, "at most %d trials of a sweep can be named at once",
                       NAMED_MAX);
    if (is_trial)
        w->numbers[w->n++] = number;
    return 0;
}

static int wanted_send(struct looking *l, const struct wanted *w, unsigned states, struct err *err)
{
    struct event_retry retry = {.states = states};
    struct steer_request request = {.op = "retry", .sweep = w->sweep, .retry = &retry};
    struct buf message;
    if (!w->all) {
        retry.numbers = w->numbers;
        retry.numbers_n = w->n;
    }
    if (states == 0)
        retry.states = failed | lost | unmeasured | (w->all ? 0 : unmade);
    buf_init(&message, SIZE_MAX);
    int rc = steer_send(l, &request, &message, err);
    if (rc == 0)
        steer_reply_print(l, "sweep", w->sweep, &message);
    buf_done(&message);
    looking_flush(l);
    return rc;
}

static int retry_trials(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct wanted *list = NULL;
    size_t n = 0, cap = 0;
    unsigned states =
        (invocation_flag(inv, "failed") ? failed : 0) | (invocation_flag(inv, "lost") ? lost : 0);
    int rc = 0;
    for (size_t i = 0; rc == 0 && invocation_arg(inv, i); i++)
        rc = wanted_add(l, invocation_arg(inv, i), &list, &n, &cap, err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = wanted_send(l, &list[i], states, err);
    mem_free(list);
    return rc;
}

int cmd_retry(struct invocation *inv)
{
    return looking_run(inv, retry_trials);
}
