/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/gpu/gpu_slots.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "agent/gpu/gpu_lock.h"
#include "agent/gpu/gpu_watcher.h"
#include "agent/launch/launch_attempt.h"
#include "agent/leftover.h"
#include "base/json.h"
#include "base/mem.h"
#include "net/log.h"

enum { LOOK_MS = 2000 }; /* for a look out of turn */

struct gpu_slots {
    uv_loop_t *loop;
    const struct agent_core *core;
    char *run_dir;
    struct gpu_slots_handler handler;
    struct gpu_pool pool;
    struct gpu_locks locks;
    struct gpu_watcher *watcher;
    uv_timer_t look; /* a look out of turn is not waited for any longer */
    struct {
        void (*looked)(void *arg); /* NULL: nobody waits */
        void *arg;
        uint64_t asked; /* the reading that is waited for */
    } looks[GPU_LOOKS];
    int64_t read_ms; /* the last reading */
    bool silent;     /* the driver says nothing since then */
    char *offered;   /* the offers that were told last, as JSON */
    bool *told;      /* by slot, one for each GPU: a person knows that it is not offered */
};

static void name_read(int64_t pid, char out[32])
{
    char path[40];
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, out, 31) : 0;
    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

static void slots_owner(void *arg, int64_t pid, const char *uuid, struct gpu_pool_owner *ret)
{
    struct gpu_slots *s = arg;
    struct agent_key key;
    char name[LEFTOVER_NAME_BYTES];
    *ret = (struct gpu_pool_owner){.owner = GPU_OWNER_OTHER};
    if (kill((pid_t)pid, 0) != 0 && errno == ESRCH) {
        ret->owner = GPU_OWNER_GONE;
        return;
    }
    const struct agent_entry *entry = NULL;
    if (leftover_attempt_of(s->run_dir, (pid_t)pid, name) && launch_attempt_key(name, &key))
        entry = agent_core_find(s->core, &key);
    if (entry && !entry->grant)
        ret->owner = GPU_OWNER_FOUND;
    else if (entry && agent_core_entry_holds(entry, uuid))
        ret->owner = GPU_OWNER_TRIAL;
    name_read(pid, ret->name);
}

static bool slots_is_taken(void *arg, uint32_t slot)
{
    const struct gpu_slots *s = arg;
    return agent_core_is_taken(s->core, slot);
}

static bool slots_is_held(void *arg, const char *uuid)
{
    const struct gpu_slots *s = arg;
    return agent_core_holds_gpu(s->core, uuid);
}

static bool slots_lock(void *arg, const char *uuid)
{
    struct gpu_slots *s = arg;
    return gpu_lock_take(&s->locks, uuid);
}

/* Prints a warning for each GPU that is withdrawn, and when it is offered again. */
static void slots_tell(struct gpu_slots *s)
{
    char text[GPU_POOL_WHY_BYTES + 80];
    for (uint32_t i = 0; i < s->pool.gpus_n; i++) {
        const struct gpu_pool_slot *slot = &s->pool.slots[i];
        const struct gpu_pool_gpu *g = gpu_pool_gpu_of(&s->pool, i);
        bool withheld = !slot->offered && strcmp(slot->why, gpu_pool_not_needed) != 0;
        if (withheld == s->told[i])
            continue;
        s->told[i] = withheld;
        LOG(withheld ? LOG_WARN : LOG_INFO, withheld ? "gpu.withheld" : "gpu.offered",
            log_text("gpu", g->last.uuid), log_text("why", slot->why));
        snprintf(text, sizeof text, "GPU %s %s%s", g->last.index,
                 withheld ? "gets no trial now: " : "can be used again", withheld ? slot->why : "");
        s->handler.warned(s->handler.arg, text);
    }
}

static void slots_judge(struct gpu_slots *s, const struct gpu_reading *r, const char *silent)
{
    struct arena a;
    const struct gpu_pool_questions questions = {slots_owner, slots_is_taken, slots_is_held,
                                                 slots_lock, s};
    gpu_pool_look(&s->pool, r, silent, (int64_t)uv_now(s->loop), &questions);
    arena_init(&a);
    const char *text = json_text(&a, gpu_pool_offers(&s->pool, &a), JSON_COMPACT);
    bool changed = !s->offered || strcmp(text, s->offered) != 0;
    if (changed) {
        mem_free(s->offered);
        s->offered = mem_strdup(text);
    }
    arena_done(&a);
    slots_tell(s);
    if (changed && s->watcher) /* NULL: the agent is being made */
        s->handler.changed(s->handler.arg);
}

/* Tells those that wait for the reading of this number, or an earlier one. */
static void slots_looked(struct gpu_slots *s, uint64_t asked)
{
    bool waits = false;
    for (int i = 0; i < GPU_LOOKS; i++) {
        void (*looked)(void *arg) = s->looks[i].looked;
        if (looked && s->looks[i].asked <= asked) {
            s->looks[i].looked = NULL;
            looked(s->looks[i].arg);
        }
        waits |= s->looks[i].looked != NULL;
    }
    if (!waits)
        uv_timer_stop(&s->look);
}

static void on_reading(void *arg, const struct gpu_reading *r)
{
    struct gpu_slots *s = arg;
    s->read_ms = (int64_t)uv_now(s->loop);
    s->silent = false;
    slots_judge(s, r, NULL);
    slots_looked(s, r->asked);
}

static void on_silent(void *arg, const char *why)
{
    struct gpu_slots *s = arg;
    s->silent = true;
    slots_judge(s, NULL, why);
    slots_looked(s, UINT64_MAX);
}

