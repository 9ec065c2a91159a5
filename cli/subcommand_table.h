/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The subcommands of besom. Each one is in the file of its name. */
#include "cli/subcommand.h"

extern const struct subcommand subcommand_table[]; /* ended by one without a name */
