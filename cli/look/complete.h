/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the store has to complete a word with: sweeps, trials, columns. The scripts of besom
 * completion ask for it while a command is typed. */

struct invocation;

#define COMPLETE_KINDS "sweeps trials columns sort metrics"

/* Prints the words of the kind that --list names, one a line. The argument is the sweep that
 * columns are of, or the trial as far as it is typed. */
int complete_list(struct invocation *inv);
