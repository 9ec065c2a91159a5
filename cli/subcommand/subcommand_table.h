/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The subcommands of besom as one table. */
#include "cli/subcommand/subcommand.h"

extern const struct subcommand *const subcommand_table[]; /* ended by NULL */
