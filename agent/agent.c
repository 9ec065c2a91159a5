/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "agent/attempt_dir.h"
#include "agent/agent_core.h"
#include "agent/interpreter.h"
#include "agent/launch.h"
#include "agent/leftover.h"
#include "agent/metric_lines.h"
#include "agent/pattern.h"
#include "agent/spare_dir.h"
#include "agent/spool.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/link.h"
#include "sweep/fact.h"

enum { WARNINGS_MAX = 64, LEFTOVER_MS = 5000, LEFTOVER_RETRY_MS = 20 };

/* What we wait for of an attempt: that its shim ends, or that the processes of a dead shim are
 * gone. */
struct job {
    struct agent *agent;
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

struct agent {
    struct agent_config config;
    struct launch_context launching;
    struct agent_core core;
    struct map jobs;     /* key -> struct job * */
    struct map warnings; /* each text that has been said -> not NULL */
    struct map patterns; /* key -> struct patterns *, from the start to the trim */
    struct link *link;
    uv_idle_t work;
    uv_timer_t timer;
    struct arena in, out; /* what queued events and effects point to */
    struct agent_event *queue;
    size_t queued, queue_cap, taken;
    struct agent_key *trims; /* attempts whose directories this turn gives up */
    size_t trims_n, trims_cap;
    struct buf text;
    bool closing;
};

/* What fails at each look, as a metrics file that cannot be read, is said once. */
static void warn(struct agent *a, const struct err *err)
{
    size_t len = strlen(err->text);
    if (a->warnings.live >= WARNINGS_MAX || map_find(&a->warnings, err->text, len))
        return;
    map_put(&a->warnings, err->text, len, a);
    a->config.warned(a->config.arg, err->text);
}

static int64_t wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void on_work(uv_idle_t *idle);

static struct agent_event *queue(struct agent *a, enum agent_event_kind kind,
                                 const struct agent_key *key)
{
    if (a->queued == 0 && !a->closing)
        uv_idle_start(&a->work, on_work);
    a->queue = mem_grow(a->queue, &a->queue_cap, a->queued + 1, sizeof *a->queue);
    struct agent_event *ev = &a->queue[a->queued++];
    *ev = (struct agent_event){
        .kind = kind, .now_ms = (int64_t)uv_now(a->config.loop), .wall_ms = wall_ms()};
    if (key)
        ev->key = *key;
    return ev;
}

static const char *dir_of(struct agent *a, const struct agent_key *key)
{
    return launch_attempt_dir(&a->out, a->config.dir, key);
}

static struct job *job_find(const struct agent *a, const struct agent_key *key)
{
    return map_find(&a->jobs, key, sizeof *key);
}

static struct job *job_new(struct agent *a, const struct agent_key *key, enum job_kind kind)
{
    struct job *job = mem_alloc(sizeof *job);
    job->agent = a;
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
                            .dropped = record->dropped};
    if (record->unkillable)
        end.cause = "unkillable";
    snprintf(end.text, sizeof end.text, "%.255s", record->error);
    return end;
}

static struct agent_end end_of_kind(const char *cause, const char *text)
{
    struct agent_end end = {.cause = cause, .at_ms = wall_ms()};
    snprintf(end.text, sizeof end.text, "%.255s", text);
    return end;
}

static void queue_end(struct agent *a, const struct agent_key *key, const struct agent_end *end)
{
    struct agent_end *kept = arena_alloc(&a->in, sizeof *kept);
    *kept = *end;
    queue(a, AGENT_EV_ENDED, key)->end = kept;
}

static struct agent_end end_of_dead(struct agent *a, const struct agent_key *key,
                                    const struct attempt_dir *state)
{
    const struct agent_entry *entry = agent_core_find(&a->core, key);
    if (state->closed && entry && entry->stop)
        return end_of_kind("stop", "");
    if (state->rebooted)
        return end_of_kind("reboot", "the machine was started anew");
    return end_of_kind("shim", state->closed ? "its shim never started" : "its shim was killed");
}

