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
/* The cores divided by what a trial takes of them, at least 1. */
uint64_t place_slots_of_cores(const struct spec *spec);
/* spec may be NULL. Without --slots and GPUs: the cores divided by what a trial takes of them, at most 8. */
uint64_t place_slots(const struct spec *spec);
/* The smaller of slots and max_parallel. */
uint64_t place_at_once(const struct spec *spec, uint64_t slots);
/* The folder that besom itself lies in. */
NODISCARD int place_bin(char out[PATH_MAX], struct err *err);
/* The same, and besom-shim in it. */
NODISCARD int place_shim(char bin[PATH_MAX], char shim[PATH_MAX], struct err *err);
