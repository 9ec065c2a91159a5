/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_sweeps.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"

struct agent_sweep {
    struct arena kept; /* memory that `message` points to */
    struct message message;
};

static void agent_sweep_free(struct agent_sweep *sweep)
{
    if (!sweep)
        return;
    arena_done(&sweep->kept);
    mem_free(sweep);
}

bool agent_sweeps_is_id(const char *sweep)
{
    size_t len = strspn(sweep, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    return len > 0 && sweep[len] == '\0';
}

void agent_sweeps_init(struct agent_sweeps *s)
{
    map_init(&s->told);
}

void agent_sweeps_done(struct agent_sweeps *s)
{
    void *sweep;
    for (size_t at = 0; map_next(&s->told, &at, &sweep);)
        agent_sweep_free(sweep);
    map_done(&s->told);
}

void agent_sweeps_tell(struct agent_sweeps *s, const struct message *m)
{
    struct agent_sweep *sweep = mem_alloc(sizeof *sweep);
    arena_init(&sweep->kept);
    const struct value *copy = value_copy(&sweep->kept, message_encode(&sweep->kept, m));
    check(message_decode(copy, &sweep->message, NULL) == 0);
    agent_sweep_free(map_put(&s->told, m->sweep, strlen(m->sweep), sweep));
}

void agent_sweeps_forget(struct agent_sweeps *s, const char *sweep)
{
    agent_sweep_free(map_remove(&s->told, sweep, strlen(sweep)));
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
