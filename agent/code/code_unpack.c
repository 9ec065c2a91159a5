/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/code/code_unpack.h"

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
#include "sweep/code/code_path.h"

enum { FILE_MODE = 0444, PROGRAM_MODE = 0555 };

static int unpack_fail(struct err *err, const char *path)
{
    int why = errno;
    return err_set(err, why == ENOSPC || why == EDQUOT ? ERR_FULL : ERR_IO,
                   "the snapshot cannot be unpacked: %s: %s", path, strerror(why));
}

static int folder_open(int at, const char *name)
{
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Opens the folder of a path, and creates missing folders; *ret_name is the last part of the path.
 * Follows no links. */
static int folder_of(int root, const char *path, const char **ret_name)
{
    char name[CODE_PATH_NAME_BYTES];
    int fd = dup(root);
    for (const char *slash; fd >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
        snprintf(name, sizeof name, "%.*s", (int)(slash - path), path);
        if (mkdirat(fd, name, 0777) != 0 && errno != EEXIST) {
            close(fd);
            return -1;
        }
        int next = folder_open(fd, name);
        close(fd);
        fd = next;
    }
    *ret_name = path;
    return fd;
}

static bool file_write(int at, const char *name, const struct code_pack_entry *e)
{
    mode_t mode = e->kind == 'x' ? PROGRAM_MODE : FILE_MODE;
    int fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool good = fd >= 0;
    for (size_t done = 0; good && done < e->len;) {
        ssize_t n = write(fd, e->bytes + done, e->len - done);
        good = n >= 0 || errno == EINTR;
        done += n > 0 ? (size_t)n : 0;
    }
    good = good && fchmod(fd, mode) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

static int entry_write(int root, const struct code_pack_entry *e, struct err *err)
{
    const char *name;
    int folder = folder_of(root, e->path, &name);
    bool good = folder >= 0 && (e->kind == 'l' ? symlinkat(e->bytes, folder, name) == 0
                                               : file_write(folder, name, e));
    int rc = good ? 0 : unpack_fail(err, e->path);
    if (folder >= 0)
        close(folder);
    return rc;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Links are created last, so no file is written through one. */
static int pack_write(const struct code_pack *p, const char *path, struct err *err)
{
    if (mkdir(path, 0777) != 0)
        return unpack_fail(err, path);
    int root = folder_open(AT_FDCWD, path), rc = root < 0 ? unpack_fail(err, path) : 0;
    for (int links = 0; links < 2; links++)
        for (size_t i = 0; rc == 0 && i < p->n; i++)
            if ((p->entries[i].kind == 'l') == links)
                rc = entry_write(root, &p->entries[i], err);
    /* One call instead of one for each file. */
    if (rc == 0 && syncfs(root) != 0)
        rc = unpack_fail(err, path);
    if (root >= 0)
        close(root);
    return rc;
}

/* The size is known before memory is allocated, and the hash is checked before a file is written. */
int code_unpack(const char *packed, size_t len, const char *hash, const char *path, struct err *err)
{
    char is[SECRET_HASH_TEXT_BYTES];
    struct code_pack pack = {0};
    uint64_t size;
    if (!compress_size(packed, len, &size))
        return err_set(err, ERR_DAMAGED, "the snapshot is damaged: it is not compressed by zstd");
    if (size > LIMIT_CODE_BYTES)
        return err_set(err, ERR_LIMIT, "the snapshot would take %" PRIu64 " MiB, more than %d",
                       size >> 20, LIMIT_CODE_BYTES >> 20);
    char *text = mem_alloc((size_t)size + 1);
    struct compress *c = compress_new();
    int rc = compress_restore(c, packed, len, text, (size_t)size)
                 ? 0
                 : err_set(err, ERR_DAMAGED, "the snapshot is damaged: it cannot be decompressed");
    compress_free(c);
    if (rc == 0) {
        secret_hash_text(text, (size_t)size, is);
        if (strcmp(is, hash) != 0)
            rc = err_set(err, ERR_DAMAGED, "the snapshot is damaged: it has another hash");
    }
    if (rc == 0)
        rc = code_pack_read(text, (size_t)size, &pack, err);
    if (rc == 0)
        rc = pack_write(&pack, path, err);
    code_pack_done(&pack);
    mem_free(text);
    return rc;
}

static bool folder_is_untouched(int at, const char *name)
{
    int fd = folder_open(at, name);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    bool good = true;
    for (const struct dirent *e; dir && good && (e = readdir(dir));) {
        struct stat st;
        if (is_dots(e->d_name) || strcmp(e->d_name, "__pycache__") == 0)
            continue;
        good = fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0;
        if (good && S_ISDIR(st.st_mode))
            good = folder_is_untouched(fd, e->d_name);
        else if (good && !S_ISLNK(st.st_mode))
            good = S_ISREG(st.st_mode) && !(st.st_mode & 0222);
    }
    if (dir)
        closedir(dir);
    else if (fd >= 0)
        close(fd);
    return good;
}

bool code_unpack_is_untouched(const char *path)
{
    return folder_is_untouched(AT_FDCWD, path);
}

static void folder_remove(int at, const char *name)
{
    int fd = folder_open(at, name);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    for (const struct dirent *e; dir && (e = readdir(dir));)
        if (!is_dots(e->d_name) && unlinkat(fd, e->d_name, 0) != 0)
            folder_remove(fd, e->d_name);
    if (dir)
        closedir(dir);
    else if (fd >= 0)
        close(fd);
    unlinkat(at, name, AT_REMOVEDIR);
}

void code_unpack_remove(const char *path)
{
    folder_remove(AT_FDCWD, path);
}
