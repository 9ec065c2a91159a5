/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* budget.until as a moment of the clock: in local time where the text names no zone, and the next
 * such time of day where it names no date. */
#include "language/spec.h"

/* Since 1970; 0 where the spec has none. */
int64_t until_ms(const struct spec *spec, int64_t now_ms);
