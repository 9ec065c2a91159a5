/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The process that reads the drivers of the GPUs, `besom gpu-watch`: prints a line of
 * gpu_reading.h at once, every period, and when a GPU fails. A driver may hang, so no other process
 * of besom calls one. It ends with its parent. */
#include <stdbool.h>
#include <stdint.h>

/* For tests: $BESOM_NVML is another path of NVIDIA's library, "" none; $BESOM_SYS another folder for
 * /sys. */
/* Whether this host may have GPUs: asks no driver. */
bool gpu_watch_is_needed(void);
/* once: prints one line and ends. Returns the exit code. */
int gpu_watch_run(int64_t period_ms, bool once);
