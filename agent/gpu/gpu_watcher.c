/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/gpu/gpu_watcher.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "base/check.h"
#include "base/mem.h"
#include "net/log.h"

extern char **environ;

enum { SLOW_ROUNDS_MAX = 4 };

/* A child process, until it has ended and its handles are closed. */
struct watch_child {
    struct gpu_watcher *watcher; /* NULL: it is given up */
    uv_poll_t lines, gone;       /* of its output; of its end */
    int in, out, pidfd;
    pid_t pid;
    uint64_t asked;
    int open_n; /* handles that are not closed */
    struct buf text;
};

struct gpu_watcher {
    struct gpu_watcher_handler handler;
    uv_loop_t *loop;
    int64_t period_ms, silent_ms;
    uv_timer_t silence, again; /* since its last line; until the next child starts */
    bool renewed;              /* its child was killed for another one, which starts at once */
    int slow_rounds;           /* without a line, while the child wanted a processor */
    struct watch_child *child; /* NULL: none runs */
    bool closing;
    struct gpu_reading reading;
};

static void on_child_closed(uv_handle_t *handle)
{
    struct watch_child *c = handle->data;
    if (--c->open_n > 0)
        return;
    close(c->out);
    close(c->pidfd);
    buf_done(&c->text);
    mem_free(c);
}

/* Stops hearing a child, which has ended or is given up with its parent. */
static void child_drop(struct watch_child *c)
{
    if (c->watcher)
        c->watcher->child = NULL;
    c->watcher = NULL;
    close(c->in);
    uv_close((uv_handle_t *)&c->lines, on_child_closed);
    uv_close((uv_handle_t *)&c->gone, on_child_closed);
}

static void watcher_wait(struct gpu_watcher *w);

static void on_child_gone(uv_poll_t *poll, int status, int events)
{
    struct watch_child *c = poll->data;
    struct gpu_watcher *w = c->watcher;
    int how = 0;
    (void)status, (void)events;
    if (waitpid(c->pid, &how, WNOHANG) == 0)
        return;
    LOG(LOG_WARN, "gpu.watch_ended", log_int("pid", c->pid), log_int("status", how));
    child_drop(c);
    watcher_wait(w);
}

static void watcher_take_line(struct gpu_watcher *w, const char *line, size_t len)
{
    struct err err = {0};
    if (gpu_reading_parse(line, len, &w->reading, &err) != 0) {
        LOG(LOG_WARN, "gpu.line", log_text("error", err.text));
        return;
    }
    if (w->reading.error[0] && w->reading.n == 0) {
        w->handler.silent(w->handler.arg, w->reading.error);
        return;
    }
    w->handler.read(w->handler.arg, &w->reading);
}

static void on_silence(uv_timer_t *timer);

static void on_child_lines(uv_poll_t *poll, int status, int events)
{
    struct watch_child *c = poll->data;
    struct gpu_watcher *w = c->watcher;
    (void)status, (void)events;
    char *room = buf_reserve(&c->text, 64 << 10);
    ssize_t n = room ? read(c->out, room, 64 << 10) : 0;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) { /* `gone` follows; a line that is too long is dropped */
        uv_poll_stop(&c->lines);
        kill(c->pid, SIGKILL);
        return;
    }
    buf_commit(&c->text, (size_t)n);
    for (const char *end; (end = memchr(buf_peek(&c->text), '\n', c->text.len));) {
        size_t len = (size_t)(end - buf_peek(&c->text));
        w->slow_rounds = 0;
        uv_timer_start(&w->silence, on_silence, (uint64_t)w->silent_ms, 0);
        watcher_take_line(w, buf_peek(&c->text), len);
        buf_drop(&c->text, len + 1);
    }
}

