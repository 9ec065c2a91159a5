/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_access.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/launch/launch_attempt.h"

/* wandb takes what is before the first dash for a name, and wants 40 characters after it. */
#define PREFIX "besom-"

void wandb_access_key(const struct wandb_access *w, const struct agent_key *key,
                      char ret[WANDB_KEY_BYTES])
{
    unsigned char code[SECRET_HASH_BYTES];
    int n = snprintf(ret, WANDB_KEY_BYTES, PREFIX "%s-%" PRIu64 "-%" PRIu64, key->sweep, key->trial,
                     key->attempt);
    secret_mac(w->secret, strlen(w->secret), ret, (size_t)n, code);
    ret[n++] = '-';
    for (size_t i = 0; i < sizeof code; i++)
        n += snprintf(ret + n, WANDB_KEY_BYTES - (size_t)n, "%02x", code[i]);
}

bool wandb_access_read(const struct wandb_access *w, const char *text, struct agent_key *ret)
{
    char name[WANDB_KEY_BYTES], right[WANDB_KEY_BYTES];
    const char *code = strrchr(text, '-');
    size_t len = strlen(text), prefix = strlen(PREFIX);
    if (len >= WANDB_KEY_BYTES || strncmp(text, PREFIX, prefix) != 0 || code < text + prefix)
        return false;
    memcpy(name, text + prefix, (size_t)(code - text) - prefix);
    name[(size_t)(code - text) - prefix] = '\0';
    if (!launch_attempt_key(name, ret))
        return false;
    wandb_access_key(w, ret, right);
    return strlen(right) == len && secret_equal(right, text, len);
}

void wandb_access_run(const struct agent_key *key, char ret[WANDB_RUN_BYTES])
{
    snprintf(ret, WANDB_RUN_BYTES, "%s-%" PRIu64, key->sweep, key->trial);
}