static void finish_forget(struct agent *a, const struct agent_key *key)
{
    struct err err = {0};
    const char *dir = dir_of(a, key);
    patterns_free(map_remove(&a->patterns, key, sizeof *key));
    if (attempt_dir_trim(dir, &err) != 0)
        warn(a, &err);
    queue(a, AGENT_EV_FORGOTTEN, key);
}

static void watch(struct agent *a, const struct agent_key *key, struct job *job);
static void settle(struct agent *a, const struct agent_key *key, bool forget);

static void on_leftover(uv_timer_t *timer)
{
    struct job *job = timer->data;
    struct agent *a = job->agent;
    struct agent_key key = job->key;
    bool forget = job->forget;
    bool late = (int64_t)uv_now(a->config.loop) - job->since_ms > LEFTOVER_MS;
    if (leftover_kill_attempt(dir_of(a, &key)) > 0 && !late)
        return;
    map_remove(&a->jobs, &job->key, sizeof job->key);
    uv_close(&job->handle, on_job_closed);
    if (late && !forget) {
        struct agent_end end =
            end_of_kind("unkillable", "its shim died, and its processes outlive SIGKILL");
        queue_end(a, &key, &end);
    } else {
        settle(a, &key, forget);
    }
}

/* Nothing of a dead shim's training may live on when its end is reported. True: not yet. */
static bool wait_for_leftover(struct agent *a, const struct agent_key *key, bool forget)
{
    if (leftover_kill_attempt(dir_of(a, key)) == 0)
        return false;
    struct job *job = job_new(a, key, JOB_LEFTOVER);
    job->forget = forget;
    job->since_ms = (int64_t)uv_now(a->config.loop);
    uv_timer_init(a->config.loop, &job->retry);
    job->retry.data = job;
    uv_timer_start(&job->retry, on_leftover, LEFTOVER_RETRY_MS, LEFTOVER_RETRY_MS);
    return true;
}

/* Looks at a directory whose shim is not, or no longer, our running child, and says what became of
 * it. */
static void settle(struct agent *a, const struct agent_key *key, bool forget)
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
        end = end_of_kind("shim", err.text);
    else if (state.state == ATTEMPT_DIR_ENDED)
        end = end_of_record(&state.record.end);
    else if (state.state == ATTEMPT_DIR_DEAD)
        end = end_of_dead(a, key, &state);
    else
        end = end_of_kind("reboot", "its directory is gone, as by a power cut");
    queue_end(a, key, &end);
}

static void on_shim_end(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    struct job *job = poll->data;
    struct agent *a = job->agent;
    struct agent_key key = job->key;
    bool forget = job->forget;
    if (job->child)
        waitpid(job->child, NULL, 0);
    map_remove(&a->jobs, &job->key, sizeof job->key);
    uv_close(&job->handle, on_job_closed);
    settle(a, &key, forget);
}

static int watch_pidfd(struct agent *a, struct job *job, struct err *err)
{
    int rc = uv_poll_init(a->config.loop, &job->poll, job->pidfd);
    if (rc == 0) {
        job->poll.data = job;
        rc = uv_poll_start(&job->poll, UV_READABLE, on_shim_end);
    }
    return rc == 0 ? 0 : err_set(err, ERR_IO, "the shim cannot be watched: %s", uv_strerror(rc));
}

static void watch(struct agent *a, const struct agent_key *key, struct job *job)
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
            queue(a, AGENT_EV_STARTED, key);
        return;
    }
    bool forget = job->forget;
    map_remove(&a->jobs, key, sizeof *key);
    job_free(job);
    if (rc == ERR_NOT_FOUND) { /* it ended while we looked */
        settle(a, key, forget);
        return;
    }
    struct agent_end end = end_of_kind("shim", err.text);
    queue_end(a, key, &end);
}

/* posix_spawn, since a fork of this process would copy its page tables for each trial. */
static int spawn_shim(const struct launch_plan *plan, pid_t *ret, struct err *err)
{
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t files;
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&files, plan->cwd);
    int rc = posix_spawn(ret, plan->argv[0], &files, &attr, plan->argv, plan->env);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return rc == 0 ? 0
                   : err_set(err, ERR_IO, "%s cannot be started: %s", plan->argv[0], strerror(rc));
}

