/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/gpu/gpu_host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/gpu/gpu_watch.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"

enum { PERIOD_MS = 10000, SILENT_PERIODS = 3, RECENT_PERIODS = 2 };

extern char **environ;

static int64_t variable_ms(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    int64_t ms = text ? strtoll(text, NULL, 10) : 0;
    return ms > 0 ? ms : otherwise;
}

int64_t gpu_host_period_ms(void)
{
    return variable_ms("BESOM_GPU_PERIOD_MS", PERIOD_MS);
}

int64_t gpu_host_silent_ms(void)
{
    return variable_ms("BESOM_GPU_SILENT_MS", SILENT_PERIODS * gpu_host_period_ms());
}

static int64_t clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int look_spawn(int out, pid_t *ret)
{
    char *argv[] = {(char[]){"besom"}, (char[]){"gpu-watch"}, (char[]){"--once"}, NULL};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    int rc = posix_spawn(ret, "/proc/self/exe", &files, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    return rc;
}

/* Reads to the end; false if it takes too long. */
static bool look_read(int fd, int64_t until_ms, struct buf *text)
{
    for (int64_t left; (left = until_ms - clock_ms()) > 0;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, (int)left) <= 0)
            continue;
        char *room = buf_reserve(text, 4096);
        ssize_t n = room ? read(fd, room, 4096) : 0;
        if (n > 0)
            buf_commit(text, (size_t)n);
        else if (n == 0 || errno != EINTR)
            return true;
    }
    return false;
}

/* A child that hangs inside the driver cannot be killed and is left behind. */
static void look_end(pid_t pid, bool answered)
{
    if (answered) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
        return;
    }
    kill(pid, SIGKILL);
    for (int i = 0; i < 100 && waitpid(pid, NULL, WNOHANG) == 0; i++)
        poll(NULL, 0, 1);
}

static int look_once(struct gpu_reading *ret, struct err *err)
{
    int fds[2];
    pid_t pid = 0;
    const char *line = NULL;
    struct buf text;
    if (pipe2(fds, O_CLOEXEC) != 0)
        return err_set(err, ERR_IO, "no pipe: %s", strerror(errno));
    int failed = look_spawn(fds[1], &pid);
    close(fds[1]);
    buf_init(&text, GPU_LINE_BYTES_MAX);
    int rc = failed ? err_set(err, ERR_IO, "besom cannot start itself: %s", strerror(failed)) : 0;
    if (rc == 0) {
        bool answered = look_read(fds[0], clock_ms() + gpu_host_silent_ms(), &text);
        look_end(pid, answered);
        rc = answered ? buf_finish(&text, &line)
                      : err_set(err, ERR_UNREACHABLE,
                                "the driver of the GPUs does not answer; --gpus none runs trials "
                                "without GPUs");
    }
    if (rc == 0 && gpu_reading_parse(line, text.len, ret, NULL) != 0)
        rc =
            err_set(err, ERR_IO, "the GPUs cannot be read: besom gpu-watch --once printed no list");
    close(fds[0]);
    buf_done(&text);
    return rc;
}

static void options_complete(struct gpu_pool_options *o, size_t gpus_n)
{
    if (!o->per_gpu) /* more slots than GPUs share them */
        o->per_gpu =
            gpus_n > 0 && o->slots > gpus_n ? (uint32_t)((o->slots + gpus_n - 1) / gpus_n) : 1;
    o->others_bytes = o->others_bytes ? o->others_bytes : GPU_POOL_OTHERS_BYTES;
    o->recent_ms = o->recent_ms ? o->recent_ms : RECENT_PERIODS * gpu_host_period_ms();
}

static int host_choose(struct gpu_host *h, struct err *err)
{
    const struct gpu_visible visible = {getenv("CUDA_VISIBLE_DEVICES"),
                                        getenv("ROCR_VISIBLE_DEVICES"),
                                        getenv("HIP_VISIBLE_DEVICES")};
    gpu_choice_visible(&h->choice, &h->reading, &visible);
    if (h->choice.n == 0 && h->options.gpus && strcmp(h->options.gpus, "none") != 0)
        return err_set(err, ERR_USAGE, "--gpus: %s",
                       h->reading.error[0] ? h->reading.error
                       : h->reading.n      ? "CUDA_VISIBLE_DEVICES hides all GPUs of this host"
                                           : "this host has no GPU");
    int rc = h->choice.n > 0 && h->options.gpus
                 ? gpu_choice_limit(&h->choice, &h->reading, h->options.gpus, err)
                 : 0;
    options_complete(&h->options.pool, h->choice.n);
    return rc;
}

int gpu_host_look(const struct gpu_host_options *options, struct gpu_host **ret, struct err *err)
{
    bool unused = options->unused || (options->gpus && strcmp(options->gpus, "none") == 0);
    *ret = NULL;
    if (!gpu_watch_is_needed())
        return options->gpus && !unused ? err_set(err, ERR_USAGE, "--gpus: this host has no GPU")
                                        : 0;
    struct gpu_host *h = mem_alloc(sizeof *h);
    h->options = *options;
    h->hides = unused;
    int rc = unused ? 0 : look_once(&h->reading, err);
    if (rc == 0 && !unused)
        rc = host_choose(h, err);
    if (rc != 0) {
        gpu_host_free(h);
        return rc;
    }
    *ret = h;
    return 0;
}

void gpu_host_free(struct gpu_host *h)
{
    mem_free(h);
}

uint32_t gpu_host_slots(const struct gpu_host *h)
{
    const struct gpu_pool_options *o = &h->options.pool;
    if (h->choice.n == 0)
        return 0;
    size_t n = h->choice.n * o->per_gpu;
    n = n > LIMIT_SLOTS ? LIMIT_SLOTS : n;
    return o->slots > 0 && o->slots < n ? o->slots : (uint32_t)n;
}

struct value *gpu_host_grant(const struct gpu_host *h, struct arena *a)
{
    struct value *v = value_dict(a);
    struct gpu_pool pool;
    if (h->hides)
        value_put(a, v, "gpus", value_list(a));
    if (h->choice.n == 0)
        return h->hides ? v : NULL;
    gpu_pool_init(&pool, &h->reading, &h->choice, &h->options.pool);
    v = gpu_pool_offers(&pool, a)->list.items[0];
    gpu_pool_done(&pool);
    return v;
}
