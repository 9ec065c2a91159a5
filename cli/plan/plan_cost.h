/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How long a trial takes, estimated from finished trials: those of the newest sweep in the store
 * of the same spec file, else of the same program in the same folder. */
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct plan_cost {
    uint64_t trials; /* finished trials that it is estimated from; 0: nothing is known */
    double median_s;
    bool same_file;
    char sweep[16];
    char newest[16], state[16]; /* the newest sweep of the file, "" where there is none */
};

/* The command of the trials, and the file by which earlier ones are found. */
struct plan_like {
    const char *path;    /* the spec's, absolute */
    const char *workdir; /* absolute; both as base/path_text prints them */
    const char *program; /* may be NULL */
};

/* Reads the store, which another process may write. If there is no store or no such trial, all is
 * 0. */
NODISCARD int plan_cost_find(const char *store, const struct plan_like *like, struct plan_cost *ret,
                             struct err *err);
