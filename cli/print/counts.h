/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How many trials of a sweep are in each state, which of them can run again, and what they reported where
 * none reported the metric. */
#include "base/buf.h"
#include "orchestrator/view/view.h"

struct counts {
    struct arena *arena;
    const struct value *sweep;   /* as view_sweep() gives it */
    const char *metric;          /* NULL: none */
    uint64_t unmeasured;         /* finished trials that did not report the metric */
    const struct value *instead; /* the metrics of one of them; NULL: others reported the metric */
};

NODISCARD int counts_read(struct view *v, struct arena *a, const struct value *sweep,
                          struct counts *ret, struct err *err);
/* "28 finished, 3 of them without loss, 2 failed"; nothing where there is no trial. */
void counts_print(struct buf *out, const struct counts *c);
/* "no trial has reported the metric los: …", and what to do, if `instead` is set. */
void counts_print_unmeasured(struct buf *out, const struct counts *c);
/* The command that runs trials without a result again. Nothing where there is none, of trials that only
 * reported other metrics, and of a sweep that is paused: it continues first. store: as
 * store_path_option() prints it. */
void counts_print_retry(struct buf *out, const struct counts *c, const char *store);
