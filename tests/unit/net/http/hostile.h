/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Requests that two readers could understand differently, or that cost too much; with the status
 * that each gets. And requests that look like them, and are good (0). */
#include <stddef.h>

struct hostile {
    int status;
    const char *text;
    size_t len;
};

extern const struct hostile hostiles[];
extern const size_t hostiles_n;
