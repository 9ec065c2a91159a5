/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/artifacts/artifact_merge.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes/base64.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/tls/digest.h"
#include "orchestrator/runs/files/files.h"
#include "orchestrator/runs/runs_file.h"

struct merge {
    struct desk_call *call;
    struct runs_artifact *artifact;
    struct runs_file *sent; /* manifests, in the order in which they were announced */
    size_t n, cap;
    struct value *manifest; /* what they make */
};

static bool sent_take(void *arg, const struct runs_file *f)
{
    struct merge *m = arg;
    if (strcmp(f->name, ARTIFACT_MANIFEST) == 0)
        return true;
    m->sent = mem_grow(m->sent, &m->cap, m->n + 1, sizeof *m->sent);
    m->sent[m->n++] = *f;
    return true;
}

static int manifest_read(struct desk_call *c, const char *hash, struct value **ret, struct err *err)
{
    char *text = NULL;
    uint64_t len = 0;
    int rc = files_read(c->dir, hash, LIMIT_MANIFEST_BYTES, &text, &len, err);
    if (rc != 0)
        return rc;
    rc = json_parse(c->arena, text, (size_t)len, ret, err);
    mem_free(text);
    const struct value *contents = rc == 0 ? value_get(*ret, "contents") : NULL;
    if (rc == 0 && (!contents || contents->kind != VALUE_DICT))
        rc = err_set(err, ERR_SYNTAX, "it has no contents");
    return rc ? err_wrap(err, "the manifest of the artifact is malformed") : 0;
}

/* Entries of `more` replace those with the same name. */
static void manifest_add(struct merge *m, struct value *more)
{
    struct value *contents = (struct value *)(uintptr_t)value_get(m->manifest, "contents");
    const struct value *add = value_get(more, "contents");
    for (size_t i = 0; i < add->dict.n; i++)
        value_put(m->call->arena, contents, add->dict.entries[i].key, add->dict.entries[i].value);
}

static int base_read(struct merge *m, struct err *err)
{
    struct runs_artifact base;
    if (m->artifact->base == 0)
        return 0;
    int rc = runs_artifact_get(m->call->runs, m->call->arena, m->artifact->base, &base, err);
    if (rc == 0 && base.manifest)
        rc = manifest_read(m->call, base.manifest, &m->manifest, err);
    return rc;
}

static int sent_add(struct merge *m, const struct runs_file *f, struct err *err)
{
    struct value *more = NULL;
    int rc = manifest_read(m->call, f->hash, &more, err);
    if (rc == 0 && !m->manifest && strstr(f->name, "INCREMENTAL"))
        rc = base_read(m, err);
    if (rc == 0 && (!m->manifest || strstr(f->name, "FULL")))
        m->manifest = more;
    else if (rc == 0)
        manifest_add(m, more);
    return rc;
}

/* Writes what was made of several as content of its own. */
static int manifest_write(struct merge *m, struct runs_file *f, struct err *err)
{
    struct desk_call *c = m->call;
    struct digest digest;
    struct buf text;
    char part[FILES_PATH_BYTES];
    int fd = -1, rc = files_begin(c->files, part, &fd, err);
    if (rc != 0)
        return rc;
    buf_init(&text, SIZE_MAX);
    json_print(&text, m->manifest, JSON_COMPACT);
    struct digesting *d = digest_new();
    digest_add(d, buf_str(&text), text.len);
    digest_end(d, &digest);
    for (size_t at = 0; at < text.len && rc == 0;) {
        ssize_t n = write(fd, buf_str(&text) + at, text.len - at);
        if (n < 0 && errno != EINTR)
            rc = err_set(err, errno == ENOSPC ? ERR_FULL : ERR_IO, "cannot write %s: %s", part,
                         strerror(errno));
        at += n > 0 ? (size_t)n : 0;
    }
    if (rc == 0 && fsync(fd) != 0)
        rc = err_set(err, ERR_IO, "cannot write %s: %s", part, strerror(errno));
    close(fd);
    if (rc == 0)
        rc = files_take(c->files, part, digest.sha256, text.len, err);
    files_drop(part);
    f->hash = arena_strdup(c->arena, digest.sha256);
    f->size = (int64_t)text.len;
    buf_done(&text);
    return rc;
}

/* A file that was not sent for this version was for another: it has the same content here. */
static int entry_share(struct merge *m, const char *name, const struct value *entry,
                       struct err *err)
{
    struct desk_call *c = m->call;
    const char *digest = value_get_str(entry, "digest", "");
    struct runs_file f;
    struct err none = {0};
    struct buf md5;
    int rc = runs_file_find(c->runs, c->arena, RUNS_FILE_ARTIFACT, m->artifact->n, name, &f, &none);
    if ((rc == 0 && f.hash) || value_get(entry, "ref"))
        return 0;
    if (rc != 0 && rc != ERR_NOT_FOUND)
        return err_set(err, rc, "%s", none.text);
    buf_init(&md5, SIZE_MAX);
    bool known =
        base64_parse(&md5, digest, strlen(digest)) && md5.len == RUNS_FILE_MD5_BYTES &&
        runs_file_find_md5(c->runs, c->arena, (unsigned char *)buf_str(&md5), &f, &none) == 0;
    buf_done(&md5);
    if (!known)
        return err_set(err, ERR_STATE, "the content of the artifact's file %.200s has not come",
                       name);
    f.n = 0;
    f.owner = m->artifact->n;
    f.name = name;
    return runs_file_put(c->runs, &f, err);
}

static int entries_count(struct merge *m, struct err *err)
{
    const struct value *contents = value_get(m->manifest, "contents");
    int rc = 0;
    m->artifact->size = m->artifact->files = 0;
    for (size_t i = 0; i < contents->dict.n && rc == 0; i++) {
        const struct value_entry *e = &contents->dict.entries[i];
        int64_t size = value_get_int(e->value, "size", 0);
        m->artifact->size += size > 0 && size < (1ll << 50) ? size : 0;
        m->artifact->files++;
        rc = entry_share(m, e->key, e->value, err);
    }
    return rc;
}

static int merge_run(struct merge *m, struct err *err)
{
    struct desk_call *c = m->call;
    int rc = runs_file_list(c->runs, c->arena, RUNS_FILE_MANIFEST, m->artifact->n, "", sent_take, m,
                            err);
    if (rc == 0 && m->n == 0)
        return err_set(err, ERR_STATE, "the manifest of the artifact has not come");
    for (size_t i = 0; i < m->n && rc == 0; i++)
        rc = sent_add(m, &m->sent[i], err);
    if (rc == 0)
        rc = entries_count(m, err);
    if (rc != 0)
        return rc;
    struct runs_file f = m->sent[m->n - 1];
    if (m->n > 1 || !strstr(f.name, "FULL"))
        rc = manifest_write(m, &f, err);
    f.n = 0;
    f.name = ARTIFACT_MANIFEST;
    f.has_md5 = false;
    f.updated = c->now_ms;
    m->artifact->manifest = f.hash;
    m->artifact->manifest_size = f.size;
    return rc ? rc : runs_file_put(c->runs, &f, err);
}

int artifact_merge(struct desk_call *c, struct runs_artifact *v, struct err *err)
{
    struct merge m = {.call = c, .artifact = v};
    int rc = merge_run(&m, err);
    mem_free(m.sent);
    return rc;
}
