/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/gpu/gpu_pool.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"

const char gpu_pool_not_needed[] = "not needed: --slots limits how many trials run at once";

void gpu_pool_init(struct gpu_pool *p, const struct gpu_reading *r, const struct gpu_choice *c,
                   const struct gpu_pool_options *options)
{
    PRE(options->per_gpu > 0);
    *p = (struct gpu_pool){.options = *options, .gpus_n = c->n};
    p->slots_n = c->n * options->per_gpu;
    if (p->slots_n > LIMIT_SLOTS)
        p->slots_n = LIMIT_SLOTS;
    p->gpus = mem_alloc((p->gpus_n + 1) * sizeof *p->gpus);
    p->slots = mem_alloc((p->slots_n + 1) * sizeof *p->slots);
    for (size_t i = 0; i < p->gpus_n; i++) {
        p->gpus[i].last = r->gpus[c->gpus[i]];
        p->gpus[i].ecc = p->gpus[i].last.ecc;
        p->gpus[i].taken_ms = INT64_MIN;
    }
}

void gpu_pool_done(struct gpu_pool *p)
{
    mem_free(p->gpus);
    mem_free(p->slots);
    *p = (struct gpu_pool){0};
}

static struct gpu_pool_gpu *pool_gpu(const struct gpu_pool *p, uint32_t slot)
{
    PRE(slot < p->slots_n);
    return &p->gpus[slot % p->gpus_n];
}

const struct gpu_pool_gpu *gpu_pool_gpu_of(const struct gpu_pool *p, uint32_t slot)
{
    return pool_gpu(p, slot);
}

static struct gpu_pool_gpu *pool_find(const struct gpu_pool *p, const char *uuid)
{
    for (size_t i = 0; i < p->gpus_n; i++)
        if (strcmp(p->gpus[i].last.uuid, uuid) == 0)
            return &p->gpus[i];
    return NULL;
}

void gpu_pool_take(struct gpu_pool *p, const char *uuid, int64_t now_ms)
{
    struct gpu_pool_gpu *g = pool_find(p, uuid);
    if (g)
        g->taken_ms = now_ms;
}

static void gpu_quarantine(struct gpu_pool_gpu *g, const char *why)
{
    if (!g->fault[0]) /* the first reason is the cause of the others */
        snprintf(g->fault, sizeof g->fault, "%s", why);
}

void gpu_pool_quarantine(struct gpu_pool *p, const char *uuid, const char *why)
{
    struct gpu_pool_gpu *g = pool_find(p, uuid);
    if (g)
        gpu_quarantine(g, why);
}

bool gpu_pool_release(struct gpu_pool *p, const char *uuid)
{
    struct gpu_pool_gpu *g = pool_find(p, uuid);
    if (!g || !g->fault[0])
        return false;
    g->fault[0] = '\0';
    g->ecc = g->last.ecc;
    return true;
}

const char *gpu_pool_fault(const struct gpu_pool *p, const char *uuid)
{
    const struct gpu_pool_gpu *g = pool_find(p, uuid);
    return g && g->fault[0] ? g->fault : NULL;
}

/* The fault that the newest reading shows for a GPU. */
static void gpu_take_faults(struct gpu_pool_gpu *g)
{
    char text[80];
    if (g->last.fault[0])
        gpu_quarantine(g, g->last.fault);
    if (!g->listed)
        gpu_quarantine(g, "the driver does not list it any longer");
    if (g->ecc < 0)
        g->ecc = g->last.ecc;
    if (g->last.ecc > g->ecc) {
        snprintf(text, sizeof text, "%" PRId64 " uncorrected memory errors (ECC)",
                 g->last.ecc - g->ecc);
        gpu_quarantine(g, text);
    }
}

/* The processes on a GPU. */
struct users {
    int64_t other; /* a process that is not of a trial that was granted it; 0: none */
    bool found;    /* but it is a trial's */
    char name[32];
    int64_t our_bytes; /* -1: unknown */
};

static struct users gpu_users(const struct gpu_pool_gpu *g, bool recent,
                              const struct gpu_pool_questions *q)
{
    struct users ret = {0};
    for (size_t i = 0; i < g->last.processes_n; i++) {
        const struct gpu_process *of = &g->last.processes[i];
        struct gpu_pool_owner who = {0};
        q->owner(q->arg, of->pid, g->last.uuid, &who);
        bool ours = who.owner == GPU_OWNER_TRIAL || (who.owner == GPU_OWNER_GONE && recent);
        if (!ours && ret.other == 0) {
            ret.other = of->pid;
            ret.found = who.owner == GPU_OWNER_FOUND;
            memcpy(ret.name, who.name, sizeof ret.name);
        }
        if (ours)
            ret.our_bytes = of->memory < 0 || ret.our_bytes < 0 ? -1 : ret.our_bytes + of->memory;
    }
    return ret;
}

/* Gives the reason if others use too much of the GPU's memory; false if they do not. While our trials
 * start and end, one reading may count the memory of a process that it does not list. */
static bool gpu_memory_is_taken(const struct gpu_pool *p, struct gpu_pool_gpu *g, bool recent,
                                const struct users *users)
{
    int64_t taken = g->last.memory_used - users->our_bytes;
    if (users->our_bytes < 0 || g->last.memory_used < 0 || taken <= p->options.others_bytes) {
        g->memory_looks = 0;
        return false;
    }
    if (++g->memory_looks < 2 && recent && !g->used)
        return false;
    snprintf(g->why, sizeof g->why, "%.1f GiB of its memory are taken by others",
             (double)taken / (1 << 30));
    return true;
}

