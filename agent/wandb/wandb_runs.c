/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_runs.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "agent/wandb/wandb_collect.h"
#include "base/json.h"
#include "base/mem.h"
#include "protocol/wandb/wandb_answer.h"
#include "protocol/wandb/wandb_operation.h"
#include "protocol/wandb/wandb_stream.h"

struct run {
    struct agent_key key;
    struct wandb_lines lines;
};

struct wandb_runs {
    char *dir;
    struct map runs; /* key -> struct run * */
};

struct wandb_runs *wandb_runs_new(const char *dir)
{
    struct wandb_runs *runs = mem_alloc(sizeof *runs);
    runs->dir = mem_strdup(dir);
    map_init(&runs->runs);
    return runs;
}

static void run_free(struct run *run)
{
    wandb_lines_done(&run->lines);
    mem_free(run);
}

void wandb_runs_free(struct wandb_runs *runs)
{
    void *run;
    if (!runs)
        return;
    for (size_t at = 0; map_next(&runs->runs, &at, &run);)
        run_free(run);
    map_done(&runs->runs);
    mem_free(runs->dir);
    mem_free(runs);
}

void wandb_runs_drop(struct wandb_runs *runs, const struct agent_key *key)
{
    struct run *run = map_remove(&runs->runs, key, sizeof *key);
    if (run)
        run_free(run);
}

static struct run *run_find(struct wandb_runs *runs, const struct agent_key *key, int fd)
{
    struct run *run = map_find(&runs->runs, key, sizeof *key);
    if (run)
        return run;
    run = mem_alloc(sizeof *run);
    run->key = *key;
    wandb_lines_init(&run->lines, fd);
    map_put(&runs->runs, key, sizeof *key, run);
    return run;
}

/* Appends the rows that are new. Where the disk is full, the client sends all of them again. */
static bool run_append(struct run *run, int fd, struct arena *a, const struct wandb_stream *s)
{
    struct wandb_lines *l = &run->lines;
    uint64_t rows = l->rows;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; s->rows && i < s->rows->list.n; i++) {
        const struct value *text = s->rows->list.items[i];
        uint64_t row = s->rows_from + i;
        struct value *line = row >= l->rows ? wandb_stream_line(a, text->s.ptr, text->s.len) : NULL;
        rows = row >= rows ? row + 1 : rows;
        if (line)
            wandb_lines_add(l, &out, row, line);
    }
    bool whole = wandb_lines_write(l, fd, &out);
    if (whole)
        l->rows = rows;
    buf_done(&out);
    return whole;
}

void wandb_runs_collect(struct wandb_runs *runs, const struct agent_key *key)
{
    int fd = wandb_lines_open(runs->dir, key);
    if (fd < 0)
        return;
    wandb_collect(&run_find(runs, key, fd)->lines, fd, runs->dir, key);
    close(fd);
}

static int error_answer(struct arena *a, struct buf *out, int status, const char *text)
{
    json_print(out, wandb_answer_error(a, text), JSON_COMPACT);
    return status;
}

static int stream_answer(struct run *run, int fd, struct arena *a, const struct wandb_call *call,
                         struct buf *out)
{
    struct wandb_stream s;
    struct err err = {0};
    char own[WANDB_RUN_BYTES];
    wandb_access_run(&run->key, own);
    if (strcmp(call->run, own) != 0)
        return error_answer(
            a, out, 403, arena_printf(a, "this key is for the run %s, not for %s", own, call->run));
    if (wandb_stream_parse(a, call->body, call->len, &s, &err) != 0)
        return error_answer(a, out, 400, err.text);
    const struct value *summary =
        s.complete && s.summary ? wandb_stream_line(a, s.summary, strlen(s.summary)) : NULL;
    if (!run_append(run, fd, a, &s) || !wandb_lines_summarise(&run->lines, fd, summary))
        return error_answer(a, out, 503, "the disk has no room for the metrics");
    buf_adds(out, call->stopping ? "{\"stopped\":true}" : "{}");
    return 200;
}

static struct wandb_answer_run answer_run(const struct run *run, const struct wandb_operation *op,
                                          const char *id)
{
    return (struct wandb_answer_run){.entity = value_get_str(op->variables, "entity", "besom"),
                                     .project =
                                         value_get_str(op->variables, "project", "uncategorized"),
                                     .name = id,
                                     .display = value_get_str(op->variables, "displayName", id),
                                     .sweep = run->key.sweep,
                                     .config = value_get_str(op->variables, "config", "{}"),
                                     .rows = run->lines.rows};
}

static struct value *operation_do(const struct run *run, struct arena *a,
                                  const struct wandb_call *call, const struct wandb_operation *op)
{
    char own[WANDB_RUN_BYTES];
    const char *named = value_get_str(op->variables, "name", NULL);
    wandb_access_run(&run->key, own);
    const char *id = arena_strdup(a, own);
    const struct wandb_answer_run answer = answer_run(run, op, id);
    bool ours = !named || strcmp(named, id) == 0;
    if (strcmp(op->name, "Viewer") == 0 || strcmp(op->name, "GetViewer") == 0 ||
        strcmp(op->name, "GetDefaultEntity") == 0)
        return wandb_answer_viewer(a, "besom");
    if (strcmp(op->name, "ServerFeaturesQuery") == 0)
        return wandb_answer_features(a);
    if (strcmp(op->name, "RunStoppedStatus") == 0)
        return wandb_answer_stopped(a, call->stopping);
    if (strcmp(op->name, "UpsertBucket") == 0 && ours)
        return wandb_answer_upsert_bucket(a, &answer);
    if (strcmp(op->name, "UpsertBucket") == 0)
        return wandb_answer_error(
            a, arena_printf(a, "this key is for the run %s, not for %s", id, named));
    if (strcmp(op->name, "RunResumeStatus") == 0) {
        const char *last = run->lines.last_step >= 0
                               ? arena_printf(a, "{\"_step\":%" PRId64 "}", run->lines.last_step)
                               : NULL;
        const struct wandb_answer_past past = {.summary = last, .last_row = last, .begun = true};
        return wandb_answer_resume(a, run->lines.rows > 0 && ours ? &answer : NULL, &past);
    }
    return wandb_answer_error(a, arena_printf(a, "unsupported operation %s", op->name));
}

int wandb_runs_answer(struct wandb_runs *runs, const struct wandb_call *call, struct buf *out)
{
    struct arena a;
    struct wandb_operation op;
    struct err err = {0};
    int status = 200;
    arena_init(&a);
    int fd = wandb_lines_open(runs->dir, &call->key);
    struct run *run = fd >= 0 ? run_find(runs, &call->key, fd) : NULL;
    if (!run)
        status = error_answer(&a, out, errno == ENOENT ? 404 : 503,
                              errno == ENOENT ? "the attempt has ended" : strerror(errno));
    else if (call->stream)
        status = stream_answer(run, fd, &a, call, out);
    else if (wandb_operation_parse(&a, call->body, call->len, &op, &err) != 0)
        status = error_answer(&a, out, 400, err.text);
    else
        json_print(out, operation_do(run, &a, call, &op), JSON_COMPACT);
    if (fd >= 0)
        close(fd);
    arena_done(&a);
    return status;
}
