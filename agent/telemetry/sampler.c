/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/telemetry/sampler.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "agent/attempt_dir.h"
#include "agent/disk_room.h"
#include "agent/launch/launch_attempt.h"
#include "agent/telemetry/sample.h"
#include "agent/telemetry/telemetry.h"
#include "base/limits.h"
#include "base/mem.h"

enum { PERIOD_MS = 10000, FIRST_MS = 1000, ALIGN_PARTS = 4, GPUS_MAX = GPU_MAX };

struct sampled {
    struct agent_key key;
    bool adopted;
    pid_t shim;              /* 0: its directory was not looked at yet */
    uint64_t start;          /* with it, it identifies the shim: field 22 of its /proc/PID/stat */
    int64_t began_ms;        /* its shim, by CLOCK_BOOTTIME */
    int64_t due_ms, last_ms; /* by the loop's clock; last_ms 0: no sample yet */
    struct telemetry last;
};

struct sampler {
    uv_loop_t *loop;
    const struct agent_core *core;
    const char *dir;
    struct gpu_slots *gpus;
    struct sampler_handler handler;
    int64_t period_ms;
    uv_timer_t timer;
    bool asked;        /* the GPUs are being read for the samples that are due */
    struct map by_key; /* struct agent_key -> struct sampled * */
    struct shim_procs procs;
    struct arena scratch;
    struct buf line;
};

static int64_t boot_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void on_timer(uv_timer_t *timer);

static void sampler_arm(struct sampler *s)
{
    void *value;
    int64_t due = INT64_MAX, now = (int64_t)uv_now(s->loop);
    for (size_t at = 0; map_next(&s->by_key, &at, &value);)
        if (((struct sampled *)value)->due_ms < due)
            due = ((struct sampled *)value)->due_ms;
    if (due == INT64_MAX)
        uv_timer_stop(&s->timer);
    else if (!s->asked)
        uv_timer_start(&s->timer, on_timer, (uint64_t)(due > now ? due - now : 0), 0);
}

/* Whether it belongs to this round: it is due, or soon enough to be sampled with those that are. */
static bool is_due(const struct sampler *s, const struct sampled *one)
{
    int64_t ahead = one->last_ms > 0 ? s->period_ms / ALIGN_PARTS : 0;
    return one->due_ms <= (int64_t)uv_now(s->loop) + ahead;
}

/* False if its shim cannot be found by its pid: it is starting, it has ended, it is elsewhere. */
static bool shim_find(struct sampler *s, struct sampled *one)
{
    struct attempt_dir d;
    long hz = sysconf(_SC_CLK_TCK);
    for (size_t i = 0; one->shim > 0 && i < s->procs.n; i++)
        if (s->procs.items[i].pid == one->shim && s->procs.items[i].start == one->start)
            return true;
    one->shim = 0;
    if (attempt_dir_probe(launch_attempt_dir(&s->scratch, s->dir, &one->key), &d, NULL) != 0 ||
        d.state != ATTEMPT_DIR_RUNNING || d.elsewhere || d.record.pid <= 0 || hz <= 0)
        return false;
    one->shim = (pid_t)d.record.pid;
    one->start = d.record.start;
    one->began_ms = (int64_t)(d.record.start * 1000 / (uint64_t)hz);
    return true;
}

static int64_t own_memory(const struct sampler *s, const struct gpu *g)
{
    int64_t sum = -1;
    for (size_t i = 0; i < g->processes_n; i++)
        for (size_t j = 0; j < s->procs.n; j++)
            if (s->procs.items[j].marked && s->procs.items[j].pid == g->processes[i].pid &&
                g->processes[i].memory >= 0)
                sum = (sum < 0 ? 0 : sum) + g->processes[i].memory;
    return sum;
}

/* The GPUs that it was granted, as they were read just now. telemetry_read has marked its processes. */
static size_t gpus_find(const struct sampler *s, const struct sampled *one, struct sample_gpu *ret)
{
    const struct agent_entry *entry = agent_core_find(s->core, &one->key);
    const struct value *gpus = entry ? value_get(entry->grant, "gpus") : NULL;
    size_t n = 0;
    for (size_t i = 0; s->gpus && gpus && gpus->kind == VALUE_LIST && i < gpus->list.n; i++) {
        const struct value *uuid = gpus->list.items[i];
        const struct gpu *g =
            uuid->kind == VALUE_STR && n < GPUS_MAX ? gpu_slots_find(s->gpus, uuid->s.ptr) : NULL;
        if (g)
            ret[n++] = (struct sample_gpu){g, own_memory(s, g)};
    }
    return n;
}

static bool wants_gpus(const struct sampler *s, const struct sampled *one)
{
    const struct agent_entry *entry = agent_core_find(s->core, &one->key);
    const struct value *gpus = entry ? value_get(entry->grant, "gpus") : NULL;
    return s->gpus && gpus && gpus->kind == VALUE_LIST && gpus->list.n > 0;
}

