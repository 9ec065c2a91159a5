/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/document/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "orchestrator/runs/document/document_artifacts.h"
#include "orchestrator/runs/document/document_cloud.h"
#include "orchestrator/runs/document/document_content.h"
#include "orchestrator/runs/document/document_media.h"
#include "orchestrator/runs/document/document_rows.h"
#include "orchestrator/runs/document/document_table.h"
#include "orchestrator/runs/runs_answer.h"
#include "orchestrator/runs/runs_lines.h"
#include "orchestrator/runs/runs_value.h"
#include "orchestrator/view/answer_query.h"

enum { LOG_LINES = 1000, LOG_LINES_MAX = 10000, POINTS = 400 };

struct asking {
    struct runs *runs;
    struct arena *arena;
    const char *dir;
    const struct value *query;
    struct runs_run run;
    struct document_work work;
    struct buf *out;
    enum json_style style;
};

/* *ret stays NULL where the answer is written already. */
typedef int (*part_fn)(struct asking *q, struct value **ret, struct err *err);

static const char *text_of(const struct asking *q, const char *name)
{
    return value_get_str(q->query, name, "");
}

/* More than max is as good as max. */
static int number_of(const struct asking *q, const char *name, uint64_t otherwise, uint64_t max,
                     uint64_t *ret, struct err *err)
{
    *ret = otherwise;
    int rc = answer_query_number(q->query, name, INT64_MAX / 16, ret, err);
    *ret = *ret < max ? *ret : max;
    return rc;
}

static enum runs_stream stream_of(const struct asking *q)
{
    return strcmp(text_of(q, "what"), "events") == 0 ? RUNS_EVENTS : RUNS_HISTORY;
}

static int part_page(struct asking *q, struct value **ret, struct err *err)
{
    static const char *const names[RUNS_STREAMS] = {"history", "events", "log"};
    struct arena *a = q->arena;
    struct value *lines = value_dict(a), *config = NULL;
    int rc = runs_answer_of(q->runs, a, &q->run, ret, err);
    if (rc == 0)
        rc = runs_value_document(q->runs, a, q->run.n, RUNS_CONFIG, &config, err);
    if (rc != 0)
        return rc;
    const struct value *own = value_get(value_get(config, "_wandb"), "value"),
                       *plots = value_get(own, "visualize"), *older = value_get(own, "viz"),
                       *labels = value_get(own, "mask/class_labels");
    for (int i = 0; i < RUNS_STREAMS; i++)
        value_put(a, lines, names[i], value_int(a, q->run.lines[i]));
    value_put(a, *ret, "lines", lines);
    value_put(a, *ret, "plots", plots ? value_copy(a, plots) : value_dict(a));
    value_put(a, *ret, "viz", older ? value_copy(a, older) : value_dict(a));
    value_put(a, *ret, "labels", labels ? value_copy(a, labels) : value_dict(a));
    return 0;
}

static int part_keys(struct asking *q, struct value **ret, struct err *err)
{
    return document_rows_keys(q->runs, q->arena, &q->run, stream_of(q), &q->work, ret, err);
}

static int keys_of(const struct asking *q, struct value **ret, struct err *err)
{
    const char *cols = text_of(q, "cols");
    if (json_parse(q->arena, cols, strlen(cols), ret, NULL) != 0 || (*ret)->kind != VALUE_LIST)
        return err_set(err, ERR_USAGE, "cols is not a JSON list of keys");
    return 0;
}

static int part_curves(struct asking *q, struct value **ret, struct err *err)
{
    struct value *keys = NULL;
    uint64_t points;
    int rc = number_of(q, "points", POINTS, DOCUMENT_ROWS_POINTS, &points, err);
    if (rc == 0)
        rc = keys_of(q, &keys, err);
    if (rc != 0)
        return rc;
    const struct document_curves curves = {stream_of(q), keys, text_of(q, "x"),
                                           points ? (size_t)points : 1};
    return document_rows_curves(q->runs, q->arena, &q->run, &curves, &q->work, ret, err);
}

static int part_media(struct asking *q, struct value **ret, struct err *err)
{
    struct value *keys = NULL;
    int rc = keys_of(q, &keys, err);
    *ret = NULL;
    return rc ? rc : document_media_write(q->runs, &q->run, keys, &q->work, q->out, q->style, err);
}

static int part_table(struct asking *q, struct value **ret, struct err *err)
{
    struct document_table t = {.path = text_of(q, "path"),
                               .place = text_of(q, "place"),
                               .sort = text_of(q, "sort"),
                               .descending = strcmp(text_of(q, "desc"), "1") == 0};
    int rc = number_of(q, "skip", 0, INT64_MAX, &t.skip, err);
    if (rc == 0)
        rc = number_of(q, "limit", DOCUMENT_TABLE_ROWS, DOCUMENT_TABLE_ROWS_MAX, &t.limit, err);
    *ret = NULL;
    return rc ? rc
              : document_table_write(q->runs, q->arena, q->dir, &q->run, &t, &q->work, q->out,
                                     q->style, err);
}

static int part_cloud(struct asking *q, struct value **ret, struct err *err)
{
    struct runs_file f;
    char *text = NULL;
    uint64_t size = 0;
    int rc = document_content_of_run(q->runs, q->arena, &q->run, text_of(q, "path"), &f, err);
    if (rc == 0)
        rc = document_content_read(q->dir, &f, LIMIT_RUNS_CLOUD_BYTES, &text, &size, err);
    if (rc == 0)
        rc = document_cloud_make(q->arena, json_span_of(text, (size_t)size), &q->work, ret, err);
    mem_free(text);
    return rc;
}

