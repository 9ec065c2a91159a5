/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/bytes/base64.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "protocol/wandb/wandb_stream.h"

/* Files are opened with O_NONBLOCK: training may have put a pipe in their place.
 * "s 0000000010 0000001234\n": the kind, the length of the path, and that of the body. */
#define HEAD "%c %010zu %010zu\n"
enum { HEAD_BYTES = 24, PATH_BYTES_MAX = 4096, BLOCK_BYTES = 4096 };

char *wandb_spool_folder(struct arena *a, const char *dir, const struct agent_key *key)
{
    return arena_printf(a, "%s/" WANDB_SPOOL_DIR "/%s-%" PRIu64 "-%" PRIu64, dir, key->sweep,
                        key->trial, key->attempt);
}

bool wandb_spool_look(const struct wandb_spool *s, uint64_t at, struct wandb_frame *ret)
{
    char head[HEAD_BYTES + 1] = "", kind;
    size_t path, body;
    if (pread(s->fd, head, HEAD_BYTES, (off_t)at) != HEAD_BYTES ||
        sscanf(head, "%c %10zu %10zu", &kind, &path, &body) != 3 || head[HEAD_BYTES - 1] != '\n' ||
        path > PATH_BYTES_MAX || body > LIMIT_WANDB_BODY_BYTES || !strchr("csfex", kind))
        return false;
    *ret = (struct wandb_frame){.kind = (enum wandb_frame_kind)kind,
                                .path = "",
                                .body = "",
                                .len = body,
                                .next = at + HEAD_BYTES + path + body};
    return true;
}

