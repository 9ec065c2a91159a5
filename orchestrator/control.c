/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/check.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "net/log.h"
#include "orchestrator/local_user.h"

enum {
    CLIENTS_MAX = 64,
    HANDLES = 2,
    READ_BYTES = 4096, /* a typical request fits */
    HELD_BYTES_MAX = 2 * LIMIT_REQUEST_BYTES,
    REQUEST_MS_MAX = 10000, /* from the connection to the end of the line */
    ANSWER_MS_MAX = 60000,
};

struct control {
    uv_pipe_t listener;
    int dir; /* of the folder: sun_path is too short for its path */
    struct control_handler handler;
    struct map clients; /* request -> struct client * */
    uint64_t last;
    size_t held; /* bytes of incomplete lines */
    bool closing;
};

struct client {
    struct control *control;
    uint64_t request;
    uv_pipe_t pipe;
    uv_timer_t limit;
    uv_write_t write;
    int open_handles;
    bool asked, closing;
    struct buf line;
    struct buf reply;
};

static void free_if_unused(struct control *c)
{
    if (!c->closing || c->clients.live > 0)
        return;
    map_done(&c->clients);
    mem_free(c);
}

static void on_client_closed(uv_handle_t *handle)
{
    struct client *client = handle->data;
    struct control *c = client->control;
    if (--client->open_handles > 0)
        return;
    map_remove(&c->clients, &client->request, sizeof client->request);
    buf_done(&client->line);
    buf_done(&client->reply);
    mem_free(client);
    if (c->closing && c->dir < 0)
        free_if_unused(c);
}

static void client_close(struct client *client)
{
    if (client->closing)
        return;
    client->closing = true;
    client->control->held -= client->line.len;
    buf_clear(&client->line);
    uv_close((uv_handle_t *)&client->pipe, on_client_closed);
    uv_close((uv_handle_t *)&client->limit, on_client_closed);
}

static void on_written(uv_write_t *write, int status)
{
    (void)status;
    client_close(write->data);
}

static void client_answer(struct client *client, const struct value *answer)
{
    json_print(&client->reply, answer, JSON_COMPACT);
    buf_addc(&client->reply, '\n');
    uv_buf_t buf = uv_buf_init(buf_str(&client->reply), (unsigned)client->reply.len);
    client->write.data = client;
    if (uv_write(&client->write, (uv_stream_t *)&client->pipe, &buf, 1, on_written) != 0)
        client_close(client);
}

static void client_reply(struct client *client, int code, const char *text)
{
    struct arena a;
    arena_init(&a);
    struct value *v = value_dict(&a);
    if (code == 0) {
        value_put(&a, v, "ok", value_bool(&a, true));
        value_put(&a, v, "message", value_str(&a, text));
    } else {
        value_put(&a, v, "error", value_str(&a, text));
        value_put(&a, v, "code", value_str(&a, err_name(code)));
    }
    client_answer(client, v);
    arena_done(&a);
}

void control_reply(struct control *c, uint64_t request, int code, const char *text)
{
    struct client *client = map_find(&c->clients, &request, sizeof request);
    if (client && !client->closing)
        client_reply(client, code, text ? text : "");
}

void control_answer(struct control *c, uint64_t request, const struct value *answer)
{
    struct client *client = map_find(&c->clients, &request, sizeof request);
    if (client && !client->closing)
        client_answer(client, answer);
}

static void on_limit(uv_timer_t *timer)
{
    struct client *client = timer->data;
    LOG(LOG_INFO, "control.late", log_int("ms", client->asked ? ANSWER_MS_MAX : REQUEST_MS_MAX));
    client_close(client);
}

/* Frees the memory of the line. */
static void client_drop_line(struct client *client)
{
    client->control->held -= client->line.len;
    buf_done(&client->line);
    buf_init(&client->line, LIMIT_REQUEST_BYTES);
}

/* The user who has connected; "local user ?" if the kernel does not say. */
static const char *client_user(const struct client *client, char ret[LOCAL_USER_BYTES])
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    uv_os_fd_t fd;
    if (uv_fileno((const uv_handle_t *)&client->pipe, &fd) == 0 &&
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0)
        return local_user_text(peer.uid, ret);
    return "local user ?";
}

static void client_ask(struct client *client, size_t len)
{
    const struct control_handler *h = &client->control->handler;
    char user[LOCAL_USER_BYTES];
    struct control_request r;
    struct arena a;
    struct err err = {0};
    arena_init(&a);
    int rc = control_request_parse(&a, buf_peek(&client->line), len, &r, &err);
    if (rc == 0 && r.kind == CONTROL_LOG)
        LOG(LOG_DEBUG, "control.log", log_text("sweep", r.log.sweep));
    else if (rc == 0 && r.kind == CONTROL_WAITS)
        LOG(LOG_DEBUG, "control.waits", log_text("sweep", r.event.sweep));
    else
        LOG(rc == 0 ? LOG_INFO : LOG_WARN, "control.request", log_text("op", r.op),
            log_text("sweep", r.event.sweep), log_text("error", err.text));
    r.event.by = rc == 0 ? client_user(client, user) : NULL;
    r.event.from = "this host";
    if (rc == 0)
        h->request(h->arg, client->request, &r);
    else
        client_reply(client, rc, err.text);
    arena_done(&a);
}

/* Stops reading: a connection carries one request. */
static void client_end_request(struct client *client)
{
    client->asked = true;
    uv_read_stop((uv_stream_t *)&client->pipe);
    uv_timer_start(&client->limit, on_limit, ANSWER_MS_MAX, 0);
}

