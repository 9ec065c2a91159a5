/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The sweeps that the controller has described to this agent: command, environment, working
 * directory … A launch names its sweep; the two together are enough to start training. */
#include "base/map.h"
#include "protocol/message.h"

struct agent_sweeps {
    struct map told; /* id -> struct agent_sweep * */
    size_t bytes;    /* of memory that they take */
};

/* Whether a peer may name a sweep so: the name becomes that of files and folders. */
bool agent_sweeps_is_id(const char *sweep);
void agent_sweeps_init(struct agent_sweeps *s);
void agent_sweeps_done(struct agent_sweeps *s); /* forgets all; may be used again */
/* Keeps a copy of a MESSAGE_SWEEP, in place of an earlier one of the same sweep. False, and nothing
 * has changed, where all would take more than LIMIT_AGENT_SWEEPS_BYTES. */
NODISCARD bool agent_sweeps_tell(struct agent_sweeps *s, const struct message *m);
void agent_sweeps_forget(struct agent_sweeps *s, const char *sweep);
/* The launch with its sweep's part filled in, valid until the sweep is described again or
 * forgotten; false if the sweep is unknown. */
bool agent_sweeps_join(const struct agent_sweeps *s, const struct message *launch,
                       struct message *ret);
