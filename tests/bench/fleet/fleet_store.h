/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Makes the store of a fleet as it is after many joins and trials, by the same facts as the controller
 * would have recorded. */
#include "tests/bench/fleet/player.h"

/* Gives each player a credential: a key with TLS, else a token. */
void fleet_store_make(const char *dir, struct player *players, size_t n, bool tls, uint64_t past);
