/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* AMD's GPUs, as the amdgpu and kfd drivers of the kernel describe them below /sys. A read may hang
 * with the driver: only the process of gpu_watch.h calls this. */
#include "agent/gpu/gpu_reading.h"

/* Adds the GPUs that can compute, in the order of their places on the bus. root: "/sys". */
void gpu_amd_read(const char *root, struct gpu_reading *r);
/* Whether the host may have one. Reads no file of a driver. */
bool gpu_amd_is_there(const char *root);
