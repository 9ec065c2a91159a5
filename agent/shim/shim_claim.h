/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The shim's claim on its attempt directory: made once, locked as long as the shim lives, and the
 * only file to which it writes facts (agent/shim/shim_record.h). */
#include <stdbool.h>
#include "agent/shim/shim_record.h"

struct shim_claim {
    int fd;
};

/* 0, or the exit code with which the shim must leave without starting anything. */
NODISCARD int shim_claim_take(struct shim_claim *c, const char *dir);
void shim_claim_training(struct shim_claim *c, int64_t pid);
/* Waits for the disk if the end asks for it. False if it could not be written. */
bool shim_claim_end(struct shim_claim *c, const struct shim_end *end);
