/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom cancel, pause, resume and stop: one line to the process that writes the store, through the
 * socket in it. They differ by one word, and what it does is not known here. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"
#include "cli/steer/steer_alone.h"

enum { ANSWER_SECONDS = 60, SOCKET_BYTES_MAX = 64 << 10 };

/* The address of STORE/control.sock. A socket's name has room for 107 bytes, and a store may lie
 * deeper: *ret_dir is a descriptor that must stay open until the address has been used. */
static int find_address(const char *store, struct sockaddr_un *ret, int *ret_dir, struct err *err)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    *ret_dir = open(store, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*ret_dir < 0)
        return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", store,
                       strerror(errno));
    snprintf(ret->sun_path, sizeof ret->sun_path, "/proc/self/fd/%d/control.sock", *ret_dir);
    return 0;
}

static int connect_to(const char *store, int *ret_fd, bool *ret_nobody, struct err *err)
{
    struct sockaddr_un address;
    int dir;
    int rc = find_address(store, &address, &dir, err);
    if (rc)
        return rc;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        if (errno == ENOENT || errno == ECONNREFUSED)
            *ret_nobody = true;
        else
            rc = err_set(err, errno == EACCES ? ERR_PERMISSION : ERR_IO, "%s/control.sock: %s",
                         store, strerror(errno));
    }
    close(dir);
    if (rc || *ret_nobody) {
        if (fd >= 0)
            close(fd);
        return rc;
    }
    struct timeval limit = {.tv_sec = ANSWER_SECONDS};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    *ret_fd = fd;
    return 0;
}

static int exchange(int fd, const char *op, const char *sweep, struct buf *answer, struct err *err)
{
    struct buf line;
    buf_init(&line, SOCKET_BYTES_MAX);
    buf_adds(&line, "{\"op\":");
    json_print_str(&line, op, strlen(op));
    buf_adds(&line, ",\"sweep\":");
    json_print_str(&line, sweep, strlen(sweep));
    buf_adds(&line, "}\n");
    ssize_t n = send(fd, line.data, line.len, MSG_NOSIGNAL);
    bool sent = n == (ssize_t)line.len;
    buf_done(&line);
    while (sent && !memchr(answer->data, '\n', answer->len)) {
        char *room = buf_reserve(answer, 4096);
        n = room ? recv(fd, room, 4096, 0) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        buf_commit(answer, (size_t)n);
    }
    if (sent && memchr(answer->data, '\n', answer->len))
        return 0;
    return err_set(err, ERR_IO,
                   "the besom that runs this sweep did not answer; besom show tells whether it did "
                   "as it was told");
}

static int code_of(const char *name)
{
#define X(code, number, text)     \
    if (strcmp(name, #code) == 0) \
        return code;
    ERR_LIST(X)
#undef X
    return ERR_STATE;
}

static int read_answer(const struct buf *answer, struct buf *message, struct err *err)
{
    struct arena a;
    struct value *v;
    arena_init(&a);
    int rc = json_parse(&a, answer->data, strcspn(answer->data, "\n"), &v, err);
    const char *error = rc ? NULL : value_get_str(v, "error", NULL);
    if (error)
        rc = err_set(err, code_of(value_get_str(v, "code", "")), "%s", error);
    else if (!rc)
        buf_adds(message, value_get_str(v, "message", "done"));
    arena_done(&a);
    return rc;
}

/* Sends {"op":…,"sweep":…} and appends the answer's message to `message`. Where the answer is an
 * error, that is returned. *ret_nobody: nobody listens, and nothing was sent. */
static int send_line(const char *store, const char *op, const char *sweep, struct buf *message,
                     bool *ret_nobody, struct err *err)
{
    int fd = -1;
    *ret_nobody = false;
    int rc = connect_to(store, &fd, ret_nobody, err);
    if (rc || *ret_nobody)
        return rc;
    struct buf answer;
    buf_init(&answer, SOCKET_BYTES_MAX);
    rc = exchange(fd, op, sweep, &answer, err);
    if (!rc)
        rc = read_answer(&answer, message, err);
    buf_done(&answer);
    close(fd);
    return rc;
}

/* Nobody runs the store's sweeps: what is asked is done here. */
static int alone(const char *dir, const char *op, const char *id, struct buf *message,
                 struct err *err)
{
    char store[PATH_MAX];
    const char *text = "";
    if (!realpath(dir, store))
        return err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
    int rc = steer_alone(store, id, (enum controller_command)event_command_find(op), &text, err);
    if (rc == 0)
        buf_adds(message, text);
    return rc;
}

static int steer(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16];
    bool nobody = false;
    struct buf message;
    const char *op = inv->subcommand->name;
    int rc = view_find_sweep(l->view, invocation_arg(inv, 0), id, err);
    buf_init(&message, SOCKET_BYTES_MAX);
    if (!rc)
        rc = send_line(l->dir, op, id, &message, &nobody, err);
    if (!rc && nobody)
        rc = alone(l->dir, op, id, &message, err);
    if (!rc && l->json) {
        buf_adds(&l->out, "{\"ok\":true,\"sweep\":");
        json_print_str(&l->out, id, strlen(id));
        buf_adds(&l->out, ",\"message\":");
        json_print_str(&l->out, message.data, message.len);
        buf_adds(&l->out, "}\n");
    } else if (!rc) {
        buf_addf(&l->out, "sweep %s %s\n", id, message.data);
    }
    buf_done(&message);
    return rc;
}

int cmd_steer(struct invocation *inv)
{
    return looking_run(inv, steer);
}
