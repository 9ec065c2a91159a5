/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/code/code_gather.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compress/compress.h"
#include "base/diag/display.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/tls/secret.h"
#include "sweep/code/code_pack.h"
#include "sweep/code/code_path.h"

enum { LEVEL = 3, LARGEST = 5 };

_Static_assert(CODE_HASH_TEXT_BYTES == (int)SECRET_HASH_TEXT_BYTES, "the text of a SHA-256");

/* Lists the largest files, for the error. */
struct largest {
    const char *paths[LARGEST];
    uint64_t sizes[LARGEST];
};

static void largest_add(struct largest *l, const char *path, uint64_t size)
{
    for (int i = 0; i < LARGEST; i++)
        if (size > l->sizes[i]) {
            memmove(l->sizes + i + 1, l->sizes + i, (LARGEST - 1 - (size_t)i) * sizeof *l->sizes);
            memmove(l->paths + i + 1, l->paths + i, (LARGEST - 1 - (size_t)i) * sizeof *l->paths);
            l->sizes[i] = size;
            l->paths[i] = path;
            return;
        }
}

static int too_large(const struct largest *l, const char *what, uint64_t limit, struct err *err)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    for (int i = 0; i < LARGEST && l->paths[i]; i++) {
        buf_adds(&text, i ? ", " : "");
        display_clean(&text, l->paths[i], strlen(l->paths[i]));
        buf_addf(&text, " (%.1f MiB)", (double)l->sizes[i] / (1 << 20));
    }
    err_set(err, ERR_LIMIT,
            "the files of the snapshot take more than %.4g MiB%s; add large ones to .gitignore, or "
            "list the files in code.files, or raise code.limit; the largest are %.400s",
            (double)limit / (1 << 20), what, buf_str(&text));
    buf_done(&text);
    return ERR_LIMIT;
}

static bool file_read(int fd, uint64_t size, struct buf *out)
{
    buf_clear(out);
    while (out->len < size) {
        char *room = buf_reserve(out, (size_t)(size - out->len));
        ssize_t got = room ? read(fd, room, (size_t)(size - out->len)) : 0;
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        buf_commit(out, (size_t)got);
    }
    return true;
}

struct gathering {
    int root;
    struct buf text, file; /* the pack so far; the file that is read */
    struct largest largest;
    size_t files;
};

/* Adds one file to the pack. Returns why it is left out, or NULL; "" if it no longer exists. */
static const char *gather_one(struct gathering *g, const char *path)
{
    struct stat st;
    char target[PATH_MAX];
    if (fstatat(g->root, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT || errno == ENOTDIR ? "" : "it cannot be read";
    struct code_pack_entry e = {.kind = 'l', .path = path};
    if (S_ISLNK(st.st_mode)) {
        ssize_t len = readlinkat(g->root, path, target, sizeof target - 1);
        if (len < 0)
            return "it cannot be read";
        target[len] = '\0';
        if (!code_path_link_is_inside(path, target))
            return "a link that leads outside";
        e.bytes = target;
        e.len = (size_t)len;
    } else if (S_ISREG(st.st_mode)) {
        int fd = openat(g->root, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        largest_add(&g->largest, path, (uint64_t)st.st_size);
        bool good = fd >= 0 && (uint64_t)st.st_size <= LIMIT_CODE_BYTES &&
                    file_read(fd, (uint64_t)st.st_size, &g->file);
        if (fd >= 0)
            close(fd);
        if (!good && (uint64_t)st.st_size <= LIMIT_CODE_BYTES)
            return "it cannot be read";
        g->text.overflow |= !good;
        e.kind = st.st_mode & S_IXUSR ? 'x' : 'f';
        e.bytes = buf_peek(&g->file);
        e.len = g->file.len;
    } else {
        return S_ISDIR(st.st_mode) ? "another repository" : "not a file";
    }
    code_pack_add(&g->text, &e);
    g->files++;
    return NULL;
}

static int gather_all(struct gathering *g, struct code_list *list, struct err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n && !g->text.overflow && g->files <= LIMIT_CODE_FILES; i++) {
        const char *why = list->whys[i] ? list->whys[i] : gather_one(g, list->paths[i]);
        if (why && !*why)
            continue;
        list->paths[n] = list->paths[i];
        list->whys[n++] = why;
    }
    if (g->files > LIMIT_CODE_FILES)
        return err_set(
            err, ERR_LIMIT,
            "the snapshot has more than %d files; list those that it needs in code.files",
            LIMIT_CODE_FILES);
    if (g->text.overflow)
        return too_large(&g->largest, "", LIMIT_CODE_BYTES, err);
    list->n = n;
    return g->files ? 0 : err_set(err, ERR_NOT_FOUND, "the snapshot has no files");
}

int code_gather(const char *root, struct code_list *list, uint64_t limit, struct code_snapshot *ret,
                struct err *err)
{
    struct gathering g = {.root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    *ret = (struct code_snapshot){0};
    buf_init(&ret->packed, SIZE_MAX);
    if (g.root < 0)
        return err_set(err, ERR_IO, "%s cannot be read: %s", root, strerror(errno));
    buf_init(&g.text, LIMIT_CODE_BYTES);
    buf_init(&g.file, LIMIT_CODE_BYTES);
    code_pack_begin(&g.text);
    int rc = gather_all(&g, list, err);
    if (rc == 0) {
        struct compress *c = compress_new();
        compress_add(c, LEVEL, buf_peek(&g.text), g.text.len, &ret->packed);
        compress_free(c);
        secret_hash_text(buf_peek(&g.text), g.text.len, ret->hash);
        ret->files = g.files;
        if (ret->packed.len > limit)
            rc = too_large(&g.largest, " compressed", limit, err);
    }
    close(g.root);
    buf_done(&g.text);
    buf_done(&g.file);
    return rc;
}

void code_gather_done(struct code_snapshot *s)
{
    buf_done(&s->packed);
}

void code_gather_mark(const char *root, const char *path, char out[CODE_GATHER_MARK_BYTES])
{
    char whole[2 * PATH_MAX], hash[CODE_HASH_TEXT_BYTES], target[PATH_MAX];
    struct stat st;
    out[0] = '\0';
    if (snprintf(whole, sizeof whole, "%s/%s", root, path) >= (int)sizeof whole ||
        lstat(whole, &st) != 0)
        return;
    snprintf(out, CODE_GATHER_MARK_BYTES, "%" PRIu64 " %" PRId64 ".%09ld", (uint64_t)st.st_size,
             (int64_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    ssize_t len = S_ISLNK(st.st_mode) ? readlink(whole, target, sizeof target) : -1;
    if (len >= 0)
        secret_hash_text(target, (size_t)len, hash);
    if (S_ISREG(st.st_mode) && st.st_size <= LIMIT_CODE_HASHED_BYTES) {
        struct buf bytes;
        int fd = open(whole, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        buf_init(&bytes, SIZE_MAX);
        if (fd >= 0 && file_read(fd, (uint64_t)st.st_size, &bytes)) {
            secret_hash_text(buf_str(&bytes), bytes.len, hash);
            len = 0;
        }
        if (fd >= 0)
            close(fd);
        buf_done(&bytes);
    }
    if (len >= 0)
        snprintf(out, CODE_GATHER_MARK_BYTES, "%.40s%s", hash, st.st_mode & S_IXUSR ? " x" : "");
}
