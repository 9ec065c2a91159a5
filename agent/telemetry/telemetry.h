/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the processes of an attempt use of their host, by /proc: the descendants of its shim, which
 * adopts those whose parents end. Does not know GPUs, metrics or where readings are kept. */
#include "agent/shim/shim_proc.h"

struct telemetry {
    uint32_t processes; /* that are alive */
    int64_t memory;     /* bytes that are resident; pages that processes share count for each */
    int64_t cpu_ms;     /* processor time since the start, of ended processes too; never falls */
};

/* ps: the processes of this moment, which serve several attempts. False if the shim is not among
 * them. */
bool telemetry_read(struct shim_procs *ps, pid_t shim, struct telemetry *ret);
/* The share of one processor between two readings, in per cent: 400 is four processors. -1 if no time
 * has passed. */
double telemetry_cpu_percent(const struct telemetry *before, const struct telemetry *now,
                             int64_t passed_ms);
