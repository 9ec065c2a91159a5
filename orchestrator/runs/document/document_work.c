/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/document/document_work.h"

#include "base/limits.h"

bool document_work_is_wanted(const struct document_work *w)
{
    return !w->gone || !atomic_load_explicit(w->gone, memory_order_relaxed);
}

int document_work_check(const struct document_work *w, struct err *err)
{
    return document_work_is_wanted(w) ? 0 : err_set(err, ERR_STALE, "nobody waits for this answer");
}

int document_work_add(struct document_work *w, size_t bytes, struct err *err)
{
    w->bytes += bytes;
    int rc = document_work_check(w, err);
    return rc != 0 ? rc
           : w->bytes <= LIMIT_RUNS_WORK_BYTES
               ? 0
               : err_set(err, ERR_LIMIT, "this file takes too much work: download it");
}
