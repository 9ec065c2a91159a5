/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/attempts.h"

#include <errno.h>
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
#include "agent/leftover.h"
#include "agent/spare_dir.h"
#include "base/check.h"
#include "base/mem.h"

enum { LEFTOVER_MS = 5000, LEFTOVER_RETRY_MS = 20 };

/* What we wait for of an attempt: that its shim ends, or that the processes of a dead shim are
 * gone. */
struct job {
    struct attempts *attempts;
    struct agent_key key;
    enum job_kind { JOB_SHIM, JOB_LEFTOVER } kind;
    union {
        uv_handle_t handle;
        uv_poll_t poll;   /* of the shim's pidfd */
        uv_timer_t retry; /* JOB_LEFTOVER */
    };
    int pidfd;
    pid_t child; /* 0: the shim was found, not started by us */
    bool forget;
    int64_t since_ms; /* JOB_LEFTOVER */
};

struct attempts {
    struct uv_loop_s *loop;
    const struct launch_context *launching;
    const struct agent_core *core;
    struct attempts_handler handler;
    struct map jobs;      /* key -> struct job * */
    struct arena scratch; /* paths, and what a launch is made of: to the end of a call */
};

static const char *dir_of(struct attempts *a, const struct agent_key *key)
{
    return launch_attempt_dir(&a->scratch, a->launching->dir, key);
}

static struct job *job_find(const struct attempts *a, const struct agent_key *key)
{
    return map_find(&a->jobs, key, sizeof *key);
}

static struct job *job_new(struct attempts *a, const struct agent_key *key, enum job_kind kind)
{
    struct job *job = mem_alloc(sizeof *job);
    job->attempts = a;
    job->key = *key;
    job->kind = kind;
    job->pidfd = -1;
    check(map_put(&a->jobs, key, sizeof *key, job) == NULL);
    return job;
}

/* It has left a->jobs by now, or the agent ends: another job of its key may be there. */
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

static struct agent_end end_of_record(const struct shim_end *record)
{
    struct agent_end end = {.cause = shim_cause_name(record->cause),
                            .code = record->code,
                            .signal = record->signal,
                            .oom = record->oom,
                            .at_ms = record->ended_ms,
                            .ran_ms = record->ran_ms,
                            .dropped = record->dropped,
                            .stdout_dropped = record->stdout_dropped,
                            .no_room = record->disk_full || record->stdout_lost > 0};
    if (record->unkillable)
        end.cause = "unkillable";
    snprintf(end.text, sizeof end.text, "%.255s", record->error);
    return end;
}

struct agent_end attempts_end(const char *cause, const char *text)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct agent_end end = {.cause = cause,
                            .at_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000};
    snprintf(end.text, sizeof end.text, "%.255s", text);
    return end;
}

static struct agent_end end_of_dead(struct attempts *a, const struct agent_key *key,
                                    const struct attempt_dir *state)
{
    const struct agent_entry *entry = agent_core_find(a->core, key);
    if (state->closed && entry && entry->stop)
        return attempts_end("stop", "");
    if (state->rebooted)
        return attempts_end("reboot", "the machine was started anew");
    return attempts_end("shim", state->closed ? "its shim never started" : "its shim was killed");
}

static void finish_forget(struct attempts *a, const struct agent_key *key)
{
    struct err err = {0};
    if (attempt_dir_trim(dir_of(a, key), &err) != 0)
        a->handler.warned(a->handler.arg, &err);
    a->handler.forgotten(a->handler.arg, key);
}

static void watch(struct attempts *a, const struct agent_key *key, struct job *job);
static void settle(struct attempts *a, const struct agent_key *key, bool forget);

static void on_leftover(uv_timer_t *timer)
{
    struct job *job = timer->data;
    struct attempts *a = job->attempts;
    struct agent_key key = job->key;
    bool forget = job->forget;
    bool late = (int64_t)uv_now(a->loop) - job->since_ms > LEFTOVER_MS;
    size_t left = leftover_kill_attempt(dir_of(a, &key));
    arena_clear(&a->scratch);
    if (left > 0 && !late)
        return;
    map_remove(&a->jobs, &job->key, sizeof job->key);
    uv_close(&job->handle, on_job_closed);
    if (late && !forget) {
        struct agent_end end =
            attempts_end("unkillable", "its shim died, and its processes outlive SIGKILL");
        a->handler.ended(a->handler.arg, &key, &end);
    } else {
        settle(a, &key, forget);
    }
    arena_clear(&a->scratch);
}

