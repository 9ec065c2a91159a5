/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Runs as a table for people, or as CSV for programs. Pure. */
#include "base/buf.h"
#include "cli/runs/run_columns.h"

/* now: seconds since 1970, for ages. */
void run_table_print(struct buf *out, const struct run_columns *c, double now, size_t width,
                     bool colour);
/* Times as 2026-11-21T08:25:06Z, lists of texts joined by commas, numbers whole. */
void run_table_csv(struct buf *out, const struct run_columns *c);
/* A moment in UTC, as above. */
const char *run_table_moment(struct arena *a, double seconds);
/* ["a","b"] as "a, b". */
const char *run_table_tags(struct arena *a, const struct value *tags);
