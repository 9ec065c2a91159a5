/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A sweep takes up a spec that differs where no proposal depends on it, or that only adds values. */
#include "orchestrator/core/controller/controller_state.h"

void controller_edit(struct controller *c, const struct event *ev, struct effects *out);
