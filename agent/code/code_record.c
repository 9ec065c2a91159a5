/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/code/code_record.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "agent/code/code_copies.h"
#include "agent/code/code_git.h"
#include "base/diag/display.h"
#include "base/limits.h"
#include "base/path_text.h"
#include "base/utf8.h"

enum { LEFT_OUT_MAX = 100 };

static struct value *text_or_null(struct arena *a, const char *text)
{
    return text ? value_str(a, text) : value_null(a);
}

static struct value *path_value(struct arena *a, const char *path)
{
    char text[PATH_TEXT_BYTES];
    path_text_print(text, path);
    return value_str(a, text);
}

/* The path of a folder or file from the root that it lies in: "." for the root itself; NULL if it
 * lies elsewhere. */
static const char *path_within(const char *root, const char *path)
{
    size_t len = strlen(root);
    if (len == 1)
        return path[1] ? path + 1 : ".";
    if (strncmp(path, root, len) != 0 || (path[len] != '/' && path[len] != '\0'))
        return NULL;
    return path[len] ? path + len + 1 : ".";
}

/* A diff may have arbitrary bytes, but the store keeps text. */
static struct value *diff_value(struct arena *a, const char *bytes, size_t len)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    for (size_t at = 0; at < len;) {
        size_t good = utf8_valid_prefix(bytes + at, len - at);
        const char *nul = memchr(bytes + at, '\0', good);
        if (nul)
            good = (size_t)(nul - (bytes + at));
        buf_add(&text, bytes + at, good);
        at += good;
        if (at < len)
            buf_addc(&text, '?');
        at++;
    }
    struct value *v = value_strn(a, buf_str(&text), text.len);
    buf_done(&text);
    return v;
}

static void put_diff(struct arena *a, const struct code_git *g, struct value *v)
{
    struct buf diff;
    buf_init(&diff, LIMIT_CODE_DIFF_BYTES);
    if (code_git_diff(g, &diff, NULL) == 0 && diff.len > 0)
        value_put(a, v, "diff", diff_value(a, buf_peek(&diff), diff.len));
    value_put(a, v, "diff_cut", value_bool(a, diff.overflow));
    buf_done(&diff);
}

static void put_marks(struct arena *a, const char *root, const char *spec,
                      const struct code_list *list, struct value *v)
{
    const char *own = path_within(root, spec);
    char text[PATH_TEXT_BYTES], mark[CODE_GATHER_MARK_BYTES];
    if (list->n > LIMIT_CODE_CHANGED) {
        value_put(a, v, "files", value_null(a));
        return;
    }
    struct value *files = value_dict_with_room(a, list->n);
    for (size_t i = 0; i < list->n; i++) {
        if (list->whys[i] || (own && strcmp(list->paths[i], own) == 0))
            continue; /* not even a hash of a secret is kept */
        path_text_print(text, list->paths[i]);
        code_gather_mark(root, list->paths[i], mark);
        value_put_new(files, arena_strdup(a, text), value_str(a, mark));
    }
    value_put(a, v, "files", files);
}

static void put_git(struct arena *a, const struct code_git *g, const char *spec, struct value *v)
{
    struct code_list list;
    code_list_init(&list);
    int rc = g->commit ? code_git_changed(g, g->commit, true, &list, NULL)
                       : code_git_list(g, &list, NULL);
    code_list_settle(&list);
    value_put(a, v, "commit", text_or_null(a, g->commit));
    value_put(a, v, "branch", text_or_null(a, g->branch));
    value_put(a, v, "dirty", value_bool(a, rc != 0 || list.n > 0));
    if (g->commit && list.n > 0)
        put_diff(a, g, v);
    if (rc == 0)
        put_marks(a, g->root, spec, &list, v);
    code_list_done(&list);
}

static void put_left_out(struct arena *a, const struct code_list *list, struct value *v)
{
    struct value *left = value_list(a);
    int64_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (!list->whys[i] || n++ >= LEFT_OUT_MAX)
            continue;
        struct value *one = value_dict(a);
        value_put(a, one, "path", path_value(a, list->paths[i]));
        value_put(a, one, "why", value_str(a, list->whys[i]));
        value_push(a, left, one);
    }
    value_put(a, v, "left_out", left);
    value_put(a, v, "left_out_n", value_int(a, n));
}

