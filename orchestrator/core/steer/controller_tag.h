/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Tags of a sweep and of its trials, as the store has them: the books do not hold them. */
#include "orchestrator/core/controller/controller_state.h"

void controller_tag(struct controller *c, const struct event *ev, struct effects *out);
