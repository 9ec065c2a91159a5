/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/api/api_node.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "orchestrator/runs/runs_lines.h"
#include "orchestrator/wandb/api/api_history_keys.h"
#include "protocol/wandb/wandb_id.h"

enum { PAGE = 50 };

bool api_node_is_asked(const struct desk_call *c, const char *field)
{
    return c->ask->body && strstr(c->ask->body, field) != NULL;
}

const char *api_node_entity(const struct desk_call *c)
{
    const char *entity = desk_call_text(c, "entity");
    entity = entity ? entity : desk_call_text(c, "entityName");
    return entity && *entity ? entity : DESK_ENTITY;
}

const char *api_node_project(const struct desk_call *c)
{
    const char *project = desk_call_text(c, "project");
    project = project ? project : desk_call_text(c, "projectName");
    return project && *project ? project : DESK_PROJECT;
}

int api_node_find(struct desk_call *c, struct runs_run *ret, struct err *err)
{
    static const char *const names[] = {"name", "run", "runName"};
    const char *name = NULL;
    for (size_t i = 0; !name && i < sizeof names / sizeof *names; i++)
        name = desk_call_text(c, names[i]);
    return runs_run_find(c->runs, c->arena, api_node_entity(c), api_node_project(c),
                         name ? name : "", ret, err);
}

char *api_node_time(struct arena *a, int64_t ms)
{
    char text[32];
    struct tm parts;
    time_t seconds = (time_t)(ms / 1000);
    if (!gmtime_r(&seconds, &parts) || !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts))
        return arena_strdup(a, "1970-01-01T00:00:00Z");
    return arena_strdup(a, text);
}

struct value *api_node_wrap(struct arena *a, const char *key, struct value *v)
{
    struct value *ret = value_dict(a);
    value_put(a, ret, key, v);
    return ret;
}

static void put_text(struct arena *a, struct value *v, const char *key, const char *text)
{
    value_put(a, v, key, text ? value_str(a, text) : value_null(a));
}

struct value *api_node_in_project(struct arena *a, int64_t project, const char *key,
                                  struct value *v)
{
    struct value *ret = value_dict(a);
    put_text(a, ret, "id", wandb_id_print(a, "Project", project));
    put_text(a, ret, "internalId", arena_printf(a, "%" PRId64, project));
    value_put(a, ret, "readOnly", value_bool(a, false));
    value_put(a, ret, key, v);
    return api_node_wrap(a, "data", api_node_wrap(a, "project", ret));
}

struct value *api_node_in_run(struct arena *a, const struct runs_run *run, const char *key,
                              struct value *v)
{
    struct value *ret = value_dict(a);
    put_text(a, ret, "id", wandb_id_print(a, "Run", run->n));
    put_text(a, ret, "name", run->name);
    value_put(a, ret, key, v);
    return api_node_in_project(a, run->project_n, "run", ret);
}

