/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The files that a training left in its trial's folder ($BESOM_DIR): their list, and pieces of one.
 * Whatever lies there, nothing outside of the folder is reached: no link is followed, and only
 * regular files are read. */
#include "agent/core/agent_step.h"

/* DIR/trials/SWEEP/TRIAL/. answer has the question of files_read, and becomes the answer. A list ends
 * after list_ms, on a slow disk. */
void trial_files_answer(struct arena *a, const char *dir, const struct agent_key *key,
                        int64_t list_ms, struct message *answer);