/* Nothing of a dead shim's training may live on when its end is reported. True: not yet. */
static bool wait_for_leftover(struct attempts *a, const struct agent_key *key, bool forget)
{
    if (leftover_kill_attempt(dir_of(a, key)) == 0)
        return false;
    struct job *job = job_new(a, key, JOB_LEFTOVER);
    job->forget = forget;
    job->since_ms = (int64_t)uv_now(a->loop);
    uv_timer_init(a->loop, &job->retry);
    job->retry.data = job;
    uv_timer_start(&job->retry, on_leftover, LEFTOVER_RETRY_MS, LEFTOVER_RETRY_MS);
    return true;
}

/* Looks at a directory whose shim is not, or no longer, our running child, and says what became of
 * it. */
static void settle(struct attempts *a, const struct agent_key *key, bool forget)
{
    const char *dir = dir_of(a, key);
    struct attempt_dir state;
    struct err err = {0};
    int rc = attempt_dir_probe(dir, &state, &err);
    if (rc == 0 && state.state == ATTEMPT_DIR_UNOWNED) {
        rc = attempt_dir_close(dir, &err);
        if (rc == 0 || rc == ERR_EXISTS)
            rc = attempt_dir_probe(dir, &state, &err);
    }
    if (rc == 0 && state.state == ATTEMPT_DIR_RUNNING) {
        struct job *job = job_new(a, key, JOB_SHIM);
        job->forget = forget;
        watch(a, key, job);
        return;
    }
    if (rc == 0 && state.state == ATTEMPT_DIR_DEAD && wait_for_leftover(a, key, forget))
        return;
    if (forget) {
        finish_forget(a, key);
        return;
    }
    struct agent_end end;
    if (rc != 0)
        end = attempts_end("shim", err.text);
    else if (state.state == ATTEMPT_DIR_ENDED)
        end = end_of_record(&state.record.end);
    else if (state.state == ATTEMPT_DIR_DEAD)
        end = end_of_dead(a, key, &state);
    else
        end = attempts_end("reboot", "its directory is gone, as by a power cut");
    a->handler.ended(a->handler.arg, key, &end);
}

