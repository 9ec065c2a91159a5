/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/fleet/fleet_agent.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/path_text.h"

static const int64_t count_max = INT64_C(1) << 53;

enum { CODES_MAX = 1000 };

static void codes_clear(struct fleet_agent *a)
{
    void *code;
    for (size_t at = 0; map_next(&a->codes, &at, &code);)
        mem_free(code);
    map_done(&a->codes);
}

bool fleet_agent_set_code(struct fleet_agent *a, const char *sweep, const char *code)
{
    const char *before = map_find(&a->codes, sweep, strlen(sweep));
    if (before && strcmp(before, code) == 0)
        return false;
    if (!before && a->codes.live >= CODES_MAX) { /* it may be recorded again */
        codes_clear(a);
        map_init(&a->codes);
    }
    mem_free(map_put(&a->codes, sweep, strlen(sweep), mem_strdup(code)));
    return true;
}

struct fleet_agent *fleet_agent_new(const char *name, uint64_t joined)
{
    struct fleet_agent *a = mem_alloc(sizeof *a);
    size_t len = strlen(name);
    PRE(len < sizeof a->name);
    memcpy(a->name, name, len + 1);
    a->joined = joined;
    map_init(&a->told);
    map_init(&a->codes);
    arena_init(&a->kept);
    arena_init(&a->kept_host);
    arena_init(&a->kept_load);
    return a;
}

void fleet_agent_free(struct fleet_agent *a)
{
    for (size_t i = 0; i < a->slots_n; i++)
        mem_free(a->slots[i].gpus), mem_free(a->slots[i].waits);
    map_done(&a->told);
    codes_clear(a);
    arena_done(&a->kept);
    arena_done(&a->kept_host);
    arena_done(&a->kept_load);
    mem_free(a->slots);
    mem_free(a->seats);
    mem_free(a);
}

static bool offer_is_text(const struct value *v, size_t bytes_max)
{
    return !v || (v->kind == VALUE_STR && v->s.len < bytes_max && !strchr(v->s.ptr, '\n'));
}

/* A path may have any byte but NUL. */
static bool offer_is_path(const struct value *v)
{
    return !v || (v->kind == VALUE_STR && v->s.len < PATH_TEXT_BYTES);
}

static bool offer_is_count(const struct value *v, int64_t least, int64_t most)
{
    return !v || (v->kind == VALUE_INT && v->i >= least && v->i <= most);
}

static bool offer_is_flag(const struct value *v)
{
    return !v || v->kind == VALUE_BOOL;
}

static bool offer_is_texts(const struct value *v, size_t most)
{
    if (v && (v->kind != VALUE_LIST || v->list.n > most))
        return false;
    for (size_t i = 0; v && i < v->list.n; i++)
        if (!offer_is_text(v->list.items[i], LIMIT_LABEL_BYTES))
            return false;
    return true;
}

const char *fleet_agent_judge_slots(const struct value *slots)
{
    static const char fault[] = "its slots are not a list of at most 1024 objects";
    if (!slots || slots->kind != VALUE_LIST || slots->list.n > LIMIT_SLOTS)
        return fault;
    for (size_t i = 0; i < slots->list.n; i++) {
        const struct value *slot = slots->list.items[i], *why = value_get(slot, "why");
        if (slot->kind != VALUE_DICT)
            return fault;
        if (!offer_is_texts(value_get(slot, "gpus"), LIMIT_SLOTS) ||
            !offer_is_text(value_get(slot, "index"), LIMIT_LABEL_BYTES) ||
            !offer_is_text(value_get(slot, "vendor"), LIMIT_LABEL_BYTES) ||
            !offer_is_count(value_get(slot, "share"), 1, LIMIT_SLOTS) ||
            (why && why->kind != VALUE_STR))
            return "the description of its slots is malformed";
    }
    return NULL;
}

