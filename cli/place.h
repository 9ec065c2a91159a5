/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where the trials of a sweep run when `besom run` runs them on this machine, and how many at once.
 */
#include <limits.h>
#include <stdint.h>
#include "language/spec.h"

/* The spec's workdir, relative to the spec's folder; else the current directory. `named` is the
 * spec as the user calls it, `path` its absolute path. */
NODISCARD int place_workdir(const struct spec *spec, const char *named, const char *path,
                            char out[PATH_MAX], struct err *err);
/* The bytes of memory that this machine has; 0: unknown. */
uint64_t place_memory(void);
/* Fails if a trial of the spec needs more memory than the machine has. */
NODISCARD int place_check_memory(const struct spec *spec, struct err *err);
/* How many trials the cores and the memory hold at once, by what the spec says that each takes; at least 1. */
uint64_t place_slots_of_host(const struct spec *spec);
/* spec may be NULL. Without --slots and GPUs: as place_slots_of_host(), at most 8. */
uint64_t place_slots(const struct spec *spec);
/* The smaller of slots and max_parallel. */
uint64_t place_at_once(const struct spec *spec, uint64_t slots);
/* The folder that besom itself lies in. */
NODISCARD int place_bin(char out[PATH_MAX], struct err *err);
/* The same, and besom-shim in it. */
NODISCARD int place_shim(char bin[PATH_MAX], char shim[PATH_MAX], struct err *err);
