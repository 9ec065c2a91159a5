/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_collect.h"

#include <stdint.h>

#include "agent/wandb/wandb_left.h"
#include "base/limits.h"
#include "protocol/wandb/wandb_record.h"
#include "protocol/wandb/wandb_stream.h"

enum { PART_BYTES = 1 << 20, SUMMARY_BYTES = 16 << 20 /* of memory */ };

struct collecting {
    struct wandb_lines *lines;
    int fd;            /* of the metrics file */
    uint64_t row;      /* the number of the next one */
    struct arena a;    /* of one record */
    struct arena kept; /* of the summary, and of values that others have replaced */
    size_t kept_bytes; /* of the summary alone, when it was last copied */
    int64_t unread;    /* bytes of files that may be read yet */
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

static void all_collect(struct collecting *c, const struct wandb_left *left, size_t n)
{
    arena_init(&c->a);
    arena_init(&c->kept);
    buf_init(&c->out, SIZE_MAX);
    c->summary = value_dict(&c->kept);
    for (size_t i = 0; i < n; i++)
        (void)wandb_left_read(left[i].path, &c->unread, NULL, record_collect, c);
    if (wandb_lines_write(c->lines, c->fd, &c->out))
        (void)wandb_lines_summarise(c->lines, c->fd, c->summary);
    buf_done(&c->out);
    arena_done(&c->kept);
    arena_done(&c->a);
}

void wandb_collect(struct wandb_lines *l, int fd, const char *dir, const struct agent_key *key)
{
    struct collecting c = {.lines = l, .fd = fd, .unread = LIMIT_WANDB_FILES_BYTES};
    struct wandb_left left[LIMIT_WANDB_FILES];
    struct arena a;
    arena_init(&a);
    size_t n = wandb_left_find(&a, dir, key, left);
    if (n > 0)
        all_collect(&c, left, n);
    arena_done(&a);
}