/* Finds where the last whole frame ends. Returns where the last STREAM begins, or UINT64_MAX. */
static uint64_t frames_walk(struct wandb_spool *s)
{
    struct wandb_frame f;
    struct stat st;
    uint64_t last = UINT64_MAX, end = fstat(s->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
    while (s->size < end && wandb_spool_look(s, s->size, &f) && f.next <= end) {
        last = f.kind == WANDB_FRAME_STREAM ? s->size : last;
        s->size = f.next;
        s->ended = f.kind == WANDB_FRAME_END;
    }
    return last;
}

void wandb_spool_measure(struct wandb_spool *s)
{
    (void)frames_walk(s);
}

/* Whether the request at `at` told the end of the run. */
static bool stream_is_complete(const struct wandb_spool *s, uint64_t at)
{
    struct wandb_stream stream;
    struct wandb_frame f;
    struct arena a;
    arena_init(&a);
    bool is = at != UINT64_MAX && wandb_spool_read(s, &a, at, &f) && f.kind == WANDB_FRAME_STREAM &&
              wandb_stream_parse(&a, f.body, f.len, &stream, NULL) == 0 && stream.complete;
    arena_done(&a);
    return is;
}

static void frames_open(struct wandb_spool *s, bool writes)
{
    s->size = wandb_spool_sent(s);
    uint64_t last = frames_walk(s);
    if (!writes)
        return;
    (void)!ftruncate(s->fd, (off_t)s->size); /* a process may have been killed within a frame */
    s->complete = stream_is_complete(s, last);
}

int wandb_spool_open(struct wandb_spool *s, const char *dir, const struct agent_key *key,
                     bool create)
{
    struct arena a;
    arena_init(&a);
    const char *folder = wandb_spool_folder(&a, dir, key);
    *s = (struct wandb_spool){.fd = -1};
    if (create) {
        (void)mkdir(arena_printf(&a, "%s/" WANDB_SPOOL_DIR, dir), 0700);
        (void)mkdir(folder, 0700);
    }
    s->fd = open(arena_printf(&a, "%s/frames", folder),
                 O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | (create ? O_CREAT : 0), 0600);
    int why = errno;
    if (s->fd >= 0) {
        s->dir = mem_strdup(folder);
        frames_open(s, create);
    }
    arena_done(&a);
    return s->fd >= 0 ? 0 : why == ENOENT ? ERR_NOT_FOUND : ERR_IO;
}

void wandb_spool_close(struct wandb_spool *s)
{
    if (s->dir)
        close(s->fd);
    mem_free(s->dir);
    *s = (struct wandb_spool){.fd = -1};
}

static bool parts_write(int fd, struct iovec *parts, int n, uint64_t at)
{
    while (n > 0) {
        ssize_t done = pwritev(fd, parts, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0 && parts->iov_len > 0)
            return false;
        at += (uint64_t)done;
        for (; n > 0 && (size_t)done >= parts->iov_len; n--, parts++)
            done -= (ssize_t)parts->iov_len;
        if (n > 0) {
            parts->iov_base = (char *)parts->iov_base + done;
            parts->iov_len -= (size_t)done;
        }
    }
    return true;
}

int wandb_spool_add(struct wandb_spool *s, enum wandb_frame_kind kind, const char *path,
                    const char *body, size_t len)
{
    char head[HEAD_BYTES + 1];
    size_t path_len = strlen(path);
    if (path_len > PATH_BYTES_MAX || len > LIMIT_WANDB_BODY_BYTES)
        return ERR_LIMIT;
    snprintf(head, sizeof head, HEAD, (char)kind, path_len, len);
    struct iovec parts[] = {
        {head, HEAD_BYTES}, {(void *)(uintptr_t)path, path_len}, {(void *)(uintptr_t)body, len}};
    if (!parts_write(s->fd, parts, 3, s->size)) {
        (void)!ftruncate(s->fd, (off_t)s->size);
        return ERR_FULL;
    }
    s->size += HEAD_BYTES + path_len + len;
    s->ended = kind == WANDB_FRAME_END;
    return 0;
}

int wandb_spool_add_file(struct wandb_spool *s, const struct wandb_upload *u)
{
    struct arena a;
    struct buf md5;
    arena_init(&a);
    buf_init(&md5, SIZE_MAX);
    base64_print(&md5, u->digest.md5, sizeof u->digest.md5);
    struct value *v = value_dict(&a);
    value_put(&a, v, "entity", value_str(&a, u->entity));
    value_put(&a, v, "project", value_str(&a, u->project));
    value_put(&a, v, "name", value_str(&a, u->name));
    value_put(&a, v, "file", value_str(&a, u->file));
    value_put(&a, v, "size", value_int(&a, (int64_t)u->size));
    value_put(&a, v, "sha256", value_str(&a, u->digest.sha256));
    value_put(&a, v, "md5", value_str(&a, buf_str(&md5)));
    const char *text = json_text(&a, v, JSON_COMPACT);
    int rc = wandb_spool_add(s, WANDB_FRAME_FILE, "", text, strlen(text));
    buf_done(&md5);
    arena_done(&a);
    return rc;
}

bool wandb_spool_read_file(struct arena *a, const struct wandb_frame *frame,
                           struct wandb_upload *ret)
{
    struct value *v;
    struct buf md5;
    if (frame->kind != WANDB_FRAME_FILE || json_parse(a, frame->body, frame->len, &v, NULL) != 0)
        return false;
    *ret = (struct wandb_upload){.entity = value_get_str(v, "entity", ""),
                                 .project = value_get_str(v, "project", ""),
                                 .name = value_get_str(v, "name", ""),
                                 .file = value_get_str(v, "file", "file-"),
                                 .size = (uint64_t)value_get_int(v, "size", 0)};
    const char *text = value_get_str(v, "md5", "");
    snprintf(ret->digest.sha256, sizeof ret->digest.sha256, "%s", value_get_str(v, "sha256", ""));
    buf_init(&md5, SIZE_MAX);
    if (base64_parse(&md5, text, strlen(text)) && md5.len == sizeof ret->digest.md5)
        memcpy(ret->digest.md5, buf_peek(&md5), md5.len);
    buf_done(&md5);
    return true;
}

char *wandb_spool_stream_path(struct arena *a, const char *entity, const char *project,
                              const char *run)
{
    return arena_printf(a, "/files/%s/%s/%s/file_stream", entity, project, run);
}

char *wandb_spool_file(struct arena *a, const struct wandb_spool *s, const char **ret_path)
{
    for (uint64_t n = s->size;; n++) {
        char *name = arena_printf(a, "file-%" PRIu64, n);
        *ret_path = arena_printf(a, "%s/%s", s->dir, name);
        if (access(*ret_path, F_OK) != 0)
            return name;
    }
}

bool wandb_spool_read(const struct wandb_spool *s, struct arena *a, uint64_t at,
                      struct wandb_frame *ret)
{
    if (at >= s->size || !wandb_spool_look(s, at, ret) || ret->next > s->size)
        return false;
    size_t path_len = (size_t)(ret->next - at) - HEAD_BYTES - ret->len;
    char *text = arena_alloc(a, path_len + ret->len + 2);
    char *body = text + path_len + 1;
    if (ret->kind == WANDB_FRAME_DROPPED)
        return true;
    if (pread(s->fd, text, path_len, (off_t)(at + HEAD_BYTES)) != (ssize_t)path_len ||
        pread(s->fd, body, ret->len, (off_t)(at + HEAD_BYTES + path_len)) != (ssize_t)ret->len)
        return false;
    text[path_len] = '\0';
    body[ret->len] = '\0';
    ret->path = text;
    ret->body = body;
    return true;
}

uint64_t wandb_spool_sent(const struct wandb_spool *s)
{
    char path[PATH_BYTES_MAX], text[32] = "";
    snprintf(path, sizeof path, "%s/sent", s->dir);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 ? strtoull(text, NULL, 10) : 0;
}

static void blocks_free(int fd, uint64_t from, uint64_t to)
{
    uint64_t first = (from + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES,
             last = to / BLOCK_BYTES * BLOCK_BYTES;
    if (last > first)
        (void)fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)first,
                        (off_t)(last - first));
}