struct lines_taken {
    struct arena *arena;
    struct value *list;
};

static bool line_take(void *arg, int64_t number, const char *text, size_t len)
{
    struct lines_taken *t = arg;
    (void)number;
    value_push(t->arena, t->list, value_strn(t->arena, text, len));
    return true;
}

static int part_log(struct asking *q, struct value **ret, struct err *err)
{
    struct lines_taken t = {q->arena, value_list(q->arena)};
    uint64_t limit, skip, n = (uint64_t)q->run.lines[RUNS_LOG];
    int rc = number_of(q, "limit", LOG_LINES, LOG_LINES_MAX, &limit, err);
    if (rc == 0)
        rc = number_of(q, "skip", n > limit ? n - limit : 0, INT64_MAX / 2, &skip, err);
    if (rc != 0)
        return rc;
    const struct runs_lines_range range = {(int64_t)skip, (int64_t)(skip + limit)};
    rc = runs_lines_read(q->runs, q->run.n, RUNS_LOG, &range, line_take, &t, err);
    *ret = value_dict(q->arena);
    value_put(q->arena, *ret, "total", value_int(q->arena, (int64_t)n));
    value_put(q->arena, *ret, "first", value_int(q->arena, (int64_t)skip));
    value_put(q->arena, *ret, "lines", t.list);
    return rc;
}

static int part_artifacts(struct asking *q, struct value **ret, struct err *err)
{
    return document_artifacts_of_run(q->runs, q->arena, &q->run, ret, err);
}

static const struct {
    const char *name;
    part_fn fn;
} parts[] = {{"page", part_page},     {"keys", part_keys},
             {"curves", part_curves}, {"media", part_media},
             {"log", part_log},       {"table", part_table},
             {"cloud", part_cloud},   {"artifacts", part_artifacts}};

/* "runs/NAME/PART": where PART begins. */
static const char *part_of(const char *path)
{
    const char *name = strncmp(path, "runs/", strlen("runs/")) == 0 ? path + strlen("runs/") : "";
    const char *slash = strchr(name, '/');
    return slash ? slash + 1 : NULL;
}

bool document_is(const char *path)
{
    return strcmp(path, "artifacts") == 0 || part_of(path) != NULL;
}

static int run_find(struct asking *q, const char *path, struct err *err)
{
    const char *entity = value_get_str(q->query, "entity", NULL);
    const char *project = value_get_str(q->query, "project", NULL);
    const char *name = path + strlen("runs/");
    name = arena_strndup(q->arena, name, strcspn(name, "/"));
    int rc = !q->runs ? ERR_NOT_FOUND
             : entity && project
                 ? runs_run_find(q->runs, q->arena, entity, project, name, &q->run, err)
                 : runs_run_find_named(q->runs, q->arena, name, &q->run, err);
    return rc == ERR_NOT_FOUND ? err_set(err, rc, "there is no run %.100s", name) : rc;
}

static struct asking asking_of(const struct document_question *q)
{
    bool bare = strcmp(value_get_str(q->query, "nan", ""), "bare") == 0;
    return (struct asking){.runs = q->runs,
                           .arena = q->arena,
                           .dir = q->dir,
                           .query = q->query,
                           .work = {.gone = q->gone},
                           .style = bare ? JSON_PYTHON : JSON_COMPACT};
}

static int answer_make(struct asking *q, const char *path, struct value **ret, struct err *err)
{
    const char *part = part_of(path);
    if (!part && q->runs)
        return document_artifacts_find(q->runs, q->arena, q->dir, q->query, ret, err);
    if (!part) {
        *ret = value_list(q->arena);
        return 0;
    }
    int rc = run_find(q, path, err);
    if (rc == ERR_NOT_FOUND && strcmp(text_of(q, "as"), "maybe") == 0) {
        *ret = value_null(q->arena);
        return 0;
    }
    for (size_t i = 0; rc == 0 && i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i].name, part) == 0)
            return parts[i].fn(q, ret, err);
    return rc ? rc : err_set(err, ERR_NOT_FOUND, "there is no document %.100s", path);
}

int document_answer(const struct document_question *question, struct buf *out, struct err *err)
{
    struct asking q = asking_of(question);
    struct value *v = NULL;
    q.out = out;
    int rc = answer_make(&q, question->path, &v, err);
    if (rc == 0 && v)
        json_print(out, v, q.style);
    return rc;
}

int document_file(const struct document_question *question, struct runs_file *ret, struct err *err)
{
    struct asking q = asking_of(question);
    const char *name = value_get_str(q.query, "name", ""), *path = question->path;
    if (strncmp(path, "artifacts/", strlen("artifacts/")) == 0) {
        int64_t n = strtoll(path + strlen("artifacts/"), NULL, 10);
        return q.runs ? document_content_of_artifact(q.runs, q.arena, q.dir, n, name, ret, err)
                      : err_set(err, ERR_NOT_FOUND, "there is no file %.100s", name);
    }
    int rc = run_find(&q, path, err);
    return rc ? rc : document_content_of_run(q.runs, q.arena, &q.run, name, ret, err);
}
