/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The command line of besom-shim. */
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include "agent/shim/shim_capture.h"
#include "agent/shim/shim_core.h"

#define SHIM_USAGE                                                                          \
    "usage: besom-shim --dir DIR --log FILE [--log-bytes N] [--grace-ms N] [--time-ms N]\n" \
    "                  [--stdout all|json] [--stderr all|json] [--cpus LIST]\n"             \
    "                  [--cgroup DIR] -- COMMAND [ARGUMENT...]\n"

struct shim_arguments {
    const char *dir, *log;
    const char *cgroup; /* to be entered: its limits are those of training; NULL: none */
    bool cpus_given;    /* else training uses all processors that the shim may use */
    cpu_set_t cpus;     /* of training, given as 0-3,8 */
    int64_t log_bytes;
    struct shim_options core;
    enum shim_line_mode capture[SHIM_CAPTURE_STREAMS];
    char **argv; /* of training, NULL at its end */
};

/* 0 or ERR_USAGE. */
NODISCARD int shim_options_parse(int argc, char **argv, struct shim_arguments *ret);