const char *fleet_agent_judge_host(const struct value *host)
{
    if (!host || host->kind == VALUE_NULL)
        return NULL;
    if (host->kind == VALUE_DICT && offer_is_count(value_get(host, "cpus"), 0, count_max) &&
        offer_is_count(value_get(host, "memory"), 0, count_max) &&
        offer_is_texts(value_get(host, "labels"), LIMIT_LABELS) &&
        offer_is_flag(value_get(host, "only")) && offer_is_path(value_get(host, "workdir")) &&
        offer_is_path(value_get(host, "dir")))
        return NULL;
    return "the description of its host is malformed";
}

static int32_t agent_find_gpu(struct fleet_agent *a, const struct value *ids)
{
    for (uint32_t i = 0; i < a->gpus_n; i++)
        if (value_same(a->gpus[i].ids, ids))
            return (int32_t)i;
    a->gpus[a->gpus_n] = (struct fleet_gpu){.ids = ids};
    return (int32_t)a->gpus_n++;
}

bool fleet_agent_is_open(const struct fleet_agent *a)
{
    /* MUTANT duty: a->duty == DUTY_UP => true */
    return a->link && a->duty == DUTY_UP && !a->leaving;
}

bool fleet_agent_slot_is_free(const struct fleet_agent *a, uint32_t slot)
{
    return slot < LIMIT_SLOTS && (slot >= a->slots_n || !a->slots[slot].sweep[0]);
}

bool fleet_agent_slot_is_open(const struct fleet_agent *a, uint32_t slot)
{
    if (slot >= a->places_n || a->places[slot].why || !fleet_agent_slot_is_free(a, slot))
        return false;
    int32_t gpu = a->places[slot].gpu;
    return gpu < 0 || a->gpus[gpu].free_n > 0;
}

static bool slot_holds(const struct fleet_slot *slot, const struct fleet_gpu *gpu)
{
    for (size_t i = 0; slot->gpus && i < gpu->ids->list.n; i++) {
        const struct value *id = gpu->ids->list.items[i];
        for (const char *at = slot->gpus; (at = strstr(at, id->s.ptr)) != NULL; at++)
            if (at[-1] == '\n' && at[id->s.len] == '\n')
                return true;
    }
    return false;
}

static void agent_count_gpu(struct fleet_agent *a, struct fleet_gpu *g)
{
    g->taken_n = 0;
    for (uint32_t i = 0; i < a->slots_n; i++)
        g->taken_n += slot_holds(&a->slots[i], g);
    /* An attempt may hold the GPU with a slot that the agent numbers otherwise today. */
    uint32_t unheld = g->taken_n < g->slots_n ? g->slots_n - g->taken_n : 0;
    /* MUTANT gpu-by-id: g->free_n > unheld => false */
    if (g->free_n > unheld)
        g->free_n = unheld;
    a->offered_gpus += g->slots_n > 0;
    a->free_gpus += g->free_n > 0;
    a->free_n += g->free_n;
    if (g->slots_n > 0 && (a->each == 0 || g->ids->list.n < a->each))
        a->each = (uint32_t)g->ids->list.n;
}

/* What is offered or runs has changed. */
static void agent_count(struct fleet_agent *a)
{
    a->offered = a->free_n = a->offered_gpus = a->free_gpus = a->each = 0;
    for (uint32_t i = 0; i < a->gpus_n; i++)
        a->gpus[i].slots_n = a->gpus[i].free_n = 0;
    for (uint32_t i = 0; i < a->places_n; i++) {
        const struct fleet_place *place = &a->places[i];
        bool is_free = fleet_agent_slot_is_free(a, i);
        if (place->why)
            continue;
        a->offered++;
        if (place->gpu < 0) {
            a->free_n += is_free;
            continue;
        }
        a->gpus[place->gpu].slots_n++;
        a->gpus[place->gpu].free_n += is_free;
    }
    for (uint32_t i = 0; i < a->gpus_n; i++)
        agent_count_gpu(a, &a->gpus[i]);
}

