/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Alerts that a run has raised. */
#include "orchestrator/runs/runs_run.h"

struct runs_alert {
    int64_t run;
    int64_t time; /* ms since 1970 */
    const char *title, *text, *severity;
};

/* Stores it, unless the run has raised one with this title less than wait_ms before: *ret_added. */
NODISCARD int runs_alert_add(struct runs *r, const struct runs_alert *alert, int64_t wait_ms,
                             bool *ret_added, struct err *err);
/* Those of a run, oldest first; each is valid until fn returns. */
NODISCARD int runs_alert_read(struct runs *r, int64_t run,
                              void (*fn)(void *arg, const struct runs_alert *alert), void *arg,
                              struct err *err);