/* Names the process that computes on the GPU; false if none does. */
static bool gpu_is_computing(struct gpu_pool_gpu *g, const struct users *users)
{
    if (users->other == 0)
        return false;
    snprintf(g->why, sizeof g->why, "in use by process %" PRId64 "%s%s%s", users->other,
             users->name[0] ? " (" : "", users->name, users->name[0] ? ")" : "");
    return true;
}

/* Sets why the GPU cannot be used. */
static void gpu_judge(const struct gpu_pool *p, struct gpu_pool_gpu *g, int64_t now_ms,
                      const struct gpu_pool_questions *q)
{
    bool recent = g->taken_ms != INT64_MIN && now_ms - g->taken_ms <= p->options.recent_ms;
    struct users users = gpu_users(g, recent, q);
    g->why[0] = '\0';
    if (users.found) {
        snprintf(g->why, sizeof g->why, "in use by a trial that an earlier run left");
    } else if (gpu_is_computing(g, &users) || gpu_memory_is_taken(p, g, recent, &users)) {
        g->used = true;
        g->free_looks = 0;
    } else if (g->used && ++g->free_looks < GPU_POOL_FREE_LOOKS) {
        snprintf(g->why, sizeof g->why,
                 "it was in use, and is offered if it is free next time too");
    } else {
        g->used = false;
    }
    if (g->fault[0])
        snprintf(g->why, sizeof g->why, "quarantined: %s", g->fault);
}

static bool gpu_lock(struct gpu_pool_gpu *g, const struct gpu_pool_questions *q)
{
    g->locked = g->locked || q->lock(q->arg, g->last.uuid);
    return g->locked;
}

static void slot_set(struct gpu_pool_slot *s, bool offered, const char *why)
{
    s->offered = offered;
    snprintf(s->why, sizeof s->why, "%s", why);
}

/* Offered slots stay offered before others are added up to the limit: a trial may already be on its
 * way to one. */
static void pool_offer(struct gpu_pool *p, const struct gpu_pool_questions *q)
{
    uint32_t n = 0, most = p->options.slots ? p->options.slots : UINT32_MAX;
    for (uint32_t i = 0; i < p->slots_n; i++) {
        struct gpu_pool_slot *s = &p->slots[i];
        struct gpu_pool_gpu *g = pool_gpu(p, i);
        s->taken = q->is_taken(q->arg, i);
        if (s->taken)
            (void)gpu_lock(g, q);
        if (g->why[0])
            slot_set(s, false, g->why);
        n += s->offered || s->taken;
    }
    for (uint32_t i = 0; i < p->slots_n; i++) {
        struct gpu_pool_slot *s = &p->slots[i];
        struct gpu_pool_gpu *g = pool_gpu(p, i);
        if (s->offered || g->why[0])
            continue;
        if (!s->taken && n >= most)
            slot_set(s, false, gpu_pool_not_needed);
        else if (!gpu_lock(g, q))
            slot_set(s, false, "another besom process on this host has locked it");
        else {
            n += !s->taken;
            slot_set(s, true, "");
        }
    }
}

void gpu_pool_look(struct gpu_pool *p, const struct gpu_reading *r, const char *silent,
                   int64_t now_ms, const struct gpu_pool_questions *q)
{
    for (size_t i = 0; i < p->gpus_n; i++) {
        struct gpu_pool_gpu *g = &p->gpus[i];
        if (q->is_held(q->arg, g->last.uuid))
            g->taken_ms = now_ms;
        const struct gpu *now = r ? gpu_reading_find(r, g->last.uuid) : NULL;
        if (!r) {
            snprintf(g->why, sizeof g->why, "%s%s", g->fault[0] ? "quarantined: " : "",
                     g->fault[0] ? g->fault : silent);
            continue;
        }
        g->listed = now != NULL;
        if (now)
            g->last = *now;
        gpu_take_faults(g);
        gpu_judge(p, g, now_ms, q);
    }
    pool_offer(p, q);
}

static struct value *slot_value(const struct gpu_pool *p, uint32_t slot, struct arena *a)
{
    struct value *v = value_dict(a), *gpus = value_list(a);
    const struct gpu_pool_slot *s = &p->slots[slot];
    const struct gpu *g = &pool_gpu(p, slot)->last;
    value_push(a, gpus, value_str(a, g->uuid));
    value_put(a, v, "gpus", gpus);
    value_put(a, v, "index", value_str(a, g->index));
    value_put(a, v, "vendor", value_str(a, g->vendor));
    if (p->options.per_gpu > 1)
        value_put(a, v, "share", value_int(a, p->options.per_gpu));
    if (!s->offered)
        value_put(a, v, "why", value_str(a, s->why[0] ? s->why : "not looked at yet"));
    return v;
}

struct value *gpu_pool_offers(const struct gpu_pool *p, struct arena *a)
{
    struct value *list = value_list(a);
    for (uint32_t i = 0; i < p->slots_n; i++)
        value_push(a, list, slot_value(p, i, a));
    return list;
}