void fleet_agent_set_slots(struct fleet_agent *a, const struct value *slots)
{
    PRE(!fleet_agent_judge_slots(slots));
    arena_clear(&a->kept);
    slots = value_copy(&a->kept, slots);
    a->places_n = (uint32_t)slots->list.n;
    a->places = arena_alloc(&a->kept, (slots->list.n + 1) * sizeof *a->places);
    a->gpus = arena_alloc(&a->kept, (slots->list.n + 1) * sizeof *a->gpus);
    a->gpus_n = 0;
    for (uint32_t i = 0; i < a->places_n; i++) {
        const struct value *slot = slots->list.items[i], *ids = value_get(slot, "gpus");
        bool has = ids && ids->list.n > 0;
        a->places[i] = (struct fleet_place){.gpu = has ? agent_find_gpu(a, ids) : -1,
                                            .none = ids && !has,
                                            .index = value_get_str(slot, "index", NULL),
                                            .vendor = value_get_str(slot, "vendor", NULL),
                                            .share = (uint32_t)value_get_int(slot, "share", 1),
                                            .why = value_get_str(slot, "why", NULL)};
    }
    agent_count(a);
}

void fleet_agent_set_host(struct fleet_agent *a, const struct value *host)
{
    static const struct value none = {.kind = VALUE_DICT};
    PRE(!fleet_agent_judge_host(host));
    arena_clear(&a->kept_host);
    host = value_copy(&a->kept_host, host ? host : &none);
    a->labels = value_get(host, "labels");
    a->workdir = value_get_str(host, "workdir", NULL);
    a->dir = value_get_str(host, "dir", NULL);
    a->only = value_get_bool(host, "only", false);
    a->cpus = (uint64_t)value_get_int(host, "cpus", 0);
    a->memory = (uint64_t)value_get_int(host, "memory", 0);
}

static char *gpus_dup(const struct grant *g)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    for (uint32_t i = 0; i < g->gpus_n; i++)
        buf_addf(&text, "\n%s\n", g->gpus[i]);
    return buf_str(&text);
}

void fleet_agent_take(struct fleet_agent *a, const char *sweep, uint64_t trial,
                      const struct grant *g)
{
    size_t len = strlen(sweep);
    uint32_t last = g->slots[g->slots_n - 1];
    PRE(len > 0 && len < sizeof a->slots->sweep && last < LIMIT_SLOTS);
    if (last >= a->slots_n) {
        a->slots = mem_grow(a->slots, &a->slots_cap, last + 1, sizeof *a->slots);
        memset(a->slots + a->slots_n, 0, (last + 1 - a->slots_n) * sizeof *a->slots);
        a->slots_n = last + 1;
    }
    for (uint32_t i = 0; i < g->slots_n; i++) {
        struct fleet_slot *slot = &a->slots[g->slots[i]];
        PRE(!slot->sweep[0]);
        memcpy(slot->sweep, sweep, len + 1);
        slot->trial = trial;
    }
    struct fleet_slot *first = &a->slots[g->slots[0]];
    first->slots_n = g->slots_n;
    first->cpus = g->cpus;
    first->memory = g->memory;
    first->gpus = g->gpus_n > 0 ? gpus_dup(g) : NULL;
    a->taken_n += g->slots_n;
    a->cpus_taken += g->cpus;
    a->memory_taken += g->memory;
    agent_count(a);
}

void fleet_agent_drop(struct fleet_agent *a, uint32_t slot)
{
    PRE(slot < a->slots_n && a->slots[slot].slots_n > 0);
    struct fleet_slot first = a->slots[slot];
    for (uint32_t left = first.slots_n; left > 0; slot++) {
        struct fleet_slot *at = &a->slots[slot];
        if (at->trial != first.trial || strcmp(at->sweep, first.sweep) != 0)
            continue;
        *at = (struct fleet_slot){0};
        left--;
    }
    mem_free(first.gpus);
    mem_free(first.waits);
    a->taken_n -= first.slots_n;
    a->cpus_taken -= first.cpus;
    a->memory_taken -= first.memory;
    agent_count(a);
}

