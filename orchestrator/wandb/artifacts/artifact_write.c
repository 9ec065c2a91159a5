/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/artifacts/artifact_write.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/bytes/base64.h"
#include "base/json.h"
#include "base/limits.h"
#include "net/tls/secret.h"
#include "orchestrator/runs/files/files.h"
#include "orchestrator/runs/runs_run.h"
#include "orchestrator/wandb/artifacts/artifact_change.h"
#include "orchestrator/wandb/artifacts/artifact_merge.h"
#include "orchestrator/wandb/artifacts/artifact_node.h"
#include "orchestrator/wandb/desk_file.h"
#include "orchestrator/wandb/desk_scope.h"
#include "orchestrator/wandb/files/file_node.h"
#include "protocol/wandb/wandb_id.h"
#include "protocol/wandb/wandb_value.h"

enum {
    NAME_BYTES_MAX = 128,
    TEXT_BYTES_MAX = 4 << 20,
    MARK_CHARS = 8,
    STALE_MS = 7 * 24 * 3600 * 1000
};

/* Of `input`, or of the variables themselves. */
static const char *input_text(const struct desk_call *c, const char *name, const char *otherwise)
{
    const struct value *input = value_get(c->variables, "input");
    const char *text = value_get_str(input ? input : c->variables, name, NULL);
    return text && *text ? text : otherwise;
}

static const struct value *input_get(const struct desk_call *c, const char *name)
{
    const struct value *input = value_get(c->variables, "input");
    return value_get(input ? input : c->variables, name);
}

static int name_check(const char *what, const char *name, struct err *err)
{
    if (name && strlen(name) <= NAME_BYTES_MAX && !strpbrk(name, "/:"))
        return 0;
    return err_set(err, ERR_USAGE, "%s of an artifact has 1 to %d bytes, without '/' and ':'", what,
                   NAME_BYTES_MAX);
}

static int run_number(struct desk_call *c, const char *entity, const char *project, int64_t *ret,
                      struct err *err)
{
    const char *name = input_text(c, "runName", NULL);
    struct runs_run run = {.n = 0};
    int rc = name ? runs_run_find(c->runs, c->arena, entity, project, name, &run, err) : 0;
    if (rc == 0 && name)
        rc = desk_scope_need(c, &run, err);
    *ret = run.n;
    return rc;
}

/* The answer to CreateArtifact. */
static int created_answer(struct desk_call *c, const struct runs_artifact *v, struct value **ret,
                          struct err *err)
{
    struct value *node, *latest = value_null(c->arena);
    struct runs_artifact newest;
    struct err none = {0};
    int rc = runs_artifact_find(c->runs, c->arena, v->collection.n, "latest", &newest, &none);
    if (rc != 0 && rc != ERR_NOT_FOUND)
        return err_set(err, rc, "%s", none.text);
    if (rc == 0 && (rc = artifact_node(c, &newest, &latest, err)) != 0)
        return rc;
    rc = artifact_node(c, v, &node, err);
    struct value *sequence = artifact_node_collection(c, &v->collection);
    value_put(c->arena, sequence, "latestArtifact", latest);
    value_put(c->arena, node, "artifactSequence", sequence);
    *ret =
        wandb_value_data(c->arena, "createArtifact", wandb_value_with(c->arena, "artifact", node));
    return rc;
}

/* A version with the same content is that version: it gets the new aliases. */
static int known_take(struct desk_call *c, struct runs_artifact *v, const struct value *aliases,
                      struct value **ret, struct err *err)
{
    int rc = artifact_change_give(c, v, aliases, err);
    v->updated = c->now_ms;
    if (rc == 0)
        rc = runs_artifact_put(c->runs, v, err);
    return rc ? rc : created_answer(c, v, ret, err);
}

