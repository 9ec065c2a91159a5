/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/code/code_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sweep/code/code_path.h"

void code_list_init(struct code_list *l)
{
    *l = (struct code_list){0};
    arena_init(&l->arena);
}

void code_list_done(struct code_list *l)
{
    mem_free(l->paths);
    mem_free(l->whys);
    arena_done(&l->arena);
}

void code_list_add(struct code_list *l, const char *path, const char *why)
{
    size_t cap = l->cap;
    l->paths = mem_grow(l->paths, &l->cap, l->n + 1, sizeof *l->paths);
    l->whys = mem_grow(l->whys, &cap, l->n + 1, sizeof *l->whys);
    l->paths[l->n] = arena_strdup(&l->arena, path);
    l->whys[l->n++] = why;
}

void code_list_add_text(struct code_list *l, const char *text, size_t len)
{
    for (const char *at = text, *end = text + len; at < end; at += strlen(at) + 1)
        code_list_add(l, at, NULL);
}

struct pair {
    const char *path, *why;
};

static int pair_compare(const void *a, const void *b)
{
    return code_path_compare(((const struct pair *)a)->path, ((const struct pair *)b)->path);
}

void code_list_settle(struct code_list *l)
{
    struct pair *pairs = mem_alloc((l->n + 1) * sizeof *pairs);
    for (size_t i = 0; i < l->n; i++) {
        const char *path = l->paths[i], *why = l->whys[i];
        if (!why && !code_path_is_good(path))
            why = path[strlen(path) - 1] == '/' ? "another repository" : "its name is too long";
        if (!why && code_path_is_secret(path))
            why = "may hold secrets";
        pairs[i] = (struct pair){path, why};
    }
    qsort(pairs, l->n, sizeof *pairs, pair_compare);
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        if (n == 0 || strcmp(l->paths[n - 1], pairs[i].path) != 0) {
            l->paths[n] = pairs[i].path;
            l->whys[n++] = pairs[i].why;
        }
    l->n = n;
    mem_free(pairs);
}

struct walk {
    struct code_list *list;
    const struct value *patterns;
    bool *used;
    struct stat store;
    size_t seen;
};

static bool walk_matches(struct walk *w, const char *path)
{
    bool found = false;
    for (size_t i = 0; i < w->patterns->list.n; i++) {
        const char *pattern = w->patterns->list.items[i]->s.ptr;
        while (strncmp(pattern, "./", 2) == 0)
            pattern += 2;
        size_t len = strlen(pattern);
        while (len > 1 && pattern[len - 1] == '/')
            len--;
        bool below = strncmp(path, pattern, len) == 0 && (path[len] == '/' || path[len] == '\0');
        if (below || strcmp(pattern, ".") == 0 || !*pattern || fnmatch(pattern, path, 0) == 0)
            found = w->used[i] = true;
    }
    return found;
}

static bool walk_skips(const struct walk *w, const char *name, const struct stat *st)
{
    return strcmp(name, ".git") == 0 || strcmp(name, ".besom") == 0 ||
           strcmp(name, "__pycache__") == 0 ||
           (st->st_dev == w->store.st_dev && st->st_ino == w->store.st_ino);
}

/* folder: relative to the root, with a slash at its end; "" for the root. */
static int walk_folder(struct walk *w, int at, const char *name, const char *folder,
                       struct err *err)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc = 0;
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        rc = err_set(err, ERR_IO, "the folder %s cannot be read: %s", folder, strerror(errno));
        if (fd >= 0)
            close(fd);
        return rc;
    }
    for (const struct dirent *e; rc == 0 && (e = readdir(dir));) {
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (++w->seen > LIMIT_CODE_SEEN)
            rc = err_set(err, ERR_LIMIT,
                         "there are more than %d files to look through for code.files",
                         LIMIT_CODE_SEEN);
        struct arena *a = &w->list->arena;
        const char *path = arena_printf(a, "%s%s", folder, e->d_name);
        if (rc == 0 && S_ISDIR(st.st_mode) && !walk_skips(w, e->d_name, &st) &&
            strlen(path) < CODE_PATH_BYTES)
            rc = walk_folder(w, fd, e->d_name, arena_printf(a, "%s/", path), err);
        else if (rc == 0 && !S_ISDIR(st.st_mode) && walk_matches(w, path))
            code_list_add(w->list, path, NULL);
    }
    closedir(dir);
    return rc;
}

int code_list_find(struct code_list *l, const char *root, const char *store,
                   const struct value *patterns, struct err *err)
{
    struct walk w = {.list = l, .patterns = patterns};
    w.used = mem_alloc(patterns->list.n + 1);
    if (stat(store, &w.store) != 0)
        w.store = (struct stat){0};
    int rc = walk_folder(&w, AT_FDCWD, root, "", err);
    for (size_t i = 0; rc == 0 && i < patterns->list.n; i++)
        if (!w.used[i])
            rc = err_set(err, ERR_NOT_FOUND, "code.files: no file matches '%s' in %s",
                         patterns->list.items[i]->s.ptr, root);
    mem_free(w.used);
    return rc;
}
