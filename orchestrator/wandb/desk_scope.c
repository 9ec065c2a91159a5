/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_scope.h"

#include <string.h>

#include "orchestrator/runs/runs_run.h"

enum { SWEEP_CHARS = 8 };

/* Operations that name their run, and by which variable. Those without one are about an artifact. This refuses
 * early; what an operation finds by its variables, it judges itself by desk_scope_need. */
static const struct {
    const char *name, *variable;
} operations[] = {
    {"UpsertBucket", "name"},
    {"RewindRun", "runName"},
    {"NotifyScriptableRunAlert", "runName"},
    {"CreateRunFiles", "run"},
    {"MarkRunFilesUploaded", "run"},
    {"CreateArtifact", "runName"},
    {"CreateArtifactManifest", "runName"},
    {"UseArtifact", NULL},
    {"CreateArtifactFiles", NULL},
    {"CommitArtifact", NULL},
    {"UpdateArtifact", NULL},
    {"UpdateArtifactManifest", NULL},
    {"AddAliases", NULL},
    {"DeleteAliases", NULL},
};

static int scope_refuse(const struct wandb_ask *ask, struct err *err)
{
    return err_set(err, ERR_PERMISSION,
                   "this key is for the run %s: it may read, and change that run and those that "
                   "it has made",
                   ask->run);
}

static const char *variable_of(const struct desk_call *c, const char *name)
{
    const struct value *input = value_get(c->variables, "input");
    return value_get_str(c->variables, name, value_get_str(input, name, NULL));
}

/* SWEEP-TRIAL: those are made by what runs trials. */
static bool name_is_of_trial(const char *name)
{
    size_t sweep = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789");
    size_t number =
        sweep == SWEEP_CHARS && name[sweep] == '-' ? strspn(name + sweep + 1, "0123456789") : 0;
    return number > 0 && !name[sweep + 1 + number];
}

const char *desk_scope_maker(const struct desk_call *c)
{
    return arena_printf(c->arena, "trial %s", c->ask->run);
}

bool desk_scope_may_change(const struct desk_call *c, const struct runs_run *run)
{
    return !c->ask->run || strcmp(run->name, c->ask->run) == 0 ||
           (run->by && strcmp(run->by, desk_scope_maker(c)) == 0);
}

int desk_scope_need(const struct desk_call *c, const struct runs_run *run, struct err *err)
{
    return desk_scope_may_change(c, run) ? 0 : scope_refuse(c->ask, err);
}

int desk_scope_need_number(const struct desk_call *c, int64_t n, struct err *err)
{
    struct runs_run run;
    struct err none = {0};
    if (!c->ask->run)
        return 0;
    int rc = n == 0 ? ERR_NOT_FOUND : runs_run_get(c->runs, c->arena, n, &run, &none);
    if (rc == ERR_NOT_FOUND)
        return scope_refuse(c->ask, err);
    return rc ? err_set(err, rc, "%s", none.text) : desk_scope_need(c, &run, err);
}

/* A run beside the attempt's own; makes: it may be new. */
static bool other_is_allowed(const struct desk_call *c, const char *entity, const char *project,
                             const char *name, bool makes)
{
    struct runs_run run;
    struct err none = {0};
    int rc = runs_run_find(c->runs, c->arena, entity && *entity ? entity : DESK_ENTITY,
                           project && *project ? project : DESK_PROJECT, name, &run, &none);
    if (rc == 0)
        return desk_scope_may_change(c, &run);
    return rc == ERR_NOT_FOUND && makes && !desk_call_text(c, "sweep") && !name_is_of_trial(name);
}

int desk_scope_check(const struct desk_call *c, const char *operation, struct err *err)
{
    const struct wandb_ask *ask = c->ask;
    if (!ask->run)
        return 0;
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        if (strcmp(operations[i].name, operation) != 0)
            continue;
        const char *run =
            operations[i].variable ? variable_of(c, operations[i].variable) : ask->run;
        if (run && strcmp(run, ask->run) == 0)
            return 0;
        const char *entity = variable_of(c, "entity"), *project = variable_of(c, "project");
        bool makes = strcmp(operation, "UpsertBucket") == 0;
        return run && other_is_allowed(c, entity ? entity : variable_of(c, "entityName"),
                                       project ? project : variable_of(c, "projectName"), run,
                                       makes)
                   ? 0
                   : scope_refuse(ask, err);
    }
    return scope_refuse(ask, err);
}

int desk_scope_check_path(const struct desk_call *c, struct err *err)
{
    static const char begin[] = "/files/", end[] = "/file_stream";
    const struct wandb_ask *ask = c->ask;
    if (!ask->run || ask->verb != WANDB_POST)
        return 0; /* URLs for uploads carry a right of their own */
    size_t len = strlen(ask->path);
    if (len < sizeof begin + sizeof end || strncmp(ask->path, begin, sizeof begin - 1) != 0 ||
        strcmp(ask->path + len - (sizeof end - 1), end) != 0)
        return scope_refuse(ask, err);
    char *entity =
        arena_strndup(c->arena, ask->path + sizeof begin - 1, len - sizeof begin - sizeof end + 2);
    char *project = strchr(entity, '/'), *run = project ? strchr(project + 1, '/') : NULL;
    if (!run || strchr(run + 1, '/'))
        return scope_refuse(ask, err);
    *project++ = *run++ = '\0';
    bool allowed = strcmp(run, ask->run) == 0 || other_is_allowed(c, entity, project, run, false);
    return allowed ? 0 : scope_refuse(ask, err);
}
