/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sends a snapshot to a controller, in pieces, unless it has it already. */
#include <stdbool.h>
#include "agent/code/code_gather.h"

struct remote;

/* Continues after an interruption of the network, for a minute without progress. says: shows how far it
 * is, on stderr. */
NODISCARD int upload_snapshot(struct remote *r, const struct code_snapshot *s, bool says,
                              struct err *err);
