/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "orchestrator/runs/files/files.h"

enum { YOUNG_S = 3600 };

struct collection {
    const char *dir;
    bool (*refers)(void *arg, const char *hash);
    void *arg;
    bool dry;
    time_t old; /* files of that time and earlier are old */
    struct files_freed *freed;
};

/* Content that comes again meanwhile replaces the file by a young one, so the file is first moved away and
 * looked at once more: what is young goes back to its place. */
static bool content_remove(const struct collection *c, const char *name)
{
    char path[FILES_PATH_BYTES], away[FILES_PATH_BYTES];
    struct stat st;
    files_path(c->dir, name, path);
    snprintf(away, sizeof away, "%s/files/%.2s/.%s", c->dir, name, name);
    if (rename(path, away) != 0)
        return false;
    if (stat(away, &st) == 0 && st.st_mtime > c->old) {
        rename(away, path);
        return false;
    }
    return unlink(away) == 0;
}

static void content_look(const struct collection *c, DIR *d, const char *name)
{
    struct stat st;
    if (fstatat(dirfd(d), name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
        return;
    bool old = st.st_mtime <= c->old;
    if (name[0] == '.' && old && !c->dry) /* a collection was interrupted */
        unlinkat(dirfd(d), name, 0);
    if (!files_is_hash(name))
        return;
    if (c->refers(c->arg, name) || !old || (!c->dry && !content_remove(c, name))) {
        c->freed->kept++;
        c->freed->kept_bytes += (uint64_t)st.st_size;
    } else {
        c->freed->freed++;
        c->freed->freed_bytes += (uint64_t)st.st_size;
    }
}

static void part_look(const struct collection *c, DIR *d, const char *name)
{
    struct stat st;
    if (name[0] == '.' || fstatat(dirfd(d), name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
        st.st_mtime > c->old)
        return;
    if (!c->dry && unlinkat(dirfd(d), name, 0) != 0)
        return;
    c->freed->parts++;
    c->freed->part_bytes += (uint64_t)st.st_size;
}

int files_collect(const char *dir, bool (*refers)(void *arg, const char *hash), void *arg, bool dry,
                  struct files_freed *ret, struct err *err)
{
    struct collection c = {dir, refers, arg, dry, time(NULL) - YOUNG_S, ret};
    char path[FILES_PATH_BYTES];
    *ret = (struct files_freed){0};
    for (int i = 0; i <= 256; i++) {
        if (i < 256)
            snprintf(path, sizeof path, "%s/files/%02x", dir, (unsigned)i);
        else
            snprintf(path, sizeof path, "%s/files/parts", dir);
        DIR *d = opendir(path);
        if (!d && errno != ENOENT)
            return err_set(err, ERR_IO, "cannot read %s: %s", path, strerror(errno));
        for (struct dirent *e; d && (e = readdir(d));) {
            if (i < 256)
                content_look(&c, d, e->d_name);
            else
                part_look(&c, d, e->d_name);
        }
        if (d)
            closedir(d);
    }
    return 0;
}
