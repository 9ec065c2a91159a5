/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/attempt_log.h"

#include <inttypes.h>

char *attempt_log_path(struct arena *a, const char *dir, const struct agent_key *key)
{
    return arena_printf(a, "%s/logs/%s/%" PRIu64 "-%" PRIu64 ".log", dir, key->sweep, key->trial,
                        key->attempt);
}
