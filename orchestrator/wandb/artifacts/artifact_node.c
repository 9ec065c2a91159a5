/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/artifacts/artifact_node.h"

#include <string.h>

#include "base/json.h"
#include "orchestrator/runs/runs_run.h"
#include "orchestrator/wandb/artifacts/artifact_merge.h"
#include "orchestrator/wandb/files/file_node.h"
#include "protocol/wandb/wandb_id.h"
#include "protocol/wandb/wandb_value.h"

enum { NO_TTL = -2 };

static struct value *project_of(struct desk_call *c, int64_t n, const char *entity,
                                const char *name)
{
    struct value *v = wandb_value_typed(c->arena, "Project");
    wandb_value_text(c->arena, v, "id", wandb_id_print(c->arena, "Project", n));
    wandb_value_text(c->arena, v, "internalId", wandb_id_print(c->arena, "ProjectInternalId", n));
    wandb_value_text(c->arena, v, "name", name);
    value_put(c->arena, v, "entity",
              wandb_value_with(c->arena, "name", value_str(c->arena, entity)));
    return v;
}

struct value *artifact_node_project(struct desk_call *c, const struct runs_collection *of)
{
    return project_of(c, of->project_n, of->entity, of->project);
}

struct value *artifact_node_type(struct desk_call *c, const struct runs_collection *of)
{
    struct value *v = wandb_value_typed(c->arena, "ArtifactType");
    wandb_value_text(c->arena, v, "id", wandb_id_print(c->arena, "ArtifactType", of->n));
    wandb_value_text(c->arena, v, "name", of->type);
    wandb_value_text(c->arena, v, "description", NULL);
    wandb_value_text(c->arena, v, "createdAt", wandb_value_time(c->arena, of->created));
    return v;
}

struct value *artifact_node_collection(struct desk_call *c, const struct runs_collection *of)
{
    struct value *v = wandb_value_typed(c->arena, "ArtifactSequence");
    wandb_value_text(c->arena, v, "id", wandb_id_print(c->arena, "ArtifactCollection", of->n));
    wandb_value_text(c->arena, v, "name", of->name);
    wandb_value_text(c->arena, v, "description", of->description);
    wandb_value_text(c->arena, v, "createdAt", wandb_value_time(c->arena, of->created));
    wandb_value_text(c->arena, v, "updatedAt", NULL);
    wandb_value_text(c->arena, v, "state", "READY");
    value_put(c->arena, v, "project", artifact_node_project(c, of));
    value_put(c->arena, v, "type", artifact_node_type(c, of));
    value_put(c->arena, v, "defaultArtifactType", artifact_node_type(c, of));
    value_put(c->arena, v, "tags", wandb_value_with(c->arena, "edges", value_list(c->arena)));
    return v;
}

const struct value *artifact_node_texts(struct desk_call *c, const char *json)
{
    struct value *v = NULL;
    struct err err = {0};
    if (!json || json_parse(c->arena, json, strlen(json), &v, &err) != 0 || v->kind != VALUE_LIST)
        return value_list(c->arena);
    return v;
}

static struct value *tags_of(struct desk_call *c, const struct runs_artifact *v)
{
    const struct value *names = artifact_node_texts(c, v->tags);
    struct value *ret = value_list(c->arena);
    for (size_t i = 0; i < names->list.n; i++) {
        struct value *tag = wandb_value_typed(c->arena, "Tag");
        wandb_value_text(c->arena, tag, "id", names->list.items[i]->s.ptr);
        wandb_value_text(c->arena, tag, "name", names->list.items[i]->s.ptr);
        value_push(c->arena, ret, tag);
    }
    return ret;
}

struct alias_list {
    struct desk_call *call;
    const struct runs_artifact *artifact;
    struct value *list;
};

