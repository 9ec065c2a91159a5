/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What an attempt used of its host, as a table for people. Pure. */
#include "base/value.h"
#include "cli/print/table.h"

/* system: of an attempt, as view_trial gives it. Adds nothing if it is not a dict. */
void system_table_fill(struct table *t, const struct value *system);
