/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/code/snapshots.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compress/compress.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/tls/secret.h"
#include "sweep/code/code_pack.h"

enum { READ_BYTES = 256 << 10 };

static int snapshot_fail(struct err *err, const char *what)
{
    int why = errno;
    if (why == ENOSPC || why == EDQUOT)
        return err_set(err, ERR_FULL, "the controller's disk has no space for the snapshot");
    return err_set(err, ERR_IO, "the controller cannot %s the snapshot: %s", what, strerror(why));
}

static int path_of(char out[PATH_MAX], const char *dir, const char *hash, const char *end,
                   struct err *err)
{
    if (!code_pack_is_hash(hash))
        return err_set(err, ERR_USAGE, "'%.80s' is not the name of a snapshot", hash);
    if (snprintf(out, PATH_MAX, "%s/code/%s%s", dir, hash, end) >= PATH_MAX)
        return err_set(err, ERR_LIMIT, "the path of the folder %s is too long", dir);
    return 0;
}

/* The size of a regular file; false where there is none. */
static bool size_of(const char *path, uint64_t *ret)
{
    struct stat st;
    if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    *ret = (uint64_t)st.st_size;
    return true;
}

bool snapshots_has(const char *dir, const char *hash)
{
    char path[PATH_MAX];
    uint64_t size;
    return path_of(path, dir, hash, ".pack", NULL) == 0 && size_of(path, &size);
}

int snapshots_state(const char *dir, const char *hash, uint64_t *ret_have, bool *ret_whole,
                    struct err *err)
{
    char path[PATH_MAX];
    int rc = path_of(path, dir, hash, ".pack", err);
    *ret_have = 0;
    *ret_whole = rc == 0 && size_of(path, ret_have);
    if (rc == 0 && !*ret_whole)
        rc = path_of(path, dir, hash, ".part", err);
    if (rc == 0 && !*ret_whole && !size_of(path, ret_have))
        *ret_have = 0;
    return rc;
}

static bool bytes_write(int fd, const char *bytes, size_t len, uint64_t at)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, bytes, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

struct content {
    struct secret_hashing *hashing;
    uint64_t size;
};

static void content_take(void *arg, const void *bytes, size_t len)
{
    struct content *c = arg;
    c->size += len;
    if (c->size <= LIMIT_CODE_BYTES)
        secret_hashing_add(c->hashing, bytes, len);
}

/* Whether the content of the file has this hash. -1: it cannot be read. */
static int content_is(int fd, const char *hash)
{
    char is[SECRET_HASH_TEXT_BYTES], *room = mem_alloc(READ_BYTES);
    struct compress *compress = compress_new();
    struct content c = {.hashing = secret_hashing_new()};
    bool good = true;
    ssize_t n = 1;
    compress_begin(compress);
    for (off_t at = 0; good && n > 0; at += n) {
        n = pread(fd, room, READ_BYTES, at);
        good = n >= 0 && compress_next(compress, room, (size_t)n, content_take, &c) &&
               c.size <= LIMIT_CODE_BYTES;
    }
    good = good && compress_is_whole(compress);
    secret_hashing_end(c.hashing, is);
    compress_free(compress);
    mem_free(room);
    return n < 0 ? -1 : good && strcmp(is, hash) == 0;
}

static bool folder_sync(const char *dir)
{
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/code", dir);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

static int part_keep(const struct snapshots_piece *p, int fd, const char *part, struct err *err)
{
    char pack[PATH_MAX];
    int is = content_is(fd, p->hash), rc = path_of(pack, p->dir, p->hash, ".pack", err);
    if (rc != 0)
        return rc;
    if (is < 0)
        return snapshot_fail(err, "read");
    if (is == 0)
        return err_set(err, ERR_DAMAGED,
                       "the snapshot that arrived has another content than its name says");
    if (fsync(fd) != 0 || rename(part, pack) != 0 || !folder_sync(p->dir))
        return snapshot_fail(err, "keep");
    return 0;
}

static int part_open(const char *dir, const char *part, int *ret, struct err *err)
{
    char folder[PATH_MAX + 8];
    snprintf(folder, sizeof folder, "%s/code", dir);
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return snapshot_fail(err, "keep");
    *ret = open(part, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    return *ret >= 0 ? 0 : snapshot_fail(err, "keep");
}

static int part_add(const struct snapshots_piece *p, int fd, const char *part, uint64_t *ret_have,
                    bool *ret_whole, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return err_set(err, ERR_IO, "the controller cannot keep the snapshot");
    *ret_have = (uint64_t)st.st_size;
    if (*ret_have != p->from)
        return 0;
    if (!bytes_write(fd, p->bytes, p->len, p->from))
        return snapshot_fail(err, "write");
    *ret_have += p->len;
    if (*ret_have < p->size)
        return 0;
    *ret_whole = true;
    return part_keep(p, fd, part, err);
}

int snapshots_add(const struct snapshots_piece *p, uint64_t *ret_have, bool *ret_whole,
                  struct err *err)
{
    char part[PATH_MAX];
    int fd = -1, rc = snapshots_state(p->dir, p->hash, ret_have, ret_whole, err);
    if (rc != 0 || *ret_whole)
        return rc;
    if (p->size > LIMIT_CODE_BYTES)
        rc = err_set(err, ERR_LIMIT, "a snapshot of %" PRIu64 " MiB is larger than %d MiB",
                     p->size >> 20, LIMIT_CODE_BYTES >> 20);
    else if (p->len == 0 || p->from > p->size || p->len > p->size - p->from)
        rc = err_set(err, ERR_USAGE, "the piece is empty, or not within the snapshot's size");
    if (rc == 0)
        rc = path_of(part, p->dir, p->hash, ".part", err);
    if (rc == 0)
        rc = part_open(p->dir, part, &fd, err);
    if (rc == 0)
        rc = part_add(p, fd, part, ret_have, ret_whole, err);
    if (fd >= 0)
        close(fd);
    if (rc != 0)
        snapshots_drop_part(p->dir, p->hash);
    return rc;
}

void snapshots_drop_part(const char *dir, const char *hash)
{
    char part[PATH_MAX];
    if (path_of(part, dir, hash, ".part", NULL) == 0)
        unlink(part);
}

void snapshots_drop_parts(const char *dir)
{
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/code", dir);
    DIR *folder = opendir(path);
    for (const struct dirent *e; folder && (e = readdir(folder));) {
        const char *end = strrchr(e->d_name, '.');
        if (end && strcmp(end, ".part") == 0)
            unlinkat(dirfd(folder), e->d_name, 0);
    }
    if (folder)
        closedir(folder);
}

int snapshots_read(const char *dir, const char *hash, uint64_t from, size_t max, char *out,
                   size_t *ret_len, uint64_t *ret_size, struct err *err)
{
    char path[PATH_MAX];
    struct stat st;
    int rc = path_of(path, dir, hash, ".pack", err);
    if (rc != 0)
        return rc;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return err_set(err, ERR_NOT_FOUND, "the controller does not have this snapshot");
    if (fd < 0)
        return snapshot_fail(err, "open");
    ssize_t n = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && from <= INT64_MAX
                    ? pread(fd, out, max, (off_t)from)
                    : -1;
    rc = n < 0 ? snapshot_fail(err, "read") : 0;
    if (n >= 0) {
        *ret_len = (size_t)n;
        *ret_size = (uint64_t)st.st_size;
    }
    close(fd);
    return rc;
}
