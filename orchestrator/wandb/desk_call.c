/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_call.h"

const char *desk_call_text(const struct desk_call *c, const char *name)
{
    return value_get_str(c->variables, name, NULL);
}
