/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The panes beside the table of trials: agents, failures, the log and the keys. Pure. */
#include "cli/watch/watch_canvas.h"

void watch_panes_agents(struct watch_canvas *c, const struct watch_box *b);
/* Agents side by side, in few lines. */
void watch_panes_agents_short(struct watch_canvas *c, const struct watch_box *b);
void watch_panes_failures(struct watch_canvas *c, const struct watch_box *b);
void watch_panes_log(struct watch_canvas *c, const struct watch_box *b);
void watch_panes_keys(struct watch_canvas *c, const struct watch_box *b);
