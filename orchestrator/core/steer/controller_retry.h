/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Trials that ended without a result run again, as new attempts of the same configuration. A sweep
 * that has ended continues for them. */
#include "orchestrator/core/controller/controller_state.h"

void controller_retry(struct controller *c, const struct event *ev, struct effects *out);
