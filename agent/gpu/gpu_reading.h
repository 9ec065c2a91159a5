/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the drivers said about the GPUs of a host at one moment, and its text: one line of JSON.
 * Pure: does not know NVML, files or what the GPUs are used for. */
#include <stdbool.h>
#include "base/buf.h"
#include "base/value.h"

enum { GPU_MAX = 128, GPU_PROCESSES_MAX = 64, GPU_LINE_BYTES_MAX = 1 << 20 };

struct gpu_process {
    int64_t pid;
    int64_t memory; /* bytes; -1: unknown */
};

/* Fields of a GPU; -1 is an unknown number. name, bytes of the text */
#define GPU_TEXTS(X)                                                                   \
    X(uuid, 96)   /* GPU-…, or MIG-… for a part of a GPU that is divided by MIG */ \
    X(index, 16)  /* as nvidia-smi counts: 0; 0:1 for a MIG device */                  \
    X(vendor, 16) /* nvidia, amd */                                                    \
    X(name, 96)                                                                        \
    X(bus, 32)    /* its place on the PCI bus */                                       \
    X(fault, 160) /* why it cannot be used any longer; "" if it can */
#define GPU_NUMBERS(X)                               \
    X(memory_total) /* bytes */                      \
    X(memory_used)                                   \
    X(utilisation) /* per cent of the last moment */ \
    X(power_mw)                                      \
    X(temperature_c)                                 \
    X(ecc) /* uncorrected errors since the driver was loaded */

struct gpu {
#define X(field, bytes) char field[bytes];
    GPU_TEXTS(X)
#undef X
#define X(field) int64_t field;
    GPU_NUMBERS(X)
#undef X
    size_t processes_n;
    struct gpu_process processes[GPU_PROCESSES_MAX]; /* that compute on it */
};

struct gpu_reading {
    uint64_t asked;  /* how many requests for a reading had arrived when it began */
    char error[256]; /* why a driver that is installed could not be read; "" where it could */
    size_t n;
    struct gpu gpus[GPU_MAX];
};

/* Adds a GPU with no known values to the reading; NULL if the reading is full. */
struct gpu *gpu_reading_add(struct gpu_reading *r, const char *vendor);
const struct gpu *gpu_reading_find(const struct gpu_reading *r, const char *uuid);
struct value *gpu_reading_value(struct arena *a, const struct gpu_reading *r);
void gpu_reading_print(struct buf *out, const struct gpu_reading *r); /* with its newline */
NODISCARD int gpu_reading_parse(const char *text, size_t len, struct gpu_reading *ret,
                                struct err *err);