static void alias_take(void *arg, const char *alias)
{
    struct alias_list *l = arg;
    struct value *v = wandb_value_typed(l->call->arena, "ArtifactAlias");
    wandb_value_text(l->call->arena, v, "id",
                     arena_printf(l->call->arena, "%lld:%s", (long long)l->artifact->n, alias));
    wandb_value_text(l->call->arena, v, "alias", alias);
    value_put(l->call->arena, v, "artifactCollection",
              artifact_node_collection(l->call, &l->artifact->collection));
    value_push(l->call->arena, l->list, v);
}

/* "v3" is an alias too, as W&B has it. */
static int aliases_of(struct desk_call *c, const struct runs_artifact *v, struct value **ret,
                      struct err *err)
{
    struct alias_list l = {c, v, value_list(c->arena)};
    int rc = runs_artifact_aliases(c->runs, v->n, false, alias_take, &l, err);
    if (v->version >= 0)
        alias_take(&l, arena_printf(c->arena, "v%lld", (long long)v->version));
    *ret = l.list;
    return rc;
}

int artifact_node(struct desk_call *c, const struct runs_artifact *v, struct value **ret,
                  struct err *err)
{
    struct value *node = wandb_value_typed(c->arena, "Artifact"), *aliases = NULL;
    struct arena *a = c->arena;
    int rc = aliases_of(c, v, &aliases, err);
    wandb_value_text(a, node, "id", wandb_id_print(a, "Artifact", v->n));
    value_put(a, node, "artifactSequence", artifact_node_collection(c, &v->collection));
    value_put(a, node, "versionIndex", v->version < 0 ? value_null(a) : value_int(a, v->version));
    value_put(a, node, "artifactType", artifact_node_type(c, &v->collection));
    wandb_value_text(a, node, "description", v->description);
    wandb_value_text(a, node, "metadata", v->metadata);
    wandb_value_int(a, node, "ttlDurationSeconds", NO_TTL);
    value_put(a, node, "ttlIsInherited", value_bool(a, true));
    value_put(a, node, "tags", tags_of(c, v));
    value_put(a, node, "historyStep", v->step < 0 ? value_null(a) : value_int(a, v->step));
    wandb_value_text(a, node, "state", runs_artifact_state_name(v->state));
    wandb_value_int(a, node, "size", v->size);
    wandb_value_text(a, node, "digest", v->digest);
    wandb_value_text(a, node, "digestAlgorithm", "MANIFEST_MD5");
    wandb_value_text(a, node, "commitHash", v->digest);
    wandb_value_int(a, node, "fileCount", v->files);
    wandb_value_text(a, node, "createdAt", wandb_value_time(a, v->created));
    wandb_value_text(a, node, "updatedAt", wandb_value_time(a, v->updated));
    value_put(a, node, "aliases", aliases ? aliases : value_list(a));
    *ret = node;
    return rc;
}

static int run_node(struct desk_call *c, int64_t n, struct value **ret, struct err *err)
{
    struct runs_run run;
    struct err none = {0};
    *ret = value_null(c->arena);
    int rc = n > 0 ? runs_run_get(c->runs, c->arena, n, &run, &none) : ERR_NOT_FOUND;
    if (rc == ERR_NOT_FOUND)
        return 0;
    if (rc != 0)
        return err_set(err, rc, "%s", none.text);
    struct value *v = wandb_value_typed(c->arena, "Run");
    wandb_value_text(c->arena, v, "id", wandb_id_print(c->arena, "Run", run.n));
    wandb_value_text(c->arena, v, "name", run.name);
    wandb_value_text(c->arena, v, "displayName", run.display);
    value_put(c->arena, v, "project", project_of(c, run.project_n, run.entity, run.project));
    *ret = v;
    return 0;
}

struct user_list {
    int64_t *n;
    size_t len, cap;
    struct arena *arena;
};

static void user_take(void *arg, int64_t run)
{
    struct user_list *l = arg;
    if (l->len == l->cap) {
        int64_t *more = arena_alloc(l->arena, (2 * l->cap + 8) * sizeof *more);
        if (l->len > 0)
            memcpy(more, l->n, l->len * sizeof *more);
        l->n = more;
        l->cap = 2 * l->cap + 8;
    }
    l->n[l->len++] = run;
}

