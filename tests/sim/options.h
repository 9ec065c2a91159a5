/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which story a seed tells: the shape of the fleet, the timing, and which faults there are. */
#include "base/buf.h"
#include "tests/sim/sim.h"

void options_draw(struct sim *s);
void options_print(struct buf *out, const struct sim_options *o);
