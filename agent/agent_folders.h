/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The folders run/, logs/ and trials/ in that of an agent, as it finds them when it starts. */
#include "base/err.h"

struct agent_core;

/* Makes run/, and refuses what is in the place of a folder or cannot be written: every launch would
 * fail. dir: the agent's, absolute. */
NODISCARD int agent_folders_check(const char *dir, struct err *err);
/* Adds the attempts whose directories are in run/ to the core, before its first step. */
NODISCARD int agent_folders_hold(const char *dir, struct agent_core *core, struct err *err);
