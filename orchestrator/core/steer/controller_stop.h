/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One trial is stopped because somebody asks for it; its sweep continues. */
#include "orchestrator/core/controller/controller_state.h"

void controller_stop(struct controller *c, const struct event *ev, struct effects *out);
