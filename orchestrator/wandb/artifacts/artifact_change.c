/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/artifacts/artifact_change.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "orchestrator/runs/runs_run.h"
#include "orchestrator/wandb/artifacts/artifact_node.h"
#include "orchestrator/wandb/desk_scope.h"
#include "protocol/wandb/wandb_id.h"
#include "protocol/wandb/wandb_value.h"

enum { ALIAS_BYTES_MAX = 128 };

static const struct value *input_of(const struct desk_call *c)
{
    const struct value *input = value_get(c->variables, "input");
    return input ? input : c->variables;
}

static bool list_has(const struct value *list, const char *text)
{
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.n; i++)
        if (list->list.items[i]->kind == VALUE_STR && strcmp(list->list.items[i]->s.ptr, text) == 0)
            return true;
    return false;
}

struct value *artifact_change_names(struct desk_call *c, const struct value *list, const char *key,
                                    struct value *to)
{
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.n; i++) {
        const char *text = value_get_str(list->list.items[i], key, NULL);
        if (text && *text && !list_has(to, text))
            value_push(c->arena, to, value_str(c->arena, text));
    }
    return to;
}

/* "v3" is the number of a version, and nothing else. */
static bool alias_is_version(const char *alias)
{
    return alias[0] == 'v' && alias[1] && alias[1 + strspn(alias + 1, "0123456789")] == '\0';
}

static int alias_give(struct desk_call *c, const struct runs_artifact *v, const char *alias,
                      struct err *err)
{
    if (alias_is_version(alias))
        return 0;
    if (!*alias || strlen(alias) > ALIAS_BYTES_MAX || strpbrk(alias, "/:"))
        return err_set(err, ERR_USAGE, "an alias has 1 to %d bytes, without '/' and ':'",
                       ALIAS_BYTES_MAX);
    return runs_artifact_alias_put(c->runs, v->collection.n, alias, v->n, err);
}

int artifact_change_give(struct desk_call *c, const struct runs_artifact *v,
                         const struct value *aliases, struct err *err)
{
    int rc = 0;
    if (aliases->list.n > LIMIT_ALIASES)
        return err_set(err, ERR_LIMIT, "an artifact has at most %d aliases", LIMIT_ALIASES);
    for (size_t i = 0; i < aliases->list.n && rc == 0; i++)
        rc = alias_give(c, v, aliases->list.items[i]->s.ptr, err);
    if (rc == 0 && v->version == v->collection.versions - 1)
        rc = alias_give(c, v, "latest", err);
    return rc;
}

static int artifact_of_input(struct desk_call *c, struct runs_artifact *ret, struct err *err)
{
    return artifact_node_find(c, value_get_str(input_of(c), "artifactID", NULL), ret, err);
}

/* Clients want some answers under the name `result`, and others under that of the mutation. */
static struct value *result_of(struct desk_call *c, const char *name, struct value *v)
{
    struct value *data = wandb_value_with(c->arena, "result", v);
    value_put(c->arena, data, name, v);
    return wandb_value_with(c->arena, "data", data);
}

static struct value *success_of(struct desk_call *c, const char *name)
{
    return result_of(c, name, wandb_value_with(c->arena, "success", value_bool(c->arena, true)));
}

static const char *tags_change(struct desk_call *c, const struct runs_artifact *v)
{
    const struct value *input = input_of(c), *old = artifact_node_texts(c, v->tags);
    const struct value *drop =
        artifact_change_names(c, value_get(input, "tagsToDelete"), "tagName", value_list(c->arena));
    struct value *tags = value_list(c->arena);
    for (size_t i = 0; i < old->list.n; i++)
        if (!list_has(drop, old->list.items[i]->s.ptr))
            value_push(c->arena, tags, value_str(c->arena, old->list.items[i]->s.ptr));
    artifact_change_names(c, value_get(input, "tagsToAdd"), "tagName", tags);
    return json_text(c->arena, tags, JSON_COMPACT);
}

int artifact_change_update(struct desk_call *c, struct value **ret, struct err *err)
{
    const struct value *input = input_of(c);
    struct runs_artifact v;
    struct value *node = NULL;
    int rc = artifact_of_input(c, &v, err);
    if (rc == 0)
        rc = desk_scope_need_number(c, v.run, err);
    if (rc != 0)
        return rc;
    v.description = value_get_str(input, "description", v.description);
    v.metadata = value_get_str(input, "metadata", v.metadata);
    v.tags = tags_change(c, &v);
    v.updated = c->now_ms;
    if (v.state == RUNS_ARTIFACT_COMMITTED)
        rc = artifact_change_give(
            c, &v,
            artifact_change_names(c, value_get(input, "aliases"), "alias", value_list(c->arena)),
            err);
    if (rc == 0)
        rc = runs_artifact_put(c->runs, &v, err);
    if (rc == 0)
        rc = artifact_node(c, &v, &node, err);
    if (rc == 0)
        *ret = result_of(c, "updateArtifact", wandb_value_with(c->arena, "artifact", node));
    return rc;
}

static int aliases_change(struct desk_call *c, bool add, struct err *err)
{
    const struct value *list = value_get(input_of(c), "aliases");
    struct runs_artifact v;
    int rc = artifact_of_input(c, &v, err);
    const struct value *names = artifact_change_names(c, list, "alias", value_list(c->arena));
    for (size_t i = 0; i < names->list.n && rc == 0; i++) {
        const char *alias = names->list.items[i]->s.ptr;
        rc = add ? alias_give(c, &v, alias, err)
                 : runs_artifact_alias_drop(c->runs, v.collection.n, alias, v.n, err);
    }
    return rc;
}

