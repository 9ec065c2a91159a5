/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What must hold, whatever happens (docs/SIMULATOR.md lists it): held against each fact that
 * becomes durable, each message that leaves the controller, each training that starts, and at the
 * end. Judges by what the processes did and what the disk holds, not by what the cores believe. */
#include "protocol/message.h"
#include "sweep/fact.h"
#include "tests/sim/link.h"

struct process;

void audit_init(struct sim *s);
void audit_fact(struct sim *s, const struct fact *f); /* folded into the durable books already */
void audit_send(struct sim *s, const struct link *l, const struct message *m);
void audit_training(struct sim *s, struct process *p);
/* The sweep has come to its end and all is quiet. */
bool audit_is_over(const struct sim *s);
void audit_end(struct sim *s);
