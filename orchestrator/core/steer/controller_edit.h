/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A sweep gets a new spec, whose changes affect no proposal or only add values. */
#include "orchestrator/core/controller/controller_state.h"

void controller_edit(struct controller *c, const struct event *ev, struct effects *out);
/* A sweep that has ended by itself continues if its spec has more to run. */
void controller_edit_continue(struct controller *c, const struct event *ev, struct book_sweep *s,
                              struct effects *out);
