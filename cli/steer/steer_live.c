/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/steer/steer_live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/diag/display.h"
#include "base/json.h"
#include "base/limits.h"
#include "cli/steer/steer_request.h"

enum { ANSWER_MS = 10000, LOOK_MS = 500, CONNECT_WAIT_MS = 50 };

struct live {
    const char *store;
    char see[40]; /* the command that shows whether a request was done */
    int fd;
    pid_t pid; /* the process that listens; 0: unknown */
    int64_t deadline_ms;
};

static int64_t steady_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Whether the process is stopped, by SIGSTOP or Ctrl-Z. */
static bool process_is_stopped(pid_t pid)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    int fd = pid > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return false;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char *name_end = strrchr(text, ')');
    return name_end && strlen(name_end) > 2 && (name_end[2] == 'T' || name_end[2] == 't');
}

static int controller_unreachable(const struct live *l, struct err *err)
{
    long pid = (long)l->pid;
    if (pid <= 0)
        return err_set(err, ERR_UNREACHABLE,
                       "a process in another container runs the sweeps of this store and has not "
                       "answered for %d s: continue or end it there",
                       ANSWER_MS / 1000);
    if (process_is_stopped(l->pid))
        return err_set(err, ERR_UNREACHABLE,
                       "process %ld runs the sweeps of this store and is stopped: continue it with "
                       "`kill -CONT %ld`, and it will act on the request, or end it with `kill "
                       "-KILL %ld` and run this command again",
                       pid, pid, pid);
    return err_set(err, ERR_UNREACHABLE,
                   "process %ld runs the sweeps of this store and has not answered for %d s: it "
                   "may act on the request later, see `%s`; if it hangs, end it with "
                   "`kill -KILL %ld` and run this command again",
                   pid, ANSWER_MS / 1000, l->see, pid);
}

/* Connects to STORE/control.sock. A socket's name may have 107 bytes, and the store's path may be
 * longer, so the name goes through a descriptor of the folder. Tries again while the queue of
 * connections is full. */
