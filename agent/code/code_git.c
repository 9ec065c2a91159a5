/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/code/code_git.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/code/code_child.h"
#include "base/mem.h"
#include "sweep/code/code_path.h"

enum { LIMIT_MS = 20000, LIST_BYTES = 64 << 20, ARGS_MAX = 80 };

/* Runs git in the root; if it fails, its output is the error. */
static int git_run(const char *folder, const char *const *args, struct buf *out, struct err *err)
{
    const char *argv[ARGS_MAX] = {"git", "-c", "core.fsmonitor=false", "-c",
                                  "core.quotePath=false"};
    size_t n = 5;
    for (size_t i = 0; args[i] && n + 1 < ARGS_MAX; i++)
        argv[n++] = args[i];
    struct code_child c = {.argv = argv, .folder = folder, .limit_ms = LIMIT_MS};
    int rc = code_child_run(&c, out, err);
    if (rc == 0 && c.status != 0 && !out->overflow)
        rc = err_set(err, ERR_NOT_FOUND, "git %s: %s", args[0],
                     c.said[0] ? c.said : "it failed and printed nothing");
    return rc;
}

/* Avoids starting git if no parent folder is a repository. */
static bool has_repository(const char *folder)
{
    char path[PATH_MAX + 8];
    size_t len = strlen(folder);
    while (len < PATH_MAX) {
        snprintf(path, sizeof path, "%.*s/.git", (int)len, folder);
        if (access(path, F_OK) == 0)
            return true;
        while (len > 0 && folder[len - 1] != '/')
            len--;
        if (len == 0)
            return false;
        len--;
    }
    return false;
}

/* The next line of a text, without its line end; NULL if there is none. */
static char *line_take(char **at)
{
    char *line = *at, *end = strchr(line, '\n');
    if (!end)
        return NULL;
    *end = '\0';
    *at = end + 1;
    return line;
}

int code_git_open(const char *folder, struct code_git *ret, struct err *err)
{
    static const char *const args[] = {"rev-parse", "--show-toplevel", "HEAD", NULL};
    static const char *const root_args[] = {"rev-parse", "--show-toplevel", NULL};
    static const char *const branch_args[] = {"symbolic-ref", "--short", "-q", "HEAD", NULL};
    struct buf out;
    *ret = (struct code_git){0};
    if (!has_repository(folder))
        return err_set(err, ERR_NOT_FOUND, "%s is not in a git repository", folder);
    buf_init(&out, SIZE_MAX);
    bool committed = git_run(folder, args, &out, NULL) == 0;
    int rc = 0;
    if (!committed) {
        buf_clear(&out);
        rc = git_run(folder, root_args, &out, err);
    }
    char *at = buf_str(&out), *line = rc == 0 ? line_take(&at) : NULL;
    if (rc == 0 && !line)
        rc = err_set(err, ERR_NOT_FOUND, "%s is not in the working tree of a repository", folder);
    if (rc == 0)
        ret->root = mem_strdup(line);
    line = rc == 0 && committed ? line_take(&at) : NULL;
    if (line)
        ret->commit = mem_strdup(line);
    buf_clear(&out);
    at = buf_str(&out);
    if (rc == 0 && git_run(folder, branch_args, &out, NULL) == 0 && (at = buf_str(&out)) &&
        (line = line_take(&at)))
        ret->branch = mem_strdup(line);
    buf_done(&out);
    return rc;
}

void code_git_done(struct code_git *g)
{
    mem_free(g->root);
    mem_free(g->commit);
    mem_free(g->branch);
    *g = (struct code_git){0};
}

static int git_list(const struct code_git *g, const char *const *args, struct code_list *out,
                    struct err *err)
{
    struct buf text;
    buf_init(&text, LIST_BYTES);
    int rc = git_run(g->root, args, &text, err);
    if (rc == 0 && text.overflow)
        rc = err_set(err, ERR_LIMIT, "git %s names too many files", args[0]);
    if (rc == 0)
        code_list_add_text(out, buf_peek(&text), text.len);
    buf_done(&text);
    return rc;
}

int code_git_list(const struct code_git *g, struct code_list *out, struct err *err)
{
    static const char *const args[] = {"ls-files", "-co", "--exclude-standard", "-z", NULL};
    return git_list(g, args, out, err);
}

int code_git_changed(const struct code_git *g, const char *commit, bool untracked,
                     struct code_list *out, struct err *err)
{
    static const char *const others[] = {"ls-files", "-o", "--exclude-standard", "-z", NULL};
    const char *const args[] = {
        "diff", "--name-only", "-z", "--no-ext-diff", "--ignore-submodules", "--no-renames",
        commit, "--",          NULL};
    int rc = git_list(g, args, out, err);
    return rc == 0 && untracked ? git_list(g, others, out, err) : rc;
}

int code_git_diff(const struct code_git *g, struct buf *out, struct err *err)
{
    const char *args[ARGS_MAX - 8] = {
        "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules", "HEAD", "--",
        "."};
    struct arena a;
    size_t n = 8;
    arena_init(&a);
    for (size_t i = 0; code_path_secret(i); i++) {
        const char *name = code_path_secret(i);
        bool folder = name[strlen(name) - 1] == '/';
        args[n++] = arena_printf(&a, ":(top,exclude,icase,glob)**/%s%s", name, folder ? "**" : "");
    }
    int rc = git_run(g->root, args, out, err);
    arena_done(&a);
    return rc;
}
