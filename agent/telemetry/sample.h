/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One sample of what an attempt uses of its host, as a line of JSON, and when the next one is due. Pure:
 * knows no clock, no file and no process. docs/guide/system.md lists the names. */
#include "agent/gpu/gpu_reading.h"

struct sample_gpu {
    const struct gpu *gpu;
    int64_t own_memory; /* of it, that processes of the attempt have; -1: unknown */
};

struct sample {
    int64_t wall_ms;
    double cpu_percent; /* of one processor; negative: unknown */
    int64_t memory;     /* bytes; -1: unknown */
    const struct sample_gpu *gpus;
    size_t gpus_n;
};

void sample_print(struct buf *out, const struct sample *s); /* with its newline */
/* How long after a sample the next one is due: a period, and in a long attempt a thousandth of its age.
 * So the samples of an attempt are few, however long it runs: 3,200 in a day, at 10 s. */
int64_t sample_wait_ms(int64_t period_ms, int64_t age_ms);
