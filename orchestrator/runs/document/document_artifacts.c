/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/document/document_artifacts.h"

#include <string.h>

#include "base/json.h"
#include "base/json_span.h"
#include "base/limits.h"
#include "base/mem.h"
#include "orchestrator/runs/document/document_lineage.h"
#include "orchestrator/runs/files/files.h"

static void text_put(struct arena *a, struct value *v, const char *key, const char *text)
{
    value_put(a, v, key, text ? value_str(a, text) : value_null(a));
}

static void time_put(struct arena *a, struct value *v, const char *key, int64_t ms)
{
    value_put(a, v, key, value_float(a, (double)ms / 1000));
}

/* Text that a client has sent as JSON; otherwise as it is. */
static struct value *text_parsed(struct arena *a, const char *text)
{
    struct value *v = NULL;
    if (!text)
        return value_null(a);
    return json_parse_within(a, text, strlen(text), LIMIT_WANDB_VALUES, &v, NULL) == 0
               ? v
               : value_str(a, text);
}

struct taking {
    struct runs *runs;
    struct arena *arena;
    struct value *list;
    int rc;
    struct err *err;
};

static void alias_take(void *arg, const char *alias)
{
    struct taking *t = arg;
    value_push(t->arena, t->list, value_str(t->arena, alias));
}