static int artifact_begin(struct desk_call *c, struct runs_artifact *v, struct err *err)
{
    const struct value *step = input_get(c, "historyStep");
    const struct value *aliases =
        artifact_change_names(c, input_get(c, "aliases"), "alias", value_list(c->arena));
    v->state = RUNS_ARTIFACT_PENDING;
    v->version = -1;
    v->client = input_text(c, "clientID", NULL);
    v->distributed = input_text(c, "distributedID", NULL);
    v->description = input_text(c, "description", NULL);
    v->metadata = input_text(c, "metadata", NULL);
    v->step = step && step->kind == VALUE_INT && step->i >= 0 ? step->i : -1;
    v->tags = json_text(
        c->arena, artifact_change_names(c, input_get(c, "tags"), "tagName", value_list(c->arena)),
        JSON_COMPACT);
    v->aliases = json_text(c->arena, aliases, JSON_COMPACT);
    v->created = v->updated = c->now_ms;
    if ((v->metadata && strlen(v->metadata) > TEXT_BYTES_MAX) || aliases->list.n > LIMIT_ALIASES)
        return err_set(err, ERR_LIMIT, "the metadata or the aliases of the artifact are too long");
    return runs_artifact_add(c->runs, v, err);
}

static int create_in(struct desk_call *c, const struct runs_collection *collection, int64_t run,
                     struct value **ret, struct err *err)
{
    struct runs_artifact v = {.collection = *collection, .digest = input_text(c, "digest", "")};
    const char *client = input_text(c, "clientID", NULL),
               *id = input_text(c, "distributedID", NULL);
    const struct value *once = input_get(c, "enableDigestDeduplication");
    struct runs_artifact known;
    struct err none = {0};
    int rc = ERR_NOT_FOUND;
    bool committed = false;
    if (id)
        rc = runs_artifact_find_distributed(c->runs, c->arena, collection->n, id, &known, &none);
    else if (once && once->kind == VALUE_BOOL && once->b && *v.digest)
        committed = (rc = runs_artifact_find_digest(c->runs, c->arena, collection->n, v.digest,
                                                    &known, &none)) == 0;
    if (rc != 0 && rc != ERR_NOT_FOUND)
        return err_set(err, rc, "%s", none.text);
    if (rc == ERR_NOT_FOUND) {
        v.run = run;
        rc = artifact_begin(c, &v, err);
    } else {
        v = known;
    }
    if (rc == 0 && client)
        rc = runs_artifact_put_client(c->runs, client, v.n, err);
    if (rc == 0 && committed)
        return known_take(
            c, &v, artifact_change_names(c, input_get(c, "aliases"), "alias", value_list(c->arena)),
            ret, err);
    return rc ? rc : created_answer(c, &v, ret, err);
}

int artifact_write_create(struct desk_call *c, struct value **ret, struct err *err)
{
    const char *entity = input_text(c, "entityName", DESK_ENTITY);
    const char *project = input_text(c, "projectName", DESK_PROJECT);
    const char *type = input_text(c, "artifactTypeName", NULL);
    const char *name = input_text(c, "artifactCollectionName", NULL);
    const struct value *names = input_get(c, "artifactCollectionNames");
    struct runs_collection collection;
    int64_t run = 0;
    if (!name && names && names->kind == VALUE_LIST && names->list.n > 0 &&
        names->list.items[0]->kind == VALUE_STR)
        name = names->list.items[0]->s.ptr;
    int rc = name_check("the name", name, err);
    if (rc == 0)
        rc = name_check("the type", type, err);
    if (rc == 0)
        rc = run_number(c, entity, project, &run, err);
    if (rc == 0)
        rc = runs_collection_make(c->runs, c->arena, entity, project, type, name, c->now_ms,
                                  &collection, err);
    if (rc == 0) /* what a script that was killed has left */
        rc = runs_artifact_drop_stale(c->runs, collection.n, c->now_ms - STALE_MS, err);
    return rc ? rc : create_in(c, &collection, run, ret, err);
}

static int pending_find(struct desk_call *c, const char *id, struct runs_artifact *ret,
                        struct err *err)
{
    int rc = artifact_node_find(c, id, ret, err);
    if (rc == 0)
        rc = desk_scope_need_number(c, ret->run, err);
    if (rc == 0 && ret->state != RUNS_ARTIFACT_PENDING)
        rc = err_set(err, ERR_STATE, "the artifact %s is committed already", ret->collection.name);
    return rc;
}

