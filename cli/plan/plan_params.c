/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/plan/plan_params.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/limits.h"

struct placed {
    const char *const *path;
    size_t depth;
    const char *name; /* as given */
    struct value *value;
};

static int read_all(int fd, const char *name, struct buf *text, struct err *err)
{
    enum { READ_BYTES = 64 << 10 };
    for (;;) {
        char *room = buf_reserve(text, READ_BYTES);
        ssize_t n = room ? read(fd, room, READ_BYTES) : 0;
        if (!room)
            return err_set(err, ERR_LIMIT, "--params: %s is larger than %d bytes", name,
                           LIMIT_FRAME_BYTES);
        if (n < 0)
            return err_set(err, ERR_IO, "--params: %s cannot be read: %s", name, strerror(errno));
        if (n == 0)
            return 0;
        buf_commit(text, (size_t)n);
    }
}

static int option_read(const char *option, struct buf *text, struct err *err)
{
    if (strcmp(option, "-") == 0)
        return read_all(STDIN_FILENO, "stdin", text, err);
    if (*option != '@') {
        buf_adds(text, option);
        return 0;
    }
    int fd = open(option + 1, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ERR_NOT_FOUND, "--params: %s cannot be opened: %s", option + 1,
                       strerror(errno));
    int rc = read_all(fd, option + 1, text, err);
    close(fd);
    return rc;
}

int plan_params_read(struct arena *a, const char *option, struct value **ret, struct err *err)
{
    struct buf text;
    struct err what = {0};
    buf_init(&text, LIMIT_FRAME_BYTES);
    int rc = option_read(option, &text, err);
    if (rc == 0 && json_parse(a, buf_peek(&text), text.len, ret, &what) != 0)
        rc = err_set(err, ERR_USAGE, "--params: %.600s", what.text);
    else if (rc == 0 && (*ret)->kind != VALUE_DICT)
        rc = err_set(err, ERR_USAGE,
                     "--params must be a JSON object of names and values: "
                     "'{\"lr\":0.1,\"model.depth\":4}'");
    buf_done(&text);
    return rc;
}

static const struct parameter *parameter_find(const struct space *space, const char *name)
{
    const struct parameter *found = NULL;
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        /* A parameter with the dots in its own name is preferred to a member of a group. */
        if (strcmp(p->name, name) == 0 && (!found || p->depth < found->depth))
            found = p;
    }
    return found;
}

static int by_path(const void *left, const void *right)
{
    const struct placed *l = left, *r = right;
    for (size_t i = 0; i < l->depth && i < r->depth; i++) {
        int order = strcmp(l->path[i], r->path[i]);
        if (order != 0)
            return order;
    }
    return (l->depth > r->depth) - (l->depth < r->depth);
}

/* Whether path p begins its successor in sorted order. */
static bool places_clash(const struct placed *p, const struct placed *next)
{
    for (size_t i = 0; i < p->depth; i++)
        if (i == next->depth || strcmp(p->path[i], next->path[i]) != 0)
            return false;
    return true;
}

int plan_params_nest(struct arena *a, const struct space *space, const struct value *given,
                     struct value **ret, struct err *err)
{
    size_t n = given->dict.n;
    struct placed *placed = arena_alloc(a, (n + 1) * sizeof *placed);
    for (size_t i = 0; i < n; i++) {
        const struct value_entry *e = &given->dict.entries[i];
        const struct parameter *p = parameter_find(space, e->key);
        placed[i] = (struct placed){.path = p ? p->path : (const char *const *)&e->key,
                                    .depth = p ? p->depth : 1,
                                    .name = e->key,
                                    .value = e->value};
    }
    qsort(placed, n, sizeof *placed, by_path);
    *ret = value_dict(a);
    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n && places_clash(&placed[i], &placed[i + 1]))
            return err_set(err, ERR_USAGE,
                           "--params: %.200s and %.200s are given, but one contains the other",
                           placed[i].name, placed[i + 1].name);
        value_put_path(a, *ret, placed[i].path, placed[i].depth, placed[i].value);
    }
    return 0;
}
