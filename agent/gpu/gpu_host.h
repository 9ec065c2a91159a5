/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The GPUs of this host that this process may use, as they were when it started, and the slots that
 * they make. A child process calls the driver, so a driver that hangs is only an error. */
#include "agent/gpu/gpu_pool.h"

struct gpu_host_options {
    const char *gpus; /* --gpus; NULL: all that CUDA_VISIBLE_DEVICES and its kind allow */
    bool unused;      /* trials need no GPU: hide all of them */
    bool by_index;    /* CUDA_VISIBLE_DEVICES by number, not by UUID */
    struct gpu_pool_options pool; /* a field that is 0: the default */
};

struct gpu_host {
    struct gpu_host_options options;
    struct gpu_reading reading;
    struct gpu_choice choice;
    bool hides; /* training must see no GPU; then none is chosen */
};

/* The driver is read every 10 s, and counts as silent after three such periods.
 * For tests: $BESOM_GPU_PERIOD_MS, $BESOM_GPU_SILENT_MS. */
int64_t gpu_host_period_ms(void);
int64_t gpu_host_silent_ms(void);
/* *ret is NULL where the host has no driver of GPUs. With an empty choice where `hides` is not set, this
 * process may see none, and the trials are left as they are. ERR_UNREACHABLE: the driver does not
 * answer. */
NODISCARD int gpu_host_look(const struct gpu_host_options *options, struct gpu_host **ret,
                            struct err *err);
void gpu_host_free(struct gpu_host *h); /* takes NULL */
/* The GPUs in a hello's first slot; NULL if it does not mention GPUs. */
struct value *gpu_host_grant(const struct gpu_host *h, struct arena *a);
/* How many slots run at once; 0 if none has GPUs. */
uint32_t gpu_host_slots(const struct gpu_host *h);
