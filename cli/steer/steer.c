/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom cancel, pause, resume and stop: a command to the controller of the store, in the process
 * that runs it or, where there is none, in this one. They differ by one word; what it does is
 * decided by the controller's core. */
#include <string.h>

#include "base/json.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"
#include "cli/steer/steer_send.h"

/* The controller keeps no sweep that has ended. */
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

static int steer_sweep(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16];
    struct buf message;
    int rc = view_find_sweep(l->view, invocation_arg(inv, 0), id, err);
    if (rc)
        return rc;
    buf_init(&message, SIZE_MAX);
    const struct steer_request request = {.op = inv->subcommand->name, .sweep = id};
    rc = steer_send(l->dir, &request, &message, err);
    rc = ended_refuse(l, id, rc, err);
    if (!rc && l->json) {
        buf_adds(&l->out, "{\"ok\":true,\"sweep\":");
        json_print_str(&l->out, id, strlen(id));
        buf_adds(&l->out, ",\"message\":");
        json_print_str(&l->out, buf_str(&message), message.len);
        buf_adds(&l->out, "}\n");
    } else if (!rc) {
        buf_addf(&l->out, "sweep %s %s\n", id, buf_str(&message));
    }
    buf_done(&message);
    return rc;
}

int cmd_steer(struct invocation *inv)
{
    return looking_run(inv, steer_sweep);
}
