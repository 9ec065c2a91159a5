/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cmd.h"
#include "cli/complain.h"

int cmd_run(struct invocation *inv)
{
    (void)inv;
    struct err err = {0};
    err_set(&err, ERR_UNSUPPORTED, "run is not built into this binary yet");
    return complain(&err);
}
