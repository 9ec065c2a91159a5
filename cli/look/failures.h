/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Why the trials of a sweep failed, for `besom show` and the end of `besom run`. */
#include "orchestrator/view/pace/causes.h"
#include "orchestrator/view/view.h"

struct remote;

enum { FAILURES_MAX = 200 }; /* the newest are read */

/* Groups the failed trials of a sweep. *ret_cut: there are more than FAILURES_MAX. */
NODISCARD int failures_find(struct view *view, const char *sweep, struct causes *ret, bool *ret_cut,
                            struct err *err);
/* One line for each group, the suspect (view_suspect.h) and the last lines of one log of the largest. Nothing if none failed.
 * remote: NULL where the store is one of this machine. */
NODISCARD int failures_print(struct buf *out, struct view *view, struct remote *remote,
                             const char *store, const char *sweep, size_t columns, struct err *err);
/* The last lines of an attempt's log, at most CAUSE_LOG_LINES; nothing if there is none. attempt:
 * one of the trial's "attempts_list". */
void failures_log(struct buf *out, struct remote *remote, const char *store, const char *sweep,
                  uint64_t trial, const struct value *attempt);