static void not_launched(struct agent *a, const struct agent_key *key, const struct err *err)
{
    struct agent_end end = end_of_kind("launch", err->text);
    if (err->code == ERR_FULL)
        a->config.full(a->config.arg, err);
    queue_end(a, key, &end);
}

static void spawn(struct agent *a, const struct agent_key *key, const struct message *m)
{
    struct launch_plan plan;
    struct err err = {0};
    pid_t child = 0;
    int rc = launch_prepare(&a->out, &a->launching, key, m, &plan, &err);
    if (rc == 0)
        rc = spawn_shim(&plan, &child, &err);
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
        queue(a, AGENT_EV_STARTED, key);
        return;
    }
    kill(child, SIGKILL); /* not waited for yet: the pid is its own; its training goes with it */
    waitpid(child, NULL, 0);
    map_remove(&a->jobs, key, sizeof *key);
    job_free(job);
    not_launched(a, key, &err);
}

static int keep_patterns(struct agent *a, const struct agent_key *key, const struct message *m,
                         struct err *err)
{
    struct patterns *p = NULL;
    if (strcmp(m->capture, "patterns") != 0 || map_find(&a->patterns, key, sizeof *key))
        return 0;
    int rc = patterns_new(m->patterns, &p, err);
    if (rc == 0)
        map_put(&a->patterns, key, sizeof *key, p);
    return rc;
}

/* A power cut may take a directory, or its owner's file, of an attempt that has reported already:
 * what it reported and what a second training would are not to be told apart. */
static bool has_reported(struct agent *a, const char *dir, const struct message *m)
{
    static const char *const files[] = {ATTEMPT_DIR_METRICS_FILE, SHIM_STDOUT_FILE};
    struct stat st;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        bool known = m->offsets->kind == VALUE_LIST && i < m->offsets->list.n &&
                     m->offsets->list.items[i]->kind == VALUE_INT &&
                     m->offsets->list.items[i]->i > 0;
        if (known ||
            (stat(arena_printf(&a->out, "%s/%s", dir, files[i]), &st) == 0 && st.st_size > 0))
            return true;
    }
    return false;
}

static void start(struct agent *a, const struct agent_key *key, const struct message *m)
{
    const char *dir = dir_of(a, key);
    struct attempt_dir state = {.state = ATTEMPT_DIR_ABSENT};
    struct err err = {0};
    int rc = keep_patterns(a, key, m, &err);
    if (rc == 0)
        rc = attempt_dir_probe(dir, &state, &err);
    bool fresh = state.state == ATTEMPT_DIR_ABSENT || state.state == ATTEMPT_DIR_UNOWNED;
    if (rc == 0 && fresh && has_reported(a, dir, m)) {
        settle(a, key, false);
        return;
    }
    if (rc == 0 && state.state == ATTEMPT_DIR_ABSENT) {
        rc = attempt_dir_make(dir, &err);
        state.state = ATTEMPT_DIR_UNOWNED;
    }
    if (rc != 0) {
        not_launched(a, key, &err);
    } else if (state.state == ATTEMPT_DIR_UNOWNED) {
        spawn(a, key, m);
    } else {
        settle(a, key, false);
    }
}

static void stop(struct agent *a, const struct agent_effect *e)
{
    struct err err = {0};
    const char *dir = dir_of(a, &e->key);
    int number = e->now ? SIGQUIT : SIGTERM;
    struct job *job = job_find(a, &e->key);
    int rc = attempt_dir_signal(dir, number, &err);
    /* A shim that has not claimed its directory yet is known by its pid alone, and it is our child.
     */
    if (rc == ERR_NOT_FOUND && job && job->child)
        kill(job->child, number);
}

static void forget(struct agent *a, const struct agent_key *key)
{
    struct err err = {0};
    struct job *job = job_find(a, key);
    if (job) {
        job->forget = true;
        if (attempt_dir_signal(dir_of(a, key), SIGQUIT, &err) == ERR_NOT_FOUND && job->child)
            kill(job->child, SIGQUIT);
        return;
    }
    settle(a, key, true);
}

