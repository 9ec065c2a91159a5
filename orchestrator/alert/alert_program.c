/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/alert/alert_program.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"

struct alert_program {
    uv_process_t process;
    uv_pipe_t in;
    uv_write_t write;
    char *text;
    char why[160]; /* "": it went well */
    int open;      /* handles */
    bool left;
    alert_done_fn done;
    void *arg;
};

static void program_on_closed(uv_handle_t *handle)
{
    struct alert_program *p = handle->data;
    if (--p->open > 0)
        return;
    if (!p->left)
        p->done(p->arg, p->why[0] ? p->why : NULL);
    mem_free(p->text);
    mem_free(p);
}

static void program_close(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, program_on_closed);
}

static void program_end(struct alert_program *p)
{
    program_close((uv_handle_t *)&p->process);
    program_close((uv_handle_t *)&p->in);
}

static void program_on_exit(uv_process_t *process, int64_t code, int number)
{
    struct alert_program *p = process->data;
    if (number != 0)
        snprintf(p->why, sizeof p->why, "signal %d", number);
    else if (code != 0)
        snprintf(p->why, sizeof p->why, "exit %d", (int)code);
    program_end(p);
}

static void program_on_written(uv_write_t *write, int status)
{
    struct alert_program *p = write->data;
    (void)status; /* it need not read */
    program_close((uv_handle_t *)&p->in);
}

struct alert_program *alert_program_begin(uv_loop_t *loop, const char *program, const char *text,
                                          alert_done_fn done, void *arg)
{
    struct alert_program *p = mem_alloc(sizeof *p);
    *p = (struct alert_program){.text = mem_strdup(text), .open = 2, .done = done, .arg = arg};
    char *args[] = {(char *)(uintptr_t)program, NULL};
    uv_stdio_container_t io[] = {
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&p->in},
        {.flags = UV_IGNORE},
        {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO}};
    const uv_process_options_t options = {.exit_cb = program_on_exit,
                                          .file = program,
                                          .args = args,
                                          .flags = UV_PROCESS_DETACHED,
                                          .stdio_count = sizeof io / sizeof *io,
                                          .stdio = io};
    uv_pipe_init(loop, &p->in, 0);
    int rc = uv_spawn(loop, &p->process, &options);
    p->process.data = p->in.data = p->write.data = p;
    if (rc != 0) {
        snprintf(p->why, sizeof p->why, "%s", uv_strerror(rc));
        program_end(p);
        return p;
    }
    const uv_buf_t buf = uv_buf_init(p->text, (unsigned)strlen(p->text));
    if (uv_write(&p->write, (uv_stream_t *)&p->in, &buf, 1, program_on_written) != 0)
        program_close((uv_handle_t *)&p->in);
    return p;
}

void alert_program_kill(struct alert_program *p)
{
    if (uv_is_active((uv_handle_t *)&p->process))
        kill(-p->process.pid, SIGKILL); /* it leads a process group */
}

void alert_program_leave(struct alert_program *p)
{
    p->left = true;
    program_end(p);
}
