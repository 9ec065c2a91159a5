/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Clients before 0.20 ask which fields the server's types have, and use the oldest way where it has none:
 *     query ProbeRunInput { RunType: __type(name:"Run") { fields { name } } }
 * Each type that is asked for is there, and has none. */
#include "orchestrator/wandb/desk_call.h"

bool api_probe_is(const char *operation);
NODISCARD int api_probe(struct desk_call *c, struct value **ret, struct err *err);
