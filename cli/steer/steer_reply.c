/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/steer/steer_reply.h"

#include <string.h>

#include "base/json.h"
#include "cli/steer/steer_send.h"

void steer_reply_print(struct looking *l, const char *kind, const char *name,
                       const struct buf *message)
{
    if (!l->json) {
        buf_addf(&l->out, "%s %s %s\n", kind, name, buf_str(message));
        return;
    }
    buf_addf(&l->out, "{\"ok\":true,\"%s\":", kind);
    json_print_str(&l->out, name, strlen(name));
    buf_adds(&l->out, ",\"message\":");
    json_print_str(&l->out, buf_str(message), message->len);
    buf_adds(&l->out, "}\n");
}

int steer_reply_ask(struct looking *l, const struct steer_request *request, struct err *err)
{
    struct buf message;
    buf_init(&message, SIZE_MAX);
    int rc = steer_send(l, request, &message, err);
    if (rc == 0) {
        steer_reply_print(l, "sweep", request->sweep, &message);
        looking_flush(l);
    }
    buf_done(&message);
    return rc;
}
