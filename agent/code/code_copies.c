/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/code/code_copies.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/code/code_unpack.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sweep/code/code_pack.h"

enum { HASH_CHARS = CODE_HASH_TEXT_BYTES - 1, COPIES_MAX = 10000, COPY_BYTES = 256 << 10 };

static int copies_fail(struct err *err, const char *path, const char *what)
{
    int why = errno;
    return err_set(err, why == ENOSPC || why == EDQUOT ? ERR_FULL : ERR_IO, "%s: %s: %s", path,
                   what, strerror(why));
}

static int path_of(char out[PATH_MAX], const char *dir, const char *hash, const char *end,
                   struct err *err)
{
    if (!code_pack_is_hash(hash))
        return err_set(err, ERR_DAMAGED, "'%.80s' is not the name of a snapshot", hash);
    if (snprintf(out, PATH_MAX, "%s/code/%s%s", dir, hash, end) >= PATH_MAX)
        return err_set(err, ERR_LIMIT, "the path of the folder %s is too long", dir);
    return 0;
}

static int folder_make(const char *dir, struct err *err)
{
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/code", dir);
    return mkdir(path, 0777) == 0 || errno == EEXIST ? 0
                                                     : copies_fail(err, path, "cannot create it");
}

static bool bytes_write(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static bool folder_sync(const char *path)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

static bool file_copy(int from, int to)
{
    char *piece = mem_alloc(COPY_BYTES);
    ssize_t n = 1;
    bool good = true;
    while (good && n > 0) {
        n = read(from, piece, COPY_BYTES);
        good = n > 0 ? bytes_write(to, piece, (size_t)n) : n == 0 || errno == EINTR;
        n = n < 0 && good ? 1 : n;
    }
    mem_free(piece);
    return good;
}

/* The pack is `packed`, or what can be read from a descriptor. */
static int pack_keep(const char *dir, const char *hash, const struct buf *packed, int from,
                     struct err *err)
{
    char path[PATH_MAX], made[PATH_MAX + 32];
    int rc = path_of(path, dir, hash, ".pack", err);
    if (rc == 0)
        rc = folder_make(dir, err);
    if (rc != 0 || access(path, F_OK) == 0)
        return rc;
    snprintf(made, sizeof made, "%s.%ld", path, (long)getpid());
    unlink(made);
    int fd = open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return copies_fail(err, made, "cannot create it");
    bool good = packed ? bytes_write(fd, buf_peek(packed), packed->len) : file_copy(from, fd);
    good = good && fsync(fd) == 0;
    if (!good)
        rc = copies_fail(err, made, "cannot write it");
    close(fd);
    if (good && (rename(made, path) != 0 || !folder_sync(path)))
        rc = copies_fail(err, path, "cannot keep it");
    if (rc != 0)
        unlink(made);
    return rc;
}

int code_copies_keep(const char *dir, const struct code_snapshot *s, struct err *err)
{
    return pack_keep(dir, s->hash, &s->packed, -1, err);
}

static int pack_open(const char *path, int *ret, struct err *err)
{
    *ret = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (*ret >= 0)
        return 0;
    return errno == ENOENT ? err_set(err, ERR_NOT_FOUND, "the snapshot %s is missing", path)
                           : copies_fail(err, path, "cannot open it");
}

int code_copies_copy(const char *dir, const char *hash, const char *to, struct err *err)
{
    char path[PATH_MAX];
    int from = -1, rc = path_of(path, dir, hash, ".pack", err);
    if (rc == 0)
        rc = pack_open(path, &from, err);
    if (rc == 0)
        rc = pack_keep(to, hash, NULL, from, err);
    if (from >= 0)
        close(from);
    return rc;
}

int code_copies_copy_all(const char *dir, const char *to, struct err *err)
{
    char path[PATH_MAX + 8], hash[CODE_HASH_TEXT_BYTES];
    int rc = 0;
    snprintf(path, sizeof path, "%s/code", dir);
    DIR *folder = opendir(path);
    for (const struct dirent *e; rc == 0 && folder && (e = readdir(folder));) {
        snprintf(hash, sizeof hash, "%.64s", e->d_name);
        if (!code_pack_is_hash(hash) || strcmp(e->d_name + HASH_CHARS, ".pack") != 0)
            continue;
        struct err why = {0};
        rc = code_copies_copy(dir, hash, to, &why);
        if (rc == ERR_NOT_FOUND) /* removed just now */
            rc = 0;
        else if (rc != 0)
            *err = why;
    }
    if (folder)
        closedir(folder);
    return rc;
}

static int pack_load(const char *path, struct buf *out, struct err *err)
{
    struct stat st;
    int fd = -1, rc = pack_open(path, &fd, err);
    if (rc != 0)
        return rc;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > LIMIT_CODE_BYTES)
        rc = err_set(err, ERR_DAMAGED, "%s is not a snapshot", path);
    while (rc == 0) {
        char *room = buf_reserve(out, 1 << 20);
        ssize_t n = room ? read(fd, room, 1 << 20) : -1;
        if (n > 0)
            buf_commit(out, (size_t)n);
        else if (n == 0)
            break;
        else if (errno != EINTR)
            rc = copies_fail(err, path, "cannot read it");
    }
    close(fd);
    return rc;
}

struct copy {
    char hash[CODE_HASH_TEXT_BYTES];
    struct timespec used;
};

