/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/subcommand/subcommand_table.h"

#include "cli/subcommand/subcommand_list.h"

#define X(name) &subcommand_##name,
const struct subcommand *const subcommand_table[] = {SUBCOMMANDS(X) NULL};
#undef X
