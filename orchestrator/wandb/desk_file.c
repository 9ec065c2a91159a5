/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "net/http/http_target.h"
#include "orchestrator/runs/files/files.h"
#include "orchestrator/runs/runs_run.h"
#include "orchestrator/wandb/desk_mime.h"
#include "orchestrator/wandb/desk_scope.h"
#include "orchestrator/wandb/files/file_listing.h"
#include "orchestrator/wandb/files/file_node.h"
#include "protocol/wandb/wandb_id.h"
#include "protocol/wandb/wandb_value.h"

int desk_file_check_name(const char *name, struct err *err)
{
    size_t len = strlen(name);
    bool good = len > 0 && len <= LIMIT_FILES_NAME_BYTES;
    for (const char *part = name; good && part; part = strchr(part, '/')) {
        part += part > name;
        size_t n = strcspn(part, "/");
        good = n > 0 && !(n <= 2 && strspn(part, ".") >= n);
    }
    for (size_t i = 0; i < len && good; i++)
        good = (unsigned char)name[i] >= ' ' && name[i] != 127;
    return good ? 0
                : err_set(err, ERR_USAGE,
                          "a file's name has 1 to %d bytes, no control characters, and no empty "
                          "part, '.' or '..': got '%.60s'",
                          LIMIT_FILES_NAME_BYTES, name);
}

static int key_need(struct desk_call *c, struct err *err)
{
    int rc = c->has_right_key ? 0 : desk_right_key(c->dir, c->right_key, err);
    c->has_right_key = rc == 0;
    return rc;
}

/* The run that the variables name. */
static int run_of(struct desk_call *c, const char *name, struct runs_run *ret, struct err *err)
{
    const char *entity = desk_call_text(c, "entity"), *project = desk_call_text(c, "project");
    return runs_run_find(c->runs, c->arena, entity && *entity ? entity : DESK_ENTITY,
                         project && *project ? project : DESK_PROJECT, name ? name : "", ret, err);
}

int desk_file_create(struct desk_call *c, struct value **ret, struct err *err)
{
    const struct value *names = value_get(c->variables, "files");
    struct value *v = value_dict(c->arena), *files = value_list(c->arena);
    struct runs_run run;
    int rc = run_of(c, desk_call_text(c, "run"), &run, err);
    if (rc == 0 && !desk_scope_may_change(c, &run))
        rc = err_set(err, ERR_PERMISSION, "this token may change only the run %s", c->ask->run);
    if (rc == 0 && (!names || names->kind != VALUE_LIST || names->list.n > LIMIT_FILES_ANSWER))
        rc = err_set(err, ERR_USAGE, "files is not a list of at most %d names", LIMIT_FILES_ANSWER);
    for (size_t i = 0; rc == 0 && i < names->list.n; i++) {
        struct value *file = value_dict(c->arena);
        const struct value *name = names->list.items[i];
        const char *url = NULL, *text = name->kind == VALUE_STR ? name->s.ptr : "";
        rc = desk_file_check_name(text, err);
        if (rc == 0)
            rc = file_node_url(c, true, "run", run.n, text, &url, err);
        wandb_value_text(c->arena, file, "name", text);
        wandb_value_text(c->arena, file, "uploadUrl", url);
        value_push(c->arena, files, file);
    }
    if (rc != 0)
        return rc;
    wandb_value_text(c->arena, v, "runID", wandb_id_print(c->arena, "Run", run.n));
    value_put(c->arena, v, "uploadHeaders", file_node_headers(c));
    value_put(c->arena, v, "files", files);
    *ret = wandb_value_data(c->arena, "createRunFiles", v);
    return 0;
}

