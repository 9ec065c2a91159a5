/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_stream.h"

#include <string.h>

#include "base/buf.h"
#include "orchestrator/runs/runs_lines.h"
#include "protocol/wandb/wandb_stream.h"

enum { MARK_MS = 300000 };

/* The parts of /files/ENTITY/PROJECT/RUN/file_stream. */
static int path_split(struct desk_call *c, char *parts[3], struct err *err)
{
    char *rest = arena_strdup(c->arena, c->ask->path + strlen("/files/"));
    for (int i = 0; i < 3; i++) {
        char *slash = strchr(rest, '/');
        parts[i] = rest;
        if (!slash || slash == rest)
            return err_set(err, ERR_NOT_FOUND,
                           "the path is not /files/ENTITY/PROJECT/RUN/file_stream");
        *slash = '\0';
        rest = slash + 1;
    }
    return strcmp(rest, "file_stream") == 0
               ? 0
               : err_set(err, ERR_NOT_FOUND,
                         "the path is not /files/ENTITY/PROJECT/RUN/file_stream");
}

/* LF separates lines, so one within a line becomes a space: a row means the same then. */
static void lines_join(struct buf *out, const struct value *lines)
{
    for (size_t i = 0; i < lines->list.n; i++) {
        const char *line = lines->list.items[i]->s.ptr;
        size_t len = lines->list.items[i]->s.len;
        while (len > 0 && line[len - 1] == '\n')
            len--;
        if (i > 0)
            buf_addc(out, '\n');
        size_t at = out->len;
        buf_add(out, line, len);
        for (char *lf; (lf = memchr(buf_str(out) + at, '\n', out->len - at)) != NULL;)
            *lf = ' ';
    }
}

static int lines_store(struct desk_call *c, struct runs_run *run, enum runs_stream stream,
                       const struct value *lines, uint64_t from, struct err *err)
{
    struct buf text;
    if (!lines || lines->list.n == 0)
        return 0;
    buf_init(&text, SIZE_MAX);
    lines_join(&text, lines);
    int rc = runs_lines_put(c->runs, run->n, stream, (int64_t)from, (int64_t)lines->list.n,
                            buf_str(&text), text.len, &run->lines[stream], err);
    buf_done(&text);
    return rc;
}

static int stream_store(struct desk_call *c, struct runs_run *run, const struct wandb_stream *s,
                        struct err *err)
{
    int rc = lines_store(c, run, RUNS_HISTORY, s->rows, s->rows_from, err);
    if (rc == 0)
        rc = lines_store(c, run, RUNS_EVENTS, s->events.lines, s->events.from, err);
    if (rc == 0)
        rc = lines_store(c, run, RUNS_LOG, s->log.lines, s->log.from, err);
    if (rc == 0 && s->summary)
        rc = runs_run_put_document(c->runs, run->n, RUNS_SUMMARY, s->summary, strlen(s->summary),
                                   err);
    return rc;
}

static enum runs_state state_at_end(const struct runs_run *run, const struct wandb_stream *s)
{
    if (s->exit_code == 0)
        return RUNS_FINISHED;
    if (run->state == RUNS_PREEMPTING)
        return RUNS_PREEMPTED;
    return run->stop ? RUNS_KILLED : RUNS_FAILED;
}

static void run_end(struct runs_run *run, const struct wandb_stream *s, int64_t now)
{
    run->state = s->preempting ? RUNS_PREEMPTING : run->state;
    run->state = state_at_end(run, s);
    run->exited = s->exited;
    run->exit_code = s->exit_code;
    run->ended = now;
}

/* A script that saves its state before it is preempted logs too. One that logs minutes later was not
 * preempted. */
static bool run_is_marked(const struct runs_run *run, const struct wandb_stream *s, int64_t now)
{
    if (s->preempting)
        return true;
    return run->state == RUNS_PREEMPTING && (!s->rows || now - run->marked < MARK_MS);
}

static void run_move(struct runs_run *run, const struct wandb_stream *s, int64_t now)
{
    run->heartbeat = now;
    if (s->complete) {
        run_end(run, s, now);
        return;
    }
    if (runs_run_has_ended(run->state)) /* who was asked to stop is not the process that logs now */
        run->stop = run->exited = false;
    run->ended = 0;
    if (!run_is_marked(run, s, now)) {
        run->state = RUNS_RUNNING;
        run->marked = 0;
    } else if (run->state != RUNS_PREEMPTING) {
        run->state = RUNS_PREEMPTING;
        run->marked = now;
    }
}

int desk_stream(struct desk_call *c, struct err *err)
{
    struct runs_run run;
    struct wandb_stream s;
    char *parts[3];
    int rc = path_split(c, parts, err);
    if (rc == 0)
        rc = wandb_stream_parse(c->arena, c->ask->body, c->ask->len, &s, err);
    if (rc == 0)
        rc = runs_run_find(c->runs, c->arena, parts[0], parts[1], parts[2], &run, err);
    if (rc == 0)
        rc = stream_store(c, &run, &s, err);
    if (rc != 0)
        return rc;
    run_move(&run, &s, c->now_ms);
    c->reply.type = "application/json";
    c->reply.body = run.stop && !s.complete ? "{\"stopped\":true}" : "{}";
    c->reply.len = strlen(c->reply.body);
    rc = runs_run_beat(c->runs, &run, err);
    return rc ? rc : desk_report_find(c->runs, c->arena, &run, &c->report, err);
}
