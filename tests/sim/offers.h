/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the hosts of a story with sizes offer: GPUs that one or two slots share, which are numbered
 * anew at each start of the agent, cores, memory and a label. Slots are withdrawn and come back. */
#include "tests/sim/host.h"

/* The agent of the host starts: describes its host and its slots, and changes the latter now and
 * then. Does nothing in a story without sizes. */
void offers_begin(struct sim *s, struct host *h);
int offers_cpus(const struct host *h);
int offers_memory_gib(const struct host *h);
bool offers_label(const struct host *h);
bool offers_only(const struct host *h); /* it takes no sweep without the label */
int offers_share(const struct sim *s, const struct host *h); /* slots of a GPU */
