/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a trial takes, by those that have finished: of the newest sweep in the store of the same
 * spec file, else of the same program in the same folder. */
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct plan_cost {
    uint64_t trials; /* finished ones that it is told by; 0: nothing is known */
    double median_s;
    bool same_file;
    char sweep[16];
    char newest[16], state[16]; /* the newest sweep of the file, "" where there is none */
};

/* What the trials execute, and what they may be known by. */
struct plan_like {
    const char *path;    /* the spec's, absolute */
    const char *workdir; /* absolute; both as base/path_text prints them */
    const char *program; /* may be NULL */
};

/* Looks into the store beside whoever writes it. No store there, or none such: all is 0. */
NODISCARD int plan_cost_find(const char *store, const struct plan_like *like, struct plan_cost *ret,
                             struct err *err);
