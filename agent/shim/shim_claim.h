/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The shim's hold on its attempt directory: claimed once, locked for life, the one place it writes
 * facts to (agent/shim/shim_record.h). */
#include <stdbool.h>
#include "agent/shim/shim_record.h"

struct shim_claim {
    int fd;
};

/* 0, or the exit code with which the shim must leave without starting anything. */
NODISCARD int shim_claim_take(struct shim_claim *c, const char *dir);
void shim_claim_training(struct shim_claim *c, int64_t pid);
/* Waits for the disk where the end says so. False if it could not be written. */
bool shim_claim_end(struct shim_claim *c, const struct shim_end *end);
