/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/books.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

void books_init(struct books *b)
{
    *b = (struct books){0};
    map_init(&b->sweeps);
    map_init(&b->agents);
    fleet_lost_init(&b->lost);
    trust_init(&b->trust);
}

static void agent_free(struct book_agent *agent)
{
    if (!agent)
        return;
    mem_free(agent->by);
    mem_free(agent->text);
    mem_free(agent->blamed_sweep);
    mem_free(agent->blamed_error);
    mem_free(agent);
}

void books_done(struct books *b)
{
    void *value;
    for (size_t at = 0; map_next(&b->sweeps, &at, &value);)
        books_sweep_free(value);
    map_done(&b->sweeps);
    for (size_t at = 0; map_next(&b->agents, &at, &value);)
        agent_free(value);
    map_done(&b->agents);
    fleet_lost_done(&b->lost);
    trust_done(&b->trust);
    mem_free(b->loose);
    mem_free(b->leaving);
    *b = (struct books){0};
}

struct book_sweep *books_sweep(const struct books *b, const char *id)
{
    return map_find(&b->sweeps, id, strlen(id));
}

struct book_sweep *books_add_sweep(struct books *b, struct book_sweep *s)
{
    void *old = map_put(&b->sweeps, s->id, strlen(s->id), s);
    POST(!old);
    return s;
}

void books_drop_sweep(struct books *b, struct book_sweep *s)
{
    PRE(sweep_states[s->state].final && s->open.live == 0);
    map_remove(&b->sweeps, s->id, strlen(s->id));
    books_sweep_free(s);
}

const struct book_agent *books_agent(const struct books *b, const char *name)
{
    return map_find(&b->agents, name, strlen(name));
}

enum duty books_duty(const struct books *b, const char *name)
{
    const struct book_agent *agent = books_agent(b, name);
    return agent ? agent->duty : DUTY_UP;
}

void books_set_agent(struct books *b, const char *name, const struct book_agent *as)
{
    size_t len = strlen(name);
    PRE(len < sizeof as->name);
    if (as->duty == DUTY_UP || as->duty == DUTY_FORGOTTEN) {
        agent_free(map_remove(&b->agents, name, len));
        return;
    }
    struct book_agent *agent = mem_alloc(sizeof *agent);
    *agent = *as;
    memcpy(agent->name, name, len + 1);
    agent->by = as->by ? mem_strdup(as->by) : NULL;
    agent->text = as->text ? mem_strdup(as->text) : NULL;
    agent->blamed_sweep = as->blamed_sweep ? mem_strdup(as->blamed_sweep) : NULL;
    agent->blamed_error = as->blamed_error ? mem_strdup(as->blamed_error) : NULL;
    agent_free(map_put(&b->agents, name, len, agent));
}

/* When the agent was last heard from; -1: not known, but before it was lost. */
static int64_t lost_seen_ms(const struct fact *f)
{
    char *end = NULL;
    long long ms = f->text ? strtoll(f->text, &end, 10) : 0;
    return end && end > f->text && !*end && ms >= 0 && ms <= f->time_ms ? ms : -1;
}

void books_note_lost(struct books *b, const struct fact *f)
{
    static const char prefix[] = "agent ";
    const size_t skip = sizeof prefix - 1;
    if (f->kind != FACT_ACTION || f->result != 0 || strcmp(f->by, "besom") != 0 || !f->subject ||
        strncmp(f->subject, prefix, skip) != 0)
        return;
    const char *name = f->subject + skip;
    int64_t seen_ms = lost_seen_ms(f);
    if (strcmp(f->what, BOOKS_AGENT_BACK) == 0)
        fleet_lost_drop(&b->lost, name);
    else if (strcmp(f->what, BOOKS_AGENT_LOST) == 0 && *name &&
             strlen(name) < sizeof((struct fleet_lost_agent *)0)->name)
        fleet_lost_add(&b->lost, name, seen_ms < 0 ? f->time_ms : seen_ms, seen_ms < 0);
}

void books_loosen(struct books *b, struct book_sweep *s, uint64_t number)
{
    struct book_trial *t = books_trial(s, number);
    PRE(t);
    if (t->loose)
        return;
    t->loose = true;
    b->loose = mem_grow(b->loose, &b->loose_cap, b->loose_n + 1, sizeof *b->loose);
    b->loose[b->loose_n++] = (struct book_ref){s, number};
}

size_t books_seal(struct books *b)
{
    for (size_t i = 0; i < b->loose_n; i++) {
        struct book_sweep *s = b->loose[i].sweep;
        struct book_trial *t = books_trial(s, b->loose[i].number);
        if (!t)
            continue;
        t->loose = false;
        books_trial_seal(t);
        t->rungs_kept = s->stopper ? stopper_rungs(s->stopper, t->number) : 0;
        if (trial_states[t->state].final) {
            b->leaving =
                mem_grow(b->leaving, &b->leaving_cap, b->leaving_n + 1, sizeof *b->leaving);
            b->leaving[b->leaving_n++] = b->loose[i];
        }
    }
    b->loose_n = 0;
    return b->leaving_n;
}

static void trial_drop(struct book_sweep *s, struct book_trial *t)
{
    if (s->stopper)
        stopper_forget(s->stopper, t->number);
    map_remove(&s->open, &t->number, sizeof t->number);
    books_trial_free(t);
}

void books_release(struct books *b, size_t n)
{
    PRE(n <= b->leaving_n);
    for (size_t i = 0; i < n; i++) {
        struct book_sweep *s = b->leaving[i].sweep;
        struct book_trial *t = books_trial(s, b->leaving[i].number);
        if (!t || t->loose || !trial_states[t->state].final ||
            (b->keeps_lost && t->state == TRIAL_LOST))
            continue;
        trial_drop(s, t);
    }
    b->leaving_n -= n;
    if (b->leaving_n)
        memmove(b->leaving, b->leaving + n, b->leaving_n * sizeof *b->leaving);
}

void books_drop_lost(struct books *b)
{
    void *sweep, *trial;
    b->keeps_lost = false;
    for (size_t i = 0; map_next(&b->sweeps, &i, &sweep);) {
        struct book_sweep *s = sweep;
        for (size_t j = 0; map_next(&s->open, &j, &trial);)
            if (((struct book_trial *)trial)->state == TRIAL_LOST)
                books_loosen(b, s, ((struct book_trial *)trial)->number);
    }
    books_sweep_out(b);
}

void books_sweep_out(struct books *b)
{
    books_release(b, books_seal(b));
}
