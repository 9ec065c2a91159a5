/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shell/agent_attempts.h"

#include <stdio.h>
#include <string.h>

#include "agent/attempt_log.h"
#include "agent/attempts.h"
#include "agent/code/code_fetch.h"
#include "agent/files/files_desk.h"
#include "agent/launch/launch_attempt.h"
#include "agent/metrics/spool_keeper.h"
#include "agent/telemetry/sampler.h"
#include "agent/wandb/wandb_front.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/log.h"

static void attempt_log_line(const char *event, const struct agent_key *key, const char *how,
                             int code)
{
    LOG(LOG_INFO, event, log_text("sweep", key->sweep), log_int("trial", (int64_t)key->trial),
        log_int("attempt", (int64_t)key->attempt), log_text("cause", how), log_int("code", code));
}

void agent_attempts_started(void *arg, const struct agent_key *key)
{
    struct agent *a = arg;
    attempt_log_line("attempt.runs", key, "launch", 0);
    sampler_begin(a->sampler, key);
    agent_inside_queue(a, AGENT_EV_STARTED, key);
}

static void found_tell(struct agent *a, const struct agent_key *key,
                       const struct agent_found *found)
{
    struct agent_found *kept = arena_alloc(&a->turn.arena, sizeof *kept);
    *kept = *found;
    agent_inside_queue(a, AGENT_EV_FOUND, key)->found = kept;
}

/* Of an attempt that has ended, what wandb left behind is part of its metrics. */
void agent_attempts_found(void *arg, const struct agent_key *key, const struct agent_found *found)
{
    struct agent *a = arg;
    bool ended = found->state == AGENT_FOUND_ENDED || found->state == AGENT_FOUND_DEAD;
    if (found->state == AGENT_FOUND_FAULT)
        attempt_log_line("attempt.fault", key, found->text, 0);
    if (!ended || !a->wandb || !wandb_front_collect(a->wandb, key, agent_found_code(found))) {
        found_tell(a, key, found);
        return;
    }
    struct agent_found *kept = mem_alloc(sizeof *kept);
    *kept = *found;
    mem_free(map_put(&a->collecting, key, sizeof *key, kept));
    a->config.changed(a->config.arg);
}

void agent_attempts_collected(void *arg, const struct agent_key *key)
{
    struct agent *a = arg;
    struct agent_found *found = map_remove(&a->collecting, key, sizeof *key);
    if (found && !a->closing)
        found_tell(a, key, found);
    mem_free(found);
}

void agent_attempts_gone(void *arg, const struct agent_key *key)
{
    struct agent *a = arg;
    sampler_end(a->sampler, key);
    agent_inside_queue(a, AGENT_EV_GONE, key);
}

void agent_attempts_sampled(void *arg, const struct agent_key *key)
{
    agent_inside_queue(arg, AGENT_EV_SAMPLED, key);
}

void agent_attempts_swept(void *arg, const struct agent_key *key, size_t left)
{
    agent_inside_queue(arg, AGENT_EV_SWEPT, key)->left = left;
}

void agent_attempts_full(void *arg, const struct err *err)
{
    struct agent *a = arg;
    a->config.full(a->config.arg, err);
}

void agent_attempts_look(struct agent *a, const struct agent_key *key, const struct message *m)
{
    struct err err = {0};
    if (m->type != MESSAGE_LAUNCH || readers_keep_patterns(&a->readers, key, m, &err) == 0) {
        attempts_look(a->attempts, key);
        return;
    }
    struct agent_found found = {.state = AGENT_FOUND_FAULT, .fault = AGENT_FAULT_LAUNCH};
    snprintf(found.text, sizeof found.text, "%.255s", err.text);
    agent_attempts_found(a, key, &found);
}

