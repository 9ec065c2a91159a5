/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads the trials of a sweep into columns. For view_arrays.c. */
#include "orchestrator/view/arrays/arrays.h"
#include "orchestrator/view/arrays/arrays_query.h"
#include "orchestrator/view/view.h"

enum { ARRAYS_CELLS_MAX = 8000000 };

/* Within one moment of the store (view_row_begin()). The ids of the rows are in a->ids. ERR_LIMIT: they have more than
 * ARRAYS_CELLS_MAX values. */
NODISCARD int arrays_read(struct view *v, struct arrays *a, const char *sweep,
                          const struct view_arrays *q, struct err *err);