static void read_metrics(struct agent *a, const struct agent_effect *e)
{
    struct err err = {0};
    struct spool spool = {.offset = e->from};
    const char *path = arena_printf(&a->out, "%s/%s", dir_of(a, &e->key),
                                    e->stream == 0 ? ATTEMPT_DIR_METRICS_FILE : SHIM_STDOUT_FILE);
    buf_clear(&a->text);
    if (spool_read(&spool, path, e->last, &a->text, &err) != 0)
        warn(a, &err);
    const struct patterns *p =
        e->stream == FACT_STREAM_STDOUT ? map_find(&a->patterns, &e->key, sizeof e->key) : NULL;
    struct buf text;
    buf_init(&text, (size_t)LIMIT_METRIC_BATCH_BYTES * 4);
    size_t taken = metric_lines_take(p, a->text.data, a->text.len, &text);
    struct agent_event *ev = queue(a, AGENT_EV_READ, &e->key);
    ev->stream = e->stream;
    ev->from = e->from;
    /* Only patterns make lines longer; a file of captured lines has none that the spool skips. */
    ev->to = taken < a->text.len ? e->from + taken : spool.offset;
    ev->more = spool.more || taken < a->text.len;
    ev->text = arena_strndup(&a->in, text.data, text.len);
    buf_done(&text);
}

static void trim(struct agent *a, const struct agent_key *key)
{
    patterns_free(map_remove(&a->patterns, key, sizeof *key));
    struct err err = {0};
    struct stat st;
    const char *log = launch_log_path(&a->out, a->config.dir, key);
    if (attempt_dir_trim(dir_of(a, key), &err) != 0)
        warn(a, &err);
    if (stat(log, &st) == 0 && st.st_size == 0)
        unlink(log);
    /* The next attempt of the trial may run in it by now, and it stays where training left
     * something. */
    if (agent_core_has_trial(&a->core, key))
        return;
    const char *trial_dir = launch_trial_dir(&a->out, a->config.dir, key);
    if (!spare_dir_keep_if_empty(trial_dir))
        rmdir(trial_dir);
}

/* After what the turn launches: a slot that has work must not wait until the last one's is tidied.
 */
static void trim_later(struct agent *a, const struct agent_key *key)
{
    a->trims = mem_grow(a->trims, &a->trims_cap, a->trims_n + 1, sizeof *a->trims);
    a->trims[a->trims_n++] = *key;
}

static void trim_all(struct agent *a)
{
    for (size_t i = 0; i < a->trims_n; i++)
        trim(a, &a->trims[i]);
    a->trims_n = 0;
    arena_clear(&a->out);
}

static void send_message(struct agent *a, const struct message *m)
{
    if (!a->link)
        return;
    buf_clear(&a->text);
    message_print(&a->text, m);
    link_send(a->link, a->text.data, a->text.len);
}

static void carry_out(struct agent *a, const struct agent_effect *e)
{
    switch (e->kind) {
    case AGENT_DO_SEND:
        send_message(a, &e->message);
        break;
    case AGENT_DO_START:
        start(a, &e->key, &e->message);
        break;
    case AGENT_DO_SIGNAL:
        stop(a, e);
        break;
    case AGENT_DO_READ:
        read_metrics(a, e);
        break;
    case AGENT_DO_TRIM:
        trim_later(a, &e->key);
        break;
    case AGENT_DO_FORGET:
        forget(a, &e->key);
        break;
    }
}

static void on_timer(uv_timer_t *timer)
{
    queue(timer->data, AGENT_EV_TICK, NULL);
}

static void on_work(uv_idle_t *idle)
{
    struct agent *a = idle->data;
    struct agent_effects effects;
    agent_effects_init(&effects, &a->out);
    while (a->taken < a->queued) {
        struct agent_event ev = a->queue[a->taken++];
        effects.n = 0;
        agent_core_step(&a->core, &ev, &effects);
        for (size_t i = 0; i < effects.n; i++)
            carry_out(a, &effects.items[i]);
        arena_clear(&a->out);
    }
    agent_effects_done(&effects);
    trim_all(a);
    a->queued = a->taken = 0;
    arena_clear(&a->in);
    uv_idle_stop(&a->work);
    int64_t deadline = agent_core_deadline(&a->core), now = (int64_t)uv_now(a->config.loop);
    if (deadline == INT64_MAX)
        uv_timer_stop(&a->timer);
    else
        uv_timer_start(&a->timer, on_timer, deadline > now ? (uint64_t)(deadline - now) : 0, 0);
    a->config.changed(a->config.arg);
}

