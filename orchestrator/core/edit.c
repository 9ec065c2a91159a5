/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/edit.h"

#include <string.h>

#include "base/json.h"

struct comparison {
    struct arena arena;
    edit_fn fn;
    void *arg;
    size_t n, refused;
};

static bool values_same(struct comparison *c, const struct value *old, const struct value *new)
{
    return old->kind ==
           new->kind &&strcmp(json_text(&c->arena, old, JSON_COMPACT),
                              json_text(&c->arena, new, JSON_COMPACT)) == 0;
}

/* Whether the new list has every old value, at least as often. */
static bool values_grew(struct comparison *c, const struct value *old, const struct value *new)
{
    if (!old || !new || old->kind != VALUE_LIST || new->kind != VALUE_LIST)
        return false;
    bool *taken = arena_alloc(&c->arena, (new->list.n + 1) * sizeof *taken);
    memset(taken, 0, new->list.n * sizeof *taken);
    for (size_t i = 0; i < old->list.n; i++) {
        size_t at = 0;
        while (at < new->list.n &&
               (taken[at] || !values_same(c, old->list.items[i], new->list.items[at])))
            at++;
        if (at == new->list.n)
            return false;
        taken[at] = true;
    }
    return true;
}

/* Whether the new list begins with the old one: the added configurations are tried next. */
static bool list_continues(struct comparison *c, const struct value *old, const struct value *new)
{
    size_t n = old && old->kind == VALUE_LIST ? old->list.n : 0;
    if (!new || new->kind != VALUE_LIST || new->list.n < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!values_same(c, old->list.items[i], new->list.items[i]))
            return false;
    return true;
}

static bool path_is_free(const char *path)
{
    static const char *const keys[] = {"run_cap", "name",      "description",  "budget",
                                       "retry",   "resources", "max_parallel", "env",
                                       "report",  "tags",      "weight",       "priority"};
    size_t len = strcspn(path, ".");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strlen(keys[i]) == len && strncmp(path, keys[i], len) == 0)
            return true;
    return strcmp(path, "metric.target") == 0 || strcmp(path, "early_terminate.nan") == 0;
}

/* An absolute working directory is the same on each machine, and wherever the file lies. */
static bool is_workdir(const char *path, const struct value *new)
{
    return strcmp(path, "workdir") == 0 && new &&new->kind == VALUE_STR &&new->s.ptr[0] == '/';
}

/* The role of the value at a path. Parameters have names of the user's choice, which may equal
 * those of fields. */
enum place {
    PLACE_TOP,
    PLACE_PARAMETERS,
    PLACE_PARAMETER,
    PLACE_VALUES,
    PLACE_FLAG,
    PLACE_TEXT,
    PLACE_INITIAL,
    PLACE_OTHER
};

static enum place place_below(enum place at, const char *key)
{
    switch (at) {
    case PLACE_TOP:
        return strcmp(key, "parameters") == 0 ? PLACE_PARAMETERS
               : strcmp(key, "initial") == 0  ? PLACE_INITIAL
                                              : PLACE_OTHER;
    case PLACE_PARAMETERS:
        return PLACE_PARAMETER;
    case PLACE_PARAMETER:
        return strcmp(key, "parameters") == 0 ? PLACE_PARAMETERS
               : strcmp(key, "values") == 0   ? PLACE_VALUES
               : strcmp(key, "flag") == 0     ? PLACE_FLAG
                                              : PLACE_OTHER;
    case PLACE_FLAG:
        return PLACE_TEXT;
    default:
        return PLACE_OTHER;
    }
}

/* Whether earlier trials stay valid because the edit only adds: values to a list, the flag text of
 * a new value, or configurations to try. */
static bool has_grown(struct comparison *c, enum place place, const struct value *old,
                      const struct value *new)
{
    return (place == PLACE_VALUES && values_grew(c, old, new)) || (place == PLACE_TEXT && !old) ||
           (place == PLACE_INITIAL && list_continues(c, old, new));
}

static void difference_add(struct comparison *c, const char *path, enum place place,
                           const struct value *old, const struct value *new)
{
    bool is_free = path_is_free(path) || (place == PLACE_OTHER && is_workdir(path, new));
    enum edit_kind kind = is_free                         ? EDIT_FREE
                          : has_grown(c, place, old, new) ? EDIT_GROWN
                                                          : EDIT_REFUSED;
    c->n++;
    c->refused += kind == EDIT_REFUSED;
    if (c->fn)
        c->fn(c->arg, kind, path, old, new);
}

static void values_compare(struct comparison *c, const char *path, enum place place,
                           const struct value *old, const struct value *new)
{
    if (!old || !new || old->kind != VALUE_DICT || new->kind != VALUE_DICT) {
        if (!old || !new || !values_same(c, old, new))
            difference_add(c, path, place, old, new);
        return;
    }
    const char *dot = *path ? "." : "";
    for (size_t i = 0; i < old->dict.n; i++) {
        const char *key = old->dict.entries[i].key;
        values_compare(c, arena_printf(&c->arena, "%s%s%s", path, dot, key),
                       place_below(place, key), old->dict.entries[i].value, value_get(new, key));
    }
    for (size_t i = 0; i < new->dict.n; i++) {
        const char *key = new->dict.entries[i].key;
        if (!value_get(old, key))
            values_compare(c, arena_printf(&c->arena, "%s%s%s", path, dot, key),
                           place_below(place, key), NULL, new->dict.entries[i].value);
    }
}

size_t edit_compare(const struct value *old, const struct value *new, edit_fn fn, void *arg,
                    size_t *ret_refused)
{
    struct comparison c = {.fn = fn, .arg = arg};
    arena_init(&c.arena);
    values_compare(&c, "", PLACE_TOP, old, new);
    arena_done(&c.arena);
    *ret_refused = c.refused;
    return c.n;
}