int desk_file_list(struct desk_call *c, struct value **ret, struct err *err)
{
    struct file_listing wanted = {
        .of = RUNS_FILE_RUN,
        .names = value_get(c->variables, "fileNames"),
        .pattern = desk_call_text(c, "pattern"),
        .after = desk_call_text(c, "fileCursor"),
        .limit = value_get_int(c->variables, "fileLimit", FILE_LISTING_PAGE),
    };
    struct runs_run run;
    struct value *files = NULL;
    int64_t count = 0;
    int rc = run_of(c, desk_call_text(c, "name"), &run, err);
    if (rc != 0)
        return rc;
    wanted.n = run.n;
    rc = file_listing_page(c, &wanted, &files, &count, err);
    if (rc != 0)
        return rc;
    struct value *v = value_dict(c->arena), *project = value_dict(c->arena);
    wandb_value_text(c->arena, v, "id", wandb_id_print(c->arena, "Run", run.n));
    wandb_value_int(c->arena, v, "fileCount", count);
    value_put(c->arena, v, "files", files);
    wandb_value_text(c->arena, project, "internalId",
                     wandb_id_print(c->arena, "ProjectInternalId", run.project_n));
    value_put(c->arena, project, "run", v);
    *ret = wandb_value_data(c->arena, "project", project);
    return 0;
}

int desk_file_delete(struct desk_call *c, struct value **ret, struct err *err)
{
    const struct value *ids = value_get(c->variables, "files");
    struct value *v = value_dict(c->arena);
    int rc = 0;
    for (size_t i = 0; ids && ids->kind == VALUE_LIST && i < ids->list.n && rc == 0; i++) {
        const struct value *id = ids->list.items[i];
        struct runs_file f;
        int64_t n = 0;
        if (id->kind != VALUE_STR || !wandb_id_parse(id->s.ptr, "File", &n))
            return err_set(err, ERR_NOT_FOUND, "there is no such file");
        rc = runs_file_get(c->runs, c->arena, n, &f, err);
        if (rc == 0 && f.kind != RUNS_FILE_RUN)
            rc = err_set(err, ERR_STATE, "this file belongs to an artifact");
        if (rc == 0)
            rc = runs_file_drop(c->runs, n, err);
    }
    value_put(c->arena, v, "success", value_bool(c->arena, true));
    *ret = wandb_value_data(c->arena, "deleteFiles", v);
    return rc;
}

int desk_file_uploaded(struct desk_call *c, struct value **ret, struct err *err)
{
    (void)err;
    *ret = wandb_value_data(c->arena, "markRunFilesUploaded",
                            wandb_value_with(c->arena, "success", value_bool(c->arena, true)));
    return 0;
}

/* What the name of a right's kind is. */
static bool kind_find(const char *name, enum runs_file_kind *ret)
{
    static const char *const names[] = {"run", "artifact", "manifest"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0) {
            *ret = (enum runs_file_kind)i;
            return true;
        }
    return false;
}

static int right_read(struct desk_call *c, bool put, struct desk_right *ret,
                      enum runs_file_kind *ret_kind, struct err *err)
{
    int rc = key_need(c, err);
    if (rc == 0)
        rc = desk_right_read(c->arena, c->right_key, c->ask->query ? c->ask->query : "", put,
                             c->now_ms, ret, err);
    if (rc == 0 && !kind_find(ret->kind, ret_kind))
        rc = err_set(err, ERR_NOT_FOUND, "there is no such file");
    return rc;
}

/* A file of a run may be any; those of artifacts were announced, with their MD5. */
static int put_prepare(struct desk_call *c, const struct desk_right *right,
                       enum runs_file_kind kind, struct runs_file *f, struct err *err)
{
    struct runs_run run;
    *f = (struct runs_file){.kind = kind, .owner = right->n, .name = right->name};
    if (kind == RUNS_FILE_RUN)
        return runs_run_get(c->runs, c->arena, right->n, &run, err);
    int rc = runs_file_find(c->runs, c->arena, kind, right->n, right->name, f, err);
    if (rc == 0 && kind == RUNS_FILE_ARTIFACT && f->has_md5 &&
        memcmp(f->md5, c->ask->md5, sizeof f->md5) != 0)
        rc = err_set(err, ERR_USAGE, "the content of %.200s does not have the announced MD5",
                     right->name);
    return rc;
}

