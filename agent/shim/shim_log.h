/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The log file, with bounded size: the first quarter of the limit goes to PATH and stays there;
 * the rest goes to PATH.2, which replaces PATH.1 when it is full. A tail file begins with a line
 * that says at which byte of the whole output it continues. Bytes are kept unchanged. A file is
 * created when there is something to write; on a full disk only output is lost. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHIM_LOG_OLD ".1"
#define SHIM_LOG_NEW ".2"
/* Followed by the offset in 20 digits and "]\n". */
#define SHIM_LOG_MARK "[besom: the output continues at byte "

enum {
    SHIM_LOG_PATH_BYTES = 4096,
    SHIM_LOG_MARK_BYTES = sizeof SHIM_LOG_MARK - 1 + 20 + 2,
    SHIM_LOG_CAP_MIN = 4096,
};

struct shim_log {
    char path[SHIM_LOG_PATH_BYTES];
    uint64_t head_max, tail_max; /* bytes of output in PATH, and in each tail file */
    int fd;                      /* -1: none open */
    bool in_tail;
    uint64_t total;    /* bytes of output so far */
    uint64_t kept;     /* of them on disk */
    uint64_t filled;   /* of them in the file that is open */
    uint64_t old, new; /* bytes of output in PATH.1 and PATH.2 */
};

/* False if the path is too long. */
bool shim_log_init(struct shim_log *l, const char *path, uint64_t cap);
void shim_log_write(struct shim_log *l, const char *bytes, size_t len);
uint64_t shim_log_dropped(const struct shim_log *l);
