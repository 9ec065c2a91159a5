/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/gpu/gpu_lock.h"

#include <stdlib.h>

#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

TEST(lock_of_a_gpu_has_one_holder)
{
    struct gpu_locks one = {0}, two = {0}; /* locks of two openings of a file exclude each other */
    setenv("BESOM_LOCKS", scratch_dir(), 1);
    ASSERT(gpu_lock_take(&one, "GPU-a"));
    ASSERT(!gpu_lock_take(&two, "GPU-a"));
    ASSERT(gpu_lock_take(&two, "GPU-b"));
    gpu_lock_done(&one);
    ASSERT(gpu_lock_take(&two, "GPU-a"));
    gpu_lock_done(&two);
    setenv("BESOM_LOCKS", "/nowhere", 1);
    ASSERT(gpu_lock_take(&one, "GPU-a"));
    gpu_lock_done(&one);
}
