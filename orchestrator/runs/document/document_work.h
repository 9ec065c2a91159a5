/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The work that one question may cost: it ends at a limit, and when nobody waits for the answer any more. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

struct document_work {
    const atomic_bool *gone; /* nobody waits; NULL: somebody does */
    uint64_t bytes;          /* of text that was looked at so far */
};

/* Whether somebody waits still. */
bool document_work_is_wanted(const struct document_work *w);
/* 0, or ERR_STALE. */
NODISCARD int document_work_check(const struct document_work *w, struct err *err);
/* To be asked before this many bytes are looked at. ERR_LIMIT: more than LIMIT_RUNS_WORK_BYTES. ERR_STALE:
 * nobody waits. */
NODISCARD int document_work_add(struct document_work *w, size_t bytes, struct err *err);
