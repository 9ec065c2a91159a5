/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Words of the store for completion: sweeps, trials, columns. The scripts of besom completion
 * request them while a command is typed. */

struct invocation;

#define COMPLETE_KINDS "sweeps trials columns sort metrics projects"

/* Prints the words of the kind that --list names, one a line. The argument is the sweep that
 * columns are of, or the trial as far as it is typed. */
int complete_list(struct invocation *inv);
