/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A field of a run, by the names that wandb's filters and orders use. A run is a document of
 * orchestrator/runs/runs_value.h: a dict with name (its id), display, state, sweep, tags, created …, and
 * with config and summary. Any of them may be missing. */
#include "base/err.h"
#include "base/value.h"

enum wandb_field_part { WANDB_FIELD_RUN, WANDB_FIELD_CONFIG, WANDB_FIELD_SUMMARY };

struct wandb_field {
    enum wandb_field_part part;
    const char *name; /* a key of the run, or a path in its config or summary */
    bool is_time;
};

/* "state", "created_at", "config.lr", "config.opt.value.lr", "summary_metrics.loss". Lives in the arena. ERR_SYNTAX: no field
 * has this name. */
NODISCARD int wandb_field_parse(struct arena *a, const char *text, struct wandb_field *ret,
                                struct err *err);
/* NULL where the run lacks it. A dot in a path enters a dict, unless a key holds that dot itself. */
const struct value *wandb_field_get(const struct wandb_field *f, const struct value *run);
/* What `path` leads to in a summary, a config or a row of a history. */
const struct value *wandb_field_path(const struct value *dict, const char *path);