static int manifest_answer(struct desk_call *c, const char *operation, const struct runs_file *f,
                           struct value **ret, struct err *err)
{
    struct value *manifest = value_dict(c->arena), *file = value_dict(c->arena);
    const char *id = wandb_id_print(c->arena, "ArtifactManifest", f->n), *url = NULL;
    int rc = 0;
    if (value_get_bool(c->variables, "includeUpload", true))
        rc = file_node_url(c, true, "manifest", f->owner, f->name, &url, err);
    wandb_value_text(c->arena, manifest, "id", id);
    wandb_value_text(c->arena, file, "id", id);
    wandb_value_text(c->arena, file, "name", "wandb_manifest.json");
    wandb_value_text(c->arena, file, "displayName", "wandb_manifest.json");
    wandb_value_text(c->arena, file, "uploadUrl", url);
    value_put(c->arena, file, "uploadHeaders", file_node_headers(c));
    value_put(c->arena, manifest, "file", file);
    *ret = wandb_value_data(c->arena, operation,
                            wandb_value_with(c->arena, "artifactManifest", manifest));
    return rc;
}

static int base_note(struct desk_call *c, struct runs_artifact *v, struct err *err)
{
    const char *id = desk_call_text(c, "baseArtifactID");
    struct runs_artifact base;
    if (!id || !*id)
        return 0;
    int rc = artifact_node_find(c, id, &base, err);
    v->base = rc == 0 ? base.n : 0;
    return rc ? rc : runs_artifact_put(c->runs, v, err);
}

/* Names begin with the time, so manifests are in the order in which they were announced. */
int artifact_write_manifest(struct desk_call *c, struct value **ret, struct err *err)
{
    const char *type = desk_call_text(c, "manifestType");
    char mark[MARK_CHARS + 1];
    struct runs_artifact v;
    int rc = pending_find(c, desk_call_text(c, "artifactID"), &v, err);
    if (rc == 0)
        rc = base_note(c, &v, err);
    if (rc != 0)
        return rc;
    bool partial = type && (strcmp(type, "PATCH") == 0 || strcmp(type, "INCREMENTAL") == 0);
    secret_text(mark, MARK_CHARS);
    struct runs_file f = {.kind = RUNS_FILE_MANIFEST,
                          .owner = v.n,
                          .name = arena_printf(c->arena, "%015" PRId64 "-%s-%s", c->now_ms, mark,
                                               partial ? type : "FULL"),
                          .updated = c->now_ms};
    rc = runs_file_put(c->runs, &f, err);
    return rc ? rc : manifest_answer(c, "createArtifactManifest", &f, ret, err);
}

int artifact_write_manifest_again(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_artifact v;
    struct runs_file f;
    int64_t n = 0;
    if (!wandb_id_parse(desk_call_text(c, "artifactManifestID"), "ArtifactManifest", &n))
        return err_set(err, ERR_NOT_FOUND, "there is no such manifest");
    int rc = runs_file_get(c->runs, c->arena, n, &f, err);
    if (rc == 0 && f.kind != RUNS_FILE_MANIFEST)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such manifest");
    if (rc == 0)
        rc = runs_artifact_get(c->runs, c->arena, f.owner, &v, err);
    if (rc == 0)
        rc = desk_scope_need_number(c, v.run, err);
    if (rc == 0 && v.state != RUNS_ARTIFACT_PENDING)
        rc = err_set(err, ERR_STATE, "the artifact is committed already");
    if (rc == 0)
        rc = base_note(c, &v, err);
    return rc ? rc : manifest_answer(c, "updateArtifactManifest", &f, ret, err);
}

static bool digest_read(const char *text, unsigned char ret[RUNS_FILE_MD5_BYTES])
{
    struct buf bytes;
    buf_init(&bytes, SIZE_MAX);
    bool good =
        text && base64_parse(&bytes, text, strlen(text)) && bytes.len == RUNS_FILE_MD5_BYTES;
    if (good)
        memcpy(ret, buf_str(&bytes), RUNS_FILE_MD5_BYTES);
    buf_done(&bytes);
    return good;
}

