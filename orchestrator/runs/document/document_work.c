/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/document/document_work.h"

#include "base/limits.h"

int document_work_add(struct document_work *w, size_t bytes, struct err *err)
{
    w->bytes += bytes;
    if (w->gone && atomic_load_explicit(w->gone, memory_order_relaxed))
        return err_set(err, ERR_STALE, "nobody waits for this answer");
    return w->bytes <= LIMIT_RUNS_WORK_BYTES
               ? 0
               : err_set(err, ERR_LIMIT, "this file takes too much work: download it");
}
