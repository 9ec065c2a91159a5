/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whether this process may open as many files as a run takes. */
#include "base/err.h"

/* ERR_IO if not; the text names the limit and the solution. */
NODISCARD int descriptors_check(struct err *err);
/* Allows as many as this process may allow itself: a controller has one for each agent. Only where
 * no training is started: it would inherit that. */
void descriptors_raise(void);
