/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The command line of a trial, as its agent built it from the spec and the configuration. What only the
 * agent knows stays as it is written: ${envvar:NAME}, and the paths of its files. ${interpreter} is
 * python. */
#include "orchestrator/view/view_inside.h"

/* Puts "command" into the trial, which has its number, slot, attempt and params: a list of words, or null
 * where the spec cannot be read or has nothing to execute. */
NODISCARD int view_command_add(struct view *v, struct arena *a, const char *sweep,
                               struct value *trial, struct err *err);
