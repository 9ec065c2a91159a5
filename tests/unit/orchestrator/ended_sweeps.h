/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sweeps that have ended, their facts interleaved: "a", "b", "c"… For tests that remove some. */
#include "orchestrator/store/store.h"

enum { ENDED_SWEEPS_TRIALS = 3 }; /* of each, with a few points */

/* Adds n sweeps, the first of them called `first`, and commits them. The books must have been
 * initialised. Fails where the store does. */
NODISCARD int ended_sweeps_add(struct store *s, struct books *b, char first, size_t n,
                               struct err *err);
