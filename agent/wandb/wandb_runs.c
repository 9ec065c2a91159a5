/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_runs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/attempt_dir.h"
#include "agent/launch/launch_attempt.h"
#include "base/json.h"
#include "base/mem.h"
#include "protocol/wandb/wandb_answer.h"
#include "protocol/wandb/wandb_operation.h"
#include "protocol/wandb/wandb_stream.h"

/* A text, which readers of metrics leave out. */
#define MARK "\"_row\":\""
enum { BACK_BYTES = 64 << 10, BACK_OVERLAP = 64 };

struct run {
    struct agent_key key;
    uint64_t rows;     /* of its history that are in the file, or hold no metric */
    int64_t last_step; /* -1: none */
    bool torn;         /* a write ended within a line */
    struct map names;  /* of its metrics, at the top level */
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
    map_done(&run->names);
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

/* The last mark in the bytes; NULL if there is none. */
static const char *mark_find(const char *bytes, size_t len)
{
    const char *found = NULL, *at = bytes;
    while ((at = memmem(at, len - (size_t)(at - bytes), MARK, strlen(MARK))) != NULL)
        found = at++;
    return found;
}

/* Finds the last row that an earlier process of the agent wrote. */
static void run_recall(struct run *run, int fd)
{
    char *bytes = mem_alloc(BACK_BYTES + 1);
    struct stat st;
    off_t end = fstat(fd, &st) == 0 ? st.st_size : 0;
    while (end > 0) {
        off_t from = end > BACK_BYTES ? end - BACK_BYTES : 0;
        ssize_t n = pread(fd, bytes, (size_t)(end - from), from);
        const char *mark = n > 0 ? mark_find(bytes, (size_t)n) : NULL;
        if (n > 0)
            bytes[n] = '\0';
        const char *step = mark ? strstr(mark, "\"step\":") : NULL;
        const char *line_end = mark ? strchr(mark, '\n') : NULL;
        if (mark)
            run->rows = strtoull(mark + strlen(MARK), NULL, 10) + 1;
        if (step && line_end && step < line_end)
            run->last_step = strtoll(step + strlen("\"step\":"), NULL, 10);
        if (mark || n <= 0 || from == 0)
            break;
        end = from + BACK_OVERLAP;
    }
    mem_free(bytes);
}

static int run_open(const struct wandb_runs *runs, struct arena *a, const struct agent_key *key)
{
    const char *path =
        arena_printf(a, "%s/" ATTEMPT_DIR_METRICS_FILE, launch_attempt_dir(a, runs->dir, key));
    return open(path, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0666);
}

static struct run *run_find(struct wandb_runs *runs, const struct agent_key *key, int fd)
{
    struct run *run = map_find(&runs->runs, key, sizeof *key);
    if (run)
        return run;
    run = mem_alloc(sizeof *run);
    run->key = *key;
    run->last_step = -1;
    map_init(&run->names);
    run_recall(run, fd);
    map_put(&runs->runs, key, sizeof *key, run);
    return run;
}

static bool bytes_write(int fd, const char *bytes, size_t len, size_t *ret)
{
    *ret = 0;
    while (*ret < len) {
        ssize_t n = write(fd, bytes + *ret, len - *ret);
        if (n < 0 && errno != EINTR)
            return false;
        *ret += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static void names_note(struct run *run, const struct value *line)
{
    for (size_t i = 0; i < line->dict.n; i++)
        map_put(&run->names, line->dict.entries[i].key, strlen(line->dict.entries[i].key), run);
}

/* The mark comes first, so that it survives where a line is cut. */
static void line_print(struct buf *out, uint64_t row, const struct value *line)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    json_print(&text, line, JSON_COMPACT);
    buf_addf(out, "{" MARK "%" PRIu64 "\",%s\n", row, buf_str(&text) + 1);
    buf_done(&text);
}

/* Appends the rows that are new. Where the disk is full, the client sends all of them again. */
static bool run_append(struct run *run, int fd, struct arena *a, const struct wandb_stream *s)
{
    uint64_t rows = run->rows;
    int64_t last_step = run->last_step;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    if (run->torn)
        buf_addc(&out, '\n');
    for (size_t i = 0; s->rows && i < s->rows->list.n; i++) {
        const struct value *text = s->rows->list.items[i];
        uint64_t row = s->rows_from + i;
        struct value *line =
            row >= run->rows ? wandb_stream_line(a, text->s.ptr, text->s.len) : NULL;
        rows = row >= rows ? row + 1 : rows;
        if (!line)
            continue;
        last_step = value_get_int(line, "step", last_step);
        names_note(run, line);
        line_print(&out, row, line);
    }
    size_t written;
    bool whole = bytes_write(fd, buf_str(&out), out.len, &written);
    run->torn = !whole && written > 0;
    buf_done(&out);
    if (whole) {
        run->rows = rows;
        run->last_step = last_step;
    }
    return whole;
}

/* What the script put in the summary and never logged is reported with the last step. */
static bool run_summarise(struct run *run, int fd, struct arena *a, const struct wandb_stream *s)
{
    struct value *all =
        s->complete && s->summary ? wandb_stream_line(a, s->summary, strlen(s->summary)) : NULL;
    struct value *only = value_dict(a);
    size_t written;
    for (size_t i = 0; all && i < all->dict.n; i++) {
        const char *key = all->dict.entries[i].key;
        if (!map_find(&run->names, key, strlen(key)) && strcmp(key, "step") != 0 &&
            strcmp(key, "_time") != 0)
            value_put(a, only, key, all->dict.entries[i].value);
    }
    if (only->dict.n == 0)
        return true;
    names_note(run, only);
    if (run->last_step >= 0)
        value_put(a, only, "step", value_int(a, run->last_step));
    const char *text = arena_printf(a, "%s\n", json_text(a, only, JSON_COMPACT));
    return bytes_write(fd, text, strlen(text), &written);
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
    if (!run_append(run, fd, a, &s) || !run_summarise(run, fd, a, &s))
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
                                     .rows = run->rows};
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
        const char *last =
            run->last_step >= 0 ? arena_printf(a, "{\"_step\":%" PRId64 "}", run->last_step) : NULL;
        return wandb_answer_resume(a, run->rows > 0 && ours ? &answer : NULL, last);
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
    int fd = run_open(runs, &a, &call->key);
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
