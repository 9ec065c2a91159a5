/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Agents that were lost, and have neither returned nor been forgotten since: the last FLEET_LOST_MAX. Must not
 * know facts. */
#include "base/map.h"

enum { FLEET_LOST_MAX = 256 };

struct fleet_lost_agent {
    char name[64];
    int64_t seen_ms; /* since 1970: when it was last heard from */
    bool before;     /* or earlier: it is not known when */
};

struct fleet_lost {
    struct map
        names; /* name -> struct fleet_lost_agent *, the one that was lost first comes first */
};

void fleet_lost_init(struct fleet_lost *l);
void fleet_lost_done(struct fleet_lost *l);
const struct fleet_lost_agent *fleet_lost_find(const struct fleet_lost *l, const char *name);
void fleet_lost_add(struct fleet_lost *l, const char *name, int64_t seen_ms, bool before);
void fleet_lost_drop(struct fleet_lost *l, const char *name);
