/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the rows of a run hold, for charts: its keys and curves. Nested keys are joined by
 * dots. Rows are read as text: a million of them are not made into values. Reading ends with ERR_STALE when nobody waits. */
#include "base/value.h"
#include "orchestrator/runs/document/document_work.h"
#include "orchestrator/runs/runs_run.h"

enum {
    DOCUMENT_ROWS_KEYS = 5000,   /* names in an answer */
    DOCUMENT_ROWS_CURVES = 24,   /* in one answer */
    DOCUMENT_ROWS_POINTS = 2000, /* of a curve */
};

/* {"rows":n,"keys":[{"name":…,"type":"number", "text", "list", "bool", or the type of its media,"count":n,"last":step of its last}]}, in the order in
 * which they appeared. stream: RUNS_HISTORY or RUNS_EVENTS. */
NODISCARD int document_rows_keys(struct runs *r, struct arena *a, const struct runs_run *run,
                                 enum runs_stream stream, const struct document_work *w,
                                 struct value **ret, struct err *err);

struct document_curves {
    enum runs_stream stream;
    const struct value *keys; /* a list of texts */
    const char *x;            /* a key; "": the step, or for events the seconds since the start */
    size_t points;
};

/* {"x":…,"curves":[{"key":…,"of":n,"x":[…],"last":[…]}]}; with "min" and "max" where it was thinned. */
NODISCARD int document_rows_curves(struct runs *r, struct arena *a, const struct runs_run *run,
                                   const struct document_curves *q, const struct document_work *w,
                                   struct value **ret, struct err *err);