/* Content that is here already is not sent again. */
static int file_announce(struct desk_call *c, const struct value *spec, struct runs_file *f,
                         struct err *err)
{
    struct runs_file known;
    struct err none = {0};
    struct stat st;
    char path[FILES_PATH_BYTES];
    struct runs_artifact v;
    int rc = pending_find(c, value_get_str(spec, "artifactID", NULL), &v, err);
    *f = (struct runs_file){
        .kind = RUNS_FILE_ARTIFACT, .name = value_get_str(spec, "name", ""), .updated = c->now_ms};
    if (rc == 0)
        rc = desk_file_check_name(f->name, err);
    if (rc != 0)
        return rc;
    f->owner = v.n;
    f->has_md5 = digest_read(value_get_str(spec, "md5", NULL), f->md5);
    if (f->has_md5 && runs_file_find_md5(c->runs, c->arena, f->md5, &known, &none) == 0) {
        files_path(c->dir, known.hash, path);
        if (stat(path, &st) == 0) {
            f->hash = known.hash;
            f->size = known.size;
        }
    }
    return runs_file_put(c->runs, f, err);
}

static int file_answer(struct desk_call *c, const struct runs_file *f, const char *artifact,
                       struct value *edges, struct err *err)
{
    struct value *v = wandb_value_typed(c->arena, "File");
    const char *url = NULL;
    int rc = f->hash ? 0 : file_node_url(c, true, "artifact", f->owner, f->name, &url, err);
    wandb_value_text(c->arena, v, "id", wandb_id_print(c->arena, "File", f->n));
    wandb_value_text(c->arena, v, "name", f->name);
    wandb_value_text(c->arena, v, "displayName", f->name);
    wandb_value_text(c->arena, v, "storagePath", f->name);
    wandb_value_text(c->arena, v, "uploadUrl", url);
    value_put(c->arena, v, "uploadHeaders", file_node_headers(c));
    value_put(c->arena, v, "uploadMultipartUrls", value_null(c->arena));
    value_put(c->arena, v, "artifact",
              wandb_value_with(c->arena, "id", value_str(c->arena, artifact)));
    wandb_value_edge(c->arena, edges, v, NULL);
    return rc;
}

int artifact_write_files(struct desk_call *c, struct value **ret, struct err *err)
{
    const struct value *specs = input_get(c, "artifactFiles");
    struct value *edges = value_list(c->arena);
    int rc = 0;
    if (!specs || specs->kind != VALUE_LIST || specs->list.n > LIMIT_FILES_ANSWER)
        return err_set(err, ERR_USAGE, "artifactFiles is not a list of at most %d files",
                       LIMIT_FILES_ANSWER);
    for (size_t i = 0; i < specs->list.n && rc == 0; i++) {
        const struct value *spec = specs->list.items[i];
        struct runs_file f;
        rc = file_announce(c, spec, &f, err);
        if (rc == 0)
            rc = file_answer(c, &f, value_get_str(spec, "artifactID", ""), edges, err);
    }
    struct value *page = wandb_value_page(c->arena, edges, NULL, false, (int64_t)edges->list.n);
    *ret = wandb_value_data(c->arena, "createArtifactFiles",
                            wandb_value_with(c->arena, "files", page));
    return rc;
}

int artifact_write_commit(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_artifact v;
    struct value *node = NULL;
    int rc = artifact_node_find(c, desk_call_text(c, "artifactID"), &v, err);
    bool pending = rc == 0 && v.state == RUNS_ARTIFACT_PENDING;
    if (pending)
        rc = desk_scope_need_number(c, v.run, err);
    if (rc == 0 && pending) {
        rc = artifact_merge(c, &v, err);
        if (rc == 0)
            rc = runs_artifact_number(c->runs, &v, err);
        v.state = RUNS_ARTIFACT_COMMITTED;
        v.updated = c->now_ms;
        if (rc == 0)
            rc = runs_artifact_put(c->runs, &v, err);
        if (rc == 0)
            rc = artifact_change_give(c, &v, artifact_node_texts(c, v.aliases), err);
    }
    if (rc == 0)
        rc = artifact_node(c, &v, &node, err);
    *ret = wandb_value_data(
        c->arena, "commitArtifact",
        wandb_value_with(c->arena, "artifact", node ? node : value_null(c->arena)));
    return rc;
}
