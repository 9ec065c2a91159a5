/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_bucket.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "net/tls/secret.h"
#include "orchestrator/wandb/desk_name.h"
#include "orchestrator/wandb/desk_scope.h"
#include "protocol/wandb/wandb_id.h"

enum { NAME_CHARS = 8, TEXT_BYTES_MAX = 512 };

int desk_bucket_by_id(struct desk_call *c, const char *id, struct runs_run *ret, struct err *err)
{
    int64_t n;
    if (wandb_id_parse(id, "Run", &n))
        return runs_run_get(c->runs, c->arena, n, ret, err);
    return runs_run_find_named(c->runs, c->arena, id, ret, err);
}

int desk_bucket_named(struct desk_call *c, const char *entity, const char *project,
                      const char *name, struct runs_run *ret, struct err *err)
{
    const char *e = desk_call_text(c, entity), *p = desk_call_text(c, project),
               *n = desk_call_text(c, name);
    int rc = runs_run_find(c->runs, c->arena, e && *e ? e : DESK_ENTITY, p && *p ? p : DESK_PROJECT,
                           n ? n : "", ret, err);
    return rc == ERR_NOT_FOUND ? err_set(err, rc, "there is no run '%.100s'", n ? n : "") : rc;
}

struct wandb_answer_run desk_bucket_answer(struct desk_call *c, const struct runs_run *run)
{
    return (struct wandb_answer_run){.id = wandb_id_print(c->arena, "Run", run->n),
                                     .entity = run->entity,
                                     .project = run->project,
                                     .name = run->name,
                                     .display = run->display,
                                     .sweep = run->sweep,
                                     .rows = (uint64_t)run->lines[RUNS_HISTORY]};
}

/* Keeps what there is where the variable is missing or null. */
static void text_take(const struct desk_call *c, const char *name, const char **field)
{
    const char *text = desk_call_text(c, name);
    *field = text ? text : *field;
}

static void fields_take(struct desk_call *c, struct runs_run *run)
{
    const struct value *tags = value_get(c->variables, "tags");
    text_take(c, "displayName", &run->display);
    text_take(c, "display_name", &run->display); /* so wandb.Api() calls it */
    text_take(c, "sweep", &run->sweep);
    text_take(c, "groupName", &run->group);
    text_take(c, "jobType", &run->job_type);
    text_take(c, "notes", &run->notes);
    text_take(c, "host", &run->host);
    text_take(c, "program", &run->program);
    text_take(c, "repo", &run->repo);
    text_take(c, "commit", &run->commit);
    if (tags && tags->kind == VALUE_LIST)
        run->tags = json_text(c->arena, tags, JSON_COMPACT);
}

/* A JSON object; NULL where the variable is missing or null. */
static int document_read(const struct desk_call *c, const char *name, const char **ret,
                         struct err *err)
{
    struct value *v = NULL;
    *ret = desk_call_text(c, name);
    if (!*ret)
        return 0;
    int rc = json_parse_within(c->arena, *ret, strlen(*ret), LIMIT_WANDB_VALUES, &v, err);
    if (rc == 0 && v->kind != VALUE_DICT)
        rc = err_set(err, ERR_SYNTAX, "it is not a JSON object");
    return rc ? err_wrap(err, "%s", name) : 0;
}

static int documents_put(struct desk_call *c, const struct runs_run *run, const char **ret_config,
                         struct err *err)
{
    const char *config, *summary;
    int rc = document_read(c, "config", &config, err);
    if (rc == 0)
        rc = document_read(c, "summaryMetrics", &summary, err);
    if (rc == 0 && config)
        rc = runs_run_put_document(c->runs, run->n, RUNS_CONFIG, config, strlen(config), err);
    if (rc == 0 && summary)
        rc = runs_run_put_document(c->runs, run->n, RUNS_SUMMARY, summary, strlen(summary), err);
    *ret_config = config;
    if (rc == 0 && !config)
        rc = runs_run_document(c->runs, c->arena, run->n, RUNS_CONFIG, ret_config, err);
    return rc;
}

static int names_check(const struct runs_run *run, struct err *err)
{
    const char *const names[] = {run->entity, run->project, run->name};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!names[i][0] || strlen(names[i]) > TEXT_BYTES_MAX || strchr(names[i], '/'))
            return err_set(err, ERR_USAGE,
                           "names of entities, projects and runs have 1 to %d bytes and no '/', "
                           "got '%.60s'",
                           TEXT_BYTES_MAX, names[i]);
    return 0;
}

/* A run that nobody has named gets a name for people too. */
static int run_begin(struct desk_call *c, struct runs_run *run, struct err *err)
{
    char name[NAME_CHARS + 1];
    const char *state = desk_call_text(c, "state");
    int64_t count = 0;
    secret_text(name, NAME_CHARS);
    for (size_t i = 0; i < NAME_CHARS; i++)
        name[i] |= name[i] >= 'A' ? 32 : 0; /* lower case */
    run->name = run->name ? run->name : arena_strdup(c->arena, name);
    run->created = run->heartbeat = c->now_ms;
    bool own = !c->ask->run || strcmp(run->name, c->ask->run) == 0;
    run->by = own ? c->ask->by : desk_scope_maker(c);
    run->tags = "[]";
    run->state = state && runs_run_state_find(state) == RUNS_PENDING ? RUNS_PENDING : RUNS_RUNNING;
    int rc = names_check(run, err);
    if (rc == 0)
        rc = runs_run_count(c->runs, run->entity, run->project, &count, err);
    fields_take(c, run);
    if (rc == 0 && !run->display)
        run->display = desk_name(c->arena, run->name, run->sweep != NULL, count + 1);
    return rc ? rc : runs_run_add(c->runs, run, err);
}

static int run_find(struct desk_call *c, struct runs_run *run, struct err *err)
{
    const char *name = desk_call_text(c, "name"), *id = desk_call_text(c, "id");
    const char *entity = desk_call_text(c, "entity"), *project = desk_call_text(c, "project");
    *run = (struct runs_run){.entity = entity && *entity ? entity : DESK_ENTITY,
                             .project = project && *project ? project : DESK_PROJECT,
                             .name = name && *name ? name : NULL};
    if (!run->name && id)
        return desk_bucket_by_id(c, id, run, err);
    if (!run->name)
        return ERR_NOT_FOUND;
    struct runs_run found;
    int rc = runs_run_find(c->runs, c->arena, run->entity, run->project, run->name, &found, err);
    *run = rc == 0 ? found : *run;
    return rc;
}

int desk_bucket_upsert(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_run run;
    struct err none = {0};
    const char *config = NULL;
    int rc = run_find(c, &run, &none);
    bool known = rc == 0;
    if (rc == ERR_NOT_FOUND && (run.name || !desk_call_text(c, "id"))) {
        rc = run_begin(c, &run, err);
    } else if (rc != 0) {
        return err_set(err, rc, "%s", none.text);
    } else {
        if ((rc = desk_scope_need(c, &run, err)) != 0)
            return rc;
        fields_take(c, &run);
        if (run.state == RUNS_PENDING && desk_call_text(c, "name")) /* its script has begun */
            run.state = RUNS_RUNNING;
        rc = runs_run_put(c->runs, &run, err);
    }
    if (rc == 0)
        rc = documents_put(c, &run, &config, err);
    if (rc != 0)
        return rc;
    struct wandb_answer_run answer = desk_bucket_answer(c, &run);
    answer.config = config;
    answer.known = known;
    rc = desk_report_find(c->runs, c->arena, &run, &c->report, err);
    *ret = wandb_answer_upsert_bucket(c->arena, &answer);
    return rc;
}