static int maker_put(struct runs *r, struct arena *a, const struct runs_artifact *version,
                     struct value *v, struct err *err)
{
    struct runs_run run;
    struct value *by = value_null(a);
    int rc = version->run ? runs_run_get(r, a, version->run, &run, err) : ERR_NOT_FOUND;
    if (rc == 0) {
        by = value_dict(a);
        text_put(a, by, "entity", run.entity);
        text_put(a, by, "project", run.project);
        text_put(a, by, "name", run.name);
        text_put(a, by, "display", run.display);
    }
    value_put(a, v, "by", by);
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int version_value(struct runs *r, struct arena *a, const struct runs_artifact *version,
                         struct value **ret, struct err *err)
{
    struct value *v = value_dict(a);
    struct taking aliases = {.arena = a, .list = value_list(a)};
    int rc = runs_artifact_aliases(r, version->n, false, alias_take, &aliases, err);
    if (rc < 0)
        return rc;
    value_put(a, v, "n", value_int(a, version->n));
    text_put(a, v, "entity", version->collection.entity);
    text_put(a, v, "project", version->collection.project);
    text_put(a, v, "name", version->collection.name);
    text_put(a, v, "type", version->collection.type);
    value_put(a, v, "version", value_int(a, version->version));
    value_put(a, v, "aliases", aliases.list);
    value_put(a, v, "tags", text_parsed(a, version->tags));
    text_put(a, v, "description", version->description);
    text_put(a, v, "digest", version->digest);
    value_put(a, v, "size", value_int(a, version->size));
    value_put(a, v, "files", value_int(a, version->files));
    time_put(a, v, "created", version->created);
    *ret = v;
    return maker_put(r, a, version, v, err);
}

static bool number_take(void *arg, const struct runs_artifact *version)
{
    struct taking *t = arg;
    value_push(t->arena, t->list, value_int(t->arena, version->n));
    return t->list->list.n < DOCUMENT_ARTIFACTS_LIST;
}

/* The numbers are read first: one list at a time is read of a connection. */
static int versions_list(struct runs *r, struct arena *a, enum runs_artifact_list which, int64_t of,
                         struct value **ret, struct err *err)
{
    struct taking t = {.arena = a, .list = value_list(a)};
    int rc = runs_artifact_list(r, a, which, of, 0, number_take, &t, err);
    *ret = value_list(a);
    for (size_t i = 0; rc == 0 && i < t.list->list.n; i++) {
        struct runs_artifact version;
        struct value *v = NULL;
        rc = runs_artifact_get(r, a, t.list->list.items[i]->i, &version, err);
        if (rc == 0)
            rc = version_value(r, a, &version, &v, err);
        if (rc == 0)
            value_push(a, *ret, v);
    }
    return rc;
}

int document_artifacts_of_run(struct runs *r, struct arena *a, const struct runs_run *run,
                              struct value **ret, struct err *err)
{
    struct value *made = NULL, *used = NULL;
    int rc = versions_list(r, a, RUNS_ARTIFACT_OUTPUTS, run->n, &made, err);
    if (rc == 0)
        rc = versions_list(r, a, RUNS_ARTIFACT_INPUTS, run->n, &used, err);
    if (rc != 0)
        return rc;
    *ret = value_dict(a);
    value_put(a, *ret, "made", made);
    value_put(a, *ret, "used", used);
    return 0;
}

static struct value *collection_value(struct arena *a, const struct runs_collection *c)
{
    struct value *v = value_dict(a);
    text_put(a, v, "name", c->name);
    text_put(a, v, "type", c->type);
    text_put(a, v, "description", c->description);
    time_put(a, v, "created", c->created);
    value_put(a, v, "n", value_int(a, c->n));
    return v;
}

static void collection_take(void *arg, const struct runs_collection *c)
{
    struct taking *t = arg;
    if (t->list->list.n < DOCUMENT_ARTIFACTS_LIST)
        value_push(t->arena, t->list, collection_value(t->arena, c));
}

static int project_list(struct runs *r, struct arena *a, const char *entity, const char *project,
                        struct value **ret, struct err *err)
{
    struct taking t = {.arena = a, .list = value_list(a)};
    int rc = runs_collection_list(r, a, entity, project, NULL, collection_take, &t, err);
    for (size_t i = 0; rc == 0 && i < t.list->list.n; i++) {
        struct value *v = t.list->list.items[i], *latest = NULL;
        struct runs_artifact version;
        int64_t of = value_get_int(v, "n", 0), count = 0;
        rc = runs_artifact_count(r, RUNS_ARTIFACT_VERSIONS, of, &count, err);
        value_put(a, v, "versions", value_int(a, count));
        int found = rc == 0 ? runs_artifact_find(r, a, of, "latest", &version, NULL) : rc;
        if (rc == 0 && found == 0)
            rc = version_value(r, a, &version, &latest, err);
        value_put(a, v, "latest", latest ? latest : value_null(a));
    }
    *ret = t.list;
    return rc;
}

/* The entries of a manifest, the first of them; their number is in the version. */
static struct value *contents_read(struct arena *a, const char *text, uint64_t size)
{
    struct json_span contents, key, entry, v;
    struct json_walk w;
    struct value *list = value_list(a);
    if (!json_span_find(json_span_of(text, (size_t)size), "contents", &contents) ||
        !json_span_enter(contents, &w))
        return list;
    while (list->list.n < DOCUMENT_ARTIFACTS_FILES && json_span_next(&w, &key, &entry)) {
        struct value *item = value_dict(a);
        const char *name = json_span_text(a, key);
        double bytes;
        if (!name)
            continue;
        value_put(a, item, "name", value_str(a, name));
        bool sized = json_span_find(entry, "size", &v) && json_span_number(v, &bytes);
        value_put(a, item, "bytes", sized ? value_int(a, (int64_t)bytes) : value_null(a));
        const char *ref = json_span_find(entry, "ref", &v) ? json_span_text(a, v) : NULL;
        if (ref)
            value_put(a, item, "ref", value_str(a, ref));
        value_push(a, list, item);
    }
    return list;
}

static int version_whole(struct runs *r, struct arena *a, const char *dir,
                         const struct runs_artifact *version, struct value **ret, struct err *err)
{
    struct value *lineage = NULL;
    char *manifest = NULL;
    uint64_t size = 0;
    int rc = version_value(r, a, version, ret, err);
    if (rc == 0)
        rc = document_lineage_make(r, a, version, &lineage, err);
    if (rc != 0)
        return rc;
    value_put(a, *ret, "lineage", lineage);
    value_put(a, *ret, "metadata", text_parsed(a, version->metadata));
    if (version->manifest)
        rc = files_read(dir, version->manifest, LIMIT_MANIFEST_BYTES, &manifest, &size, err);
    if (rc == 0)
        value_put(a, *ret, "contents", contents_read(a, manifest ? manifest : "", size));
    mem_free(manifest);
    return rc;
}

int document_artifacts_find(struct runs *r, struct arena *a, const char *dir,
                            const struct value *query, struct value **ret, struct err *err)
{
    const char *entity = value_get_str(query, "entity", "");
    const char *project = value_get_str(query, "project", "");
    const char *name = value_get_str(query, "name", NULL);
    const char *alias = value_get_str(query, "version", NULL);
    struct runs_collection c;
    struct runs_artifact version;
    struct value *versions = NULL;
    if (!name)
        return project_list(r, a, entity, project, ret, err);
    int rc = runs_collection_find(r, a, entity, project, name, &c, err);
    if (rc == 0 && alias)
        rc = runs_artifact_find(r, a, c.n, alias, &version, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc, "there is no artifact %.100s%s%.100s", name, alias ? ":" : "",
                       alias ? alias : "");
    if (rc == 0 && alias)
        return version_whole(r, a, dir, &version, ret, err);
    if (rc == 0)
        rc = versions_list(r, a, RUNS_ARTIFACT_VERSIONS, c.n, &versions, err);
    if (rc != 0)
        return rc;
    *ret = collection_value(a, &c);
    value_put(a, *ret, "versions", versions);
    return 0;
}
