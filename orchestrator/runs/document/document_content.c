/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/document/document_content.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_span.h"
#include "base/limits.h"
#include "base/mem.h"
#include "orchestrator/runs/files/files.h"

enum { HOPS_MAX = 4 }; /* from one artifact to the next */

static int file_missing(const char *name, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "there is no file %.200s", name);
}

int document_content_of_run(struct runs *r, struct arena *a, const struct runs_run *run,
                            const char *name, struct runs_file *ret, struct err *err)
{
    int rc = runs_file_find(r, a, RUNS_FILE_RUN, run->n, name, ret, err);
    if (rc == ERR_NOT_FOUND || (rc == 0 && !ret->hash))
        return file_missing(name, err);
    return rc;
}

/* "CLIENT:ALIAS" is an artifact that the client has numbered itself. */
static bool client_find(struct runs *r, struct arena *a, char *client, int64_t *ret)
{
    struct runs_artifact v;
    client[strcspn(client, ":")] = '\0';
    if (runs_artifact_find_client(r, a, client, &v, NULL) != 0)
        return false;
    *ret = v.n;
    return true;
}

/* An id, "Artifact:NUMBER", in hexadecimal digits. */
static bool id_read(struct arena *a, const char *hex, int64_t *ret)
{
    size_t n = strlen(hex) / 2;
    char *id = arena_alloc(a, n + 1);
    for (size_t i = 0; i < 2 * n; i++) {
        const char *digits = "0123456789abcdef", *digit = strchr(digits, hex[i]);
        if (!digit)
            return false;
        id[i / 2] = (char)(id[i / 2] * 16 + (digit - digits));
    }
    static const char kind[] = "Artifact:";
    size_t digits = strncmp(id, kind, strlen(kind)) == 0 ? strlen(id + strlen(kind)) : 0;
    *ret = digits > 0 ? strtoll(id + strlen(kind), NULL, 10) : 0;
    return *ret > 0;
}

bool document_content_refers(struct runs *r, struct arena *a, const char *text,
                             int64_t *ret_artifact, const char **ret_name)
{
    static const char by_client[] = "wandb-client-artifact://", by_id[] = "wandb-artifact://";
    bool client = strncmp(text, by_client, strlen(by_client)) == 0;
    if (!client && strncmp(text, by_id, strlen(by_id)) != 0)
        return false;
    text += client ? strlen(by_client) : strlen(by_id);
    const char *slash = strchr(text, '/');
    if (!slash)
        return false;
    char *of = arena_strndup(a, text, (size_t)(slash - text));
    *ret_name = arena_strdup(a, slash + 1);
    return client ? client_find(r, a, of, ret_artifact) : id_read(a, of, ret_artifact);
}

/* Where the manifest says that the file is; NULL: nowhere else. */
static const char *reference_find(struct arena *a, const char *manifest, uint64_t size,
                                  const char *name)
{
    struct json_span whole = json_span_of(manifest, (size_t)size), contents, entry, ref;
    if (!json_span_find(whole, "contents", &contents) || !json_span_find(contents, name, &entry) ||
        !json_span_find(entry, "ref", &ref))
        return NULL;
    return json_span_text(a, ref);
}

static int reference_follow(struct runs *r, struct arena *a, const char *dir, int64_t *artifact,
                            const char **name, struct err *err)
{
    struct runs_artifact v;
    char *manifest = NULL;
    uint64_t size = 0;
    int rc = runs_artifact_get(r, a, *artifact, &v, err);
    if (rc == 0 && !v.manifest)
        return file_missing(*name, err);
    if (rc == 0)
        rc = files_read(dir, v.manifest, LIMIT_MANIFEST_BYTES, &manifest, &size, err);
    if (rc != 0)
        return rc;
    const char *to = reference_find(a, manifest, size, *name);
    mem_free(manifest);
    return to && document_content_refers(r, a, to, artifact, name) ? 0 : file_missing(*name, err);
}

int document_content_of_artifact(struct runs *r, struct arena *a, const char *dir, int64_t artifact,
                                 const char *name, struct runs_file *ret, struct err *err)
{
    for (int i = 0; i < HOPS_MAX; i++) {
        struct err none = {0};
        int rc = runs_file_find(r, a, RUNS_FILE_ARTIFACT, artifact, name, ret, &none);
        if (rc == 0 && ret->hash)
            return 0;
        if (rc == 0)
            return file_missing(name, err);
        if (rc == ERR_NOT_FOUND)
            rc = reference_follow(r, a, dir, &artifact, &name, err);
        if (rc != 0)
            return rc == ERR_NOT_FOUND ? file_missing(name, err) : rc;
    }
    return file_missing(name, err);
}

int document_content_read(const char *dir, const struct runs_file *f, uint64_t max, char **ret,
                          uint64_t *ret_size, struct err *err)
{
    if ((uint64_t)f->size > max)
        return err_set(err, ERR_LIMIT, "%.200s is larger than %llu MiB: download it", f->name,
                       (unsigned long long)(max >> 20));
    return files_read(dir, f->hash, max, ret, ret_size, err);
}
