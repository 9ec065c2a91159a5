/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the attempts of a trial used of their hosts, in a few numbers. */
#include "base/value.h"
#include "orchestrator/view/view_inside.h"

/* Adds "system" to each attempt of the list: for each name of its samples {"mean":…,"max":…,"last":…}; null
 * where there are none. */
NODISCARD int view_system_add(struct view *v, struct arena *a, const char *sweep, uint64_t number,
                              struct value *attempts, struct err *err);
