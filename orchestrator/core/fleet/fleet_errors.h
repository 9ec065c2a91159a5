/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which errors attempts of a sweep failed with on which agents: if another agent had the same error of late,
 * the host is not to blame. Errors of one log_kind() are alike. Bounded: the newest are kept. */
#include <stdbool.h>
#include <stdint.h>

enum {
    FLEET_ERRORS_MAX = 128, /* of one sweep on one agent each */
    FLEET_ERRORS_WELL = 40, /* attempts of the sweep run well since: the error is not of late */
    FLEET_ERRORS_CHARS = 96
};

struct fleet_error {
    char sweep[16], agent[64], kind[FLEET_ERRORS_CHARS];
    uint64_t well;
};

struct fleet_errors {
    struct fleet_error items[FLEET_ERRORS_MAX];
    uint32_t n, next; /* the place of the next one */
};

/* Notes that an attempt of the sweep failed on the agent with this text; well: how many ran well before it. */
void fleet_errors_note(struct fleet_errors *e, const char *sweep, const char *agent,
                       const char *text, uint64_t well);
/* Whether another agent recently had the same error in this sweep. */
bool fleet_errors_elsewhere(const struct fleet_errors *e, const char *sweep, const char *agent,
                            const char *text, uint64_t well);
