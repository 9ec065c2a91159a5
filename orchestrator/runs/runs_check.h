/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Checks runs.db, and copies it. Both read the state of one moment, while another process may write.
 * Nothing is done where there is none. */
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct runs_check {
    uint64_t runs, lines;
    uint64_t problems;
};

/* Reads all pages of the file, and checks that the chunks of each stream follow one another
 * and that the content of each file is there. Calls fn with
 * a sentence for each of the first 100 problems. ERR_DAMAGED if the file cannot be read. */
NODISCARD int runs_check(const char *dir, void (*fn)(void *arg, bool problem, const char *text),
                         void *arg, struct runs_check *ret, struct err *err);
/* Copies it into the folder `to`, which has none. */
NODISCARD int runs_check_copy(const char *dir, const char *to, struct err *err);
