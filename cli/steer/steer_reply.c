/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/steer/steer_reply.h"

#include <string.h>

#include "base/json.h"

void steer_reply_print(struct looking *l, const char *sweep, const struct buf *message)
{
    if (!l->json) {
        buf_addf(&l->out, "sweep %s %s\n", sweep, buf_str(message));
        return;
    }
    buf_adds(&l->out, "{\"ok\":true,\"sweep\":");
    json_print_str(&l->out, sweep, strlen(sweep));
    buf_adds(&l->out, ",\"message\":");
    json_print_str(&l->out, buf_str(message), message->len);
    buf_adds(&l->out, "}\n");
}