void agent_attempts_read(struct agent *a, const struct agent_effect *e)
{
    struct err err = {0};
    struct metric_batch batch;
    const char *dir = launch_attempt_dir(&a->out, a->config.dir, &e->key);
    struct agent_event *ev = agent_inside_queue(a, AGENT_EV_READ, &e->key);
    if (readers_read(&a->readers, dir, e, &a->turn.arena, ev, &batch, &err) != 0)
        warnings_error(&a->warnings, &err);
    if (batch.rewritten)
        warnings_trial(&a->warnings, &e->key,
                       "$BESOM_METRICS was overwritten or removed, and its last lines may be lost: "
                       "append to it with >> instead of >");
    if (batch.drops.full)
        warnings_trial(&a->warnings, &e->key,
                       "metrics past 64 MiB of stdout are dropped: print fewer lines, or write to "
                       "$BESOM_METRICS");
}

/* Trimming waits until the turn has launched its attempts: a slot with work comes first. */
void agent_attempts_trim(struct agent *a, const struct agent_key *key)
{
    a->trims = mem_grow(a->trims, &a->trims_cap, a->trims_n + 1, sizeof *a->trims);
    a->trims[a->trims_n++] = *key;
}

void agent_attempts_trim_all(struct agent *a)
{
    for (size_t i = 0; i < a->trims_n; i++) {
        const struct agent_key *key = &a->trims[i];
        readers_drop(&a->readers, key);
        if (a->wandb)
            wandb_front_drop(a->wandb, key);
        sampler_end(a->sampler, key);
        attempts_trim(a->attempts, key);
    }
    a->trims_n = 0;
}

static void end_send(struct agent *a, struct message m)
{
    struct agent_key key = {.trial = m.trial, .attempt = m.attempt};
    snprintf(key.sweep, sizeof key.sweep, "%s", m.sweep);
    const struct agent_entry *entry = a->gpus ? agent_core_find(&a->core, &key) : NULL;
    struct message log;
    if (a->config.elsewhere && attempt_log_end(&a->out, a->config.dir, &key, &m, &log))
        agent_inside_send(a, &log);
    if (!m.text || !*m.text)
        m.text = attempt_log_cause(&a->out, a->config.dir, &key, &m);
    m.text = spool_keeper_say(&a->out, launch_attempt_dir(&a->out, a->config.dir, &key), m.text);
    if (!entry || !gpu_ends_hold(&a->ends, &m, entry->grant))
        agent_inside_send(a, &m);
}

void agent_attempts_send(struct agent *a, const struct message *m)
{
    if (m->type == MESSAGE_ENDED)
        end_send(a, *m);
    else
        agent_inside_send(a, m);
}

/* A controller that has started again asks anew. */
static void attempts_on_files(void *arg, const struct message *answer)
{
    struct agent *a = arg;
    if (a->core.welcomed && answer->epoch == a->core.epoch &&
        strcmp(answer->store, a->core.store) == 0)
        agent_inside_send(a, answer);
}

void agent_attempts_answer(struct agent *a, const struct agent_effect *e)
{
    struct message m = e->message;
    if (m.type == MESSAGE_FILES) {
        if (!a->files)
            a->files = files_desk_new(a->config.loop, a->config.dir, attempts_on_files, a);
        files_desk_ask(a->files, &m);
        return;
    }
    attempt_log_answer(&a->out, a->config.dir, &e->key, &m);
    agent_inside_send(a, &m);
}

/* Whether the attempt's snapshot is here. If not, the attempt waits for it, or ends. */
bool agent_attempts_code_is_here(struct agent *a, const struct agent_effect *e)
{
    char why[CODE_FETCH_WHY_BYTES];
    const char *hash = e->message.snapshot;
    enum code_fetch_state state =
        a->fetch && hash && hash[0] ? code_fetch_want(a->fetch, hash, why) : CODE_FETCH_READY;
    if (state == CODE_FETCH_READY)
        return true;
    struct agent_found *found = arena_alloc(&a->turn.arena, sizeof *found);
    found->state = AGENT_FOUND_FAULT;
    found->fault = state == CODE_FETCH_WAITS ? AGENT_FAULT_WAIT : AGENT_FAULT_CODE;
    snprintf(found->text, sizeof found->text, "%.*s", (int)utf8_valid_prefix(why, strlen(why)),
             why);
    agent_inside_queue(a, AGENT_EV_FOUND, &e->key)->found = found;
    return false;
}
