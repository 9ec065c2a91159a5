/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/artifacts/artifact_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "orchestrator/runs/runs_run.h"
#include "orchestrator/wandb/artifacts/artifact_node.h"
#include "orchestrator/wandb/files/file_listing.h"
#include "protocol/wandb/wandb_id.h"
#include "protocol/wandb/wandb_value.h"

enum { PAGE = 50 };

static const char *text_or(const struct desk_call *c, const char *name, const char *other,
                           const char *otherwise)
{
    const char *text = desk_call_text(c, name);
    text = text && *text ? text : desk_call_text(c, other);
    return text && *text ? text : otherwise;
}

static const char *entity_of(const struct desk_call *c)
{
    return text_or(c, "entity", "entityName", DESK_ENTITY);
}

static const char *project_of(const struct desk_call *c)
{
    return text_or(c, "project", "projectName", DESK_PROJECT);
}

static struct value *project_answer(struct desk_call *c, const char *key, struct value *v)
{
    struct value *project = wandb_value_with(c->arena, key, v);
    wandb_value_text(c->arena, project, "name", project_of(c));
    return wandb_value_data(c->arena, "project", project);
}

/* 0 where it is missing, which is no error here: *ret is NULL then. */
static int version_find(struct desk_call *c, const char *name, const char *alias,
                        struct runs_artifact *space, const struct runs_artifact **ret,
                        struct err *err)
{
    struct runs_collection collection;
    struct err none = {0};
    *ret = NULL;
    int rc = runs_collection_find(c->runs, c->arena, entity_of(c), project_of(c), name, &collection,
                                  &none);
    if (rc == 0)
        rc = runs_artifact_find(c->runs, c->arena, collection.n, alias, space, &none);
    if (rc == 0)
        *ret = space;
    return rc == 0 || rc == ERR_NOT_FOUND ? 0 : err_set(err, rc, "%s", none.text);
}

/* "COLLECTION:ALIAS"; without an alias, "latest". */
static int named_find(struct desk_call *c, struct runs_artifact *space,
                      const struct runs_artifact **ret, struct err *err)
{
    char *name = arena_strdup(c->arena, text_or(c, "name", "artifactName", ""));
    char *colon = strchr(name, ':');
    if (colon)
        *colon = '\0';
    return version_find(c, name, colon ? colon + 1 : "latest", space, ret, err);
}

int artifact_read_named(struct desk_call *c, struct value **ret, struct err *err)
{
    const struct runs_artifact *v;
    struct runs_artifact space;
    struct value *node = value_null(c->arena);
    int rc = named_find(c, &space, &v, err);
    if (rc == 0 && v)
        rc = artifact_node_membership(c, v, &node, err);
    *ret = project_answer(c, "artifactCollectionMembership", node);
    return rc;
}

int artifact_read_type_of(struct desk_call *c, struct value **ret, struct err *err)
{
    const struct runs_artifact *v;
    struct runs_artifact space;
    struct value *node = value_null(c->arena);
    int rc = named_find(c, &space, &v, err);
    if (rc == 0 && v)
        rc = artifact_node(c, v, &node, err);
    *ret = project_answer(c, "artifact", node);
    return rc;
}

static int one_find(struct desk_call *c, struct runs_artifact *ret, struct err *err)
{
    const char *id = text_or(c, "id", "artifactID", desk_call_text(c, "artifact_id"));
    return artifact_node_find(c, id, ret, err);
}

int artifact_read_one(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_artifact v;
    struct value *node = NULL;
    int rc = one_find(c, &v, err);
    if (rc == 0)
        rc = artifact_node_whole(c, &v, &node, err);
    if (rc == 0)
        *ret = wandb_value_data(c->arena, "artifact", node);
    return rc;
}

int artifact_read_client(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_artifact v;
    int rc = artifact_node_find(c, desk_call_text(c, "clientID"), &v, err);
    if (rc == 0)
        *ret = wandb_value_data(
            c->arena, "clientIDMapping",
            wandb_value_with(c->arena, "serverID",
                             value_str(c->arena, wandb_id_print(c->arena, "Artifact", v.n))));
    return rc;
}

static int files_page(struct desk_call *c, int64_t artifact, const struct value *names,
                      struct value **ret, struct err *err)
{
    const struct file_listing wanted = {
        .of = RUNS_FILE_ARTIFACT,
        .n = artifact,
        .names = names,
        .after = desk_call_text(c, "cursor"),
        .limit = value_get_int(c->variables, "perPage", FILE_LISTING_PAGE),
    };
    int64_t count;
    return file_listing_page(c, &wanted, ret, &count, err);
}

