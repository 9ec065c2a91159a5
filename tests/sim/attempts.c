/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/attempts.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "tests/sim/process.h"

static struct dir *attempt_dir_of(struct sim *s, struct host *h, const struct agent_key *key)
{
    struct dir *d = host_dir(h, key);
    if (!d) {
        d = arena_alloc(&s->arena, sizeof *d);
        dir_init(s, d, h, key);
        map_put(&h->dirs, key, sizeof *key, d);
    }
    return d;
}

static void attempt_found(struct sim *s, struct host *h, const struct dir *d,
                          const struct agent_found *found)
{
    struct agent_found *kept = arena_alloc(&h->in, sizeof *kept);
    *kept = *found;
    host_queue(s, h, AGENT_EV_FOUND, &d->key)->found = kept;
}

static void attempt_look(struct sim *s, struct host *h, struct dir *d)
{
    struct attempt_dir state;
    struct agent_found found;
    dir_probe(d, &state);
    agent_found_set(&found, &state);
    for (size_t i = 0; i < AGENT_STREAMS && d->exists; i++)
        found.reported |= d->metrics[i].len > 0;
    if (state.state == ATTEMPT_DIR_RUNNING)
        found.age_ms = s->now - d->owned_by->spawned_ms;
    attempt_found(s, h, d, &found);
}

static void attempt_fault(struct sim *s, struct host *h, struct dir *d)
{
    attempt_found(s, h, d,
                  &(struct agent_found){.state = AGENT_FOUND_FAULT,
                                        .fault = AGENT_FAULT_BUSY,
                                        .text = "no space left on device"});
}

static void attempt_close(struct sim *s, struct host *h, struct dir *d)
{
    if (dir_close(d) == ERR_FULL)
        attempt_fault(s, h, d);
    else
        attempt_look(s, h, d);
}

static void job_new(struct host *h, struct dir *d, struct process *p, bool found)
{
    struct job *job = mem_alloc(sizeof *job);
    *job = (struct job){.process = p, .found = found};
    check(map_put(&h->jobs, &d->key, sizeof d->key, job) == NULL);
}

static void attempt_watch(struct sim *s, struct host *h, struct dir *d)
{
    if (!d->owned_by || !d->owned_by->shim_alive) {
        host_queue(s, h, AGENT_EV_GONE, &d->key);
        return;
    }
    job_new(h, d, d->owned_by, true);
    host_queue(s, h, AGENT_EV_STARTED, &d->key);
}

void attempts_shim_gone(struct sim *s, struct host *h, struct process *p)
{
    struct dir *d = p->dir;
    struct job *job = h->alive ? map_find(&h->jobs, &d->key, sizeof d->key) : NULL;
    if (!job || job->process != p)
        return;
    map_remove(&h->jobs, &d->key, sizeof d->key);
    mem_free(job);
    host_queue(s, h, AGENT_EV_GONE, &d->key);
}

static void attempt_launch(struct sim *s, struct host *h, struct dir *d, const struct message *m)
{
    if (!d->exists && dir_make(d) != 0) {
        attempt_fault(s, h, d);
        return;
    }
    struct process *p = process_spawn(s, d, m->grant, m->report->dict.n > 0, (int64_t)m->time_ms);
    job_new(h, d, p, false);
    host_queue(s, h, AGENT_EV_STARTED, &d->key);
}

static void attempt_signal(struct sim *s, struct host *h, struct dir *d, enum agent_signal how)
{
    struct job *job = map_find(&h->jobs, &d->key, sizeof d->key);
    struct process *p = d->owned_by && d->owned_by->shim_alive ? d->owned_by
                        : job && !job->found                   ? job->process
                                                               : NULL;
    if (p)
        process_continue(s, p);
    if (p && how == AGENT_SIGNAL_FORCE)
        process_force(s, p);
    else if (p && how >= AGENT_SIGNAL_STOP)
        process_signal(s, p, how == AGENT_SIGNAL_KILL);
}

static void attempt_sweep(struct sim *s, struct host *h, struct dir *d)
{
    host_queue(s, h, AGENT_EV_SWEPT, &d->key)->left = process_kill_leftovers(s, d);
}

static void attempt_read(struct sim *s, struct host *h, struct dir *d, const struct agent_effect *e)
{
    struct buf text;
    bool more = false;
    buf_init(&text, SIZE_MAX);
    uint64_t to = dir_read(d, e->stream, e->from, e->last, s->options.batch_bytes, &text, &more);
    struct agent_event *ev = host_queue(s, h, AGENT_EV_READ, &e->key);
    ev->stream = e->stream;
    ev->from = e->from;
    ev->to = to;
    ev->more = more;
    ev->text = arena_strndup(&h->in, buf_str(&text), text.len);
    buf_done(&text);
}

void attempts_carry_out(struct sim *s, struct host *h, const struct agent_effect *e)
{
    /* The others are about the agent, its link or its key. */
    struct dir *d = e->key.sweep[0] ? attempt_dir_of(s, h, &e->key) : NULL;
    switch (e->kind) {
    case AGENT_DO_SEND:
        break; /* the host's */
    case AGENT_DO_RELEASE:
    case AGENT_DO_ANSWER:
    case AGENT_DO_RENEW:
    case AGENT_DO_RENEWED:
        break;          /* the controller's core never asks */
    case AGENT_DO_WARN: /* the one thing that it may refuse: a slot that it had before */
        if (sim_has(s, SIM_SLOTS) && strstr(e->message.text, "but this agent has"))
            break;
        /* fall through */
    case AGENT_DO_CLOSE_LINK:
        sim_fail(s, "%s refuses what the controller asks: %s", h->name, e->message.text);
        break;
    case AGENT_DO_LOOK:
        attempt_look(s, h, d);
        break;
    case AGENT_DO_CLOSE:
        attempt_close(s, h, d);
        break;
    case AGENT_DO_START:
        attempt_launch(s, h, d, &e->message);
        break;
    case AGENT_DO_WATCH:
        attempt_watch(s, h, d);
        break;
    case AGENT_DO_SIGNAL:
        attempt_signal(s, h, d, e->signal);
        break;
    case AGENT_DO_SWEEP:
        attempt_sweep(s, h, d);
        break;
    case AGENT_DO_READ:
        attempt_read(s, h, d, e);
        break;
    case AGENT_DO_TRIM:
        dir_trim(d);
        break;
    }
}
