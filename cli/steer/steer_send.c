/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/steer/steer_send.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/remote/remote_ask.h"
#include "cli/steer/steer_alone.h"
#include "cli/steer/steer_live.h"

enum { TRIES = 3 };

static int send_remote(struct remote *remote, const struct steer_request *request,
                       struct buf *message, struct err *err)
{
    struct arena a;
    struct value *answer;
    arena_init(&a);
    int rc = remote_ask(remote, steer_request_line(&a, request), &a, &answer, err);
    if (rc == 0)
        rc = steer_request_message(answer, message, err);
    arena_done(&a);
    return rc;
}

/* A process that has just taken the store listens soon, and one that has just closed it soon
 * releases it: each try to open the store waits a second for that. */
static int send_here(const char *dir, const struct steer_request *request, struct buf *message,
                     struct err *err)
{
    char store[PATH_MAX];
    int rc = ERR_BUSY;
    if (!realpath(dir, store))
        return err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
    for (int tries = 0; rc == ERR_BUSY && tries < TRIES; tries++) {
        bool nobody = false;
        rc = steer_live(store, request, message, &nobody, err);
        if (rc == 0 && nobody)
            rc = steer_alone(store, request, message, err);
    }
    if (rc == ERR_BUSY) {
        struct err busy = *err;
        return err_set(err, ERR_UNREACHABLE, "no process listens on %s/control.sock, but %s", store,
                       busy.text);
    }
    return rc;
}

int steer_send(struct looking *l, const struct steer_request *request, struct buf *message,
               struct err *err)
{
    return l->remote ? send_remote(l->remote, request, message, err)
                     : send_here(l->dir, request, message, err);
}
