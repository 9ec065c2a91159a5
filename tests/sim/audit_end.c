/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is held of trainings, and of the end of the story. */
#include <string.h>

#include "tests/sim/audit.h"
#include "tests/sim/audit_state.h"
#include "tests/sim/host.h"
#include "tests/sim/offers.h"
#include "tests/sim/process.h"
#include "tests/sim/server.h"
#include "tests/sim/store.h"

static bool runs_in_books(const struct sim *s, const struct agent_key *key)
{
    const struct book_sweep *sweep = books_sweep(&s->store->durable, key->sweep);
    const struct book_trial *t = sweep ? books_trial(sweep, key->trial) : NULL;
    return t && t->state == TRIAL_RUNNING && t->attempt.number == key->attempt;
}

enum { GPUS_MAX = 8 };

void audit_training(struct sim *s, struct process *p)
{
    const struct agent_key *key = &p->dir->key;
    const struct trial_audit *t = audit_trial(s, key->sweep, key->trial);
    if (!t)
        return;
    int gpus[GPUS_MAX] = {0}; /* other trainings that have them */
    bool given_up = t->given_up >> key->attempt % 64 & 1;
    if (!runs_in_books(s, key) && !given_up)
        sim_fail(s, "training that the books know nothing of");
    for (int i = 0; i < s->options.agents; i++) {
        void *dir;
        for (size_t at = 0; map_next(&s->hosts[i].dirs, &at, &dir);) {
            const struct dir *d = dir;
            const struct trial_audit *other = audit_trial(s, d->key.sweep, d->key.trial);
            uint64_t gone = other->given_up >> d->key.attempt % 64 & 1;
            uint64_t stays = other->unkillable >> d->key.attempt % 64 & 1;
            for (const struct process *o = d->processes; o; o = o->next) {
                if (o == p || !process_is_training(o))
                    continue;
                if (other == t && !((gone || given_up) && d != p->dir))
                    sim_fail(s, "trial %s-%llu is trained twice at a time", key->sweep,
                             (unsigned long long)key->trial);
                /* Of one that was given up nobody hears that it outlives SIGKILL. */
                if (d->host != p->dir->host || stays || (gone && o->script.unkillable))
                    continue;
                if (o->slots & p->slots)
                    sim_fail(s, "two trainings in a slot of %s", d->host->name);
                for (int gpu = 0; gpu < GPUS_MAX; gpu++)
                    gpus[gpu] += (int)(o->gpus >> gpu & 1);
            }
        }
    }
    for (int gpu = 0; gpu < GPUS_MAX; gpu++)
        if (p->gpus >> gpu & 1 && gpus[gpu] >= offers_share(s, p->dir->host))
            sim_fail(s, "%d trainings on GPU %d of %s", gpus[gpu] + 1, gpu, p->dir->host->name);
}

static bool host_is_quiet(const struct host *h)
{
    void *dir;
    if (!host_is_idle(h, NULL) || host_processes(h, process_is_alive, 0, NULL) > 0)
        return false;
    for (size_t at = 0; map_next(&h->dirs, &at, &dir);)
        if (((struct dir *)dir)->exists)
            return false;
    return true;
}

bool audit_is_over(const struct sim *s)
{
    for (int i = 0; i < s->options.sweeps; i++) {
        const struct book_sweep *book = books_sweep(&s->store->durable, s->sweeps[i].id);
        if (!book || !sweep_states[book->state].final || book->counts[TRIAL_RUNNING] > 0)
            return false;
    }
    if (!server_is_quiet(s))
        return false;
    for (int i = 0; i < s->options.agents; i++)
        if (!s->hosts[i].gone && !host_is_quiet(&s->hosts[i]))
            return false;
    return true;
}

static void end_of_trial(struct sim *s, struct sweep_audit *a, uint64_t number)
{
    struct trial_audit *t = &a->trials[number];
    struct script script;
    if (t->terminal < 0) {
        sim_fail(s, "trial %s-%llu never ended", a->sweep->id, (unsigned long long)number);
        return;
    }
    if (audit_only_besom_dies(s, a->sweep) && !sim_has(s, SIM_ENDINGS) &&
        t->terminal != TRIAL_FINISHED && !audit_was_forgotten(t, t->attempt))
        if (!a->sweep->has_target && !a->sweep->wall_s && !a->sweep->gpu_s &&
            t->terminal != TRIAL_STOPPED)
            sim_fail(s, "trial %s-%llu is %s, though only besom died", a->sweep->id,
                     (unsigned long long)number, trial_states[t->terminal].name);
    if (t->terminal != TRIAL_FINISHED)
        return;
    struct agent_key key = {.trial = number, .attempt = t->attempt};
    memcpy(key.sweep, a->sweep->id, strlen(a->sweep->id));
    process_script(s, &key, &script);
    uint64_t lines = 0;
    for (int i = 0; i < FACT_STREAM_SYSTEM; i++)
        lines += t->points[i];
    if (script.code != 0 || script.signal != 0 || script.launch_fails || script.hangs)
        sim_fail(s, "trial %s-%llu finished, and its training cannot have", a->sweep->id,
                 (unsigned long long)number);
    if (lines != (uint64_t)script.lines && !sim_has(s, SIM_HOST_DISK))
        sim_fail(s, "trial %s-%llu finished with %llu of its %d points", a->sweep->id,
                 (unsigned long long)number, (unsigned long long)lines, script.lines);
}

static void end_of_sweep(struct sim *s, struct sweep_audit *a)
{
    const struct book_sweep *book = books_sweep(&s->store->durable, a->sweep->id);
    uint64_t ended = 0;
    if (a->replay.due)
        sim_fail(s, "%s: no stop is recorded where the rule makes one", a->sweep->id);
    for (size_t i = 0; i < a->proposed; i++)
        end_of_trial(s, a, i);
    for (int i = 0; i < TRIAL_STATES; i++)
        ended += trial_states[i].final ? book->counts[i] : 0;
    if (ended != a->proposed || book->proposed != a->proposed)
        sim_fail(s, "%llu trials of %zu of %s have ended", (unsigned long long)ended, a->proposed,
                 a->sweep->id);
    if (!sim_has(s, SIM_ENDINGS) && !a->sweep->has_target && !a->sweep->wall_s &&
        !a->sweep->gpu_s &&
        (a->enqueued ? a->proposed < a->reference_n : a->proposed != a->reference_n))
        sim_fail(s, "%s: %zu proposals of %zu", a->sweep->id, a->proposed, a->reference_n);
}

/* Agents that are there were told that the sweeps they know are done. */
static void end_of_links(struct sim *s)
{
    for (size_t i = 0; i < s->links->n && i + 1 < s->audit->told_n; i++) {
        const struct link *l = s->links->items[i];
        if (!l->broken && l->server_generation == s->server->generation &&
            s->audit->told[l->id] != 0)
            sim_fail(s, "agent %s was not told that its sweeps are done", s->hosts[l->host].name);
    }
}

void audit_end(struct sim *s)
{
    for (int i = 0; i < s->options.sweeps; i++)
        end_of_sweep(s, &s->audit->sweeps[i]);
    end_of_links(s);
}