static void on_frame(void *arg, const char *text, size_t len)
{
    struct agent *a = arg;
    struct message *m = arena_alloc(&a->in, sizeof *m);
    struct err err = {0};
    int rc = message_parse(&a->in, text, len, m, &err);
    if (rc == 0)
        queue(a, AGENT_EV_MESSAGE, NULL)->message = m;
    else if (rc != ERR_UNSUPPORTED) /* a kind of message we do not know yet may be skipped */
        link_close(a->link, "the controller sent what is no message");
}

static void on_down(void *arg, const char *why)
{
    struct agent *a = arg;
    (void)why;
    a->link = NULL;
    queue(a, AGENT_EV_LINK_DOWN, NULL);
    a->config.changed(a->config.arg);
}

static int hold_found(struct agent *a, const char *run, struct err *err)
{
    DIR *folder = opendir(run);
    if (!folder)
        return err_set(err, ERR_IO, "%s cannot be read: %s", run, strerror(errno));
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct agent_key key;
        if (launch_key_of_name(entry->d_name, &key))
            agent_core_hold(&a->core, &key);
    }
    closedir(folder);
    return 0;
}

int agent_start(const struct agent_config *config, int link_fd, struct agent **ret, struct err *err)
{
    struct agent *a = mem_alloc(sizeof *a);
    a->config = *config;
    a->launching = (struct launch_context){.dir = config->dir,
                                           .shim = config->shim,
                                           .bin = config->bin,
                                           .interpreter = interpreter_find(),
                                           .grace_ms = config->grace_ms};
    agent_core_init(&a->core, config->name, config->slots);
    map_init(&a->jobs);
    map_init(&a->patterns);
    map_init(&a->warnings);
    arena_init(&a->in);
    arena_init(&a->out);
    buf_init(&a->text, (size_t)LIMIT_FRAME_BYTES);
    const char *run = arena_printf(&a->out, "%s/run", config->dir);
    int rc = mkdir(run, 0777) == 0 || errno == EEXIST
                 ? 0
                 : err_set(err, ERR_IO, "%s cannot be made: %s", run, strerror(errno));
    if (rc == 0) {
        leftover_sweep(run, LEFTOVER_MS);
        rc = hold_found(a, run, err);
    }
    struct link_handler handler = {on_frame, on_down, a};
    if (rc == 0)
        rc = link_open(config->loop, link_fd, &handler, &a->link, err);
    if (rc != 0) {
        agent_free(a);
        return rc;
    }
    uv_idle_init(config->loop, &a->work);
    uv_timer_init(config->loop, &a->timer);
    a->work.data = a->timer.data = a;
    queue(a, AGENT_EV_LINK_UP, NULL);
    *ret = a;
    return 0;
}

bool agent_is_done(const struct agent *a, const char *sweep)
{
    return a->core.welcomed && agent_core_count(&a->core, sweep) == 0 && a->queued == 0;
}

bool agent_is_linked(const struct agent *a)
{
    return a->link != NULL;
}

void agent_close(struct agent *a)
{
    void *value;
    a->closing = true;
    if (a->link)
        link_close(a->link, "the agent ends");
    uv_idle_stop(&a->work);
    uv_close((uv_handle_t *)&a->work, NULL);
    uv_close((uv_handle_t *)&a->timer, NULL);
    for (size_t at = 0; map_next(&a->jobs, &at, &value);) {
        uv_close(&((struct job *)value)->handle, on_job_closed);
    }
}

void agent_free(struct agent *a)
{
    agent_core_done(&a->core);
    map_done(&a->jobs);
    void *value;
    for (size_t at = 0; map_next(&a->patterns, &at, &value);)
        patterns_free(value);
    map_done(&a->patterns);
    map_done(&a->warnings);
    arena_done(&a->in);
    arena_done(&a->out);
    buf_done(&a->text);
    mem_free(a->queue);
    mem_free(a->trims);
    mem_free(a);
}
