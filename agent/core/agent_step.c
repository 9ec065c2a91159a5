/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_step.h"

#include <stdio.h>

#include "agent/attempt_dir.h"
#include "base/mem.h"

static void found_end(struct agent_end *ret, const struct shim_end *record)
{
    *ret = (struct agent_end){.cause = shim_cause_name(record->cause),
                              .code = record->code,
                              .signal = record->signal,
                              .oom = record->oom,
                              .at_ms = record->ended_ms,
                              .ran_ms = record->ran_ms,
                              .dropped = record->dropped,
                              .stdout_dropped = record->stdout_dropped,
                              .no_room = record->disk_full || record->stdout_lost > 0};
    if (record->unkillable)
        ret->cause = "unkillable";
    snprintf(ret->text, sizeof ret->text, "%.255s", record->error);
}

void agent_found_set(struct agent_found *ret, const struct attempt_dir *dir)
{
    static const enum agent_found_state states[] = {
        [ATTEMPT_DIR_ABSENT] = AGENT_FOUND_ABSENT, [ATTEMPT_DIR_UNOWNED] = AGENT_FOUND_UNOWNED,
        [ATTEMPT_DIR_RUNNING] = AGENT_FOUND_ALIVE, [ATTEMPT_DIR_ENDED] = AGENT_FOUND_ENDED,
        [ATTEMPT_DIR_DEAD] = AGENT_FOUND_DEAD,     [ATTEMPT_DIR_COPIED] = AGENT_FOUND_COPIED,
    };
    *ret = (struct agent_found){
        .state = states[dir->state], .closed = dir->closed, .rebooted = dir->rebooted};
    if (dir->state == ATTEMPT_DIR_ENDED)
        found_end(&ret->end, &dir->record.end);
}

void agent_effects_init(struct agent_effects *out, struct arena *arena)
{
    *out = (struct agent_effects){.arena = arena};
}

void agent_effects_done(struct agent_effects *out)
{
    mem_free(out->items);
    *out = (struct agent_effects){0};
}

struct agent_effect *agent_effects_add(struct agent_effects *out, enum agent_effect_kind kind,
                                       const struct agent_key *key)
{
    out->items = mem_grow(out->items, &out->cap, out->n + 1, sizeof *out->items);
    struct agent_effect *e = &out->items[out->n++];
    *e = (struct agent_effect){.kind = kind};
    if (key)
        e->key = *key;
    return e;
}

int agent_found_code(const struct agent_found *found)
{
    if (found->state != AGENT_FOUND_ENDED)
        return 1;
    return found->end.signal ? 128 + found->end.signal : found->end.code;
}
