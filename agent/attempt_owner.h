/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The owner of an attempt's directory: the content of its file `owner`, whether the lock on it is
 * held, and whether the process in it is that shim. A pid alone is not trusted: the start time of
 * the process, the boot of the machine and the PID namespace must match the record. */
#include <stdbool.h>
#include <sys/stat.h>
#include "agent/shim/shim_record.h"
#include "base/err.h"

struct attempt_owner {
    bool locked;               /* by its shim, for as long as that lives */
    struct shim_record record; /* pid -1: no whole claim */
};

/* ERR_NOT_FOUND if nobody has claimed the directory, ERR_DAMAGED if `owner` is not a regular
 * file. */
NODISCARD int attempt_owner_look(const char *dir, struct attempt_owner *ret, struct err *err);

/* True for any boot if the boot of this machine is unknown. */
bool attempt_owner_same_boot(const char *boot);
/* Whether the record's pids are valid in this boot and PID namespace. */
bool attempt_owner_is_here(const struct shim_record *r);
/* Whether the recorded process is alive and its pid was not reused. */
bool attempt_owner_lives(const struct shim_record *r);
/* Whether the record was made in another directory: the store was copied. */
bool attempt_owner_is_copied(const struct shim_record *r, const struct stat *folder);
