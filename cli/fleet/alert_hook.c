/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fleet/alert_hook.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"
#include "cli/fleet/news.h"

enum { WAITING_MAX = 64, RUN_MS = 30000 };

struct alert_hook {
    uv_loop_t *loop;
    const char *program;
    char *waiting[WAITING_MAX]; /* a ring */
    size_t first, n;
    char *text; /* that the program reads; NULL: none runs */
    uv_process_t process;
    uv_pipe_t in;
    uv_write_t write;
    uv_timer_t timer;
    int open; /* handles of the one that runs */
    bool closing;
};

int alert_hook_new(uv_loop_t *loop, const char *program, struct alert_hook **ret, struct err *err)
{
    if (access(program, X_OK) < 0)
        return err_set(err, ERR_USAGE, "--alert: '%.200s' is not a program", program);
    *ret = mem_alloc(sizeof **ret);
    (*ret)->loop = loop;
    (*ret)->program = program;
    return 0;
}

static void hook_next(struct alert_hook *h);

static void hook_on_closed(uv_handle_t *handle)
{
    struct alert_hook *h = handle->data;
    if (--h->open > 0)
        return;
    mem_free(h->text);
    h->text = NULL;
    hook_next(h);
}

static void handle_close(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, hook_on_closed);
}

static void hook_end(struct alert_hook *h)
{
    handle_close((uv_handle_t *)&h->process);
    handle_close((uv_handle_t *)&h->in);
    handle_close((uv_handle_t *)&h->timer);
}

static void hook_on_exit(uv_process_t *process, int64_t code, int number)
{
    struct alert_hook *h = process->data;
    if (number != 0)
        news_say("alert program=%s signal=%d", h->program, number);
    else if (code != 0)
        news_say("alert program=%s exit=%d", h->program, (int)code);
    hook_end(h);
}

static void hook_on_late(uv_timer_t *timer)
{
    const struct alert_hook *h = timer->data;
    kill(-h->process.pid, SIGKILL); /* it leads a process group */
}

static void hook_on_written(uv_write_t *write, int status)
{
    struct alert_hook *h = write->data;
    (void)status; /* it need not read */
    handle_close((uv_handle_t *)&h->in);
}

static void hook_start(struct alert_hook *h)
{
    char *args[] = {(char *)(uintptr_t)h->program, NULL};
    uv_stdio_container_t io[] = {
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&h->in},
        {.flags = UV_IGNORE},
        {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO}};
    const uv_process_options_t options = {.exit_cb = hook_on_exit,
                                          .file = h->program,
                                          .args = args,
                                          .flags = UV_PROCESS_DETACHED,
                                          .stdio_count = sizeof io / sizeof *io,
                                          .stdio = io};
    uv_pipe_init(h->loop, &h->in, 0);
    uv_timer_init(h->loop, &h->timer);
    h->process.data = h->in.data = h->timer.data = h->write.data = h;
    h->open = 3;
    int rc = uv_spawn(h->loop, &h->process, &options);
    h->process.data = h;
    if (rc != 0) {
        news_say("alert program=%s error=%s", h->program, uv_strerror(rc));
        hook_end(h);
        return;
    }
    const uv_buf_t text = uv_buf_init(h->text, (unsigned)strlen(h->text));
    uv_timer_start(&h->timer, hook_on_late, RUN_MS, 0);
    if (uv_write(&h->write, (uv_stream_t *)&h->in, &text, 1, hook_on_written) != 0)
        handle_close((uv_handle_t *)&h->in);
}

static void hook_next(struct alert_hook *h)
{
    if (h->text || h->n == 0 || h->closing)
        return;
    h->text = h->waiting[h->first];
    h->first = (h->first + 1) % WAITING_MAX;
    h->n--;
    hook_start(h);
}

void alert_hook_run(struct alert_hook *h, const char *json)
{
    if (h->closing)
        return;
    if (h->n == WAITING_MAX) {
        news_say("alert program=%s dropped=1", h->program);
        return;
    }
    h->waiting[(h->first + h->n++) % WAITING_MAX] = mem_strdup(json);
    hook_next(h);
}

void alert_hook_close(struct alert_hook *h)
{
    if (!h)
        return;
    h->closing = true;
    if (h->text)
        hook_end(h);
}

void alert_hook_free(struct alert_hook *h)
{
    if (!h)
        return;
    for (; h->n > 0; h->n--, h->first = (h->first + 1) % WAITING_MAX)
        mem_free(h->waiting[h->first]);
    mem_free(h);
}
