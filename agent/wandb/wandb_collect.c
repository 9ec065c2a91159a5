/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_collect.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/launch/launch_attempt.h"
#include "base/limits.h"
#include "protocol/wandb/wandb_file.h"
#include "protocol/wandb/wandb_record.h"
#include "protocol/wandb/wandb_stream.h"

#define OFFLINE "offline-"
#define RUN "run-"

enum { PART_BYTES = 1 << 20, SUMMARY_BYTES = 16 << 20 /* of memory */ };

struct collecting {
    struct wandb_lines *lines;
    int fd;            /* of the metrics file */
    uint64_t row;      /* the number of the next one */
    struct arena a;    /* of one record */
    struct arena kept; /* of the summary, and of values that others have replaced */
    size_t kept_bytes; /* of the summary alone, when it was last copied */
    off_t unread;      /* bytes of files that may be read yet */
    struct value *summary;
    struct buf out;
};

static void summary_compact(struct collecting *c)
{
    struct arena kept;
    arena_init(&kept);
    c->summary = value_copy(&kept, c->summary);
    arena_done(&c->kept);
    c->kept = kept;
    c->kept_bytes = kept.bytes;
}

/* Each record of a file may change the whole summary, so memory is bounded by copying what is left. */
static void summary_merge(struct collecting *c, const struct value *update)
{
    const struct value *line = wandb_stream_line_of(&c->a, update);
    if (!line || c->kept_bytes > SUMMARY_BYTES)
        return;
    for (size_t i = 0; i < line->dict.n; i++) {
        const struct value_entry *e = &line->dict.entries[i];
        if (c->summary->dict.n < LIMIT_WANDB_SUMMARY || value_get(c->summary, e->key))
            value_put(&c->kept, c->summary, e->key, value_copy(&c->kept, e->value));
    }
    if (c->kept.bytes > 2 * c->kept_bytes + PART_BYTES)
        summary_compact(c);
}

/* A row that is in the file already still names its metrics. */
static void row_collect(struct collecting *c, const struct value *row)
{
    struct wandb_lines *l = c->lines;
    struct value *line = wandb_stream_line_of(&c->a, row);
    if (line && c->row >= l->rows)
        wandb_lines_add(l, &c->out, c->row, line);
    else if (line)
        wandb_lines_know(l, line);
    c->row++;
    l->rows = c->row > l->rows ? c->row : l->rows;
}

static void record_collect(void *arg, const void *bytes, size_t len)
{
    struct collecting *c = arg;
    const struct wandb_record record = wandb_record_read(bytes, len);
    if (record.kind == WANDB_RECORD_HISTORY)
        row_collect(c, wandb_record_row(&c->a, &record));
    if (record.kind == WANDB_RECORD_SUMMARY) {
        struct value *update = value_dict(&c->a);
        wandb_record_apply(&c->a, &record, update, SIZE_MAX);
        summary_merge(c, update);
    }
    if (c->out.len > PART_BYTES)
        (void)wandb_lines_write(c->lines, c->fd, &c->out); /* without room: the attempt says so */
    arena_clear(&c->a);
}

static void file_collect(struct collecting *c, const char *path)
{
    unsigned char block[WANDB_FILE_BLOCK_BYTES];
    struct wandb_file file;
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    wandb_file_init(&file);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        ssize_t n = 1;
        for (off_t at = 0; n > 0 && at < LIMIT_WANDB_FILE_BYTES && c->unread > 0 && !file.damaged;
             at += n) {
            n = pread(fd, block, sizeof block, at);
            c->unread -= n;
            if (n > 0)
                wandb_file_block(&file, block, (size_t)n, record_collect, c);
        }
    }
    wandb_file_done(&file);
    if (fd >= 0)
        close(fd);
}

/* A folder of wandb's: run-20261129_084840-ID or offline-run-20261129_084840-ID. */
struct left {
    const char *time; /* in its name: they sort by it */
    const char *path; /* of the file in it */
};

static int left_compare(const void *a, const void *b)
{
    return strcmp(((const struct left *)a)->time, ((const struct left *)b)->time);
}

static bool left_read(struct arena *a, const char *root, const char *name, const char *id,
                      struct left *ret)
{
    const char *run = strncmp(name, OFFLINE, strlen(OFFLINE)) == 0 ? name + strlen(OFFLINE) : name;
    size_t len = strlen(name), id_len = strlen(id);
    if (strncmp(run, RUN, strlen(RUN)) != 0 || len <= id_len || name[len - id_len - 1] != '-' ||
        strcmp(name + len - id_len, id) != 0)
        return false;
    ret->time = arena_strdup(a, run + strlen(RUN));
    ret->path = arena_printf(a, "%s/%s/" RUN "%s.wandb", root, name, id);
    return true;
}

/* Those of this attempt, which began at `since`, in the order in which they were made. */
static size_t left_find(struct arena *a, const char *root, const char *id, time_t since,
                        struct left ret[LIMIT_WANDB_FILES])
{
    DIR *folder = opendir(root);
    struct dirent *e;
    struct stat st;
    size_t n = 0;
    while (folder && n < LIMIT_WANDB_FILES && (e = readdir(folder)) != NULL)
        if (left_read(a, root, e->d_name, id, &ret[n]) && stat(ret[n].path, &st) == 0 &&
            st.st_mtime >= since)
            n++;
    if (folder)
        closedir(folder);
    qsort(ret, n, sizeof *ret, left_compare);
    return n;
}

static void all_collect(struct collecting *c, const struct left *left, size_t n)
{
    arena_init(&c->a);
    arena_init(&c->kept);
    buf_init(&c->out, SIZE_MAX);
    c->summary = value_dict(&c->kept);
    for (size_t i = 0; i < n; i++)
        file_collect(c, left[i].path);
    if (wandb_lines_write(c->lines, c->fd, &c->out))
        (void)wandb_lines_summarise(c->lines, c->fd, c->summary);
    buf_done(&c->out);
    arena_done(&c->kept);
    arena_done(&c->a);
}

void wandb_collect(struct wandb_lines *l, int fd, const char *dir, const struct agent_key *key)
{
    struct collecting c = {.lines = l, .fd = fd, .unread = LIMIT_WANDB_FILES_BYTES};
    struct left left[LIMIT_WANDB_FILES];
    char id[WANDB_RUN_BYTES];
    struct stat st;
    struct arena a;
    arena_init(&a);
    wandb_access_run(key, id);
    const char *began = arena_printf(&a, "%s/params.json", launch_attempt_dir(&a, dir, key));
    if (stat(began, &st) == 0)
        all_collect(&c, left,
                    left_find(&a, launch_attempt_wandb_dir(&a, dir, key), id, st.st_mtime, left));
    arena_done(&a);
}
