/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The last attempts in a row that failed or were lost on an agent: which trials, and whether all failed
 * alike. Must not know what follows from it. */
#include "base/arena.h"
#include "orchestrator/core/fleet/fleet_errors.h"

enum { FLEET_DEATHS_MAX = 5 };

struct fleet_death {
    char sweep[16];
    uint64_t trial;
};

struct fleet_deaths {
    struct fleet_death last[FLEET_DEATHS_MAX];
    uint32_t n;
    bool alike; /* all are of one sweep and have one error, of this kind */
    char sweep[16], kind[FLEET_ERRORS_CHARS];
};

/* error: the text of its failure; NULL: the host is to blame. */
void fleet_deaths_note(struct fleet_deaths *d, const char *sweep, uint64_t trial,
                       const char *error);
/* ", after s1-0, s1-3": those before the last one; "" if there are none. */
const char *fleet_deaths_before(const struct fleet_deaths *d, struct arena *a);
