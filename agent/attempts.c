/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/attempts.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "agent/attempt_dir.h"
#include "agent/attempt_log.h"
#include "agent/leftover.h"
#include "agent/spare_dir.h"
#include "base/check.h"
#include "base/mem.h"

enum { LOCK_LOOK_MS = 200 };

/* A shim to wait for: by its pidfd, or by its lock if its pid tells nothing. */
struct job {
    struct attempts *attempts;
    struct agent_key key;
    union {
        uv_handle_t handle;
        uv_poll_t poll;  /* of the shim's pidfd */
        uv_timer_t look; /* polls its lock */
    };
    int pidfd;      /* -1: its lock is polled */
    pid_t child;    /* 0: the shim was found, not started by us */
    cpu_set_t cpus; /* that it was started on, where it was granted some */
    bool pinned;
};

struct attempts {
    struct uv_loop_s *loop;
    const struct launch_context *launching;
    const struct agent_core *core;
    struct attempts_handler handler;
    struct map jobs;      /* key -> struct job * */
    struct arena scratch; /* paths and parts of a launch; cleared at the end of a call */
};

static const char *dir_of(struct attempts *a, const struct agent_key *key)
{
    return launch_attempt_dir(&a->scratch, a->launching->dir, key);
}

static struct job *job_find(const struct attempts *a, const struct agent_key *key)
{
    return map_find(&a->jobs, key, sizeof *key);
}

static struct job *job_new(struct attempts *a, const struct agent_key *key)
{
    struct job *job = mem_alloc(sizeof *job);
    job->attempts = a;
    job->key = *key;
    job->pidfd = -1;
    check(map_put(&a->jobs, key, sizeof *key, job) == NULL);
    return job;
}

/* The job has left a->jobs, which may hold another job of its key by now; or the agent ends. */
static void job_free(struct job *job)
{
    if (job->pidfd >= 0)
        close(job->pidfd);
    mem_free(job);
}

static void on_job_closed(uv_handle_t *handle)
{
    job_free(handle->data);
}

static void job_end(struct job *job)
{
    struct attempts *a = job->attempts;
    struct agent_key key = job->key;
    map_remove(&a->jobs, &job->key, sizeof job->key);
    uv_close(&job->handle, on_job_closed);
    a->handler.gone(a->handler.arg, &key);
}

static void found_fault(struct agent_found *ret, enum agent_fault otherwise, const struct err *err)
{
    bool busy = err->code == ERR_BUSY || err->code == ERR_FULL;
    *ret = (struct agent_found){.state = AGENT_FOUND_FAULT,
                                .fault = busy ? AGENT_FAULT_BUSY : otherwise};
    snprintf(ret->text, sizeof ret->text, "%.255s", err->text);
}

static void fault_tell(struct attempts *a, const struct agent_key *key, enum agent_fault otherwise,
                       const struct err *err)
{
    struct agent_found found;
    found_fault(&found, otherwise, err);
    if (err->code == ERR_FULL)
        a->handler.full(a->handler.arg, err);
    else if (found.fault == AGENT_FAULT_BUSY)
        a->handler.warned(a->handler.arg, err);
    a->handler.found(a->handler.arg, key, &found);
}

/* Whether the attempt has metrics, which the controller may not have received yet. */
static bool has_metrics(struct attempts *a, const char *dir)
{
    static const char *const files[] = {ATTEMPT_DIR_METRICS_FILE, SHIM_STDOUT_FILE,
                                        SHIM_SYSTEM_FILE};
    struct stat st;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (stat(arena_printf(&a->scratch, "%s/%s", dir, files[i]), &st) == 0 && st.st_size > 0)
            return true;
    return false;
}

static int64_t shim_age_ms(const struct attempt_dir *d)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    long hz = sysconf(_SC_CLK_TCK);
    if (d->elsewhere || d->record.pid <= 0 || hz <= 0)
        return 0;
    int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    int64_t start_ms = (int64_t)(d->record.start / (uint64_t)hz) * 1000;
    return now_ms > start_ms ? now_ms - start_ms : 0;
}

