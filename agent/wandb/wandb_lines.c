/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/attempt_dir.h"
#include "agent/launch/launch_attempt.h"
#include "agent/metrics/metric_ways.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"

/* A text, which readers of metrics leave out. */
#define MARK "\"_row\":\""
#define STEP "\"step\":"
enum { BACK_BYTES = 64 << 10, BACK_OVERLAP = 64 };

int wandb_lines_open(const char *dir, const struct agent_key *key)
{
    struct arena a;
    arena_init(&a);
    const char *path =
        arena_printf(&a, "%s/" ATTEMPT_DIR_METRICS_FILE, launch_attempt_dir(&a, dir, key));
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0666);
    int why = errno;
    arena_done(&a);
    errno = why;
    return fd;
}

/* The last mark in the bytes; NULL if there is none. */
static const char *mark_find(const char *bytes, size_t len)
{
    const char *found = NULL, *at = bytes;
    while ((at = memmem(at, len - (size_t)(at - bytes), MARK, strlen(MARK))) != NULL)
        found = at++;
    return found;
}

static void mark_read(struct wandb_lines *l, const char *mark)
{
    const char *step = strstr(mark, STEP), *end = strchr(mark, '\n');
    l->rows = strtoull(mark + strlen(MARK), NULL, 10) + 1;
    if (step && end && step < end)
        l->last_step = strtoll(step + strlen(STEP), NULL, 10);
}

/* False where it is sure that there are only zeros, as in a file that was made long. */
static bool has_data(int fd, off_t from, off_t end)
{
    off_t data = lseek(fd, from, SEEK_DATA);
    return data >= 0 ? data < end : errno != ENXIO;
}

void wandb_lines_init(struct wandb_lines *l, int fd)
{
    char *bytes = mem_alloc(BACK_BYTES + 1);
    struct stat st;
    *l = (struct wandb_lines){.last_step = -1};
    map_init(&l->names);
    off_t end = fstat(fd, &st) == 0 ? st.st_size : 0;
    if (end > (off_t)LIMIT_METRIC_FILE_BYTES) /* no reader looks further */
        end = (off_t)LIMIT_METRIC_FILE_BYTES;
    while (end > 0) {
        off_t from = end > BACK_BYTES ? end - BACK_BYTES : 0;
        ssize_t n = has_data(fd, from, end) ? pread(fd, bytes, (size_t)(end - from), from) : 0;
        bytes[n > 0 ? n : 0] = '\0';
        const char *mark = n > 0 ? mark_find(bytes, (size_t)n) : NULL;
        if (mark)
            mark_read(l, mark);
        end = mark || n < 0 || from == 0 ? 0 : from + BACK_OVERLAP;
    }
    mem_free(bytes);
}

void wandb_lines_done(struct wandb_lines *l)
{
    map_done(&l->names);
}

/* Those that no reader would take for the name of one more metric count as known. */
static bool name_is_known(const struct wandb_lines *l, const char *name)
{
    size_t len = strlen(name);
    return l->names.live >= LIMIT_METRIC_KEYS || len > LIMIT_METRIC_NAME_BYTES ||
           map_find(&l->names, name, len);
}

void wandb_lines_know(struct wandb_lines *l, const struct value *line)
{
    for (size_t i = 0; i < line->dict.n; i++) {
        const char *name = line->dict.entries[i].key;
        if (!name_is_known(l, name))
            map_put(&l->names, name, strlen(name), l);
    }
}

/* The mark comes first, so that it survives where a line is cut. */
void wandb_lines_add(struct wandb_lines *l, struct buf *out, uint64_t row, const struct value *line)
{
    struct buf text;
    wandb_lines_know(l, line);
    l->last_step = value_get_int(line, "step", l->last_step);
    buf_init(&text, SIZE_MAX);
    json_print(&text, line, JSON_COMPACT);
    if (l->torn && out->len == 0)
        buf_addc(out, '\n');
    buf_addf(out, "{" MARK "%" PRIu64 "\",%s\n", row, buf_str(&text) + 1);
    buf_done(&text);
}

bool wandb_lines_write(struct wandb_lines *l, int fd, struct buf *out)
{
    size_t done = 0;
    while (done < out->len) {
        ssize_t n = write(fd, buf_str(out) + done, out->len - done);
        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    bool whole = done == out->len;
    if (out->len > 0)
        l->torn = whole ? false : l->torn || done > 0;
    buf_clear(out);
    return whole;
}

bool wandb_lines_summarise(struct wandb_lines *l, int fd, const struct value *summary)
{
    struct arena a;
    struct buf out;
    bool whole = true;
    arena_init(&a);
    struct value *only = value_dict_with_room(&a, summary ? summary->dict.n + 1 : 0);
    for (size_t i = 0; summary && i < summary->dict.n; i++) {
        const struct value_entry *e = &summary->dict.entries[i];
        if (!name_is_known(l, e->key) && strcmp(e->key, "step") != 0 &&
            strcmp(e->key, "_time") != 0)
            value_put_new(only, e->key, e->value);
    }
    if (only->dict.n > 0) {
        wandb_lines_know(l, only);
        if (l->last_step >= 0)
            value_put_new(only, "step", value_int(&a, l->last_step));
        struct buf text;
        buf_init(&out, SIZE_MAX);
        buf_init(&text, SIZE_MAX);
        json_print(&text, only, JSON_COMPACT);
        buf_addf(&out, "%s" METRIC_WAYS_SUMMARY ",%s\n", l->torn ? "\n" : "", buf_str(&text) + 1);
        buf_done(&text);
        whole = wandb_lines_write(l, fd, &out);
        buf_done(&out);
    }
    arena_done(&a);
    return whole;
}
