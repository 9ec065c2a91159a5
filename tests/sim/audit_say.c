/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is held of what the controller says: nothing is said before it is durable. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "tests/sim/audit.h"
#include "tests/sim/audit_state.h"
#include "tests/sim/host.h"
#include "tests/sim/server.h"
#include "tests/sim/store.h"
#include "tests/sim/user.h"

/* Sweeps that the agent of a link was told of. */
static unsigned char *link_told(struct sim *s, const struct link *l)
{
    struct audit *a = s->audit;
    if (l->id >= a->told_n) {
        a->told = mem_grow(a->told, &a->told_cap, l->id + 1, sizeof *a->told);
        memset(a->told + a->told_n, 0, l->id + 1 - a->told_n);
        a->told_n = l->id + 1;
    }
    return &a->told[l->id];
}

static void send_tells(struct sim *s, const struct link *l, const struct message *m)
{
    const struct sweep *w = sweeps_find(s, m->sweep);
    const struct book_sweep *book = books_sweep(&s->store->durable, m->sweep);
    if (!w || !book) {
        sim_fail(s, "a message about sweep %s, which the store does not hold", m->sweep);
        return;
    }
    unsigned char *told = link_told(s, l), bit = (unsigned char)(1u << w->index);
    if (m->type == MESSAGE_SWEEP && *told & bit && !s->audit->sweeps[w->index].edited)
        sim_fail(s, "an agent is told of %s twice", w->id);
    if ((m->type == MESSAGE_LAUNCH || m->type == MESSAGE_SWEEP_DONE) && !(*told & bit))
        sim_fail(s, "an agent was not told of %s", w->id);
    if (m->type == MESSAGE_SWEEP)
        *told |= bit;
    else if (m->type == MESSAGE_SWEEP_DONE)
        *told &= (unsigned char)~bit;
}

/* A turn may have made the end durable before the acknowledgement of the last metrics leaves. */
static void send_about_attempt(struct sim *s, const struct link *l, const struct message *m)
{
    const struct book_sweep *book = books_sweep(&s->store->durable, m->sweep);
    const struct trial_audit *t = audit_trial(s, m->sweep, m->trial);
    const struct book_trial *trial = t && book ? books_trial(book, m->trial) : NULL;
    bool here = trial && trial->state == TRIAL_RUNNING && trial->attempt.number == m->attempt &&
                strcmp(trial->attempt.agent, s->hosts[l->host].name) == 0;
    if (!t)
        return;
    if (m->type == MESSAGE_LAUNCH && !here && !(t->attempt == m->attempt && t->ended) &&
        !(t->given_up >> m->attempt % 64 & 1)) /* superseded before it left */
        sim_fail(s, "a launch that the store does not hold");
    else if (m->type == MESSAGE_METRICS_ACK &&
             (m->attempt > t->newest || (m->attempt == t->attempt && m->to > t->stored[m->stream])))
        sim_fail(s, "metrics acknowledged that the store does not hold");
    else if ((m->type == MESSAGE_ENDED_ACK || m->type == MESSAGE_FORGET) && here &&
             fleet_of_link(&s->server->core.fleet, l->id)) /* else nobody hears it */
        sim_fail(s, "an end acknowledged that the store does not hold");
}

static void send_drained(struct sim *s, const char *agent)
{
    void *sweep, *trial;
    for (size_t i = 0; map_next(&s->store->durable.sweeps, &i, &sweep);)
        for (size_t j = 0; map_next(&((struct book_sweep *)sweep)->open, &j, &trial);) {
            const struct book_trial *t = trial;
            if (t->state == TRIAL_RUNNING && strcmp(t->attempt.agent, agent) == 0)
                sim_fail(s, "agent %s is told to end, and runs a trial", agent);
        }
}

void audit_send(struct sim *s, const struct link *l, const struct message *m)
{
    if (m->epoch != s->store->epoch)
        sim_fail(s, "a message of epoch %llu in epoch %llu", (unsigned long long)m->epoch,
                 (unsigned long long)s->store->epoch);
    if (m->type == MESSAGE_WELCOME) /* it forgets what it was told before */
        *link_told(s, l) = 0;
    /* Over a link that the agent has replaced, nobody hears it. */
    if (m->type == MESSAGE_DRAINED && fleet_of_link(&s->server->core.fleet, l->id))
        send_drained(s, s->hosts[l->host].name);
    if (m->type == MESSAGE_WELCOME || m->type == MESSAGE_REFUSED || m->type == MESSAGE_DRAINED ||
        m->type == MESSAGE_RELEASE)
        return;
    send_tells(s, l, m);
    if (m->type != MESSAGE_SWEEP && m->type != MESSAGE_SWEEP_DONE)
        send_about_attempt(s, l, m);
}

/* What a lost attempt had not sent is not deleted without a word, and not at all where its trial
 * ended as lost. */
void audit_say_forgets(struct sim *s, const struct event *ev, const struct effect *effects,
                       size_t n)
{
    if (ev->kind != EVENT_MESSAGE || ev->message->type != MESSAGE_HELLO)
        return;
    for (size_t i = 0; i < n; i++) {
        const struct message *m = &effects[i].message;
        const char *why = NULL;
        if (effects[i].kind != EFFECT_SEND || m->type != MESSAGE_FORGET ||
            !audit_was_lost(s, m->sweep, m->trial, m->attempt))
            continue;
        for (size_t k = 0; k < n; k++)
            if (effects[k].kind == EFFECT_GIVEN_UP && effects[k].trial == m->trial &&
                effects[k].attempt == m->attempt && strcmp(effects[k].sweep, m->sweep) == 0)
                why = effects[k].text;
        const struct book_sweep *book = books_sweep(&s->server->core.books, m->sweep);
        bool open = book && books_trial(book, m->trial);
        if (!why)
            sim_fail(s, "%s-%llu.%llu is forgotten without a word", m->sweep,
                     (unsigned long long)m->trial, (unsigned long long)m->attempt);
        else if (!open && audit_trial(s, m->sweep, m->trial)->terminal == TRIAL_LOST &&
                 !strstr(why, "has its slot"))
            sim_fail(s, "lost trial %s-%llu returns, and is forgotten: %s", m->sweep,
                     (unsigned long long)m->trial, why);
    }
}

void audit_reply(struct sim *s, const struct effect *e)
{
    const struct request *r = user_request(s, e->request);
    if (!r || r->bad) /* a step that refuses: audit_step() */
        return;
    const struct book_sweep *book = books_sweep(&s->store->durable, r->sweep->id);
    if (r->create && !book)
        sim_fail(s, "sweep %s is said to be there, and the store does not hold it", r->sweep->id);
    if (!r->create && e->code == ERR_NOT_FOUND && r->found && !sweep_states[book->state].final)
        sim_fail(s, "sweep %s is not found", r->sweep->id);
}