static void attempt_look(struct attempts *a, const struct agent_key *key)
{
    const char *dir = dir_of(a, key);
    struct attempt_dir state;
    struct agent_found found;
    struct err err = {0};
    if (attempt_dir_probe(dir, &state, &err) != 0) {
        fault_tell(a, key, AGENT_FAULT_HOST, &err);
        return;
    }
    agent_found_set(&found, &state);
    if (state.state == ATTEMPT_DIR_RUNNING)
        found.age_ms = shim_age_ms(&state);
    if (state.state == ATTEMPT_DIR_UNOWNED)
        found.reported = has_metrics(a, dir);
    if (state.state == ATTEMPT_DIR_COPIED) {
        err_set(&err, ERR_STATE,
                "%s was copied while trials were running: they continue in the original, and run "
                "again here",
                a->launching->dir);
        a->handler.warned(a->handler.arg, &err);
    }
    a->handler.found(a->handler.arg, key, &found);
}

void attempts_look(struct attempts *a, const struct agent_key *key)
{
    attempt_look(a, key);
    arena_clear(&a->scratch);
}

void attempts_close_dir(struct attempts *a, const struct agent_key *key)
{
    struct err err = {0};
    int rc = attempt_dir_close(dir_of(a, key), &err);
    if (rc == 0 || rc == ERR_EXISTS)
        attempt_look(a, key);
    else
        fault_tell(a, key, AGENT_FAULT_HOST, &err);
    arena_clear(&a->scratch);
}

static void on_shim_end(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    struct job *job = poll->data;
    if (job->child)
        waitpid(job->child, NULL, 0);
    job_end(job);
}

static int watch_pidfd(struct attempts *a, struct job *job, struct err *err)
{
    int rc = uv_poll_init(a->loop, &job->poll, job->pidfd);
    if (rc == 0) {
        job->poll.data = job;
        rc = uv_poll_start(&job->poll, UV_READABLE, on_shim_end);
    }
    return rc == 0 ? 0 : err_set(err, ERR_IO, "the shim cannot be watched: %s", uv_strerror(rc));
}

static void on_lock_look(uv_timer_t *timer)
{
    struct job *job = timer->data;
    struct attempts *a = job->attempts;
    struct attempt_dir state;
    /* A directory that cannot be probed now is probed again later. */
    bool lives = attempt_dir_probe(dir_of(a, &job->key), &state, NULL) != 0 ||
                 state.state == ATTEMPT_DIR_RUNNING;
    if (!lives)
        job_end(job);
    arena_clear(&a->scratch);
}

static void watch_lock(struct attempts *a, struct job *job)
{
    uv_timer_init(a->loop, &job->look);
    job->look.data = job;
    uv_timer_start(&job->look, on_lock_look, LOCK_LOOK_MS, LOCK_LOOK_MS);
}

void attempts_watch(struct attempts *a, const struct agent_key *key)
{
    struct err err = {0};
    struct job *job = job_new(a, key);
    int rc = attempt_dir_watch(dir_of(a, key), &job->pidfd, &err);
    if (rc == 0)
        rc = watch_pidfd(a, job, &err);
    if (rc == ERR_NOT_FOUND) { /* it ended while we looked */
        map_remove(&a->jobs, key, sizeof *key);
        job_free(job);
        a->handler.gone(a->handler.arg, key);
    } else {
        if (rc != 0) {
            a->handler.warned(a->handler.arg, &err);
            watch_lock(a, job);
        }
        a->handler.started(a->handler.arg, key);
    }
    arena_clear(&a->scratch);
}

/* The processors of another attempt; false if it may use all. A shim that was just started has not
 * moved to them yet. */
static bool cpus_of(struct attempts *a, const struct agent_key *key, cpu_set_t *ret)
{
    const struct job *job = job_find(a, key);
    struct attempt_dir state;
    if (job && job->pinned) {
        *ret = job->cpus;
        return true;
    }
    return attempt_dir_probe(dir_of(a, key), &state, NULL) == 0 &&
           state.state == ATTEMPT_DIR_RUNNING && !state.elsewhere && state.record.pid > 0 &&
           sched_getaffinity((pid_t)state.record.pid, sizeof *ret, ret) == 0 &&
           CPU_COUNT(ret) < (int)a->launching->cpus.n;
}

