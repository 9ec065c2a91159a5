/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Why a rule of early termination stopped a trial, as a sentence. */
#include "base/value.h"

/* why: {"stopper":…,"rung":…,"value":…,"threshold":…,"rank":…,"of":…}, a dict. "by asha: 0.75 at
 * iteration 4 is rank 3 of 3 trials; the worst that continues is 0.25" */
const char *stop_text(struct arena *a, const struct value *why);
