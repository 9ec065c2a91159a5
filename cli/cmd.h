/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What each subcommand runs: cmd_ls() is in ls.c. Returns the exit code of the process; what went
 * wrong has been printed by then. */
struct invocation;

int cmd_run(struct invocation *inv);
int cmd_ask(struct invocation *inv);
int cmd_report(struct invocation *inv);
int cmd_completion(struct invocation *inv);
int cmd_version(struct invocation *inv);
int cmd_help(struct invocation *inv);
