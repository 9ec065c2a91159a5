/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* All trials of a sweep as a file, a piece at a time, in the order of their numbers: as `besom export` prints them.
 * Memory does not grow with the sweep. Columns are those of the first moment. */
#include "base/buf.h"
#include "orchestrator/view/view.h"

enum { VIEW_EXPORT_BYTES = 128 << 10 }; /* of a piece; one trial may have more */

struct view_export;

/* format: "csv" or "jsonl". filter: filter/filter.h; NULL: all. ERR_USAGE: one of them is not understood. */
NODISCARD int view_export_new(struct view *v, const char *sweep, const char *format,
                              const char *filter, struct view_export **ret, struct err *err);
/* Appends the next piece; none: it was the last. */
NODISCARD int view_export_next(struct view_export *e, struct view *v, struct buf *out,
                               struct err *err);
const char *view_export_sweep(const struct view_export *e); /* its id */
void view_export_free(struct view_export *e);               /* takes NULL */
