/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shell/agent_wandb.h"

#include "agent/shell/agent_attempts.h"
#include "agent/wandb/wandb_front.h"
#include "agent/wandb/wandb_link.h"

static enum wandb_state wandb_on_state(void *arg, const struct agent_key *key)
{
    const struct agent *a = arg;
    const struct agent_entry *entry = agent_core_find(&a->core, key);
    return !entry ? WANDB_GONE : entry->stop || entry->left ? WANDB_STOPPING : WANDB_RUNNING;
}

static void wandb_on_warned(void *arg, const char *text)
{
    struct agent *a = arg;
    struct err err = {0};
    err_set(&err, ERR_IO, "%s", text);
    warnings_error(&a->warnings, &err);
}

static void wandb_on_forwarded(void *arg)
{
    struct agent *a = arg;
    if (!a->closing)
        a->config.changed(a->config.arg);
}

/* Without it, trainings that use wandb report wherever they would without besom. */
void agent_wandb_start(struct agent *a)
{
    const struct wandb_link_config uplink = {a->config.loop, a->config.dir, a->config.reach,
                                             a->config.arg};
    struct wandb_front_config front = {.loop = a->config.loop,
                                       .dir = a->config.dir,
                                       .handler = {wandb_on_state, agent_attempts_collected, a},
                                       .upstream = {a->config.wandb, a->config.arg},
                                       .spool_max = a->config.spool_max,
                                       .warned = wandb_on_warned,
                                       .forwarded = wandb_on_forwarded,
                                       .arg = a};
    struct err err = {0};
    if (!a->config.wandb && a->config.reach) {
        a->uplink = wandb_link_new(&uplink);
        front.upstream = wandb_link_upstream(a->uplink);
    }
    if (wandb_front_start(&front, &a->wandb, &err) == 0)
        a->launching.wandb = wandb_front_access(a->wandb);
    else
        warnings_error(&a->warnings, &err);
}
