/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where the agent's wandb front takes what it does not answer itself: the controller, in this process or
 * over the network. */
#include "agent/core/agent_step.h"
#include "protocol/wandb/wandb_exchange.h"

struct wandb_upstream {
    /* Answers a request of an attempt by one call of fn, now or later; 503 while the controller is away.
     * The text of the ask and a file in it must stay until then. NULL: there is none. */
    void (*ask)(void *arg, const struct agent_key *key, const struct wandb_ask *ask,
                wandb_reply_fn fn, void *fn_arg);
    void *arg;
};