/* Picks processors for an attempt that was granted some: those that fewest others have. */
static const struct launch_cpus *cpus_pick(struct attempts *a, const struct agent_key *key,
                                           const struct message *m, cpu_set_t *ret)
{
    const struct cpu_share *all = &a->launching->cpus;
    int64_t wanted = value_get_int(m->grant, "cpus", 0);
    if (wanted <= 0 || all->n == 0)
        return NULL;
    struct launch_cpus *cpus = arena_alloc(&a->scratch, sizeof *cpus);
    uint16_t *users = arena_alloc(&a->scratch, all->n * sizeof *users);
    memset(users, 0, all->n * sizeof *users);
    void *value;
    for (size_t at = 0; map_next(&a->core->entries, &at, &value);) {
        const struct agent_entry *other = value;
        bool same = memcmp(&other->key, key, sizeof *key) == 0;
        if (same || !cpus_of(a, &other->key, ret))
            continue;
        for (uint32_t i = 0; i < all->n; i++)
            if (CPU_ISSET(all->cpus[i], ret))
                users[i]++;
    }
    struct buf list;
    buf_init(&list, SIZE_MAX);
    cpus->n = cpu_share_pick(all, (uint64_t)wanted, users, &list);
    cpus->list = arena_strdup(&a->scratch, buf_str(&list));
    buf_done(&list);
    CPU_ZERO(ret);
    for (uint32_t i = 0; i < all->n; i++)
        if (users[i] == UINT16_MAX)
            CPU_SET(all->cpus[i], ret);
    return cpus;
}

/* Without it, the attempt runs without limits. */
static void group_make(struct attempts *a, const struct agent_key *key, const struct value *grant)
{
    struct err err = {0};
    const struct cgroup *groups = &a->launching->groups;
    const char *path = cgroup_path(&a->scratch, groups, dir_of(a, key), grant);
    if (path && cgroup_make(&a->scratch, path, groups, grant, &err) != 0)
        a->handler.warned(a->handler.arg, &err);
}

static int make_and_launch(struct attempts *a, const struct agent_key *key, const struct message *m,
                           const struct launch_cpus *cpus, pid_t *ret, struct err *err)
{
    struct launch_plan plan;
    int rc = attempt_dir_make(dir_of(a, key), err);
    if (rc == 0 || rc == ERR_EXISTS)
        rc = launch_prepare(&a->scratch, a->launching, key, m, cpus, &plan, err);
    if (rc == 0)
        group_make(a, key, m->grant);
    return rc == 0 ? launch_spawn(&plan, ret, err) : rc;
}

static void attempt_launch(struct attempts *a, const struct agent_key *key, const struct message *m)
{
    struct err err = {0};
    pid_t child = 0;
    cpu_set_t set;
    const struct launch_cpus *cpus = cpus_pick(a, key, m, &set);
    int rc = make_and_launch(a, key, m, cpus, &child, &err);
    if (rc != 0) {
        fault_tell(a, key, AGENT_FAULT_LAUNCH, &err);
        return;
    }
    struct job *job = job_new(a, key);
    job->child = child;
    job->pinned = cpus && cpus->list[0];
    if (job->pinned)
        job->cpus = set;
    job->pidfd = pidfd_open(child, 0);
    if (job->pidfd < 0)
        rc = err_set(&err, ERR_IO, "no pidfd (it needs Linux 5.3 or later): %s", strerror(errno));
    else
        rc = watch_pidfd(a, job, &err);
    if (rc == 0) {
        a->handler.started(a->handler.arg, key);
        return;
    }
    kill(child, SIGKILL); /* not reaped yet, so the pid is still its own; training dies with it */
    waitpid(child, NULL, 0);
    map_remove(&a->jobs, key, sizeof *key);
    job_free(job);
    a->handler.warned(a->handler.arg, &err);
    a->handler.gone(a->handler.arg, key);
}

