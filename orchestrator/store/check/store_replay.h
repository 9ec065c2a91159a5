/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Checks that the decisions of a sweep follow from the store's content
 * (orchestrator/core/replay.h): compares facts with derived ones, and the trials' rows with the
 * facts. */
#include "orchestrator/core/replay.h"

struct view;

/* r is initialised, with the sweep's id, and has the results afterwards. ERR_* if the store cannot
 * be read or its facts do not fit together. */
NODISCARD int store_replay(struct view *v, struct replay *r, struct err *err);
