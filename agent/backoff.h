/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How long to wait before the next attempt to connect: twice as long each time, up to a limit,
 * with random jitter, so that the agents of a restarted controller do not reconnect all at once. */
#include <stdint.h>

enum { BACKOFF_MS_MIN = 250, BACKOFF_MS_MAX = 30000 };

/* tries: how many have failed in a row. The same seed and count give the same wait. */
int64_t backoff_ms(uint64_t seed, uint32_t tries);
