/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/metric_ways.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/attempt_dir.h"
#include "agent/shim/shim_record.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"

enum { PATH_BYTES = 4096, NAMES_MAX = LIMIT_METRIC_KEYS, LINE_BYTES_MAX = 1 << 20 };

static const char by_wandb[] = "w", by_others[] = "o";

struct metric_ways {
    struct map names; /* -> one of the two above */
    struct buf fresh; /* lines of the file that are not written yet */
    struct arena a;
    char path[PATH_BYTES];
};

static bool path_of(char out[PATH_BYTES], const char *dir, const char *file)
{
    return snprintf(out, PATH_BYTES, "%s/%s", dir, file) < PATH_BYTES;
}

void metric_ways_begin(const char *dir)
{
    char path[PATH_BYTES];
    int fd = path_of(path, dir, ATTEMPT_DIR_WAYS_FILE)
                 ? open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)
                 : -1;
    if (fd >= 0)
        close(fd);
}

static void name_own(struct metric_ways *w, const char *name, const char *way)
{
    if (w->names.live < NAMES_MAX)
        map_put(&w->names, name, strlen(name), (void *)(uintptr_t)way);
}

/* Lines `w "NAME"`. */
static void ways_read(struct metric_ways *w, FILE *f)
{
    char *line = NULL;
    size_t cap = 0;
    struct value *name;
    for (ssize_t n; (n = getline(&line, &cap, f)) > 2;) {
        if (json_parse(&w->a, line + 2, (size_t)n - 2, &name, NULL) == 0 && name->kind == VALUE_STR)
            name_own(w, name->s.ptr, line[0] == 'w' ? by_wandb : by_others);
        arena_clear(&w->a);
    }
    free(line);
}

struct metric_ways *metric_ways_open(const char *dir)
{
    char path[PATH_BYTES];
    FILE *f = path_of(path, dir, ATTEMPT_DIR_WAYS_FILE) ? fopen(path, "re") : NULL;
    if (!f)
        return NULL;
    struct metric_ways *w = mem_alloc(sizeof *w);
    *w = (struct metric_ways){0};
    snprintf(w->path, sizeof w->path, "%s", path);
    map_init(&w->names);
    arena_init(&w->a);
    buf_init(&w->fresh, SIZE_MAX);
    ways_read(w, f);
    fclose(f);
    return w;
}

void metric_ways_free(struct metric_ways *w)
{
    if (!w)
        return;
    map_done(&w->names);
    arena_done(&w->a);
    buf_done(&w->fresh);
    mem_free(w);
}

/* False where the metric is another way's. */
static bool name_take(struct metric_ways *w, const char *name, const char *way)
{
    if (name[0] == '_' || strcmp(name, "step") == 0)
        return true;
    const char *owner = map_find(&w->names, name, strlen(name));
    if (owner)
        return owner == way;
    if (w->names.live < NAMES_MAX) {
        name_own(w, name, way);
        buf_addf(&w->fresh, "%s ", way);
        json_print_str(&w->fresh, name, strlen(name));
        buf_addc(&w->fresh, '\n');
    }
    return true;
}

static bool begins_with(const char *line, size_t len, const char *mark)
{
    return len >= strlen(mark) && memcmp(line, mark, strlen(mark)) == 0;
}

void metric_ways_filter(struct metric_ways *w, struct buf *out, size_t from)
{
    const char *line = buf_peek(out) + from;
    size_t len = out->len - from, kept = 0, metrics = 0;
    bool is_wandb =
        begins_with(line, len, METRIC_WAYS_ROW) || begins_with(line, len, METRIC_WAYS_SUMMARY);
    struct value *v;
    if (json_parse(&w->a, line, len, &v, NULL) != 0 || v->kind != VALUE_DICT) {
        arena_clear(&w->a);
        return;
    }
    struct value *left = value_dict_with_room(&w->a, v->dict.n);
    for (size_t i = 0; i < v->dict.n; i++) {
        const struct value_entry *e = &v->dict.entries[i];
        if (!name_take(w, e->key, is_wandb ? by_wandb : by_others))
            continue;
        value_put_new(left, e->key, e->value);
        kept++;
        metrics += e->key[0] != '_' && strcmp(e->key, "step") != 0;
    }
    if (kept < v->dict.n) {
        buf_truncate(out, from);
        if (metrics > 0)
            json_print(out, left, JSON_PYTHON);
        buf_addc(out, '\n');
    }
    arena_clear(&w->a);
}

/* A name that is lost with the agent is learnt again. */
void metric_ways_save(struct metric_ways *w)
{
    int fd = w->fresh.len > 0 ? open(w->path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (fd >= 0) {
        (void)!write(fd, buf_peek(&w->fresh), w->fresh.len);
        close(fd);
    }
    buf_clear(&w->fresh);
}

static void file_learn(struct metric_ways *w, const char *dir, const char *name)
{
    char path[PATH_BYTES], *line = NULL;
    size_t cap = 0;
    struct buf out;
    FILE *f = path_of(path, dir, name) ? fopen(path, "re") : NULL;
    buf_init(&out, SIZE_MAX);
    for (ssize_t n; f && (n = getline(&line, &cap, f)) > 0 && n < LINE_BYTES_MAX;) {
        buf_clear(&out);
        buf_add(&out, line, (size_t)n);
        if (line[0] == '{' && !begins_with(line, (size_t)n, METRIC_WAYS_ROW))
            metric_ways_filter(w, &out, 0);
    }
    buf_done(&out);
    free(line);
    if (f)
        fclose(f);
}

void metric_ways_learn(const char *dir)
{
    char path[PATH_BYTES];
    if (!path_of(path, dir, ATTEMPT_DIR_WAYS_FILE) || access(path, F_OK) == 0)
        return;
    metric_ways_begin(dir);
    struct metric_ways *w = metric_ways_open(dir);
    if (!w)
        return;
    file_learn(w, dir, ATTEMPT_DIR_METRICS_FILE);
    file_learn(w, dir, SHIM_STDOUT_FILE);
    metric_ways_save(w);
    metric_ways_free(w);
}
