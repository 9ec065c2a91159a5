/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* NVIDIA's GPUs, by the library of their driver (NVML), which is loaded when the program runs.
 * Every call may hang with the driver: only the process of gpu_watch.h calls this. */
#include "agent/gpu/gpu_reading.h"

struct gpu_nvml;

/* The library at path, or the system's if it is NULL. ERR_NOT_FOUND: there is none. */
NODISCARD int gpu_nvml_open(const char *path, struct gpu_nvml **ret, struct err *err);
void gpu_nvml_free(struct gpu_nvml *n); /* takes NULL; the library stays loaded */
/* Adds its GPUs. A GPU that failed is reported with its fault from then on. */
void gpu_nvml_read(struct gpu_nvml *n, struct gpu_reading *r);
/* Reads the failures that the driver has reported since the last call. Returns whether there were any.
 * Does not wait. */
bool gpu_nvml_events(struct gpu_nvml *n);