struct value *api_node_user(struct arena *a, const char *name)
{
    struct value *user = value_dict(a);
    static const char *const same[] = {"id", "name", "username", "entity"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        put_text(a, user, same[i], name ? name : DESK_ENTITY);
    put_text(a, user, "email", "");
    put_text(a, user, "flags", "{}");
    value_put(a, user, "admin", value_bool(a, false));
    value_put(a, user, "deletedAt", value_null(a));
    value_put(a, user, "apiKeys", api_node_wrap(a, "edges", value_list(a)));
    value_put(a, user, "teams", api_node_wrap(a, "edges", value_list(a)));
    return user;
}

static struct value *tags_of(struct arena *a, const char *text)
{
    struct value *tags = NULL;
    if (text && json_parse(a, text, strlen(text), &tags, NULL) == 0 && tags->kind == VALUE_LIST)
        return tags;
    return value_list(a);
}

static bool line_keep(void *arg, int64_t number, const char *text, size_t len)
{
    struct {
        struct arena *arena;
        const char *text;
    } *kept = arg;
    (void)number;
    kept->text = arena_strndup(kept->arena, text, len);
    return false;
}

/* The last sample of the machine. */
static int samples_put(struct desk_call *c, const struct runs_run *run, struct value *node,
                       struct err *err)
{
    struct {
        struct arena *arena;
        const char *text;
    } kept = {c->arena, "{}"};
    int64_t n = run->lines[RUNS_EVENTS];
    int rc = 0;
    if (n > 0)
        rc = runs_lines_read(c->runs, run->n, RUNS_EVENTS, &(struct runs_lines_range){n - 1, n},
                             line_keep, &kept, err);
    put_text(c->arena, node, "systemMetrics", kept.text);
    return rc;
}

static int document_put(struct desk_call *c, const struct runs_run *run, enum runs_document which,
                        const char *key, struct value *node, struct err *err)
{
    const char *text;
    int rc = runs_run_document(c->runs, c->arena, run->n, which, &text, err);
    if (rc == 0)
        put_text(c->arena, node, key, text);
    return rc;
}

/* The parts that take work. */
static int documents_put(struct desk_call *c, const struct runs_run *run, struct value *node,
                         struct err *err)
{
    int rc = 0;
    if (api_node_is_asked(c, "config"))
        rc = document_put(c, run, RUNS_CONFIG, "config", node, err);
    if (rc == 0 && api_node_is_asked(c, "summaryMetrics"))
        rc = document_put(c, run, RUNS_SUMMARY, "summaryMetrics", node, err);
    if (rc == 0 && api_node_is_asked(c, "systemMetrics"))
        rc = samples_put(c, run, node, err);
    if (rc == 0 && api_node_is_asked(c, "historyKeys")) {
        struct value *keys;
        rc = api_history_keys_of(c, run, &keys, err);
        if (rc == 0)
            value_put(c->arena, node, "historyKeys", keys);
    }
    return rc;
}

int api_node_run(struct desk_call *c, const struct runs_run *run, struct value **ret,
                 struct err *err)
{
    struct arena *a = c->arena;
    struct value *v = value_dict(a);
    put_text(a, v, "__typename", "Run");
    put_text(a, v, "id", wandb_id_print(a, "Run", run->n));
    put_text(a, v, "internalId", arena_printf(a, "%" PRId64, run->n));
    put_text(a, v, "projectId", arena_printf(a, "%" PRId64, run->project_n));
    put_text(a, v, "name", run->name);
    put_text(a, v, "displayName", run->display);
    put_text(a, v, "sweepName", run->sweep);
    put_text(a, v, "state", runs_run_state_name(run->state));
    put_text(a, v, "group", run->group);
    put_text(a, v, "jobType", run->job_type);
    put_text(a, v, "commit", run->commit);
    put_text(a, v, "host", run->host);
    put_text(a, v, "notes", run->notes);
    put_text(a, v, "description", run->notes);
    put_text(a, v, "createdAt", api_node_time(a, run->created));
    put_text(a, v, "heartbeatAt", api_node_time(a, run->heartbeat));
    put_text(a, v, "updatedAt", api_node_time(a, run->heartbeat));
    value_put(a, v, "tags", tags_of(a, run->tags));
    value_put(a, v, "readOnly", value_bool(a, false));
    value_put(a, v, "user", api_node_user(a, run->by));
    value_put(a, v, "historyLineCount", value_int(a, run->lines[RUNS_HISTORY]));
    value_put(a, v, "eventsLineCount", value_int(a, run->lines[RUNS_EVENTS]));
    value_put(a, v, "logLineCount", value_int(a, run->lines[RUNS_LOG]));
    value_put(a, v, "exitcode", run->exited ? value_int(a, run->exit_code) : value_null(a));
    value_put(a, v, "stopped", value_bool(a, run->stop));
    value_put(a, v, "shouldStop", value_bool(a, run->stop));
    value_put(a, v, "running", value_bool(a, !runs_run_has_ended(run->state)));
    value_put(a, v, "failed", value_bool(a, run->state == RUNS_FAILED));
    *ret = v;
    return documents_put(c, run, v, err);
}

char *api_node_cursor(struct arena *a, size_t place, int64_t key)
{
    return arena_printf(a, "%zu:%" PRId64, place, key);
}

static size_t page_from(const char *cursor, const int64_t *keys, size_t n)
{
    char *end;
    if (!cursor || !*cursor)
        return 0;
    unsigned long long place = strtoull(cursor, &end, 10);
    if (*end != ':')
        return n;
    int64_t key = strtoll(end + 1, NULL, 10);
    if (place < n && keys[place] == key)
        return (size_t)place + 1;
    for (size_t i = 0; i < n; i++)
        if (keys[i] == key)
            return i + 1;
    return place < n ? (size_t)place : n;
}

struct api_page api_node_page(const struct desk_call *c, const int64_t *keys, size_t n)
{
    const char *cursor = desk_call_text(c, "cursor");
    int64_t limit =
        value_get_int(c->variables, "perPage", value_get_int(c->variables, "first", PAGE));
    size_t max = limit < 1 ? 1 : limit > API_PAGE_MAX ? API_PAGE_MAX : (size_t)limit;
    size_t from = page_from(cursor ? cursor : desk_call_text(c, "after"), keys, n);
    size_t count = n - from < max ? n - from : max;
    return (struct api_page){from, count, from + count < n};
}

int api_node_runs(struct desk_call *c, struct api_page *page, const int64_t *numbers,
                  struct value ***ret, struct err *err)
{
    int rc = 0;
    size_t begun = c->arena->bytes;
    *ret = arena_alloc(c->arena, page->n * sizeof **ret + 1);
    for (size_t i = 0; rc == 0 && i < page->n; i++) {
        struct runs_run run;
        if (i > 0 && c->arena->bytes - begun > API_PAGE_BYTES) {
            page->n = i;
            page->more = true;
            break;
        }
        rc = runs_run_get(c->runs, c->arena, numbers[page->from + i], &run, err);
        rc = rc == 0 ? api_node_run(c, &run, &(*ret)[i], err) : rc;
    }
    return rc;
}

int api_node_check_size(const struct desk_call *c, struct err *err)
{
    if (c->arena->bytes <= API_ANSWER_BYTES)
        return 0;
    return err_set(
        err, ERR_LIMIT,
        "the answer is longer than %d MiB: ask for fewer rows at once (page_size, samples)",
        API_ANSWER_BYTES >> 20);
}

struct value *api_node_edges(struct arena *a, const struct api_page *page, const int64_t *keys,
                             struct value *const *nodes)
{
    struct value *ret = value_dict(a), *list = value_list(a), *info = value_dict(a);
    const char *cursor = NULL;
    for (size_t i = 0; i < page->n; i++) {
        struct value *edge = value_dict(a);
        cursor = api_node_cursor(a, page->from + i, keys[page->from + i]);
        value_put(a, edge, "node", nodes[i]);
        put_text(a, edge, "cursor", cursor);
        value_push(a, list, edge);
    }
    put_text(a, info, "__typename", "PageInfo");
    put_text(a, info, "endCursor", cursor);
    value_put(a, info, "hasNextPage", value_bool(a, page->more));
    value_put(a, ret, "edges", list);
    value_put(a, ret, "pageInfo", info);
    return ret;
}