int artifact_read_files(struct desk_call *c, struct value **ret, struct err *err)
{
    const struct runs_artifact *v;
    struct runs_artifact space;
    struct value *collection = value_null(c->arena), *files;
    int rc = version_find(c, text_or(c, "collection", "collectionName", ""),
                          text_or(c, "alias", "aliasName", "latest"), &space, &v, err);
    if (rc == 0 && v) {
        rc = files_page(c, v->n, value_get(c->variables, "fileNames"), &files, err);
        collection = artifact_node_collection(c, &v->collection);
        value_put(c->arena, collection, "artifactMembership",
                  wandb_value_with(c->arena, "files", files));
    }
    *ret = project_answer(c, "artifactCollection", collection);
    return rc;
}

/* ArtifactFileURLsByManifestEntries: the entries that are asked for. */
int artifact_read_entries(struct desk_call *c, struct value **ret, struct err *err)
{
    const struct value *entries = value_get(c->variables, "entries");
    struct value *names = value_list(c->arena), *files = NULL;
    struct runs_artifact v;
    for (size_t i = 0; entries && entries->kind == VALUE_LIST && i < entries->list.n; i++)
        value_push(c->arena, names,
                   value_str(c->arena, value_get_str(entries->list.items[i], "name", "")));
    int rc = one_find(c, &v, err);
    if (rc == 0)
        rc = files_page(c, v.n, names, &files, err);
    if (rc == 0)
        *ret = wandb_value_data(c->arena, "artifact",
                                wandb_value_with(c->arena, "filesByManifestEntries", files));
    return rc;
}

struct collection_list {
    struct desk_call *call;
    struct value *edges;
    const char *name; /* of a type to look for; NULL: all */
    struct value *type;
};

static void collection_take(void *arg, const struct runs_collection *of)
{
    struct collection_list *l = arg;
    wandb_value_edge(l->call->arena, l->edges, artifact_node_collection(l->call, of), of->name);
}

static void type_take(void *arg, const struct runs_collection *of)
{
    struct collection_list *l = arg;
    for (size_t i = 0; i < l->edges->list.n; i++)
        if (strcmp(value_get_str(value_get(l->edges->list.items[i], "node"), "name", ""),
                   of->type) == 0)
            return;
    struct value *type = artifact_node_type(l->call, of);
    if (l->name && strcmp(l->name, of->type) == 0)
        l->type = type;
    wandb_value_edge(l->call->arena, l->edges, type, of->type);
}

/* ProjectArtifactTypes and ProjectArtifactType. */
int artifact_read_types(struct desk_call *c, struct value **ret, struct err *err)
{
    struct collection_list l = {
        .call = c, .edges = value_list(c->arena), .name = desk_call_text(c, "type")};
    int rc = runs_collection_list(c->runs, c->arena, entity_of(c), project_of(c), NULL, type_take,
                                  &l, err);
    struct value *page = wandb_value_page(c->arena, l.edges, NULL, false, (int64_t)l.edges->list.n);
    struct value *project = wandb_value_with(c->arena, "artifactTypes", page);
    value_put(c->arena, project, "artifactType", l.type ? l.type : value_null(c->arena));
    *ret = wandb_value_data(c->arena, "project", project);
    return rc;
}

/* All of a project, or of one of its types, or one of them. */
int artifact_read_collections(struct desk_call *c, struct value **ret, struct err *err)
{
    const char *type = desk_call_text(c, "type"), *name = desk_call_text(c, "name");
    struct collection_list l = {.call = c, .edges = value_list(c->arena)};
    struct runs_collection one;
    struct err none = {0};
    struct value *of_type = value_dict(c->arena), *project = value_dict(c->arena);
    int rc = runs_collection_list(c->runs, c->arena, entity_of(c), project_of(c), type,
                                  collection_take, &l, err);
    struct value *page = wandb_value_page(c->arena, l.edges, NULL, false, (int64_t)l.edges->list.n);
    bool found = name &&
                 runs_collection_find(c->runs, c->arena, entity_of(c), project_of(c), name, &one,
                                      &none) == 0 &&
                 (!type || strcmp(type, one.type) == 0);
    value_put(c->arena, of_type, "artifactCollections", page);
    value_put(c->arena, of_type, "artifactCollection",
              found ? artifact_node_collection(c, &one) : value_null(c->arena));
    value_put(c->arena, project, "artifactCollections", page);
    value_put(c->arena, project, "artifactType",
              type && l.edges->list.n == 0 ? value_null(c->arena) : of_type);
    *ret = wandb_value_data(c->arena, "project", project);
    return rc;
}

struct version_page {
    struct desk_call *call;
    struct value *edges;
    int64_t limit, last;
    bool more;
    int rc;
    struct err *err;
};

