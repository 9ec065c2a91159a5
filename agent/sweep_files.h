/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The files of a whole sweep in a store: its logs, its trials' folders and what is left of its
 * attempts. Must not know whether the sweep is there. */
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct sweep_files {
    uint64_t trials; /* folders of trials */
    uint64_t logs;   /* files */
    uint64_t bytes;  /* of them on the disk */
};

/* What there is of a sweep. What cannot be read is left out. */
void sweep_files_count(const char *dir, const char *sweep, struct sweep_files *ret);
/* Removes them. What cannot be removed stays, and the first such error is returned. Links are removed
 * and not followed, and other file systems are not entered. */
NODISCARD int sweep_files_remove(const char *dir, const char *sweep, struct err *err);
/* Removes the files of each sweep that `gone` says is gone, as far as that can be done. */
typedef bool (*sweep_files_gone_fn)(void *arg, const char *sweep);
void sweep_files_tidy(const char *dir, sweep_files_gone_fn gone, void *arg);
