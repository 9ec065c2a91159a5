/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the store knows of the agents: the latest samples of what running trials use, and how the attempts
 * of the last day ended on each agent. Which agents are there, the controller knows. */
#include "base/value.h"
#include "orchestrator/view/view_inside.h"

enum {
    VIEW_FLEET_HOURS = 24,
    VIEW_FLEET_TRIALS_MAX = 2048, /* running trials whose samples are read */
    VIEW_FLEET_LINE = 24,         /* points of a line, while at most … */
    VIEW_FLEET_LINES_MAX = 64,    /* … so many trials run; else only the last sample is read */
    VIEW_FLEET_ROWS_MAX =
        50000, /* trials of the sweeps whose attempts are read, the newest sweeps */
};

/* {"now","load","ended","causes"}: see docs/openapi.yaml. */
NODISCARD int view_fleet(struct view *v, struct arena *a, int64_t now_ms, struct value **ret,
                         struct err *err);
