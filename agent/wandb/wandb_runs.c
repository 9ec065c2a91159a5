/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_runs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/launch/launch_attempt.h"
#include "agent/metrics/metric_ways.h"
#include "agent/wandb/wandb_collect.h"
#include "agent/wandb/wandb_left.h"
#include "agent/wandb/wandb_recover.h"
#include "agent/wandb/wandb_spool.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/http/http_target.h"
#include "protocol/wandb/wandb_answer.h"
#include "protocol/wandb/wandb_operation.h"
#include "protocol/wandb/wandb_stream.h"

struct run {
    struct agent_key key;
    struct wandb_lines lines;
    struct wandb_spool spool; /* closed, before there is something to keep */
    char *path;   /* of the run's file_stream, as it was told the client; NULL: not known */
    bool resumes; /* the script has asked for what earlier attempts logged */
};

struct wandb_runs {
    char *dir;
    bool records;
    struct map runs; /* key -> struct run * */
};

struct wandb_runs *wandb_runs_new(const char *dir, bool records)
{
    struct wandb_runs *runs = mem_alloc(sizeof *runs);
    runs->records = records;
    runs->dir = mem_strdup(dir);
    map_init(&runs->runs);
    return runs;
}

static void run_free(struct run *run)
{
    wandb_lines_done(&run->lines);
    wandb_spool_close(&run->spool);
    mem_free(run->path);
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

static void run_begin(const struct wandb_runs *runs, struct run *run)
{
    struct arena a;
    arena_init(&a);
    metric_ways_begin(launch_attempt_dir(&a, runs->dir, &run->key));
    const char *path = wandb_spool_open_run(&a, runs->dir, &run->key);
    run->path = path ? mem_strdup(path) : NULL;
    arena_done(&a);
}

static struct run *run_find(struct wandb_runs *runs, const struct agent_key *key, int fd)
{
    struct run *run = map_find(&runs->runs, key, sizeof *key);
    if (run)
        return run;
    run = mem_alloc(sizeof *run);
    *run = (struct run){.key = *key, .spool = {.fd = -1}};
    wandb_lines_init(&run->lines, fd);
    run_begin(runs, run);
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

static struct wandb_spool *spool_of(const struct wandb_runs *runs, struct run *run)
{
    if (!run->spool.dir && wandb_spool_open(&run->spool, runs->dir, &run->key, true) != 0)
        return NULL;
    return &run->spool;
}

/* A body of GraphQL with other variables. */
static bool call_keep(struct wandb_spool *s, struct arena *a, const char *name, struct value *vars)
{
    struct value *body = value_dict(a);
    value_put(a, body, "query", value_str(a, arena_printf(a, "mutation %s { x }", name)));
    value_put(a, body, "variables", vars);
    value_put(a, body, "operationName", value_str(a, name));
    const char *text = json_text(a, body, JSON_PYTHON);
    return wandb_spool_add(s, WANDB_FRAME_CALL, "", text, strlen(text)) == 0;
}

/* A trial that is run again begins its run anew, unless the script continues it. */
static bool rewind_keep(struct wandb_spool *s, struct arena *a, const struct wandb_answer_run *run)
{
    struct value *vars = value_dict(a);
    value_put(a, vars, "runName", value_str(a, run->name));
    value_put(a, vars, "entity", value_str(a, run->entity));
    value_put(a, vars, "project", value_str(a, run->project));
    value_put(a, vars, "metricName", value_str(a, "_step"));
    value_put(a, vars, "metricValue", value_int(a, -1));
    return call_keep(s, a, "RewindRun", vars);
}

/* False where the disk has no room. */
static bool upsert_keep(const struct wandb_runs *runs, struct run *run, struct arena *a,
                        const struct value *given, const struct wandb_answer_run *answer)
{
    struct value *vars = value_dict(a);
    struct wandb_spool *s = runs->records ? spool_of(runs, run) : NULL;
    if (!runs->records)
        return true;
    for (size_t i = 0; given && i < given->dict.n; i++)
        value_put(a, vars, given->dict.entries[i].key, given->dict.entries[i].value);
    value_put(a, vars, "name", value_str(a, answer->name));
    value_put(a, vars, "entity", value_str(a, answer->entity));
    value_put(a, vars, "project", value_str(a, answer->project));
    value_put(a, vars, "sweep", value_str(a, run->key.sweep));
    if (s && s->size == 0 && run->key.attempt == 1)
        value_put(a, vars, "displayName", value_str(a, answer->display));
    bool again = s && s->size == 0 && run->key.attempt > 1 && !run->resumes;
    if (!s || (again && !rewind_keep(s, a, answer)) || !call_keep(s, a, "UpsertBucket", vars))
        return false;
    mem_free(run->path);
    run->path =
        mem_strdup(wandb_spool_stream_path(a, answer->entity, answer->project, answer->name));
    wandb_spool_set_open(s, run->path);
    return true;
}

static bool stream_keep(const struct wandb_runs *runs, struct run *run,
                        const struct wandb_call *call, bool complete)
{
    struct wandb_spool *s = runs->records ? spool_of(runs, run) : NULL;
    if (!runs->records)
        return true;
    const char *path = run->path ? run->path : call->path;
    if (!s || wandb_spool_add(s, WANDB_FRAME_STREAM, path, call->body, call->len) != 0)
        return false;
    s->complete = complete;
    if (complete)
        wandb_spool_set_open(s, NULL);
    return true;
}

/* The client did not say that the run has ended: it was killed, or was never there. */
static void end_keep(struct run *run, const char *path, int code)
{
    char body[64];
    int n = snprintf(body, sizeof body, "{\"complete\":true,\"exitcode\":%d}", code);
    if (path && !run->spool.complete)
        (void)!wandb_spool_add(&run->spool, WANDB_FRAME_STREAM, path, body, (size_t)n);
    wandb_spool_set_open(&run->spool, NULL);
    if (!run->spool.ended)
        (void)!wandb_spool_add(&run->spool, WANDB_FRAME_END, "", "", 0);
}

void wandb_runs_collect(struct wandb_runs *runs, const struct agent_key *key, int code)
{
    struct wandb_left left[LIMIT_WANDB_FILES];
    struct arena a;
    int fd = wandb_lines_open(runs->dir, key);
    if (fd < 0)
        return;
    arena_init(&a);
    bool any_left = wandb_left_find(&a, runs->dir, key, left) > 0;
    if (any_left)
        metric_ways_learn(launch_attempt_dir(&a, runs->dir, key));
    struct run *run = run_find(runs, key, fd);
    uint64_t rows = run->lines.rows;
    const char *folder = wandb_spool_folder(&a, runs->dir, key);
    wandb_collect(&run->lines, fd, runs->dir, key);
    bool any = access(folder, F_OK) == 0 || any_left;
    if (runs->records && any && spool_of(runs, run)) {
        const char *path = wandb_spool_open_run(&a, runs->dir, key);
        if (!run->spool.complete && !run->spool.ended)
            wandb_recover(&run->spool, runs->dir, key, rows, code);
        end_keep(run, path, code);
    }
    close(fd);
    arena_done(&a);
}

static bool query_text(struct arena *a, const char *query, const char *name, const char **ret)
{
    struct buf text;
    buf_init(&text, LIMIT_HTTP_URL_BYTES);
    bool found = http_target_query(query, name, &text) == 0 && text.len > 0;
    *ret = found ? arena_strndup(a, buf_peek(&text), text.len) : NULL;
    buf_done(&text);
    return found;
}

int wandb_runs_upload(struct wandb_runs *runs, const struct agent_key *key, const char *query,
                      const char *path, uint64_t size, const struct digest *digest)
{
    struct wandb_upload u = {.size = size, .digest = *digest};
    const char *to;
    struct arena a;
    int status = 400, fd = wandb_lines_open(runs->dir, key);
    if (fd < 0)
        return errno == ENOENT ? 404 : 503;
    arena_init(&a);
    struct run *run = run_find(runs, key, fd);
    struct wandb_spool *s = spool_of(runs, run);
    if (s && query_text(&a, query, "entity", &u.entity) &&
        query_text(&a, query, "project", &u.project) && query_text(&a, query, "name", &u.name)) {
        u.file = wandb_spool_file(&a, s, &to);
        bool moved = rename(path, to) == 0;
        status = moved && wandb_spool_add_file(s, &u) == 0 ? 200 : 503;
        if (moved && status != 200)
            (void)unlink(to);
    }
    close(fd);
    arena_done(&a);
    return status;
}

static int error_answer(struct arena *a, struct buf *out, int status, const char *text)
{
    json_print(out, wandb_answer_error(a, text), JSON_COMPACT);
    return status;
}

static int stream_answer(const struct wandb_runs *runs, struct run *run, int fd, struct arena *a,
                         const struct wandb_call *call, struct buf *out)
{
    struct wandb_stream s;
    struct err err = {0};
    char own[WANDB_RUN_BYTES];
    wandb_access_run(&run->key, own);
    if (strcmp(call->run, own) != 0 && runs->records)
        return WANDB_RUNS_PASS; /* perhaps one that the script has made beside its own */
    if (strcmp(call->run, own) != 0)
        return error_answer(
            a, out, 403, arena_printf(a, "this key is for the run %s, not for %s", own, call->run));
    if (wandb_stream_parse(a, call->body, call->len, &s, &err) != 0)
        return error_answer(a, out, 400, err.text);
    const struct value *summary =
        s.complete && s.summary ? wandb_stream_line(a, s.summary, strlen(s.summary)) : NULL;
    if (!run_append(run, fd, a, &s) || !wandb_lines_summarise(&run->lines, fd, summary) ||
        !stream_keep(runs, run, call, s.complete))
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

/* Those that stay with the agent although they come to nothing, so that no script waits for them. */
static bool name_is_idle(const char *name)
{
    return strcmp(name, "OrganizationCoreWeaveOrganizationID") == 0;
}

static struct value *files_answer(struct arena *a, const struct wandb_call *call,
                                  const struct wandb_operation *op, const char *id)
{
    const struct value *names = value_get(op->variables, "files");
    struct value *files = value_list(a), *ret = value_dict(a), *data = value_dict(a),
                 *created = value_dict(a);
    for (size_t i = 0; names && names->kind == VALUE_LIST && i < names->list.n; i++) {
        const struct value *name = names->list.items[i];
        struct value *file = value_dict(a);
        struct buf url;
        if (name->kind != VALUE_STR)
            continue;
        buf_init(&url, SIZE_MAX);
        buf_addf(&url, "%s?entity=", call->uploads);
        const char *entity = value_get_str(op->variables, "entity", "besom"),
                   *project = value_get_str(op->variables, "project", "uncategorized");
        http_target_encode(&url, entity, strlen(entity));
        buf_adds(&url, "&project=");
        http_target_encode(&url, project, strlen(project));
        buf_adds(&url, "&name=");
        http_target_encode(&url, name->s.ptr, name->s.len);
        value_put(a, file, "name", value_str(a, name->s.ptr));
        value_put(a, file, "uploadUrl", value_str(a, buf_str(&url)));
        value_push(a, files, file);
        buf_done(&url);
    }
    value_put(a, created, "runID", value_str(a, id));
    value_put(a, created, "uploadHeaders", value_list(a));
    value_put(a, created, "files", files);
    value_put(a, data, "createRunFiles", created);
    value_put(a, ret, "data", data);
    return ret;
}

/* Of the attempt's own run. NULL: the disk has no room. */
static struct value *bucket_do(const struct wandb_runs *runs, struct run *run, struct arena *a,
                               const struct wandb_operation *op, const char *id)
{
    const struct wandb_answer_run answer = answer_run(run, op, id);
    return upsert_keep(runs, run, a, op->variables, &answer)
               ? wandb_answer_upsert_bucket(a, &answer)
               : NULL;
}

/* The same; the controller gets it after what was logged before. */
static struct value *alert_do(const struct wandb_runs *runs, struct run *run, struct arena *a,
                              const struct wandb_operation *op)
{
    struct value *ret = value_dict(a), *data = value_dict(a), *done = value_dict(a);
    struct wandb_spool *s = spool_of(runs, run);
    if (!s || !op->variables || !call_keep(s, a, op->name, value_copy(a, op->variables)))
        return NULL;
    value_put(a, done, "success", value_bool(a, true));
    value_put(a, data, "notifyScriptableRunAlert", done);
    value_put(a, ret, "data", data);
    return ret;
}

static int resume_answer(const struct wandb_runs *runs, struct run *run, struct arena *a,
                         const struct wandb_operation *op, const char *id, struct buf *out)
{
    const struct wandb_answer_run answer = answer_run(run, op, id);
    struct wandb_lines *l = &run->lines;
    const char *last =
        l->last_step >= 0 ? arena_printf(a, "{\"_step\":%" PRId64 "}", l->last_step) : NULL;
    if (l->rows == 0 && run->key.attempt > 1 && runs->records) {
        run->resumes = true;
        return WANDB_RUNS_PASS;
    }
    const struct wandb_answer_past past = {.summary = last, .last_row = last, .begun = true};
    json_print(out, wandb_answer_resume(a, l->rows > 0 ? &answer : NULL, &past), JSON_COMPACT);
    return 200;
}

static int operation_answer(const struct wandb_runs *runs, struct run *run, struct arena *a,
                            const struct wandb_call *call, const struct wandb_operation *op,
                            struct buf *out)
{
    char own[WANDB_RUN_BYTES];
    const char *named = value_get_str(
        op->variables, "name",
        value_get_str(op->variables, "run", value_get_str(op->variables, "runName", NULL)));
    wandb_access_run(&run->key, own);
    const char *id = arena_strdup(a, own);
    bool ours = named ? strcmp(named, id) == 0 : !value_get_str(op->variables, "id", NULL);
    struct value *v = NULL;
    if (strcmp(op->name, "Viewer") == 0 || strcmp(op->name, "GetViewer") == 0 ||
        strcmp(op->name, "GetDefaultEntity") == 0)
        v = wandb_answer_viewer(a, "besom");
    else if (strcmp(op->name, "ServerFeaturesQuery") == 0)
        v = wandb_answer_features(a);
    else if (strcmp(op->name, "RunStoppedStatus") == 0)
        v = wandb_answer_stopped(a, call->stopping);
    else if (strcmp(op->name, "UpsertBucket") == 0 && ours)
        v = bucket_do(runs, run, a, op, id);
    else if (strcmp(op->name, "UpsertBucket") == 0 && named && !runs->records)
        v = wandb_answer_error(
            a, arena_printf(a, "this key is for the run %s, not for %s", id, named));
    else if (strcmp(op->name, "RunResumeStatus") == 0 && ours)
        return resume_answer(runs, run, a, op, id, out);
    else if (strcmp(op->name, "CreateRunFiles") == 0 && ours && runs->records)
        v = files_answer(a, call, op, id);
    else if (strcmp(op->name, "NotifyScriptableRunAlert") == 0 && ours && runs->records)
        v = alert_do(runs, run, a, op);
    else if (runs->records && !name_is_idle(op->name))
        return WANDB_RUNS_PASS;
    else
        v = wandb_answer_error(a, arena_printf(a, "unsupported operation %s", op->name));
    if (!v)
        return error_answer(a, out, 503, "the disk has no room for what wandb logs");
    json_print(out, v, JSON_COMPACT);
    return 200;
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
        status = stream_answer(runs, run, fd, &a, call, out);
    else if (wandb_operation_parse(&a, call->body, call->len, &op, &err) != 0)
        status = error_answer(&a, out, 400, err.text);
    else
        status = operation_answer(runs, run, &a, call, &op, out);
    if (fd >= 0)
        close(fd);
    arena_done(&a);
    return status;
}
