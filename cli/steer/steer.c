/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom cancel, pause, resume and stop, of a sweep or, with stop, of a trial: send a command to the controller of the store, in the
 * process that runs it or, if none does, in this one. The commands differ in one word; the
 * controller's core decides what to do. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/steer/steer_reply.h"
#include "cli/steer/steer_send.h"

/* The controller forgets sweeps that have ended: the store has their state. */
static int ended_refuse(struct looking *l, const char *id, int rc, struct err *err)
{
    const struct value *sweep;
    struct err none = {0};
    char same[16];
    if (rc != ERR_NOT_FOUND || looking_sweep(l, id, same, &sweep, &none) != 0)
        return rc;
    const char *state = value_get_str(sweep, "state", "?");
    if (strcmp(state, "finished") != 0 && strcmp(state, "cancelled") != 0)
        return rc;
    return err_set(err, ERR_STATE, "sweep %s is %s", id, state);
}

static int steer_named(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16], trial[40];
    struct buf message;
    struct steer_request request = {.op = inv->subcommand->name, .sweep = id};
    bool trials = strcmp(request.op, "stop") == 0;
    int rc = trials
                 ? view_find(l->view, invocation_arg(inv, 0), id, &request.one, &request.trial, err)
                 : view_find_sweep(l->view, invocation_arg(inv, 0), id, err);
    if (rc)
        return rc;
    buf_init(&message, SIZE_MAX);
    rc = steer_send(l, &request, &message, err);
    if (!request.one)
        rc = ended_refuse(l, id, rc, err);
    snprintf(trial, sizeof trial, "%s-%" PRIu64, id, request.trial);
    if (!rc)
        steer_reply_print(l, request.one ? "trial" : "sweep", request.one ? trial : id, &message);
    buf_done(&message);
    return rc;
}

int cmd_steer(struct invocation *inv)
{
    return looking_run(inv, steer_named);
}
