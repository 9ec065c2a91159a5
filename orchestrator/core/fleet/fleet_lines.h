/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How many lines were printed about each agent within the last minute, so that one that connects again and
 * again, or makes attempts up, does not fill the output. Must not know what the lines say. */
#include "base/map.h"

enum {
    FLEET_LINES_MAX = 16, /* about an agent, in so long after the first: */
    FLEET_LINES_MS = 60000,
    FLEET_LINES_NAME_BYTES = 128
};

struct fleet_lines {
    struct map
        names; /* name -> struct fleet_lines_agent *, the one with the oldest first line first */
    int64_t over_ms; /* when the time of that one is over; INT64_MAX: there is none */
};

void fleet_lines_init(struct fleet_lines *l);
void fleet_lines_done(struct fleet_lines *l);
/* Whether another line about the agent may be printed; counts it as left out if not. */
bool fleet_lines_may(struct fleet_lines *l, const char *name, int64_t now_ms);
/* Forgets an agent whose time is over; its name, and how many of its lines were left out. False: there is none. */
bool fleet_lines_end(struct fleet_lines *l, int64_t now_ms, char ret_name[FLEET_LINES_NAME_BYTES],
                     uint32_t *ret_left_out);
