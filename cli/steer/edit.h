/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sending an edit of a sweep to the controller of its store. */
#include "cli/look/looking.h"
#include "sweep/fact.h"

/* A count of view_sweep(), which is text if it is too large for an integer; 0: unknown. */
uint64_t edit_number(const struct value *v);
/* Sends a fact of kind FACT_SWEEP_EDITED and prints the reply. */
NODISCARD int edit_send(struct looking *l, const struct fact *edit, struct err *err);