static int socket_connect(struct live *l, bool *ret_nobody, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int dir = open(l->store, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", l->store,
                       strerror(errno));
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/control.sock", dir);
    int why = 0;
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    while (l->fd < 0 || connect(l->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        why = errno;
        if (l->fd < 0 || why != EAGAIN || steady_ms() >= l->deadline_ms)
            break;
        poll(NULL, 0, CONNECT_WAIT_MS);
        why = 0;
    }
    close(dir);
    *ret_nobody = why == ENOENT || why == ECONNREFUSED;
    if (why == 0 || *ret_nobody)
        return 0;
    int code = why == EACCES ? ERR_PERMISSION : why == EAGAIN ? ERR_UNREACHABLE : ERR_IO;
    return err_set(err, code, "%s/control.sock: %s", l->store,
                   why == EAGAIN ? "the process that holds the store accepts no connection"
                                 : strerror(why));
}

/* Waits for input; false after the deadline, or if the process is stopped. */
static bool answer_wait(const struct live *l)
{
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    for (;;) {
        int64_t left = l->deadline_ms - steady_ms();
        if (left <= 0)
            return false;
        int n = poll(&p, 1, left < LOOK_MS ? (int)left : LOOK_MS);
        if (n > 0)
            return true;
        if (n == 0 && process_is_stopped(l->pid))
            return poll(&p, 1, 0) > 0;
    }
}

/* A reset means that the listening process ended before it read the request. */
static int answer_read(const struct live *l, struct buf *answer, bool *ret_nobody, struct err *err)
{
    while (!memchr(buf_peek(answer), '\n', answer->len)) {
        if (!answer_wait(l))
            return controller_unreachable(l, err);
        char *room = buf_reserve(answer, 4096);
        ssize_t n = room ? recv(l->fd, room, 4096, 0) : 0;
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        *ret_nobody = n < 0 && errno == ECONNRESET;
        if (*ret_nobody)
            return 0;
        if (n <= 0)
            return err_set(err, ERR_UNREACHABLE,
                           "process %ld, which ran the sweeps of this store, did not answer: "
                           "`%s` shows whether it acted on the request",
                           (long)l->pid, l->see);
        buf_commit(answer, (size_t)n);
    }
    return 0;
}

/* Sends the whole line, as fast as the other end reads. Returns 0 or an errno. */
static int line_send(const struct live *l, const char *text, size_t len)
{
    struct pollfd p = {.fd = l->fd, .events = POLLOUT};
    for (size_t sent = 0; sent < len;) {
        ssize_t n = send(l->fd, text + sent, len - sent, MSG_NOSIGNAL);
        if (n >= 0) {
            sent += (size_t)n;
            continue;
        }
        int64_t left = l->deadline_ms - steady_ms();
        if (errno != EINTR && (errno != EAGAIN || left <= 0 || process_is_stopped(l->pid)))
            return errno;
        poll(&p, 1, left < LOOK_MS ? (int)left : LOOK_MS);
    }
    return 0;
}

static int request_send(const struct live *l, const struct value *request, bool *ret_nobody,
                        struct err *err)
{
    struct buf line;
    buf_init(&line, LIMIT_REQUEST_BYTES);
    json_print(&line, request, JSON_PYTHON);
    buf_addc(&line, '\n');
    bool fits = !line.overflow;
    int why = fits ? line_send(l, buf_peek(&line), line.len) : 0;
    buf_done(&line);
    *ret_nobody = why == EPIPE || why == ECONNRESET;
    if (!fits)
        return err_set(
            err, ERR_LIMIT,
            "the request is longer than 4 MiB: end process %ld, which runs the sweeps of "
            "this store, and run this command again",
            (long)l->pid);
    if (why == EAGAIN)
        return controller_unreachable(l, err);
    if (why == 0 || *ret_nobody)
        return 0;
    return err_set(err, ERR_UNREACHABLE, "cannot send the request to process %ld: %s", (long)l->pid,
                   strerror(why));
}

static int answer_malformed(struct err *err)
{
    return err_set(err, ERR_PROTOCOL,
                   "the process that runs the sweeps of this store sent a malformed answer");
}

static int answer_parse(const struct buf *answer, struct arena *a, struct value **ret,
                        struct err *err)
{
    size_t len = (size_t)((char *)memchr(buf_peek(answer), '\n', answer->len) - buf_peek(answer));
    struct err none = {0};
    if (json_parse(a, buf_peek(answer), len, ret, &none) != 0 || (*ret)->kind != VALUE_DICT)
        return answer_malformed(err);
    const struct value *error = value_get(*ret, "error");
    if (!error)
        return 0;
    if (error->kind != VALUE_STR)
        return answer_malformed(err);
    int code = err_find(value_get_str(*ret, "code", ""));
    return err_set(err, code ? code : ERR_PROTOCOL, "%s", error->s.ptr);
}

int steer_live_ask(const char *store, const struct value *request, struct arena *a,
                   struct value **ret, bool *ret_nobody, struct err *err)
{
    struct live l = {.store = store, .fd = -1, .deadline_ms = steady_ms() + ANSWER_MS};
    *ret_nobody = false;
    const char *sweep = value_get_str(request, "sweep", "");
    snprintf(l.see, sizeof l.see, *sweep ? "besom show %s" : "besom token list", sweep);
    struct ucred peer = {0};
    socklen_t len = sizeof peer;
    int rc = socket_connect(&l, ret_nobody, err);
    if (rc == 0 && !*ret_nobody) {
        struct buf answer;
        buf_init(&answer, LIMIT_FRAME_BYTES);
        if (getsockopt(l.fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0)
            l.pid = peer.pid;
        rc = request_send(&l, request, ret_nobody, err);
        if (rc == 0 && !*ret_nobody)
            rc = answer_read(&l, &answer, ret_nobody, err);
        if (rc == 0 && !*ret_nobody)
            rc = answer_parse(&answer, a, ret, err);
        buf_done(&answer);
    }
    if (l.fd >= 0)
        close(l.fd);
    return rc;
}

int steer_live(const char *store, const struct steer_request *request, struct buf *message,
               bool *ret_nobody, struct err *err)
{
    struct arena a;
    struct value *answer;
    arena_init(&a);
    int rc = steer_live_ask(store, steer_request_line(&a, request), &a, &answer, ret_nobody, err);
    if (rc == 0 && !*ret_nobody)
        rc = steer_request_message(answer, message, err);
    arena_done(&a);
    return rc;
}
