/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/page/desk_edit.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "net/log.h"
#include "orchestrator/runs/runs_run.h"

enum { TEXT_BYTES_MAX = 512 };

#define ROOT "/api/v1/runs/"

static int text_take(const struct value *body, const char *name, size_t max, const char **field,
                     struct err *err)
{
    const struct value *v = value_get(body, name);
    if (!v)
        return 0;
    if (v->kind != VALUE_NULL && v->kind != VALUE_STR)
        return err_set(err, ERR_USAGE, "%s is not a text", name);
    if (v->kind == VALUE_STR && v->s.len > max)
        return err_set(err, ERR_USAGE, "%s has more than %zu bytes", name, max);
    *field = v->kind == VALUE_STR && v->s.len > 0 ? v->s.ptr : NULL;
    return 0;
}

static int tags_take(struct desk_call *c, const struct value *body, const char **field,
                     struct err *err)
{
    const struct value *tags = value_get(body, "tags");
    if (!tags)
        return 0;
    if (tags->kind != VALUE_LIST || tags->list.n > LIMIT_ALIASES)
        return err_set(err, ERR_USAGE, "tags is not a list of at most %d texts", LIMIT_ALIASES);
    for (size_t i = 0; i < tags->list.n; i++) {
        const struct value *tag = tags->list.items[i];
        if (tag->kind != VALUE_STR || tag->s.len == 0 || tag->s.len > TEXT_BYTES_MAX)
            return err_set(err, ERR_USAGE, "a tag is a text of 1 to %d bytes", TEXT_BYTES_MAX);
    }
    *field = json_text(c->arena, tags, JSON_COMPACT);
    return 0;
}

static int run_change(struct desk_call *c, const struct value *body, struct runs_run *run,
                      struct err *err)
{
    const char *display = run->display;
    int rc = text_take(body, "display", TEXT_BYTES_MAX, &display, err);
    run->display = display ? display : run->name; /* it always has one */
    if (rc == 0)
        rc = text_take(body, "notes", LIMIT_RUNS_NOTES_BYTES, &run->notes, err);
    if (rc == 0)
        rc = text_take(body, "group", TEXT_BYTES_MAX, &run->group, err);
    if (rc == 0)
        rc = text_take(body, "job_type", TEXT_BYTES_MAX, &run->job_type, err);
    return rc ? rc : tags_take(c, body, &run->tags, err);
}

int desk_edit(struct desk_call *c, struct err *err)
{
    const char *name = c->ask->path + strlen(ROOT);
    struct value *body = NULL;
    struct runs_run run;
    name = arena_strndup(c->arena, name, strcspn(name, "/"));
    int rc = json_parse_within(c->arena, c->ask->body, c->ask->len, LIMIT_WANDB_VALUES, &body, err);
    if (rc == 0)
        rc = runs_run_find(c->runs, c->arena, value_get_str(body, "entity", ""),
                           value_get_str(body, "project", ""), name, &run, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc, "there is no run %.100s", name);
    if (rc == 0)
        rc = run_change(c, body, &run, err);
    if (rc == 0)
        rc = runs_run_put(c->runs, &run, err);
    c->reply = (struct wandb_reply){
        .type = "application/json", .body = "{\"ok\":true}", .len = strlen("{\"ok\":true}")};
    if (rc == 0)
        LOG(LOG_INFO, "run.edited", log_text("run", name), log_text("by", c->ask->by));
    return rc;
}