static void on_look_over(uv_timer_t *timer)
{
    slots_looked(timer->data, UINT64_MAX);
}

struct gpu_slots *gpu_slots_new(uv_loop_t *loop, const struct gpu_host *host,
                                const struct agent_core *core, const char *run_dir,
                                const struct gpu_slots_handler *handler)
{
    struct gpu_slots *s = mem_alloc(sizeof *s);
    s->loop = loop;
    s->core = core;
    s->run_dir = mem_strdup(run_dir);
    s->handler = *handler;
    gpu_pool_init(&s->pool, &host->reading, &host->choice, &host->options.pool);
    s->told = mem_alloc(s->pool.gpus_n + 1);
    uv_timer_init(loop, &s->look);
    s->look.data = s;
    slots_judge(s, &host->reading, NULL);
    const struct gpu_watcher_handler watch = {on_reading, on_silent, s};
    s->watcher = gpu_watcher_new(loop, gpu_host_period_ms(), gpu_host_silent_ms(), &watch);
    return s;
}

uint32_t gpu_slots_count(const struct gpu_host *host)
{
    struct gpu_pool pool;
    gpu_pool_init(&pool, &host->reading, &host->choice, &host->options.pool);
    uint32_t n = (uint32_t)pool.slots_n;
    gpu_pool_done(&pool);
    return n;
}

struct value *gpu_slots_offers(const struct gpu_slots *s, struct arena *a)
{
    return gpu_pool_offers(&s->pool, a);
}

/* The i-th GPU of a grant; NULL after the last one. */
static const char *grant_gpu(const struct value *grant, size_t i)
{
    const struct value *gpus = value_get(grant, "gpus");
    bool is = gpus && gpus->kind == VALUE_LIST && i < gpus->list.n &&
              gpus->list.items[i]->kind == VALUE_STR;
    return is ? gpus->list.items[i]->s.ptr : NULL;
}

void gpu_slots_take(struct gpu_slots *s, const struct value *grant)
{
    const char *gpu;
    for (size_t i = 0; (gpu = grant_gpu(grant, i)); i++)
        gpu_pool_take(&s->pool, gpu, (int64_t)uv_now(s->loop));
}

const char *gpu_slots_fault(const struct gpu_slots *s, const struct value *grant)
{
    const char *gpu, *fault = NULL;
    for (size_t i = 0; !fault && (gpu = grant_gpu(grant, i)); i++)
        fault = gpu_pool_fault(&s->pool, gpu);
    return fault;
}

void gpu_slots_quarantine(struct gpu_slots *s, const struct value *grant, const char *why)
{
    const char *gpu;
    for (size_t i = 0; (gpu = grant_gpu(grant, i)); i++)
        gpu_pool_quarantine(&s->pool, gpu, why);
    (void)gpu_watcher_ask(s->watcher);
}

void gpu_slots_release(struct gpu_slots *s)
{
    bool any = false;
    for (size_t i = 0; i < s->pool.gpus_n; i++)
        any |= gpu_pool_release(&s->pool, s->pool.gpus[i].last.uuid);
    if (any)
        gpu_watcher_renew(s->watcher);
}

void gpu_slots_look(struct gpu_slots *s, enum gpu_look who, void (*looked)(void *arg), void *arg)
{
    uint64_t asked = gpu_watcher_ask(s->watcher);
    s->looks[who].looked = looked;
    s->looks[who].arg = arg;
    s->looks[who].asked = asked ? asked : UINT64_MAX;
    uv_timer_start(&s->look, on_look_over, asked ? LOOK_MS : 0, 0);
}

const struct gpu *gpu_slots_find(const struct gpu_slots *s, const char *uuid)
{
    if ((int64_t)uv_now(s->loop) - s->read_ms > LOOK_MS)
        return NULL;
    for (size_t i = 0; i < s->pool.gpus_n; i++)
        if (s->pool.gpus[i].listed && strcmp(s->pool.gpus[i].last.uuid, uuid) == 0)
            return &s->pool.gpus[i].last;
    return NULL;
}

static void number_put(struct arena *a, struct value *v, const char *name, int64_t n)
{
    if (n >= 0)
        value_put(a, v, name, value_int(a, n));
}

struct value *gpu_slots_load(const struct gpu_slots *s, struct arena *a)
{
    struct value *list = value_list(a);
    for (size_t i = 0; i < s->pool.gpus_n && !s->silent; i++) {
        const struct gpu *g = &s->pool.gpus[i].last;
        if (!s->pool.gpus[i].listed)
            continue;
        struct value *v = value_dict(a);
        value_put(a, v, "gpu", value_str(a, g->uuid));
        value_put(a, v, "index", value_str(a, g->index));
        number_put(a, v, "utilization", g->utilisation);
        number_put(a, v, "memory_used", g->memory_used);
        number_put(a, v, "memory_total", g->memory_total);
        number_put(a, v, "temperature", g->temperature_c);
        number_put(a, v, "power", g->power_mw < 0 ? -1 : g->power_mw / 1000);
        value_push(a, list, v);
    }
    return list;
}

void gpu_slots_close(struct gpu_slots *s)
{
    gpu_watcher_close(s->watcher);
    uv_close((uv_handle_t *)&s->look, NULL);
}

void gpu_slots_free(struct gpu_slots *s)
{
    if (!s)
        return;
    gpu_watcher_free(s->watcher);
    gpu_pool_done(&s->pool);
    gpu_lock_done(&s->locks);
    mem_free(s->told);
    mem_free(s->offered);
    mem_free(s->run_dir);
    mem_free(s);
}
