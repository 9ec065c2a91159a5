/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"

int cmd_version(struct invocation *inv)
{
    printf(invocation_flag(inv, "json") ? "{\"version\":\"%s\"}\n" : "besom %s\n", BESOM_VERSION);
    return COMPLAIN_DONE;
}
