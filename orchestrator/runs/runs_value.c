/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/runs_value.h"

#include <string.h>

#include "base/json.h"

struct value *runs_value_config(struct arena *a, const struct value *config)
{
    struct value *ret = value_dict_with_room(a, config->dict.n);
    for (size_t i = 0; i < config->dict.n; i++) {
        const struct value_entry *e = &config->dict.entries[i];
        const struct value *inner =
            e->value->kind == VALUE_DICT ? value_get(e->value, "value") : NULL;
        if (strcmp(e->key, "_wandb") != 0 && strcmp(e->key, "wandb_version") != 0)
            value_put_new(ret, e->key, inner ? (struct value *)(uintptr_t)inner : e->value);
    }
    return ret;
}

int runs_value_document(struct runs *r, struct arena *a, int64_t run, enum runs_document which,
                        struct value **ret, struct err *err)
{
    const char *text;
    int rc = runs_run_document(r, a, run, which, &text, err);
    if (rc != 0)
        return rc;
    if (json_parse(a, text, strlen(text), ret, NULL) != 0 || (*ret)->kind != VALUE_DICT)
        *ret = value_dict(a);
    return 0;
}

static void put_text(struct arena *a, struct value *v, const char *key, const char *text)
{
    value_put_new(v, key, text ? value_str(a, text) : value_null(a));
}

static void put_time(struct arena *a, struct value *v, const char *key, int64_t ms)
{
    value_put_new(v, key, ms > 0 ? value_float(a, (double)ms / 1000) : value_null(a));
}

static struct value *tags_of(struct arena *a, const char *text)
{
    struct value *tags = NULL;
    if (text && json_parse(a, text, strlen(text), &tags, NULL) == 0 && tags->kind == VALUE_LIST)
        return tags;
    return value_list(a);
}

static struct value *value_of(struct arena *a, const struct runs_run *run)
{
    enum { FIELDS = 24 };
    struct value *v = value_dict_with_room(a, FIELDS);
    int64_t until = run->ended > 0 ? run->ended : run->heartbeat;
    put_text(a, v, "entity", run->entity);
    put_text(a, v, "project", run->project);
    put_text(a, v, "name", run->name);
    put_text(a, v, "display", run->display);
    put_text(a, v, "state", runs_run_state_name(run->state));
    put_text(a, v, "sweep", run->sweep);
    put_text(a, v, "group", run->group);
    put_text(a, v, "job_type", run->job_type);
    value_put_new(v, "tags", tags_of(a, run->tags));
    put_text(a, v, "notes", run->notes);
    put_text(a, v, "host", run->host);
    put_text(a, v, "program", run->program);
    put_text(a, v, "repo", run->repo);
    put_text(a, v, "commit", run->commit);
    put_text(a, v, "by", run->by);
    value_put_new(v, "exit_code", run->exited ? value_int(a, run->exit_code) : value_null(a));
    put_time(a, v, "created", run->created);
    put_time(a, v, "heartbeat", run->heartbeat);
    put_time(a, v, "ended", run->ended);
    value_put_new(v, "duration", value_float(a, (double)(until - run->created) / 1000));
    value_put_new(v, "rows", value_int(a, run->lines[RUNS_HISTORY]));
    return v;
}

int runs_value_make(struct runs *r, struct arena *a, const struct runs_run *run,
                    struct runs_value_parts parts, struct value **ret, struct err *err)
{
    struct value *v = value_of(a, run), *document;
    int rc = 0;
    if (parts.config) {
        rc = runs_value_document(r, a, run->n, RUNS_CONFIG, &document, err);
        if (rc != 0)
            return rc;
        value_put_new(v, "config", runs_value_config(a, document));
    }
    if (parts.summary) {
        rc = runs_value_document(r, a, run->n, RUNS_SUMMARY, &document, err);
        if (rc != 0)
            return rc;
        value_put_new(v, "summary", document);
    }
    *ret = v;
    return 0;
}