/* The number is written in place: it never gets shorter. A power cut may take it back, and what is
 * forwarded again does no harm. */
void wandb_spool_forget(const struct wandb_spool *s, uint64_t from, uint64_t to)
{
    char path[PATH_BYTES_MAX], text[32];
    snprintf(path, sizeof path, "%s/sent", s->dir);
    int n = snprintf(text, sizeof text, "%020" PRIu64 "\n", to);
    int fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    bool written = pwrite(fd, text, (size_t)n, 0) == n;
    close(fd);
    if (written)
        blocks_free(s->fd, from / BLOCK_BYTES * BLOCK_BYTES, to);
}

uint64_t wandb_spool_drop(const struct wandb_spool *s, struct arena *a, uint64_t at)
{
    static const char dropped = WANDB_FRAME_DROPPED;
    struct wandb_frame f;
    struct wandb_upload u;
    if (!wandb_spool_read(s, a, at, &f) || f.kind == WANDB_FRAME_DROPPED)
        return 0;
    uint64_t freed = f.len;
    if (wandb_spool_read_file(a, &f, &u)) {
        freed = u.size;
        (void)unlink(arena_printf(a, "%s/%s", s->dir, u.file));
    }
    if (pwrite(s->fd, &dropped, 1, (off_t)at) != 1)
        return 0;
    blocks_free(s->fd, at + HEAD_BYTES, f.next);
    return freed;
}

void wandb_spool_remove(struct wandb_spool *s)
{
    DIR *folder = opendir(s->dir);
    for (struct dirent *e; folder && (e = readdir(folder)) != NULL;)
        if (e->d_name[0] != '.')
            (void)unlinkat(dirfd(folder), e->d_name, 0);
    if (folder)
        closedir(folder);
    (void)rmdir(s->dir);
    wandb_spool_close(s);
}

static const char *open_path(struct arena *a, const char *dir, const struct agent_key *key)
{
    return arena_printf(a, "%s/open", wandb_spool_folder(a, dir, key));
}

void wandb_spool_set_open(const struct wandb_spool *s, const char *path)
{
    struct arena a;
    arena_init(&a);
    const char *name = arena_printf(&a, "%s/open", s->dir);
    int fd =
        path ? open(name, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0600)
             : -1;
    if (!path)
        (void)unlink(name);
    if (fd >= 0) {
        (void)!write(fd, path, strlen(path));
        close(fd);
    }
    arena_done(&a);
}

const char *wandb_spool_open_run(struct arena *a, const char *dir, const struct agent_key *key)
{
    char path[PATH_BYTES_MAX];
    int fd = open(open_path(a, dir, key), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, path, sizeof path - 1) : -1;
    if (fd >= 0)
        close(fd);
    return n > 0 ? arena_strndup(a, path, (size_t)n) : NULL;
}
