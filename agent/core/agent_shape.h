/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whether what a controller sent is made as docs/PROTOCOL.md says: what starts training relies on it. */
#include "protocol/message.h"

bool agent_shape_is_good(const struct message *m);
