/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A script may report the same metric by wandb and in another way: besom.log, or a line that it prints.
 * One of them counts: in an attempt that uses wandb, a metric belongs to the way that reported it first,
 * and the other way's values are left out. What is known is in a file of the attempt's directory, so that
 * it outlives the agent. */
#include "base/buf.h"

/* Lines of wandb begin with one of them: a row of the history, with its number, and what only the
 * summary has. Readers of metrics leave out texts. */
#define METRIC_WAYS_ROW "{\"_row\":\""
#define METRIC_WAYS_SUMMARY "{\"_sum\":\"\""

struct metric_ways;

/* The attempt uses wandb. dir: its directory. */
void metric_ways_begin(const char *dir);
/* The same for one that has ended and did so offline: other ways were first. */
void metric_ways_learn(const char *dir);
/* NULL where the attempt does not use wandb. */
struct metric_ways *metric_ways_open(const char *dir);
void metric_ways_free(struct metric_ways *w); /* takes NULL */
/* Removes what belongs to the other way from the line that begins at `from` in out, and ends it: a line of
 * which nothing is left is empty. */
void metric_ways_filter(struct metric_ways *w, struct buf *out, size_t from);
void metric_ways_save(struct metric_ways *w); /* what was learnt since */
