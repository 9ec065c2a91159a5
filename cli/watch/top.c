/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom top: all sweeps and agents of a store or a controller on one screen. */
#include <stdio.h>

#include "cli/cmd.h"
#include "cli/look/looking.h"
#include "cli/watch/watch_screen.h"

static int top_show(struct looking *l, const struct invocation *inv, struct err *err)
{
    int signal = 0;
    (void)inv;
    if (!watch_screen_is_possible(l))
        return err_set(err, ERR_USAGE,
                       "it needs a terminal: besom ls lists the sweeps, besom agents the agents");
    int rc = watch_screen_run(l, NULL, &signal, err);
    if (signal)
        l->exit_code = 128 + signal;
    return rc;
}

int cmd_top(struct invocation *inv)
{
    return looking_run(inv, top_show);
}
