/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_answer.h"

#include <string.h>

#include "base/json.h"

static struct value *dict_of(struct arena *a, const char *key, struct value *v)
{
    struct value *ret = value_dict(a);
    value_put(a, ret, key, v);
    return ret;
}

static struct value *data_of(struct arena *a, const char *key, struct value *v)
{
    return dict_of(a, "data", dict_of(a, key, v));
}

static void put_text(struct arena *a, struct value *v, const char *key, const char *text)
{
    value_put(a, v, key, text ? value_str(a, text) : value_null(a));
}

struct value *wandb_answer_viewer(struct arena *a, const char *entity)
{
    struct value *v = value_dict(a);
    put_text(a, v, "id", entity);
    put_text(a, v, "entity", entity);
    put_text(a, v, "username", entity);
    put_text(a, v, "name", entity);
    put_text(a, v, "email", "");
    put_text(a, v, "flags", "{}");
    value_put(a, v, "admin", value_bool(a, false));
    value_put(a, v, "teams", dict_of(a, "edges", value_list(a)));
    return data_of(a, "viewer", v);
}

struct value *wandb_answer_features(struct arena *a)
{
    return data_of(a, "serverInfo", dict_of(a, "features", value_list(a)));
}

static struct value *bucket_of(struct arena *a, const struct wandb_answer_run *run)
{
    struct value *bucket = value_dict(a), *project = value_dict(a), *entity = value_dict(a);
    put_text(a, entity, "id", run->entity);
    put_text(a, entity, "name", run->entity);
    put_text(a, project, "id", run->project);
    put_text(a, project, "name", run->project);
    value_put(a, project, "entity", entity);
    put_text(a, bucket, "id", run->id ? run->id : run->name);
    put_text(a, bucket, "name", run->name);
    put_text(a, bucket, "displayName", run->display);
    put_text(a, bucket, "description", NULL);
    put_text(a, bucket, "sweepName", run->sweep);
    put_text(a, bucket, "config", run->config);
    value_put(a, bucket, "project", project);
    value_put(a, bucket, "historyLineCount", value_int(a, (int64_t)run->rows));
    return bucket;
}

struct value *wandb_answer_upsert_bucket(struct arena *a, const struct wandb_answer_run *run)
{
    struct value *v = value_dict(a);
    value_put(a, v, "bucket", bucket_of(a, run));
    value_put(a, v, "inserted", value_bool(a, run->rows == 0 && !run->known));
    return data_of(a, "upsertBucket", v);
}

/* A JSON text, in a list, in a JSON text. */
static char *tail_of(struct arena *a, const char *line)
{
    struct value *tail = value_list(a);
    if (line)
        value_push(a, tail, value_str(a, line));
    return json_text(a, tail, JSON_PYTHON);
}

static struct value *tags_of(struct arena *a, const char *text)
{
    struct value *tags = NULL;
    if (!text || json_parse(a, text, strlen(text), &tags, NULL) != 0)
        tags = value_list(a);
    return tags;
}

/* The client takes a run for one that has begun where wandbConfig has the key t. */
static struct value *past_of(struct arena *a, const struct wandb_answer_run *run,
                             const struct wandb_answer_past *past)
{
    struct value *bucket = bucket_of(a, run);
    const char *telemetry = past->telemetry ? past->telemetry : "1";
    put_text(a, bucket, "summaryMetrics", past->summary ? past->summary : "{}");
    put_text(a, bucket, "historyTail", tail_of(a, past->last_row));
    put_text(a, bucket, "eventsTail", tail_of(a, past->last_event));
    put_text(a, bucket, "wandbConfig",
             past->begun ? arena_printf(a, "{\"t\":%s}", telemetry) : "{}");
    value_put(a, bucket, "logLineCount", value_int(a, (int64_t)past->log));
    value_put(a, bucket, "eventsLineCount", value_int(a, (int64_t)past->events));
    value_put(a, bucket, "tags", tags_of(a, past->tags));
    put_text(a, bucket, "notes", past->notes);
    return bucket;
}

struct value *wandb_answer_resume(struct arena *a, const struct wandb_answer_run *run,
                                  const struct wandb_answer_past *past)
{
    struct value *v = value_dict(a);
    if (run) {
        put_text(a, v, "id", run->project);
        put_text(a, v, "name", run->project);
        value_put(a, v, "entity", dict_of(a, "name", value_str(a, run->entity)));
    }
    value_put(a, v, "bucket", run ? past_of(a, run, past) : value_null(a));
    return data_of(a, "model", v);
}

struct value *wandb_answer_rewind(struct arena *a, const struct wandb_answer_run *run)
{
    return data_of(a, "rewindRun", dict_of(a, "rewoundRun", bucket_of(a, run)));
}

struct value *wandb_answer_success(struct arena *a, const char *name)
{
    return data_of(a, name, dict_of(a, "success", value_bool(a, true)));
}

struct value *wandb_answer_stopped(struct arena *a, bool stopped)
{
    struct value *run = dict_of(a, "stopped", value_bool(a, stopped));
    return data_of(a, "project", dict_of(a, "run", run));
}

struct value *wandb_answer_error(struct arena *a, const char *text)
{
    struct value *v = value_dict(a), *errors = value_list(a);
    value_push(a, errors, dict_of(a, "message", value_str(a, text)));
    value_put(a, v, "data", value_null(a));
    value_put(a, v, "errors", errors);
    return v;
}
