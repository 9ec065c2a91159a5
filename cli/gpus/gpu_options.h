/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The options of a command about the GPUs of this host, and what a sweep needs of them. */
#include "agent/gpu/gpu_host.h"

struct invocation;
struct spec;

/* spec: NULL if none is known. *ret is NULL where the host has no GPU for besom. ERR_SPEC: the sweep
 * needs more GPUs than it has. */
NODISCARD int gpu_options_look(const struct invocation *inv, const struct spec *spec,
                               struct gpu_host **ret, struct err *err);
/* How many trials run at once, by --slots, the GPUs and the cores. host: NULL, or of the above. */
NODISCARD int gpu_options_slots(const struct invocation *inv, const struct spec *spec,
                                const struct gpu_host *host, uint64_t *ret, struct err *err);