int desk_file_put(struct desk_call *c, struct err *err)
{
    struct desk_right right;
    enum runs_file_kind kind;
    struct runs_file f;
    int rc = right_read(c, true, &right, &kind, err);
    if (rc == 0 && (!c->ask->file || !c->ask->sha256))
        rc = err_set(err, ERR_USAGE, "the request has no body");
    if (rc == 0)
        rc = put_prepare(c, &right, kind, &f, err);
    if (rc == 0)
        rc = files_take(c->files, c->ask->file, c->ask->sha256, c->ask->size, err);
    if (rc != 0)
        return rc;
    f.hash = c->ask->sha256;
    f.size = (int64_t)c->ask->size;
    f.has_md5 = true;
    memcpy(f.md5, c->ask->md5, sizeof f.md5);
    f.updated = c->now_ms;
    c->reply = (struct wandb_reply){.type = "application/json", .body = "{}", .len = 2};
    return runs_file_put(c->runs, &f, err);
}

/* What scripts have written is never run as a page of this controller. */
static int content_reply(struct desk_call *c, const struct runs_file *f, struct err *err)
{
    const char *base = strrchr(f->name, '/');
    char path[FILES_PATH_BYTES];
    struct stat st;
    struct buf name;
    if (!f->hash)
        return err_set(err, ERR_NOT_FOUND, "the content of %.200s has not come", f->name);
    files_path(c->dir, f->hash, path);
    if (stat(path, &st) != 0)
        return err_set(err, ERR_NOT_FOUND, "the content of %.200s is missing", f->name);
    buf_init(&name, SIZE_MAX);
    base = base ? base + 1 : f->name;
    http_target_encode(&name, base, strlen(base));
    c->reply = (struct wandb_reply){.type = desk_mime(f->name),
                                    .file = arena_strdup(c->arena, path),
                                    .size = (uint64_t)st.st_size};
    c->reply.headers =
        arena_printf(c->arena,
                     "Content-Disposition: attachment; filename*=UTF-8''%s\r\n"
                     "Content-Security-Policy: default-src 'none'; sandbox\r\n"
                     "X-Content-Type-Options: nosniff\r\nCache-Control: private, no-store\r\n",
                     buf_str(&name));
    buf_done(&name);
    return 0;
}

int desk_file_get(struct desk_call *c, struct err *err)
{
    struct desk_right right;
    enum runs_file_kind kind;
    struct runs_file f;
    int rc = right_read(c, false, &right, &kind, err);
    if (rc == 0)
        rc = runs_file_find(c->runs, c->arena, kind, right.n, right.name, &f, err);
    return rc ? rc : content_reply(c, &f, err);
}

static bool hash_read(const char *text, unsigned char ret[RUNS_FILE_MD5_BYTES])
{
    size_t chars = 2 * RUNS_FILE_MD5_BYTES;
    if (strspn(text, "0123456789abcdef") != chars || (text[chars] && text[chars] != '/'))
        return false;
    for (size_t i = 0; i < RUNS_FILE_MD5_BYTES; i++) {
        char two[3] = {text[2 * i], text[2 * i + 1], '\0'};
        ret[i] = (unsigned char)strtoul(two, NULL, 16);
    }
    return true;
}

/* /artifactsV2/…/HASH/NAME, or /artifacts/ENTITY/HASH. */
static bool path_hash(const char *path, unsigned char ret[RUNS_FILE_MD5_BYTES])
{
    const char *last = strrchr(path, '/'), *before = last;
    while (before > path && before[-1] != '/')
        before--;
    bool named = strncmp(path, "/artifactsV2/", strlen("/artifactsV2/")) == 0;
    return last && hash_read(named ? before : last + 1, ret);
}

int desk_file_get_md5(struct desk_call *c, struct err *err)
{
    unsigned char md5[RUNS_FILE_MD5_BYTES];
    struct runs_file f;
    if (!path_hash(c->ask->path, md5))
        return err_set(err, ERR_NOT_FOUND, "there is no such file");
    int rc = runs_file_find_md5(c->runs, c->arena, md5, &f, err);
    return rc ? rc : content_reply(c, &f, err);
}
