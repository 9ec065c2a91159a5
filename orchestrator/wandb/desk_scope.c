/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_scope.h"

#include <string.h>

/* Operations that name their run, and by which variable; without one, they are about an artifact whose
 * id its creator alone was told. */
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
                   "this key is for the run %s: it may read, and change that run alone", ask->run);
}

int desk_scope_check(const struct wandb_ask *ask, const char *operation,
                     const struct value *variables, struct err *err)
{
    if (!ask->run)
        return 0;
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        const char *variable = operations[i].variable;
        if (strcmp(operations[i].name, operation) != 0)
            continue;
        const struct value *input = value_get(variables, "input");
        const char *run =
            variable ? value_get_str(variables, variable, value_get_str(input, variable, NULL))
                     : ask->run;
        return run && strcmp(run, ask->run) == 0 ? 0 : scope_refuse(ask, err);
    }
    return scope_refuse(ask, err);
}

int desk_scope_check_path(const struct wandb_ask *ask, struct err *err)
{
    static const char end[] = "/file_stream";
    size_t len = strlen(ask->path), run = ask->run ? strlen(ask->run) : 0;
    if (!ask->run || ask->verb != WANDB_POST)
        return 0; /* URLs for uploads carry a right of their own */
    if (len <= run + sizeof end)
        return scope_refuse(ask, err);
    const char *tail = ask->path + len - (sizeof end - 1), *name = tail - run;
    bool is = strcmp(tail, end) == 0 && name[-1] == '/' && strncmp(name, ask->run, run) == 0;
    return is ? 0 : scope_refuse(ask, err);
}
