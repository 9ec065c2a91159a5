/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One run whole, for people: what it is, its configuration and summary, its last rows, alerts and files. */
#include "cli/look/looking.h"

/* run: a document of runs/NAME (orchestrator/runs/runs_answer.h). */
void run_show_print(struct looking *l, const struct value *run);