/* Training may have put anything in the file's place. */
static bool line_append(struct sampler *s, const struct sampled *one)
{
    const char *path = arena_printf(&s->scratch, "%s/" SHIM_SYSTEM_FILE,
                                    launch_attempt_dir(&s->scratch, s->dir, &one->key));
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct stat st;
    bool written = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
                   st.st_size < LIMIT_SYSTEM_FILE_BYTES &&
                   write(fd, buf_str(&s->line), s->line.len) == (ssize_t)s->line.len;
    if (fd >= 0)
        close(fd);
    return written;
}

static void sample_take(struct sampler *s, struct sampled *one)
{
    struct sample_gpu gpus[GPUS_MAX];
    struct telemetry now;
    int64_t age = boot_ms() - one->began_ms, at = (int64_t)uv_now(s->loop);
    if (!telemetry_read(&s->procs, one->shim, &now) || now.processes == 0)
        return;
    /* Of an attempt that ran before this process, nothing is known of its time until now. */
    double cpu = one->last_ms > 0 ? telemetry_cpu_percent(&one->last, &now, at - one->last_ms)
                 : one->adopted   ? -1
                                  : telemetry_cpu_percent(&(struct telemetry){0}, &now, age);
    const struct sample sample = {.wall_ms = wall_ms(),
                                  .cpu_percent = cpu,
                                  .memory = now.memory,
                                  .gpus = gpus,
                                  .gpus_n = gpus_find(s, one, gpus)};
    one->last = now;
    one->last_ms = at;
    buf_clear(&s->line);
    sample_print(&s->line, &sample);
    if (line_append(s, one))
        s->handler.sampled(s->handler.arg, &one->key);
}

/* A disk without room keeps what it has for metrics and results. */
static void round_take(struct sampler *s)
{
    void *value;
    int64_t now = (int64_t)uv_now(s->loop);
    bool room = disk_room_find(s->dir, NULL);
    if (room)
        shim_procs_list(&s->procs);
    for (size_t at = 0; map_next(&s->by_key, &at, &value);) {
        struct sampled *one = value;
        if (!is_due(s, one))
            continue;
        int64_t age = shim_find(s, one) ? boot_ms() - one->began_ms : 0;
        one->due_ms = now + sample_wait_ms(s->period_ms, age);
        if (room && one->shim > 0)
            sample_take(s, one);
        arena_clear(&s->scratch);
    }
    sampler_arm(s);
}

static void on_gpus_read(void *arg)
{
    struct sampler *s = arg;
    s->asked = false;
    round_take(s);
}

static void on_timer(uv_timer_t *timer)
{
    struct sampler *s = timer->data;
    void *value;
    bool gpus = false;
    for (size_t at = 0; !gpus && map_next(&s->by_key, &at, &value);)
        gpus = is_due(s, value) && wants_gpus(s, value);
    s->asked = gpus;
    if (gpus)
        gpu_slots_look(s->gpus, GPU_LOOK_SAMPLES, on_gpus_read, s);
    else
        round_take(s);
}

void sampler_begin(struct sampler *s, const struct agent_key *key)
{
    const struct agent_entry *entry = agent_core_find(s->core, key);
    bool found = entry && entry->found;
    if (map_find(&s->by_key, key, sizeof *key))
        return;
    int64_t first = found ? 0 : s->period_ms < FIRST_MS ? s->period_ms : FIRST_MS;
    struct sampled *one = mem_alloc(sizeof *one);
    *one =
        (struct sampled){.key = *key, .adopted = found, .due_ms = (int64_t)uv_now(s->loop) + first};
    map_put(&s->by_key, &one->key, sizeof one->key, one);
    sampler_arm(s);
}

int64_t sampler_period_ms(void)
{
    const char *period = getenv("BESOM_SAMPLE_PERIOD_MS");
    int64_t ms = period ? strtoll(period, NULL, 10) : 0;
    return ms > 0 ? ms : PERIOD_MS;
}

struct sampler *sampler_new(struct uv_loop_s *loop, const struct agent_core *core, const char *dir,
                            struct gpu_slots *gpus, const struct sampler_handler *handler)
{
    struct sampler *s = mem_alloc(sizeof *s);
    *s = (struct sampler){.loop = loop,
                          .core = core,
                          .dir = dir,
                          .gpus = gpus,
                          .handler = *handler,
                          .period_ms = sampler_period_ms()};
    map_init(&s->by_key);
    shim_procs_init(&s->procs);
    arena_init(&s->scratch);
    buf_init(&s->line, SIZE_MAX);
    uv_timer_init(loop, &s->timer);
    s->timer.data = s;
    void *value;
    for (size_t at = 0; map_next(&core->entries, &at, &value);)
        sampler_begin(s, &((const struct agent_entry *)value)->key);
    return s;
}

void sampler_end(struct sampler *s, const struct agent_key *key)
{
    mem_free(map_remove(&s->by_key, key, sizeof *key));
}

void sampler_close(struct sampler *s)
{
    uv_close((uv_handle_t *)&s->timer, NULL);
}

void sampler_free(struct sampler *s)
{
    void *one;
    if (!s)
        return;
    for (size_t at = 0; map_next(&s->by_key, &at, &one);)
        mem_free(one);
    map_done(&s->by_key);
    shim_procs_done(&s->procs);
    arena_done(&s->scratch);
    buf_done(&s->line);
    mem_free(s);
}
