/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/files/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"

#define PARTS "parts"
#define HEX "0123456789abcdef"

struct files {
    const char *dir;
    uint64_t max;
    atomic_uint_fast64_t stored; /* bytes; at first what the last process left is not in it */
    atomic_bool counted, begun;
    atomic_uint_fast64_t last; /* number of the last part */
    bool unsynced[256];        /* folders with new names */
};

struct files *files_new(const char *dir, uint64_t max)
{
    struct files *f = mem_alloc(sizeof *f);
    f->dir = dir;
    f->max = max > 0 ? max : FILES_MAX_DEFAULT;
    return f;
}

void files_free(struct files *f)
{
    mem_free(f);
}

bool files_is_hash(const char *text)
{
    return strspn(text, HEX) == FILES_HASH_CHARS && text[FILES_HASH_CHARS] == '\0';
}

void files_path(const char *dir, const char *hash, char ret_path[FILES_PATH_BYTES])
{
    snprintf(ret_path, FILES_PATH_BYTES, "%s/files/%.2s/%s", dir, hash, hash);
}

static int path_fail(struct err *err, const char *what, const char *path)
{
    int code = errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
    return err_set(err, code, "cannot %s %s: %s", what, path, strerror(errno));
}

static int sync_dir(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 || fsync(fd) != 0 ? path_fail(err, "write the folder", path) : 0;
    if (fd >= 0)
        close(fd);
    return rc;
}

/* Makes DIR/files/NAME, and DIR/files. */
static int make_dir(const char *dir, const char *name, struct err *err)
{
    char above[FILES_PATH_BYTES], path[FILES_PATH_BYTES];
    snprintf(above, sizeof above, "%s/files", dir);
    snprintf(path, sizeof path, "%s/files/%s", dir, name);
    if (mkdir(path, 0700) == 0)
        return sync_dir(above, err);
    if (errno == ENOENT && (mkdir(above, 0700) == 0 || errno == EEXIST)) {
        int rc = sync_dir(dir, err);
        if (rc != 0)
            return rc;
        if (mkdir(path, 0700) == 0)
            return sync_dir(above, err);
    }
    return errno == EEXIST ? 0 : path_fail(err, "create the folder", path);
}

/* Of what other processes have left: the store's lock is held, so none of them writes any more. */
static void drop_old_parts(const char *dir)
{
    char path[FILES_PATH_BYTES];
    snprintf(path, sizeof path, "%s/files/" PARTS, dir);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.')
            unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
}

int files_begin(struct files *f, char ret_path[FILES_PATH_BYTES], int *ret_fd, struct err *err)
{
    int rc = make_dir(f->dir, PARTS, err);
    if (rc != 0)
        return rc;
    if (!atomic_exchange(&f->begun, true))
        drop_old_parts(f->dir);
    snprintf(ret_path, FILES_PATH_BYTES, "%s/files/" PARTS "/%lu", f->dir,
             (unsigned long)atomic_fetch_add(&f->last, 1));
    *ret_fd = open(ret_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return *ret_fd < 0 ? path_fail(err, "create", ret_path) : 0;
}

void files_drop(const char *part)
{
    unlink(part);
}

/* Bytes of all content, by looking at every file. */
static uint64_t count_stored(const char *dir)
{
    static const char hex[] = HEX;
    char path[FILES_PATH_BYTES];
    uint64_t sum = 0;
    for (int i = 0; i < 256; i++) {
        snprintf(path, sizeof path, "%s/files/%c%c", dir, hex[i >> 4], hex[i & 15]);
        DIR *d = opendir(path);
        struct stat st;
        for (struct dirent *e; d && (e = readdir(d));)
            if (e->d_name[0] != '.' && fstatat(dirfd(d), e->d_name, &st, 0) == 0)
                sum += (uint64_t)st.st_size;
        if (d)
            closedir(d);
    }
    return sum;
}

static int too_much(const struct files *f, struct err *err)
{
    return err_set(err, ERR_LIMIT,
                   "the controller keeps at most %llu MiB of files (besom serve --files-max): "
                   "besom gc removes what is no longer used",
                   (unsigned long long)(f->max >> 20));
}

int files_check_room(struct files *f, uint64_t size, uint64_t *ret_room, struct err *err)
{
    struct statvfs v;
    uint64_t stored = atomic_load(&f->stored), allowed = stored < f->max ? f->max - stored : 0;
    if (size > allowed || allowed == 0)
        return too_much(f, err);
    if (statvfs(f->dir, &v) != 0)
        return path_fail(err, "look at", f->dir);
    uint64_t room = (uint64_t)v.f_bavail * v.f_frsize;
    room = room > LIMIT_FILES_ROOM_BYTES ? room - LIMIT_FILES_ROOM_BYTES : 0;
    if (size > room || room == 0)
        return err_set(err, ERR_LIMIT, "the disk of the controller has no room for this file");
    *ret_room = room < allowed ? room : allowed;
    return 0;
}

int files_take(struct files *f, const char *part, const char *hash, uint64_t size, struct err *err)
{
    char path[FILES_PATH_BYTES], two[3] = {hash[0], hash[1], '\0'};
    struct stat st;
    files_path(f->dir, hash, path);
    bool known = stat(path, &st) == 0;
    if (!atomic_load(&f->counted)) {
        atomic_store(&f->stored, count_stored(f->dir));
        atomic_store(&f->counted, true);
    }
    if (!known && (size > f->max || atomic_load(&f->stored) > f->max - size)) {
        atomic_store(&f->stored, count_stored(f->dir)); /* besom gc may have removed some */
        if (size > f->max || atomic_load(&f->stored) > f->max - size)
            return too_much(f, err);
    }
    int rc = make_dir(f->dir, two, err);
    if (rc != 0)
        return rc;
    /* Also where it is known: a young file is not removed by a collection that runs now. */
    if (rename(part, path) != 0)
        return path_fail(err, "create", path);
    if (!known)
        atomic_fetch_add(&f->stored, size);
    f->unsynced[strtoul(two, NULL, 16)] = true;
    return 0;
}

int files_sync(struct files *f, struct err *err)
{
    char path[FILES_PATH_BYTES];
    int rc = 0;
    for (unsigned i = 0; i < 256 && rc == 0; i++) {
        if (!f->unsynced[i])
            continue;
        snprintf(path, sizeof path, "%s/files/%02x", f->dir, i);
        rc = sync_dir(path, err);
        f->unsynced[i] = rc != 0;
    }
    return rc;
}

int files_read(const char *dir, const char *hash, uint64_t max, char **ret, uint64_t *ret_size,
               struct err *err)
{
    char path[FILES_PATH_BYTES];
    struct stat st;
    files_path(dir, hash, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        int rc = path_fail(err, "open", path);
        if (fd >= 0)
            close(fd);
        return rc;
    }
    if ((uint64_t)st.st_size > max) {
        close(fd);
        return err_set(err, ERR_LIMIT, "a file of %lld bytes is too long here",
                       (long long)st.st_size);
    }
    char *bytes = mem_alloc((size_t)st.st_size + 1);
    size_t at = 0;
    for (ssize_t n = 1; n > 0 && at<(size_t)st.st_size; at += n> 0 ? (size_t)n : 0)
        n = read(fd, bytes + at, (size_t)st.st_size - at);
    close(fd);
    *ret = bytes;
    *ret_size = at;
    if (at == (size_t)st.st_size)
        return 0;
    mem_free(bytes);
    return err_set(err, ERR_IO, "cannot read %s", path);
}