static int child_spawn(struct watch_child *c, int in, int out, int64_t period_ms)
{
    char period[32];
    char *argv[] = {(char[]){"besom"}, (char[]){"gpu-watch"}, period, NULL};
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t files;
    sigset_t none;
    snprintf(period, sizeof period, "%" PRId64, period_ms);
    sigemptyset(&none);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    int rc = posix_spawn(&c->pid, "/proc/self/exe", &files, &attr, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return rc;
}

static bool child_start(struct gpu_watcher *w)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    struct watch_child *c = mem_alloc(sizeof *c);
    bool ok = pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 &&
              child_spawn(c, in[0], out[1], w->period_ms) == 0;
    c->pidfd = ok ? pidfd_open(c->pid, 0) : -1;
    if (ok && c->pidfd < 0)
        kill(c->pid, SIGKILL);
    for (int i = 0; i < 2; i++) {
        int keep = ok && c->pidfd >= 0 ? 1 - i : -1; /* in[1] and out[0] */
        if (in[i] >= 0 && keep != 0)
            close(in[i]);
        if (out[i] >= 0 && keep != 1)
            close(out[i]);
    }
    if (!ok || c->pidfd < 0) {
        mem_free(c);
        return false;
    }
    c->in = in[1];
    c->out = out[0];
    fcntl(c->in, F_SETFL, O_NONBLOCK);
    fcntl(c->out, F_SETFL, O_NONBLOCK);
    buf_init(&c->text, 2 * GPU_LINE_BYTES_MAX);
    check(uv_poll_init(w->loop, &c->lines, c->out) == 0 &&
          uv_poll_init(w->loop, &c->gone, c->pidfd) == 0);
    c->lines.data = c->gone.data = c;
    c->open_n = 2;
    c->watcher = w;
    w->child = c;
    uv_poll_start(&c->lines, UV_READABLE, on_child_lines);
    uv_poll_start(&c->gone, UV_READABLE, on_child_gone);
    return true;
}

static void on_again(uv_timer_t *timer)
{
    struct gpu_watcher *w = timer->data;
    if (!child_start(w))
        watcher_wait(w);
}

static void watcher_wait(struct gpu_watcher *w)
{
    uv_timer_start(&w->again, on_again, w->renewed ? 0 : (uint64_t)w->period_ms, 0);
    w->renewed = false;
}

/* On a machine with too much to do, a process waits for a processor, and a driver that answers seems
 * silent. One that does not answer lets its caller sleep. */
static bool child_wants_processor(const struct watch_child *c)
{
    char path[40], text[128];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)c->pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char *rest = strrchr(text, ')');
    return rest && strncmp(rest, ") R", 3) == 0;
}

/* Whether the silence may be this machine's: then it gets another round. */
static bool watcher_is_late(struct gpu_watcher *w)
{
    struct pollfd lines = {.fd = w->child ? w->child->out : -1, .events = POLLIN};
    if (w->child && poll(&lines, 1, 0) > 0) /* this process was late, the child was not */
        return true;
    return w->child && w->slow_rounds++ < SLOW_ROUNDS_MAX && child_wants_processor(w->child);
}

static void on_silence(uv_timer_t *timer)
{
    struct gpu_watcher *w = timer->data;
    char why[80];
    if (watcher_is_late(w)) {
        uv_timer_start(&w->silence, on_silence, (uint64_t)w->silent_ms, 0);
        return;
    }
    snprintf(why, sizeof why, "the driver has not answered for %g s", (double)w->silent_ms / 1000);
    LOG(LOG_WARN, "gpu.silent", log_text("why", why));
    if (w->child)
        kill(w->child->pid, SIGKILL);
    w->handler.silent(w->handler.arg, why);
}

struct gpu_watcher *gpu_watcher_new(uv_loop_t *loop, int64_t period_ms, int64_t silent_ms,
                                    const struct gpu_watcher_handler *handler)
{
    struct gpu_watcher *w = mem_alloc(sizeof *w);
    w->loop = loop;
    w->handler = *handler;
    w->period_ms = period_ms;
    w->silent_ms = silent_ms;
    uv_timer_init(loop, &w->silence);
    uv_timer_init(loop, &w->again);
    w->silence.data = w->again.data = w;
    uv_timer_start(&w->silence, on_silence, (uint64_t)silent_ms, 0);
    on_again(&w->again);
    return w;
}

uint64_t gpu_watcher_ask(struct gpu_watcher *w)
{
    if (!w->child || write(w->child->in, "\n", 1) != 1)
        return 0;
    return ++w->child->asked;
}

void gpu_watcher_renew(struct gpu_watcher *w)
{
    if (!w->child)
        return;
    w->renewed = true;
    uv_poll_stop(&w->child->lines); /* its further lines would be out of date */
    kill(w->child->pid, SIGKILL);
}

void gpu_watcher_close(struct gpu_watcher *w)
{
    uv_close((uv_handle_t *)&w->silence, NULL);
    uv_close((uv_handle_t *)&w->again, NULL);
    if (!w->child)
        return;
    kill(w->child->pid, SIGKILL);
    child_drop(w->child);
}

void gpu_watcher_free(struct gpu_watcher *w)
{
    mem_free(w);
}
