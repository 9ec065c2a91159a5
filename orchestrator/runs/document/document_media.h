/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Media, tables and histograms that a run has logged, by step. However many and however large, an answer is bounded. */
#include "base/json.h"
#include "orchestrator/runs/document/document_work.h"
#include "orchestrator/runs/runs_run.h"

enum {
    DOCUMENT_MEDIA_KEYS = 24,             /* in one answer */
    DOCUMENT_MEDIA_ITEMS = 500,           /* of a key */
    DOCUMENT_MEDIA_VALUE_BYTES = 1 << 18, /* of an item; of a larger one only its size is told */
    DOCUMENT_MEDIA_BYTES = 8 << 20,       /* of all items of an answer, about */
};

/* {"media":[{"key":…,"of":n,"items":[{"step":…,"value":…}]}]}, in the order of the keys, a list of texts. Of many or large
 * items every second, fourth, … is left, and the last one always. "bytes" in place of "value": it is too large.
 * ERR_STALE: nobody waits any more. */
NODISCARD int document_media_write(struct runs *r, const struct runs_run *run,
                                   const struct value *keys, const struct document_work *w,
                                   struct buf *out, enum json_style style, struct err *err);