int artifact_change_add_aliases(struct desk_call *c, struct value **ret, struct err *err)
{
    *ret = success_of(c, "addAliases");
    return aliases_change(c, true, err);
}

int artifact_change_drop_aliases(struct desk_call *c, struct value **ret, struct err *err)
{
    *ret = success_of(c, "deleteAliases");
    return aliases_change(c, false, err);
}

static void alias_note(void *arg, const char *alias)
{
    (void)alias;
    *(bool *)arg = true;
}

static bool version_keep(void *arg, const struct runs_artifact *v)
{
    *(struct runs_artifact *)arg = *v;
    return false;
}

/* Where no version is the latest any more, the newest becomes it. */
static int latest_give(struct desk_call *c, int64_t collection, struct err *err)
{
    struct runs_artifact v = {.n = 0};
    struct err none = {0};
    int rc = runs_artifact_find(c->runs, c->arena, collection, "latest", &v, &none);
    if (rc != ERR_NOT_FOUND)
        return rc ? err_set(err, rc, "%s", none.text) : 0;
    rc = runs_artifact_list(c->runs, c->arena, RUNS_ARTIFACT_VERSIONS, collection, 0, version_keep,
                            &v, err);
    return rc == 0 && v.n > 0 ? alias_give(c, &v, "latest", err) : rc;
}

int artifact_change_delete(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_artifact v;
    bool named = false;
    int rc = artifact_of_input(c, &v, err);
    if (rc == 0)
        rc = runs_artifact_aliases(c->runs, v.n, false, alias_note, &named, err);
    if (rc == 0 && named && !value_get_bool(input_of(c), "deleteAliases", false))
        return err_set(err, ERR_STATE,
                       "cannot delete the artifact %s, which has aliases: delete them too",
                       v.collection.name);
    if (rc == 0)
        rc = runs_artifact_drop(c->runs, v.n, err);
    if (rc == 0)
        rc = latest_give(c, v.collection.n, err);
    if (rc == 0)
        *ret = result_of(
            c, "deleteArtifact",
            wandb_value_with(
                c->arena, "artifact",
                wandb_value_with(c->arena, "id",
                                 value_str(c->arena, wandb_id_print(c->arena, "Artifact", v.n)))));
    return rc;
}

int artifact_change_use(struct desk_call *c, struct value **ret, struct err *err)
{
    const struct value *input = input_of(c);
    struct runs_artifact v;
    struct runs_run run;
    struct value *node = NULL;
    int rc = artifact_of_input(c, &v, err);
    if (rc == 0)
        rc = runs_run_find(c->runs, c->arena, value_get_str(input, "entityName", DESK_ENTITY),
                           value_get_str(input, "projectName", DESK_PROJECT),
                           value_get_str(input, "runName", ""), &run, err);
    if (rc == 0)
        rc = desk_scope_need(c, &run, err);
    if (rc == 0)
        rc = runs_artifact_use(c->runs, v.n, run.n, err);
    if (rc == 0)
        rc = artifact_node(c, &v, &node, err);
    if (rc == 0)
        *ret =
            wandb_value_data(c->arena, "useArtifact", wandb_value_with(c->arena, "artifact", node));
    return rc;
}

static int collection_of(struct desk_call *c, const char *id, struct runs_collection *ret,
                         struct err *err)
{
    int64_t n = 0;
    if (!wandb_id_parse(id, "ArtifactCollection", &n))
        return err_set(err, ERR_NOT_FOUND, "there is no such collection of artifacts");
    return runs_collection_get(c->runs, c->arena, n, ret, err);
}

/* UpdateArtifactSequence, and UpdateArtifactSequenceType: another name, text or type. */
int artifact_change_collection(struct desk_call *c, struct value **ret, struct err *err)
{
    const struct value *input = input_of(c);
    struct runs_collection old, found;
    struct err none = {0};
    int rc = collection_of(c, value_get_str(input, "artifactSequenceID", NULL), &old, err);
    if (rc != 0)
        return rc;
    struct runs_collection v = old;
    v.name = value_get_str(input, "name", old.name);
    v.description = value_get_str(input, "description", old.description);
    v.type = value_get_str(input, "destinationArtifactTypeName", old.type);
    if (!*v.name || strlen(v.name) > ALIAS_BYTES_MAX || strpbrk(v.name, "/:") || !*v.type ||
        strlen(v.type) > ALIAS_BYTES_MAX)
        return err_set(err, ERR_USAGE, "the name or type of the artifact is not allowed");
    if (strcmp(v.name, old.name) != 0 &&
        runs_collection_find(c->runs, c->arena, v.entity, v.project, v.name, &found, &none) == 0)
        return err_set(err, ERR_EXISTS, "the project has an artifact %s already", v.name);
    rc = runs_collection_put(c->runs, &v, err);
    *ret = result_of(
        c, "updateArtifactSequence",
        wandb_value_with(c->arena, "artifactCollection", artifact_node_collection(c, &v)));
    return rc;
}

int artifact_change_delete_collection(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_collection v;
    int rc = collection_of(c, desk_call_text(c, "id"), &v, err);
    if (rc == 0)
        rc = runs_collection_drop(c->runs, v.n, err);
    struct value *node = rc == 0 ? artifact_node_collection(c, &v) : value_dict(c->arena);
    wandb_value_text(c->arena, node, "state", "DELETED");
    *ret = result_of(c, "deleteArtifactSequence",
                     wandb_value_with(c->arena, "artifactCollection", node));
    return rc;
}
