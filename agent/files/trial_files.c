/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/files/trial_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes/base64.h"
#include "base/limits.h"
#include "base/utf8.h"

enum { TRIAL_DIGITS = 24, MS = 1000, NS_IN_MS = 1000000 };

_Static_assert(BASE64_BYTES(LIMIT_TRIAL_FILES_PIECE_BYTES) < LIMIT_FRAME_BYTES / 2,
               "a piece of a file fits into a frame");

struct listing {
    struct arena *a;
    struct value *rows;
    size_t seen, bytes;
    int64_t until_ms;
    uint64_t left_out;
    bool cut; /* there may be more */
};

static int64_t steady_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * MS + t.tv_nsec / NS_IN_MS;
}

static bool name_leads_down(const char *name)
{
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* A name that people can read and a document can carry. */
static bool name_is_text(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == '\x7f')
            return false;
    return utf8_valid_prefix(name, len) == len;
}

/* Opens a name in a folder. Follows no link, and does not wait for the writer of a FIFO. */
static int step_down(int at, const char *name, int flags)
{
    if (!name_leads_down(name)) {
        errno = ENOENT;
        return -1;
    }
    return openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags);
}

static int step_on(int at, const char *name, int flags)
{
    int fd = at < 0 ? -1 : step_down(at, name, flags), why = errno;
    if (at >= 0)
        close(at);
    errno = why;
    return fd;
}

static int folder_open(struct arena *a, const char *dir, const struct agent_key *key)
{
    const char *trials = arena_printf(a, "%s/trials", dir);
    char number[TRIAL_DIGITS];
    snprintf(number, sizeof number, "%" PRIu64, key->trial);
    int at = open(trials, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    at = step_on(at, key->sweep, O_DIRECTORY);
    return step_on(at, number, O_DIRECTORY);
}

static void file_list(struct listing *l, int at, const char *name, const char *path)
{
    struct stat st;
    size_t len = strlen(path);
    if (l->rows->list.n >= LIMIT_TRIAL_FILES || len > LIMIT_TRIAL_FILES_PATH_BYTES ||
        l->bytes + len > LIMIT_TRIAL_FILES_LIST_BYTES ||
        fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode)) {
        l->left_out++;
        return;
    }
    int64_t ms = (int64_t)st.st_mtim.tv_sec * MS + st.st_mtim.tv_nsec / NS_IN_MS;
    struct value *row = value_list(l->a);
    value_push(l->a, row, value_str(l->a, path));
    value_push(l->a, row, value_int(l->a, st.st_size));
    value_push(l->a, row, value_int(l->a, ms > 0 ? ms : 0));
    value_push(l->a, l->rows, row);
    l->bytes += len;
}

static bool is_folder(int at, const struct dirent *e)
{
    struct stat st;
    if (e->d_type != DT_UNKNOWN)
        return e->d_type == DT_DIR;
    return fstatat(at, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static bool listing_is_over(struct listing *l)
{
    l->cut |= l->seen >= LIMIT_TRIAL_FILES_SEEN || steady_ms() >= l->until_ms;
    return l->cut;
}

/* Takes fd. before: the path of the folder with a "/" after it. */
static void folder_list(struct listing *l, int fd, const char *before, unsigned depth)
{
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        l->left_out++;
        return;
    }
    for (const struct dirent *e; !listing_is_over(l) && (e = readdir(dir));) {
        if (!name_leads_down(e->d_name))
            continue;
        l->seen++;
        bool text = name_is_text(e->d_name), folder = text && is_folder(fd, e);
        const char *path = text ? arena_printf(l->a, "%s%s", before, e->d_name) : "";
        if (text && !folder) {
            file_list(l, fd, e->d_name, path);
            continue;
        }
        int below =
            folder && depth < LIMIT_TRIAL_FILES_DEPTH ? step_down(fd, e->d_name, O_DIRECTORY) : -1;
        if (below >= 0)
            folder_list(l, below, arena_printf(l->a, "%s/", path), depth + 1);
        else
            l->left_out++;
    }
    closedir(dir);
}

/* Takes fd, a folder. */
static void list_answer(struct arena *a, int fd, int64_t list_ms, struct message *answer)
{
    struct listing l = {.a = a, .rows = value_list(a), .until_ms = steady_ms() + list_ms};
    folder_list(&l, fd, "", 1);
    answer->rows = l.rows;
    answer->left_out = l.left_out;
    answer->end = !l.cut;
}

/* Takes `at`, a folder. Name by name, so that none of them is a link. */
static int file_open(struct arena *a, int at, const char *path)
{
    for (unsigned depth = 1; depth < LIMIT_TRIAL_FILES_DEPTH; depth++) {
        size_t len = strcspn(path, "/");
        if (!path[len])
            break;
        at = step_on(at, arena_strndup(a, path, len), O_DIRECTORY);
        path += len + 1;
    }
    return step_on(at, path, 0);
}

static int file_read(int fd, struct message *answer, struct buf *out, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return err_set(err, ERR_NOT_FOUND, "it is not a file");
    size_t max = answer->max < LIMIT_TRIAL_FILES_PIECE_BYTES ? (size_t)answer->max
                                                             : LIMIT_TRIAL_FILES_PIECE_BYTES;
    char *bytes = buf_reserve(out, max);
    ssize_t n = pread(fd, bytes, max, (off_t)answer->from);
    if (n < 0)
        return err_set(err, ERR_IO, "cannot read it: %s", strerror(errno));
    buf_commit(out, (size_t)n);
    answer->to = answer->from + (uint64_t)n;
    answer->size = (uint64_t)st.st_size;
    answer->end = answer->to >= answer->size;
    return 0;
}

/* Takes `at`, a folder. */
static int piece_answer(struct arena *a, int at, struct message *answer, struct err *err)
{
    struct buf bytes, text;
    int fd = file_open(a, at, answer->path);
    if (fd < 0)
        return err_set(err, ERR_NOT_FOUND, "it cannot be opened: %s", strerror(errno));
    buf_init(&bytes, LIMIT_TRIAL_FILES_PIECE_BYTES);
    buf_init(&text, SIZE_MAX);
    int rc = file_read(fd, answer, &bytes, err);
    if (rc == 0) {
        base64_print(&text, buf_peek(&bytes), bytes.len);
        answer->bytes = arena_strndup(a, buf_str(&text), text.len);
    }
    buf_done(&text);
    buf_done(&bytes);
    close(fd);
    return rc;
}

void trial_files_answer(struct arena *a, const char *dir, const struct agent_key *key,
                        int64_t list_ms, struct message *answer)
{
    struct err err = {0};
    int rc = 0, at = folder_open(a, dir, key);
    answer->error = answer->text = "";
    if (at < 0)
        rc = err_set(&err, ERR_NOT_FOUND, "the trial has no folder on this machine: %s",
                     strerror(errno));
    else if (*answer->path)
        rc = piece_answer(a, at, answer, &err);
    else
        list_answer(a, at, list_ms, answer);
    if (rc != 0) {
        answer->error = err_name(rc);
        answer->text = arena_strdup(a, err.text);
    }
}