static int users_of(struct desk_call *c, const struct runs_artifact *v, struct value **ret,
                    struct err *err)
{
    struct user_list users = {.arena = c->arena};
    struct value *edges = value_list(c->arena), *node;
    int rc = runs_artifact_users(c->runs, v->n, user_take, &users, err);
    for (size_t i = 0; i < users.len && rc == 0; i++) {
        rc = run_node(c, users.n[i], &node, err);
        if (rc == 0 && node->kind == VALUE_DICT)
            wandb_value_edge(c->arena, edges, node, NULL);
    }
    *ret = wandb_value_page(c->arena, edges, NULL, false, (int64_t)edges->list.n);
    return rc;
}

static int manifest_of(struct desk_call *c, const struct runs_artifact *v, struct value **ret,
                       struct err *err)
{
    struct value *manifest = value_dict(c->arena), *file = value_dict(c->arena);
    const char *url = NULL;
    *ret = value_null(c->arena);
    if (!v->manifest)
        return 0;
    int rc = file_node_url(c, false, "manifest", v->n, ARTIFACT_MANIFEST, &url, err);
    wandb_value_text(c->arena, manifest, "id", wandb_id_print(c->arena, "Manifest", v->n));
    wandb_value_text(c->arena, manifest, "digest", v->digest);
    wandb_value_text(c->arena, file, "id", wandb_id_print(c->arena, "Manifest", v->n));
    wandb_value_text(c->arena, file, "name", "wandb_manifest.json");
    wandb_value_text(c->arena, file, "directUrl", url);
    value_put(c->arena, manifest, "file", file);
    *ret = manifest;
    return rc;
}

int artifact_node_membership(struct desk_call *c, const struct runs_artifact *v, struct value **ret,
                             struct err *err)
{
    struct value *m = wandb_value_typed(c->arena, "ArtifactCollectionMembership"), *node;
    int rc = artifact_node(c, v, &node, err);
    wandb_value_text(c->arena, m, "id", wandb_id_print(c->arena, "Membership", v->n));
    value_put(c->arena, m, "versionIndex", value_int(c->arena, v->version));
    wandb_value_text(c->arena, m, "createdAt", wandb_value_time(c->arena, v->created));
    value_put(c->arena, m, "aliases", (struct value *)(uintptr_t)value_get(node, "aliases"));
    value_put(c->arena, m, "artifactCollection", artifact_node_collection(c, &v->collection));
    value_put(c->arena, m, "artifact", node);
    *ret = m;
    return rc;
}

int artifact_node_whole(struct desk_call *c, const struct runs_artifact *v, struct value **ret,
                        struct err *err)
{
    struct value *made = NULL, *used = NULL, *manifest = NULL, *place = NULL;
    struct value *places = value_list(c->arena);
    int rc = artifact_node(c, v, ret, err);
    if (rc == 0)
        rc = run_node(c, v->run, &made, err);
    if (rc == 0)
        rc = users_of(c, v, &used, err);
    if (rc == 0)
        rc = manifest_of(c, v, &manifest, err);
    if (rc == 0 && v->version >= 0)
        rc = artifact_node_membership(c, v, &place, err);
    if (rc != 0)
        return rc;
    if (place)
        wandb_value_edge(c->arena, places, place, NULL);
    value_put(c->arena, *ret, "createdBy", made);
    value_put(c->arena, *ret, "usedBy", used);
    value_put(c->arena, *ret, "currentManifest", manifest);
    value_put(c->arena, *ret, "artifactMemberships",
              wandb_value_page(c->arena, places, NULL, false, (int64_t)places->list.n));
    return 0;
}

int artifact_node_find(struct desk_call *c, const char *id, struct runs_artifact *ret,
                       struct err *err)
{
    int64_t n = 0;
    if (wandb_id_parse(id, "Artifact", &n))
        return runs_artifact_get(c->runs, c->arena, n, ret, err);
    return runs_artifact_find_client(c->runs, c->arena, id ? id : "", ret, err);
}