bool fleet_agent_has_labels(const struct fleet_agent *a, const struct fleet_need *n)
{
    bool any = false;
    for (size_t i = 0; n->labels && i < n->labels->list.n; i++) {
        bool has = false;
        for (size_t k = 0; a->labels && k < a->labels->list.n && !has; k++)
            has = strcmp(a->labels->list.items[k]->s.ptr, n->labels->list.items[i]->s.ptr) == 0;
        /* MUTANT labels: !has => false */
        if (!has)
            return false;
        any = true;
    }
    /* MUTANT dedicated: !a->only => true */
    return any || !a->only;
}

uint32_t fleet_agent_slots_for(const struct fleet_agent *a, const struct fleet_need *n)
{
    uint32_t gpus = fleet_need_slots(n);
    return n->gpus > 0 && a->each > 1 ? (gpus + a->each - 1) / a->each : gpus;
}

bool fleet_agent_can_hold(const struct fleet_agent *a, const struct fleet_need *n)
{
    uint32_t slots = n->gpus > 0 ? a->offered_gpus : a->offered;
    return fleet_agent_is_open(a) && slots >= fleet_agent_slots_for(a, n) &&
           (a->cpus == 0 || a->cpus >= n->cpus) && (a->memory == 0 || a->memory >= n->memory) &&
           fleet_agent_has_labels(a, n) && !(n->barred && value_get(n->barred, a->name));
}

/* How many disjoint sets of n slots on n GPUs each there are: the most k for which the GPUs have
 * k * n free slots if no GPU counts for more than k. */
static uint64_t agent_sets(const struct fleet_agent *a, uint32_t n)
{
    uint64_t most = a->free_n / n, all = 0;
    for (uint32_t i = 0; n == 1 && i < a->gpus_n; i++)
        all += a->gpus[i].free_n;
    if (n == 1)
        return all;
    for (uint64_t k = most; k > 0; k--) {
        uint64_t sum = 0;
        for (uint32_t i = 0; i < a->gpus_n; i++)
            sum += a->gpus[i].free_n < k ? a->gpus[i].free_n : k;
        if (sum >= k * n)
            return k;
    }
    return 0;
}

static uint64_t agent_bound(uint64_t room, uint64_t all, uint64_t taken, uint64_t each)
{
    if (all == 0 || each == 0)
        return room;
    uint64_t fit = taken < all ? (all - taken) / each : 0;
    return fit < room ? fit : room;
}

uint64_t fleet_agent_room(const struct fleet_agent *a, const struct fleet_need *n)
{
    if (a->free_n == 0 || !fleet_agent_can_hold(a, n))
        return 0;
    /* MUTANT whole-trials: agent_sets(a, fleet_agent_slots_for(a, n)) => a->free_n */
    uint64_t room = n->gpus > 0 ? agent_sets(a, fleet_agent_slots_for(a, n)) : a->free_n;
    /* MUTANT cpus: a->cpus_taken => 0 */
    room = agent_bound(room, a->cpus, a->cpus_taken, n->cpus);
    /* MUTANT memory: a->memory_taken => 0 */
    return agent_bound(room, a->memory, a->memory_taken, n->memory);
}

uint32_t fleet_agent_lack(const struct fleet_agent *a, const struct fleet_need *n)
{
    uint32_t wanted = fleet_agent_slots_for(a, n), have = n->gpus > 0 ? a->free_gpus : a->free_n;
    return have < wanted ? wanted - have : 0;
}

