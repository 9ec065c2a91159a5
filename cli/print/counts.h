/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How many trials of a sweep are in each state, and which of them can run again. */
#include "base/buf.h"
#include "orchestrator/view/view.h"

struct counts {
    const struct value *sweep; /* as view_sweep() gives it */
    const char *metric;        /* NULL: none */
    uint64_t unmeasured;       /* finished trials that did not report the metric */
};

NODISCARD int counts_read(struct view *v, const struct value *sweep, struct counts *ret,
                          struct err *err);
/* "28 finished, 3 of them without loss, 2 failed"; nothing where there is no trial. */
void counts_print(struct buf *out, const struct counts *c);
/* The command that runs trials without a result again. Nothing where there is none, and of a sweep
 * that is paused: it continues first. store: as store_path_option() prints it. */
void counts_print_retry(struct buf *out, const struct counts *c, const char *store);
