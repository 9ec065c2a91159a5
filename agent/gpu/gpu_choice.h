/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which GPUs of a host may be used: those of an inherited CUDA_VISIBLE_DEVICES, and of --gpus. Pure. */
#include "agent/gpu/gpu_reading.h"

struct gpu_choice {
    size_t n;
    uint16_t gpus[GPU_MAX]; /* places in the reading, in the order in which they are used */
};

/* The variables that limit the GPUs of this process, as training would inherit them; NULL: not
 * set. */
struct gpu_visible {
    const char *cuda, *rocr, *hip;
};

/* The GPUs that a process with these variables would see by the drivers' rules: numbers,
 * UUIDs or the beginning of a UUID, up to the first word that names no GPU. */
void gpu_choice_visible(struct gpu_choice *ret, const struct gpu_reading *r,
                        const struct gpu_visible *visible);
/* Keeps those of a list as --gpus takes it, in its order: all, none, numbers, UUIDs or the
 * beginning of a UUID. */
NODISCARD int gpu_choice_limit(struct gpu_choice *c, const struct gpu_reading *r, const char *list,
                               struct err *err);