/* Limits the memory of incomplete lines: closes the oldest client whose line is longer than a
 * typical request. That client had its time, and the newest is still sending. */
static void control_make_room(struct control *c)
{
    while (c->held > HELD_BYTES_MAX) {
        struct client *oldest = NULL;
        void *value;
        for (size_t at = 0; map_next(&c->clients, &at, &value);) {
            struct client *client = value;
            if (!client->closing && client->line.len > READ_BYTES &&
                (!oldest || client->request < oldest->request))
                oldest = client;
        }
        check(oldest); /* CLIENTS_MAX typical requests stay below the limit */
        LOG(LOG_INFO, "control.crowded", log_int("bytes", (int64_t)oldest->line.len));
        client_close(oldest);
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct client *client = handle->data;
    size_t left = LIMIT_REQUEST_BYTES - client->line.len;
    size_t room = client->line.len < READ_BYTES ? READ_BYTES : suggested;
    room = room < left ? room : left;
    *buf = uv_buf_init(buf_reserve(&client->line, room), (unsigned)room);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct client *client = stream->data;
    (void)buf;
    if (n == UV_ENOBUFS) {
        client_end_request(client);
        client_drop_line(client);
        client_reply(client, ERR_LIMIT, "the request is longer than 4 MiB");
        return;
    }
    if (n < 0) { /* the client has closed the connection */
        client_close(client);
        return;
    }
    size_t before = client->line.len;
    buf_commit(&client->line, (size_t)n);
    client->control->held += (size_t)n;
    const char *line = buf_peek(&client->line), *newline = memchr(line + before, '\n', (size_t)n);
    if (newline) {
        client_end_request(client);
        client_ask(client, (size_t)(newline - line));
        client_drop_line(client);
    } else {
        control_make_room(client->control);
    }
}

static bool client_goes_before(const struct client *a, const struct client *b)
{
    return a->asked != b->asked ? !a->asked : a->request < b->request;
}

/* Makes room for one more client: closes the oldest that has not sent a request, or else the oldest
 * of all. So neither idle clients nor those that do not read their reply keep others out. */
static bool client_make_room(struct control *c)
{
    struct client *oldest = NULL;
    void *value;
    if (c->clients.live < CLIENTS_MAX)
        return true;
    for (size_t at = 0; map_next(&c->clients, &at, &value);) {
        struct client *client = value;
        if (!client->closing && (!oldest || client_goes_before(client, oldest)))
            oldest = client;
    }
    if (oldest)
        client_close(oldest);
    return oldest;
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct control *c = listener->data;
    if (status < 0 || c->closing)
        return;
    bool room = client_make_room(c);
    struct client *client = mem_alloc(sizeof *client);
    client->control = c;
    client->request = ++c->last;
    client->open_handles = HANDLES;
    buf_init(&client->line, LIMIT_REQUEST_BYTES);
    buf_init(&client->reply, SIZE_MAX);
    uv_pipe_init(listener->loop, &client->pipe, 0);
    uv_timer_init(listener->loop, &client->limit);
    client->pipe.data = client->limit.data = client;
    map_put(&c->clients, &client->request, sizeof client->request, client);
    if (uv_accept(listener, (uv_stream_t *)&client->pipe) != 0 || !room) {
        client_close(client);
        return;
    }
    uv_timer_start(&client->limit, on_limit, REQUEST_MS_MAX, 0);
    uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read);
}

int control_listen(struct uv_loop_s *loop, const char *dir, const struct control_handler *handler,
                   struct control **ret, struct err *err)
{
    int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    char path[64];
    if (fd < 0)
        return err_set(err, ERR_IO, "%s cannot be opened: %s", dir, strerror(errno));
    struct stat st;
    bool is_there = fstatat(fd, "control.sock", &st, AT_SYMLINK_NOFOLLOW) == 0;
    int why = is_there && !S_ISSOCK(st.st_mode)                  ? ENOTSOCK
              : is_there && unlinkat(fd, "control.sock", 0) != 0 ? errno
                                                                 : 0;
    if (why != 0) {
        close(fd);
        return err_set(err, why == EACCES ? ERR_PERMISSION : ERR_DAMAGED,
                       "cannot remove %s/control.sock, where the socket for commands must be: %s",
                       dir, strerror(why));
    }
    struct control *c = mem_alloc(sizeof *c);
    c->dir = fd;
    c->handler = *handler;
    map_init(&c->clients);
    snprintf(path, sizeof path, "/proc/self/fd/%d/control.sock", fd);
    mode_t mask = umask(0077);
    int rc = uv_pipe_init(loop, &c->listener, 0);
    c->listener.data = c;
    if (rc == 0)
        rc = uv_pipe_bind(&c->listener, path);
    umask(mask);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)&c->listener, CLIENTS_MAX, on_connection);
    if (rc != 0) {
        control_close(c);
        return err_set(err, rc == UV_EACCES ? ERR_PERMISSION : ERR_IO,
                       "cannot listen on %s/control.sock: %s", dir, uv_strerror(rc));
    }
    *ret = c;
    return 0;
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct control *c = handle->data;
    unlinkat(c->dir, "control.sock", 0);
    close(c->dir);
    c->dir = -1;
    free_if_unused(c);
}

void control_close(struct control *c)
{
    void *value;
    if (!c)
        return;
    c->closing = true;
    for (size_t at = 0; map_next(&c->clients, &at, &value);)
        client_close(value);
    uv_close((uv_handle_t *)&c->listener, on_listener_closed);
}