/* root: the folder that the snapshot is taken from. */
static int put_snapshot(struct arena *a, const struct code_record_from *from,
                        const struct code_git *g, const char *root, struct value *v,
                        struct err *err)
{
    struct code_list list;
    struct code_snapshot s = {0};
    const char *folder = path_within(root, from->workdir);
    if (!folder)
        return err_set(err, ERR_SPEC, "the working directory %s is not in the repository %s",
                       from->workdir, root);
    code_list_init(&list);
    int rc = from->files ? code_list_find(&list, root, from->dir, from->files, err)
                         : code_git_list(g, &list, err);
    code_list_settle(&list);
    if (rc == 0) {
        rc = code_gather(root, &list, from->limit ? from->limit : LIMIT_CODE_PACK_BYTES, &s, err);
        if (rc == 0 && !from->pack)
            rc = code_copies_keep(from->dir, &s, err);
        if (from->pack)
            *from->pack = s;
        else
            code_gather_done(&s);
    }
    if (rc == 0) {
        value_put(a, v, "snapshot", value_str(a, s.hash));
        value_put(a, v, "folder", path_value(a, folder));
        value_put(a, v, "snapshot_files", value_int(a, (int64_t)s.files));
        value_put(a, v, "snapshot_bytes", value_int(a, (int64_t)s.packed.len));
        put_left_out(a, &list, v);
    }
    if (rc == 0 && !value_get(v, "files"))
        put_marks(a, root, from->spec, &list, v);
    code_list_done(&list);
    return rc;
}

int code_record(struct arena *a, const struct code_record_from *from, struct value **ret,
                struct err *err)
{
    struct code_git g;
    struct err why = {0};
    int rc = code_git_open(from->workdir, &g, &why);
    struct value *v = value_dict(a);
    *ret = NULL;
    bool git = rc == 0;
    if (git)
        put_git(a, &g, from->spec, v);
    rc = 0;
    if (from->snapshot && !git && !from->files)
        rc = err_set(err, ERR_SPEC, "%s; list the files of the snapshot: `code: {files: ['*.py']}`",
                     why.text);
    if (rc == 0 && from->snapshot)
        rc = put_snapshot(a, from, &g, from->files ? from->workdir : g.root, v, err);
    if (rc == 0 && (git || from->snapshot)) {
        value_put(a, v, "root", path_value(a, git ? g.root : from->workdir));
        *ret = v;
    }
    code_git_done(&g);
    return rc;
}

static void change_add(size_t *n, struct buf *names, const char *path)
{
    if (++*n > CODE_RECORD_NAMES)
        return;
    buf_adds(names, *n > 1 ? ", " : "");
    display_clean(names, path, strlen(path));
}

size_t code_record_changes(const struct value *code, const char *workdir, const char *spec,
                           struct buf *names)
{
    const char *commit = value_get_str(code, "commit", NULL);
    const struct value *files = value_get(code, "files");
    char path[PATH_TEXT_PATH_BYTES], text[PATH_TEXT_BYTES], mark[CODE_GATHER_MARK_BYTES];
    struct code_git g = {0};
    struct code_list list;
    size_t n = 0;
    if (!files || files->kind != VALUE_DICT)
        return 0;
    bool git = code_git_open(workdir, &g, NULL) == 0;
    const char *root = git ? g.root : workdir, *own = path_within(root, spec);
    code_list_init(&list);
    if (git && commit && code_git_changed(&g, commit, false, &list, NULL) != 0)
        list.n = 0;
    code_list_settle(&list);
    for (size_t i = 0; i < files->dict.n; i++) {
        const struct value_entry *e = &files->dict.entries[i];
        if (!path_text_parse(path, e->key))
            continue;
        code_gather_mark(root, path, mark);
        if (e->value->kind == VALUE_STR && strcmp(e->value->s.ptr, mark) != 0)
            change_add(&n, names, path);
    }
    for (size_t i = 0; i < list.n; i++) {
        path_text_print(text, list.paths[i]);
        if (!list.whys[i] && !value_get(files, text) && !(own && strcmp(list.paths[i], own) == 0))
            change_add(&n, names, list.paths[i]);
    }
    code_list_done(&list);
    code_git_done(&g);
    return n;
}
