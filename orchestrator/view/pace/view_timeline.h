/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The attempts of a sweep over time, slot by slot, with the gaps between them and their reasons. What is
 * narrower than a pixel is merged, so that the answer stays small. */
#include "orchestrator/view/view_inside.h"

struct buf;

enum {
    VIEW_TIMELINE_ITEMS_MAX = 2400, /* bars, merged spans and gaps of an answer, about */
    VIEW_TIMELINE_SLOTS_MAX = 500,  /* with more, each row is a host */
    VIEW_TIMELINE_ROWS = 100,
    VIEW_TIMELINE_PX = 1000,
    VIEW_TIMELINE_PX_MAX = 4000,
    VIEW_TIMELINE_CELLS = 240, /* of the strips */
};
#define VIEW_TIMELINE_S_MAX INT64_C(253402300800) /* the year 10000 */

struct view_timeline {
    double from, to;      /* seconds since 1970, 0 to VIEW_TIMELINE_S_MAX; NaN: all of it */
    uint64_t px;          /* how wide it is drawn */
    uint64_t skip, limit; /* of the rows */
    int64_t now_ms;       /* the wall clock: running attempts end there */
};

/* Appends the document: docs/openapi.yaml. */
NODISCARD int view_timeline_write(struct view *v, const char *sweep, const struct view_timeline *q,
                                  struct buf *out, struct err *err);
