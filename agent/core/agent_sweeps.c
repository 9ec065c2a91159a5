/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_sweeps.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"

struct agent_sweep {
    struct arena kept; /* memory that `message` points to */
    struct message message;
};

static void agent_sweep_free(struct agent_sweep *sweep)
{
    arena_done(&sweep->kept);
    mem_free(sweep);
}

static void agent_sweeps_drop(struct agent_sweeps *s, struct agent_sweep *sweep)
{
    if (!sweep)
        return;
    s->bytes -= sweep->kept.bytes;
    agent_sweep_free(sweep);
}

bool agent_sweeps_is_id(const char *sweep)
{
    size_t len = strspn(sweep, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    return len > 0 && sweep[len] == '\0';
}

void agent_sweeps_init(struct agent_sweeps *s)
{
    map_init(&s->told);
    s->bytes = 0;
}

void agent_sweeps_done(struct agent_sweeps *s)
{
    void *sweep;
    for (size_t at = 0; map_next(&s->told, &at, &sweep);)
        agent_sweeps_drop(s, sweep);
    map_done(&s->told);
}

bool agent_sweeps_tell(struct agent_sweeps *s, const struct message *m)
{
    const struct agent_sweep *old = map_find(&s->told, m->sweep, strlen(m->sweep));
    struct agent_sweep *sweep = mem_alloc(sizeof *sweep);
    arena_init(&sweep->kept);
    const struct value *copy = value_copy(&sweep->kept, message_encode(&sweep->kept, m));
    check(message_decode(copy, &sweep->message, NULL) == 0);
    if (s->bytes - (old ? old->kept.bytes : 0) + sweep->kept.bytes > LIMIT_AGENT_SWEEPS_BYTES) {
        agent_sweep_free(sweep);
        return false;
    }
    s->bytes += sweep->kept.bytes;
    agent_sweeps_drop(s, map_put(&s->told, m->sweep, strlen(m->sweep), sweep));
    return true;
}

void agent_sweeps_forget(struct agent_sweeps *s, const char *sweep)
{
    agent_sweeps_drop(s, map_remove(&s->told, sweep, strlen(sweep)));
}

bool agent_sweeps_join(const struct agent_sweeps *s, const struct message *launch,
                       struct message *ret)
{
    const struct agent_sweep *sweep = map_find(&s->told, launch->sweep, strlen(launch->sweep));
    if (!sweep)
        return false;
    *ret = *launch;
    ret->command = sweep->message.command;
    ret->flags = sweep->message.flags;
    ret->program = sweep->message.program;
    ret->env = sweep->message.env;
    ret->wandb = sweep->message.wandb;
    ret->workdir = sweep->message.workdir;
    ret->snapshot = sweep->message.snapshot;
    ret->time_ms = sweep->message.time_ms;
    ret->report = sweep->message.report;
    return true;
}
