/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whether the decisions of a sweep follow from what the store holds (orchestrator/core/replay.h):
 * facts are compared with what is derived, and the trials' rows with the facts. */
#include "orchestrator/core/replay.h"

struct view;

/* r is initialised, with the sweep's id; what was found is in it. ERR_* where the store cannot be
 * read or its facts do not fit together. */
NODISCARD int store_replay(struct view *v, struct replay *r, struct err *err);