void attempts_start(struct attempts *a, const struct agent_key *key, const struct message *m)
{
    attempt_launch(a, key, m);
    arena_clear(&a->scratch);
}

void attempts_signal(struct attempts *a, const struct agent_key *key, enum agent_signal how,
                     bool gently)
{
    static const int numbers[] = {[AGENT_SIGNAL_NONE] = 0,
                                  [AGENT_SIGNAL_CONTINUE] = SIGCONT,
                                  [AGENT_SIGNAL_STOP] = SIGTERM,
                                  [AGENT_SIGNAL_KILL] = SIGQUIT,
                                  [AGENT_SIGNAL_FORCE] = SIGKILL};
    struct err err = {0};
    const char *dir = dir_of(a, key);
    struct job *job = job_find(a, key);
    int number = how == AGENT_SIGNAL_STOP && gently ? SIGINT : numbers[how];
    int rc = attempt_dir_signal(dir, number, &err);
    /* A shim that has not claimed its directory yet is known by the pidfd that we hold. */
    if (rc == ERR_NOT_FOUND && job && job->child) {
        pidfd_send_signal(job->pidfd, number, NULL, 0);
        pidfd_send_signal(job->pidfd, SIGCONT, NULL, 0);
    } else if (rc != 0 && rc != ERR_NOT_FOUND) {
        a->handler.warned(a->handler.arg, &err);
    }
    if (how == AGENT_SIGNAL_FORCE) {
        leftover_kill_all(dir);
        cgroup_kill(&a->scratch, &a->launching->groups, dir);
    }
    arena_clear(&a->scratch);
}

void attempts_sweep(struct attempts *a, const struct agent_key *key)
{
    const char *dir = dir_of(a, key);
    size_t left = leftover_kill_attempt(dir);
    cgroup_kill(&a->scratch, &a->launching->groups, dir);
    arena_clear(&a->scratch);
    a->handler.swept(a->handler.arg, key, left);
}

/* Keeps the directory if the trial's next attempt may run in it, or training left files in it. */
static void trim_trial(struct attempts *a, const struct agent_key *key)
{
    if (agent_core_has_trial(a->core, key))
        return;
    const char *dir = launch_attempt_trial_dir(&a->scratch, a->launching->dir, key);
    if (!spare_dir_keep_if_empty(dir))
        rmdir(dir);
}

void attempts_trim(struct attempts *a, const struct agent_key *key)
{
    struct err err = {0};
    struct stat st;
    const char *log = attempt_log_path(&a->scratch, a->launching->dir, key);
    if (attempt_dir_trim(dir_of(a, key), &err) != 0)
        a->handler.warned(a->handler.arg, &err);
    if (stat(log, &st) == 0 && st.st_size == 0)
        unlink(log);
    cgroup_remove(&a->scratch, &a->launching->groups, dir_of(a, key));
    trim_trial(a, key);
    arena_clear(&a->scratch);
}

/* Whether a group in the agent's has the name of an attempt that it does not hold. */
static bool group_is_of_past(void *arg, const char *name)
{
    const struct attempts *a = arg;
    struct agent_key key;
    return launch_attempt_key(name, &key) && !agent_core_find(a->core, &key);
}

void attempts_clean_groups(struct attempts *a)
{
    cgroup_clean(&a->launching->groups, group_is_of_past, a);
}

struct attempts *attempts_new(struct uv_loop_s *loop, const struct launch_context *launching,
                              const struct agent_core *core, const struct attempts_handler *handler)
{
    struct attempts *a = mem_alloc(sizeof *a);
    *a = (struct attempts){.loop = loop, .launching = launching, .core = core, .handler = *handler};
    map_init(&a->jobs);
    arena_init(&a->scratch);
    return a;
}

void attempts_close(struct attempts *a)
{
    void *job;
    for (size_t at = 0; map_next(&a->jobs, &at, &job);)
        uv_close(&((struct job *)job)->handle, on_job_closed);
}

void attempts_free(struct attempts *a)
{
    map_done(&a->jobs);
    arena_done(&a->scratch);
    mem_free(a);
}
