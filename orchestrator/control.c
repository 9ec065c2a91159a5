/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/json.h"
#include "base/mem.h"
#include "net/log.h"

enum { REQUEST_BYTES_MAX = 4096, CLIENTS_MAX = 64, CLIENT_MS_MAX = 60000, HANDLES = 2 };

struct control {
    uv_pipe_t listener;
    int dir; /* sun_path is short: the socket is named through the folder's descriptor */
    struct control_handler handler;
    struct map clients; /* request -> struct client * */
    uint64_t last;
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
    char read[REQUEST_BYTES_MAX];
    size_t len;
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

static void client_ask_log(struct client *client, struct arena *a, struct value *v)
{
    const struct control_handler *h = &client->control->handler;
    struct message ask = {0};
    struct err err = {0};
    value_put(a, v, "type", value_str(a, message_name(MESSAGE_LOG_READ)));
    value_put(a, v, "store", value_str(a, ""));
    value_put(a, v, "epoch", value_int(a, 0));
    value_put(a, v, "request", value_int(a, 0));
    int rc = message_decode(v, &ask, &err);
    ask.agent = value_get_str(v, "agent", "");
    LOG(rc == 0 ? LOG_DEBUG : LOG_WARN, "control.log", log_text("sweep", ask.sweep),
        log_text("error", err.text));
    if (rc == 0)
        h->log(h->arg, client->request, &ask);
    else
        client_reply(client, ERR_USAGE, err.text);
}

static bool retry_read(struct arena *a, const struct value *v, struct event_retry *ret)
{
    const struct value *states = value_get(v, "states"), *trials = value_get(v, "trials");
    *ret = (struct event_retry){0};
    if (!states || states->kind != VALUE_LIST || (trials && trials->kind != VALUE_LIST))
        return false;
    for (size_t i = 0; i < states->list.n; i++) {
        const struct value *word = states->list.items[i];
        int state =
            word->kind == VALUE_STR ? machine_find(trial_states, TRIAL_STATES, word->s.ptr) : -1;
        if (state < 0)
            return false;
        ret->states |= MACHINE_TO(state);
    }
    if (!trials)
        return true;
    uint64_t *numbers = arena_alloc(a, trials->list.n * sizeof *numbers);
    for (size_t i = 0; i < trials->list.n; i++) {
        const struct value *number = trials->list.items[i];
        if (number->kind != VALUE_INT || number->i < 0)
            return false;
        numbers[i] = (uint64_t)number->i;
    }
    ret->numbers = numbers;
    ret->numbers_n = trials->list.n;
    return true;
}

static void client_ask_retry(struct client *client, struct arena *a, const struct value *v,
                             const char *sweep)
{
    const struct control_handler *h = &client->control->handler;
    struct event_retry retry;
    if (sweep && retry_read(a, v, &retry))
        h->retry(h->arg, client->request, sweep, &retry);
    else
        client_reply(client, ERR_USAGE,
                     "the request is not {\"op\":\"retry\",\"sweep\":…,\"states\":[…]}");
}

static void client_ask(struct client *client, size_t len)
{
    const struct control_handler *h = &client->control->handler;
    struct arena a;
    struct value *v = NULL;
    struct err err = {0};
    arena_init(&a);
    client->asked = true;
    const char *op = NULL, *sweep = NULL;
    if (json_parse(&a, client->read, len, &v, &err) == 0) {
        op = value_get_str(v, "op", NULL);
        sweep = value_get_str(v, "sweep", NULL);
    }
    if (op && strcmp(op, "log") == 0) {
        client_ask_log(client, &a, v);
        arena_done(&a);
        return;
    }
    if (op && strcmp(op, "retry") == 0) {
        LOG(LOG_INFO, "control.request", log_text("op", op), log_text("sweep", sweep));
        client_ask_retry(client, &a, v, sweep);
        arena_done(&a);
        return;
    }
    int command = op ? event_command_find(op) : -1;
    LOG(command < 0 || !sweep ? LOG_WARN : LOG_INFO, "control.request", log_text("op", op),
        log_text("sweep", sweep), log_text("error", err.text));
    if (command < 0 || !sweep)
        client_reply(client, ERR_USAGE,
                     "the request is not {\"op\":…,\"sweep\":…} with a known op");
    else
        h->command(h->arg, client->request, (enum controller_command)command, sweep);
    arena_done(&a);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct client *client = handle->data;
    *buf = uv_buf_init(client->read + client->len, (unsigned)(REQUEST_BYTES_MAX - client->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct client *client = stream->data;
    (void)buf;
    if (n < 0) { /* gone, or a line over the limit: ENOBUFS */
        client_close(client);
        return;
    }
    client->len += (size_t)n;
    const char *newline = memchr(client->read, '\n', client->len);
    if (newline && !client->asked)
        client_ask(client, (size_t)(newline - client->read));
}

static void on_limit(uv_timer_t *timer)
{
    LOG(LOG_INFO, "control.late", log_int("ms", CLIENT_MS_MAX));
    client_close(timer->data);
}

static bool client_goes_before(const struct client *a, const struct client *b)
{
    return a->asked != b->asked ? !a->asked : a->request < b->request;
}

/* Room for one more: the one that came first goes, of those who have not asked for anything where
 * there are any, so that neither idle connections nor those who do not read keep anybody out. */
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
    buf_init(&client->reply, SIZE_MAX);
    uv_pipe_init(listener->loop, &client->pipe, 0);
    uv_timer_init(listener->loop, &client->limit);
    client->pipe.data = client->limit.data = client;
    map_put(&c->clients, &client->request, sizeof client->request, client);
    if (uv_accept(listener, (uv_stream_t *)&client->pipe) != 0 || !room) {
        client_close(client);
        return;
    }
    uv_timer_start(&client->limit, on_limit, CLIENT_MS_MAX, 0);
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