static bool version_take(void *arg, const struct runs_artifact *v)
{
    struct version_page *p = arg;
    struct arena *a = p->call->arena;
    struct value *node, *edge = value_dict(a);
    if ((int64_t)p->edges->list.n == p->limit) {
        p->more = true;
        return false;
    }
    p->rc = artifact_node(p->call, v, &node, p->err);
    value_put(a, edge, "node", node);
    wandb_value_text(a, edge, "version", arena_printf(a, "v%lld", (long long)v->version));
    wandb_value_text(a, edge, "cursor", arena_printf(a, "%lld", (long long)v->n));
    value_push(a, p->edges, edge);
    p->last = v->n;
    return p->rc == 0;
}

static int versions_page(struct desk_call *c, enum runs_artifact_list which, int64_t of,
                         struct value **ret, struct err *err)
{
    const char *cursor = desk_call_text(c, "cursor");
    int64_t count = 0, limit = value_get_int(c->variables, "perPage", PAGE);
    struct version_page p = {.call = c,
                             .edges = value_list(c->arena),
                             .limit = limit > 0 && limit < 1000 ? limit : 1000,
                             .err = err};
    int rc = runs_artifact_count(c->runs, which, of, &count, err);
    if (rc == 0)
        rc = runs_artifact_list(c->runs, c->arena, which, of,
                                cursor ? strtoll(cursor, NULL, 10) : 0, version_take, &p, err);
    const char *last =
        p.edges->list.n > 0 ? arena_printf(c->arena, "%lld", (long long)p.last) : NULL;
    *ret = wandb_value_page(c->arena, p.edges, last, p.more, count);
    return rc ? rc : p.rc;
}

int artifact_read_versions(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_collection of;
    struct err none = {0};
    struct value *page, *collection = value_null(c->arena);
    int rc = runs_collection_find(c->runs, c->arena, entity_of(c), project_of(c),
                                  text_or(c, "collection", "name", ""), &of, &none);
    if (rc != 0 && rc != ERR_NOT_FOUND)
        return err_set(err, rc, "%s", none.text);
    if (rc == 0) {
        rc = versions_page(c, RUNS_ARTIFACT_VERSIONS, of.n, &page, err);
        if (rc != 0)
            return rc;
        collection = artifact_node_collection(c, &of);
        value_put(c->arena, collection, "artifacts", page);
    }
    *ret = project_answer(c, "artifactType",
                          wandb_value_with(c->arena, "artifactCollection", collection));
    return 0;
}

struct alias_page {
    struct desk_call *call;
    struct value *edges;
};

static void alias_take(void *arg, const char *alias)
{
    struct alias_page *p = arg;
    struct value *v = wandb_value_typed(p->call->arena, "ArtifactAlias");
    wandb_value_text(p->call->arena, v, "id", alias);
    wandb_value_text(p->call->arena, v, "alias", alias);
    wandb_value_edge(p->call->arena, p->edges, v, alias);
}

int artifact_read_aliases(struct desk_call *c, struct value **ret, struct err *err)
{
    struct alias_page p = {c, value_list(c->arena)};
    struct runs_collection of;
    int64_t n = 0;
    if (!wandb_id_parse(desk_call_text(c, "id"), "ArtifactCollection", &n))
        return err_set(err, ERR_NOT_FOUND, "there is no such collection of artifacts");
    int rc = runs_collection_get(c->runs, c->arena, n, &of, err);
    if (rc == 0)
        rc = runs_artifact_aliases(c->runs, n, true, alias_take, &p, err);
    if (rc != 0)
        return rc;
    struct value *node = artifact_node_collection(c, &of);
    value_put(c->arena, node, "aliases",
              wandb_value_page(c->arena, p.edges, NULL, false, (int64_t)p.edges->list.n));
    *ret = wandb_value_data(c->arena, "artifactCollection", node);
    return 0;
}

static int of_run(struct desk_call *c, enum runs_artifact_list which, struct value **ret,
                  struct err *err)
{
    struct runs_run run;
    struct value *page = NULL;
    int rc = runs_run_find(c->runs, c->arena, entity_of(c), project_of(c),
                           text_or(c, "run", "runName", ""), &run, err);
    if (rc == 0)
        rc = versions_page(c, which, run.n, &page, err);
    if (rc == 0)
        *ret = project_answer(c, "run", wandb_value_with(c->arena, "artifacts", page));
    return rc;
}

int artifact_read_outputs(struct desk_call *c, struct value **ret, struct err *err)
{
    return of_run(c, RUNS_ARTIFACT_OUTPUTS, ret, err);
}

int artifact_read_inputs(struct desk_call *c, struct value **ret, struct err *err)
{
    return of_run(c, RUNS_ARTIFACT_INPUTS, ret, err);
}