static int copy_compare(const void *a, const void *b)
{
    const struct timespec *one = &((const struct copy *)a)->used,
                          *two = &((const struct copy *)b)->used;
    if (one->tv_sec != two->tv_sec)
        return one->tv_sec < two->tv_sec ? 1 : -1;
    return (one->tv_nsec < two->tv_nsec) - (one->tv_nsec > two->tv_nsec);
}

/* The copies, that which was used last first. Free with mem_free(). */
static struct copy *copies_list(const char *dir, size_t *ret_n)
{
    char path[PATH_MAX + 8];
    struct copy *copies = NULL;
    size_t n = 0, cap = 0;
    snprintf(path, sizeof path, "%s/code", dir);
    DIR *folder = opendir(path);
    for (const struct dirent *e; folder && n < COPIES_MAX && (e = readdir(folder));) {
        struct stat st;
        if (!code_pack_is_hash(e->d_name) ||
            fstatat(dirfd(folder), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISDIR(st.st_mode))
            continue;
        copies = mem_grow(copies, &cap, n + 1, sizeof *copies);
        snprintf(copies[n].hash, sizeof copies[n].hash, "%s", e->d_name);
        copies[n++].used = st.st_mtim;
    }
    if (folder)
        closedir(folder);
    if (n > 0)
        qsort(copies, n, sizeof *copies, copy_compare);
    *ret_n = n;
    return copies;
}

/* Whether an attempt names the snapshot. */
static bool copy_is_used(const char *dir, const char *hash)
{
    char path[PATH_MAX + 8], text[CODE_HASH_TEXT_BYTES];
    bool found = false;
    snprintf(path, sizeof path, "%s/run", dir);
    DIR *run = opendir(path);
    for (const struct dirent *e; run && !found && (e = readdir(run));) {
        char file[NAME_MAX + 16];
        snprintf(file, sizeof file, "%s/%s", e->d_name, CODE_COPIES_FILE);
        int fd = e->d_name[0] == '.' ? -1 : openat(dirfd(run), file, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd >= 0 ? read(fd, text, HASH_CHARS) : 0;
        found = n == HASH_CHARS && memcmp(text, hash, HASH_CHARS) == 0;
        if (fd >= 0)
            close(fd);
    }
    if (run)
        closedir(run);
    return found;
}

static void copies_trim(const char *dir, const char *needed)
{
    size_t n;
    struct copy *copies = copies_list(dir, &n);
    for (size_t i = LIMIT_CODE_COPIES; i < n; i++) {
        char path[PATH_MAX];
        if (strcmp(copies[i].hash, needed) != 0 && !copy_is_used(dir, copies[i].hash) &&
            path_of(path, dir, copies[i].hash, "", NULL) == 0 && code_unpack_is_untouched(path))
            code_unpack_remove(path);
    }
    mem_free(copies);
}

bool code_copies_has(const char *dir, const char *hash)
{
    char path[PATH_MAX];
    struct stat st;
    return path_of(path, dir, hash, "", NULL) == 0 && lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int code_copies_use(const char *dir, const char *hash, char ret[PATH_MAX], struct err *err)
{
    char pack[PATH_MAX], made[PATH_MAX];
    struct buf packed;
    int rc = path_of(ret, dir, hash, "", err);
    if (rc == 0 && utimensat(AT_FDCWD, ret, NULL, AT_SYMLINK_NOFOLLOW) == 0)
        return 0;
    if (rc == 0)
        rc = path_of(pack, dir, hash, ".pack", err);
    if (rc == 0)
        rc = path_of(made, dir, hash, ".new", err);
    if (rc != 0)
        return rc;
    buf_init(&packed, LIMIT_CODE_BYTES + (2 << 20));
    rc = pack_load(pack, &packed, err);
    code_unpack_remove(made); /* an earlier process was killed here */
    if (rc == 0)
        rc = code_unpack(buf_peek(&packed), packed.len, hash, made, err);
    if (rc == 0 && rename(made, ret) != 0)
        rc = copies_fail(err, ret, "cannot keep it");
    if (rc != 0)
        code_unpack_remove(made);
    else
        (void)!utimensat(AT_FDCWD, ret, NULL, AT_SYMLINK_NOFOLLOW);
    buf_done(&packed);
    if (rc == 0)
        copies_trim(dir, hash);
    return rc;
}

void code_copies_drop(const char *dir, bool (*wanted)(void *arg, const char *hash), void *arg)
{
    char path[PATH_MAX + 8], hash[CODE_HASH_TEXT_BYTES];
    snprintf(path, sizeof path, "%s/code", dir);
    DIR *folder = opendir(path);
    for (const struct dirent *e; folder && (e = readdir(folder));) {
        char whole[PATH_MAX];
        snprintf(hash, sizeof hash, "%.64s", e->d_name);
        if (!code_pack_is_hash(hash) || wanted(arg, hash))
            continue;
        if (path_of(whole, dir, hash, e->d_name + HASH_CHARS, NULL) != 0)
            continue;
        if (e->d_name[HASH_CHARS] && strcmp(e->d_name + HASH_CHARS, ".new") != 0)
            unlink(whole);
        else if (!copy_is_used(dir, hash) && code_unpack_is_untouched(whole))
            code_unpack_remove(whole);
    }
    if (folder)
        closedir(folder);
}