static void on_shim_end(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    struct job *job = poll->data;
    struct attempts *a = job->attempts;
    struct agent_key key = job->key;
    bool forget = job->forget;
    if (job->child)
        waitpid(job->child, NULL, 0);
    map_remove(&a->jobs, &job->key, sizeof job->key);
    uv_close(&job->handle, on_job_closed);
    settle(a, &key, forget);
    arena_clear(&a->scratch);
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

static void watch(struct attempts *a, const struct agent_key *key, struct job *job)
{
    const char *dir = dir_of(a, key);
    struct err err = {0};
    int rc = attempt_dir_watch(dir, &job->pidfd, &err);
    if (rc == 0)
        rc = watch_pidfd(a, job, &err);
    if (rc == 0) {
        if (job->forget)
            rc = attempt_dir_signal(dir, SIGQUIT, &err); /* where it ended by now, all the better */
        else
            a->handler.started(a->handler.arg, key);
        return;
    }
    bool forget = job->forget;
    map_remove(&a->jobs, key, sizeof *key);
    job_free(job);
    if (rc == ERR_NOT_FOUND) { /* it ended while we looked */
        settle(a, key, forget);
        return;
    }
    struct agent_end end = attempts_end("shim", err.text);
    a->handler.ended(a->handler.arg, key, &end);
}

static void not_launched(struct attempts *a, const struct agent_key *key, const struct err *err)
{
    struct agent_end end = attempts_end("launch", err->text);
    if (err->code == ERR_FULL)
        a->handler.full(a->handler.arg, err);
    a->handler.ended(a->handler.arg, key, &end);
}

static void spawn(struct attempts *a, const struct agent_key *key, const struct message *m)
{
    struct launch_plan plan;
    struct err err = {0};
    pid_t child = 0;
    int rc = launch_prepare(&a->scratch, a->launching, key, m, &plan, &err);
    if (rc == 0)
        rc = launch_spawn(&plan, &child, &err);
    if (rc != 0) {
        not_launched(a, key, &err);
        return;
    }
    struct job *job = job_new(a, key, JOB_SHIM);
    job->child = child;
    job->pidfd = pidfd_open(child, 0);
    if (job->pidfd < 0)
        rc = err_set(&err, ERR_IO, "no pidfd (Linux 5.3 has them): %s", strerror(errno));
    else
        rc = watch_pidfd(a, job, &err);
    if (rc == 0) {
        a->handler.started(a->handler.arg, key);
        return;
    }
    kill(child, SIGKILL); /* not waited for yet: the pid is its own; its training goes with it */
    waitpid(child, NULL, 0);
    map_remove(&a->jobs, key, sizeof *key);
    job_free(job);
    not_launched(a, key, &err);
}

/* A power cut may take a directory, or its owner's file, of an attempt that has reported already:
 * what it reported and what a second training would are not to be told apart. */
static bool has_reported(struct attempts *a, const char *dir, const struct message *m)
{
    static const char *const files[] = {ATTEMPT_DIR_METRICS_FILE, SHIM_STDOUT_FILE};
    struct stat st;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        bool known = m->offsets->kind == VALUE_LIST && i < m->offsets->list.n &&
                     m->offsets->list.items[i]->kind == VALUE_INT &&
                     m->offsets->list.items[i]->i > 0;
        if (known ||
            (stat(arena_printf(&a->scratch, "%s/%s", dir, files[i]), &st) == 0 && st.st_size > 0))
            return true;
    }
    return false;
}

void attempts_start(struct attempts *a, const struct agent_key *key, const struct message *launch)
{
    const char *dir = dir_of(a, key);
    struct attempt_dir state;
    struct err err = {0};
    int rc = attempt_dir_probe(dir, &state, &err);
    bool fresh = rc == 0 && state.state <= ATTEMPT_DIR_UNOWNED && !has_reported(a, dir, launch);
    if (fresh && state.state == ATTEMPT_DIR_ABSENT)
        rc = attempt_dir_make(dir, &err);
    if (rc != 0)
        not_launched(a, key, &err);
    else if (fresh)
        spawn(a, key, launch);
    else
        settle(a, key, false);
    arena_clear(&a->scratch);
}

void attempts_stop(struct attempts *a, const struct agent_key *key, bool now)
{
    struct err err = {0};
    int number = now ? SIGQUIT : SIGTERM;
    struct job *job = job_find(a, key);
    int rc = attempt_dir_signal(dir_of(a, key), number, &err);
    /* A shim that has not claimed its directory yet is known by its pid alone, and it is our child.
     */
    if (rc == ERR_NOT_FOUND && job && job->child)
        kill(job->child, number);
    arena_clear(&a->scratch);
}

void attempts_forget(struct attempts *a, const struct agent_key *key)
{
    struct job *job = job_find(a, key);
    if (job)
        job->forget = true;
    if (job)
        attempts_stop(a, key, true);
    else
        settle(a, key, true);
    arena_clear(&a->scratch);
}

/* The next attempt of the trial may run in it by now, and it stays where training left something.
 */
static void trim_trial(struct attempts *a, const struct agent_key *key)
{
    if (agent_core_has_trial(a->core, key))
        return;
    const char *dir = launch_trial_dir(&a->scratch, a->launching->dir, key);
    if (!spare_dir_keep_if_empty(dir))
        rmdir(dir);
}

void attempts_trim(struct attempts *a, const struct agent_key *key)
{
    struct err err = {0};
    struct stat st;
    const char *log = launch_log_path(&a->scratch, a->launching->dir, key);
    if (attempt_dir_trim(dir_of(a, key), &err) != 0)
        a->handler.warned(a->handler.arg, &err);
    if (stat(log, &st) == 0 && st.st_size == 0)
        unlink(log);
    trim_trial(a, key);
    arena_clear(&a->scratch);
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
