/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom backup: a copy of a store, taken beside whoever writes it. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/store_path.h"
#include "orchestrator/store/store_check.h"

static void print_backup(const char *dir, const char *to, bool json)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    if (json) {
        buf_adds(&out, "{\"ok\":true,\"store\":");
        json_print_str(&out, dir, strlen(dir));
        buf_adds(&out, ",\"copy\":");
        json_print_str(&out, to, strlen(to));
        buf_adds(&out, "}\n");
    } else {
        buf_addf(&out, "%s is copied to %s; the logs of its trials are not in it\n", dir, to);
    }
    fwrite(buf_str(&out), 1, out.len, stdout);
    buf_done(&out);
}

int cmd_backup(struct invocation *inv)
{
    struct err err = {0};
    char dir[PATH_MAX];
    const char *named = inv->n_args == 2 ? invocation_arg(inv, 0) : NULL;
    const char *to = invocation_arg(inv, inv->n_args - 1);
    int rc = store_path_find(named ? named : invocation_option(inv, "store"), dir, &err);
    if (rc == 0)
        rc = store_backup(dir, to, &err);
    if (rc != 0)
        return complain(&err);
    print_backup(dir, to, invocation_flag(inv, "json"));
    return COMPLAIN_DONE;
}