/* Whether a trial that has `got` slots already can have this one too: GPUs are distinct. */
static bool agent_slot_fits(const struct fleet_agent *a, const struct fleet_need *n, uint32_t slot,
                            const uint32_t *got, uint32_t got_n)
{
    int32_t gpu = a->places[slot].gpu;
    /* MUTANT slot-choice: !fleet_agent_slot_is_open(a, slot) => false */
    if (!fleet_agent_slot_is_open(a, slot))
        return false;
    for (uint32_t i = 0; i < got_n; i++)
        /* MUTANT distinct-gpus: a->places[got[i]].gpu == gpu => got[i] == slot */
        if (a->places[got[i]].gpu == gpu)
            return false;
    return n->gpus <= 0 || gpu >= 0;
}

/* The lowest slot, but: for several GPUs one of the GPU with the most slots left, so that further
 * trials of the size fit too; for none, one without a GPU. */
static uint32_t agent_next_slot(const struct fleet_agent *a, const struct fleet_need *n,
                                const uint32_t *got, uint32_t got_n)
{
    uint32_t best = LIMIT_SLOTS;
    for (uint32_t slot = 0; slot < a->places_n; slot++) {
        int32_t gpu = a->places[slot].gpu;
        if (!agent_slot_fits(a, n, slot, got, got_n))
            continue;
        if (best == LIMIT_SLOTS || (n->gpus == 0 && gpu < 0 && a->places[best].gpu >= 0) ||
            (n->gpus > 1 && a->gpus[gpu].free_n > a->gpus[a->places[best].gpu].free_n))
            best = slot;
    }
    return best;
}

static void slots_sort(uint32_t *slots, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t k = i; k > 0 && slots[k] < slots[k - 1]; k--) {
            uint32_t other = slots[k];
            slots[k] = slots[k - 1];
            slots[k - 1] = other;
        }
}

/* Adds the GPUs of a slot. */
static void grant_join(struct arena *arena, const struct fleet_agent *a,
                       const struct fleet_place *place, struct grant *g)
{
    const struct value *ids = a->gpus[place->gpu].ids;
    const char **gpus = arena_alloc(arena, (g->gpus_n + ids->list.n) * sizeof *gpus);
    if (g->gpus_n > 0)
        memcpy(gpus, g->gpus, g->gpus_n * sizeof *gpus);
    for (size_t i = 0; i < ids->list.n; i++)
        gpus[g->gpus_n++] = arena_strdup(arena, ids->list.items[i]->s.ptr);
    g->gpus = gpus;
    if (place->index)
        g->index = g->index ? arena_printf(arena, "%s,%s", g->index, place->index)
                            : arena_strdup(arena, place->index);
    if (place->vendor && !g->vendor)
        g->vendor = arena_strdup(arena, place->vendor);
    if (place->share > g->share)
        g->share = place->share;
}

struct grant fleet_agent_grant(const struct fleet_agent *a, const struct fleet_need *n,
                               struct arena *arena)
{
    struct grant g = {
        .slots_n = fleet_agent_slots_for(a, n), .share = 1, .cpus = n->cpus, .memory = n->memory};
    uint32_t *slots = arena_alloc(arena, g.slots_n * sizeof *slots);
    PRE(fleet_agent_room(a, n) > 0);
    for (uint32_t i = 0; i < g.slots_n; i++) {
        slots[i] = agent_next_slot(a, n, slots, i);
        POST(slots[i] < a->places_n);
    }
    slots_sort(slots, g.slots_n);
    g.slots = slots;
    if (n->gpus == 0 || a->places[slots[0]].none)
        g.gpus = arena_alloc(arena, sizeof *g.gpus); /* it sees none */
    for (uint32_t i = 0; n->gpus != 0 && i < g.slots_n; i++)
        if (a->places[slots[i]].gpu >= 0)
            grant_join(arena, a, &a->places[slots[i]], &g);
    return g;
}

uint32_t fleet_agent_attempts(const struct fleet_agent *a)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < a->slots_n; i++)
        n += a->slots[i].slots_n > 0;
    return n;
}
