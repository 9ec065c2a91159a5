/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/command/command_flag.h"

#include <string.h>

struct value *command_flag_new(struct arena *a, const char *const *path, size_t depth)
{
    struct value *item = value_list(a), *names = value_list(a);
    for (size_t i = 0; i < depth; i++)
        value_push(a, names, value_str(a, path[i]));
    value_push(a, item, names);
    value_push(a, item, value_list(a));
    return item;
}

void command_flag_add(struct arena *a, struct value *item, const struct value *value,
                      struct value *arguments)
{
    struct value *pair = value_list(a);
    value_push(a, pair, (struct value *)value);
    value_push(a, pair, arguments);
    value_push(a, item->list.items[1], pair);
}

static bool is_list(const struct value *v)
{
    return v && v->kind == VALUE_LIST;
}

/* The second item of a pair, if it is a list; NULL if v is not such a pair. */
static const struct value *list_of_pair(const struct value *v)
{
    return is_list(v) && v->list.n == 2 && is_list(v->list.items[1]) ? v->list.items[1] : NULL;
}

static const struct value_entry *entry_named(const struct value *dict, const struct value *name)
{
    for (size_t i = 0; dict->kind == VALUE_DICT && i < dict->dict.n; i++)
        if (name->kind == VALUE_STR && strcmp(dict->dict.entries[i].key, name->s.ptr) == 0)
            return &dict->dict.entries[i];
    return NULL;
}

static const struct value_entry *entry_at(const struct value *params, const struct value *path)
{
    const struct value_entry *e = NULL;
    for (size_t i = 0; is_list(path) && i < path->list.n; i++) {
        e = entry_named(i == 0 ? params : e->value, path->list.items[i]);
        if (!e)
            return NULL;
    }
    return e;
}

static bool are_texts(const struct value *list)
{
    for (size_t i = 0; i < list->list.n; i++)
        if (list->list.items[i]->kind != VALUE_STR)
            return false;
    return true;
}

static const struct value *arguments_of(const struct value *pairs, const struct value *value)
{
    for (size_t i = 0; i < pairs->list.n; i++) {
        const struct value *arguments = list_of_pair(pairs->list.items[i]);
        if (arguments && are_texts(arguments) &&
            value_same(pairs->list.items[i]->list.items[0], value))
            return arguments;
    }
    return NULL;
}

size_t command_flag_find(struct arena *a, const struct value *flags, const struct value *params,
                         struct command_flag **ret)
{
    size_t n = 0, all = is_list(flags) ? flags->list.n : 0;
    struct command_flag *found = arena_alloc(a, (all + 1) * sizeof *found);
    for (size_t i = 0; i < all; i++) {
        const struct value *pairs = list_of_pair(flags->list.items[i]);
        const struct value_entry *e =
            pairs ? entry_at(params, flags->list.items[i]->list.items[0]) : NULL;
        const struct value *arguments = e ? arguments_of(pairs, e->value) : NULL;
        if (arguments)
            found[n++] = (struct command_flag){e, arguments};
    }
    *ret = found;
    return n;
}

const char *command_flag_text(const struct value *flags, size_t i)
{
    for (size_t f = 0; is_list(flags) && f < flags->list.n; f++) {
        const struct value *pairs = list_of_pair(flags->list.items[f]);
        for (size_t p = 0; pairs && p < pairs->list.n; p++) {
            const struct value *arguments = list_of_pair(pairs->list.items[p]);
            if (!arguments || !are_texts(arguments))
                continue;
            if (i < arguments->list.n)
                return arguments->list.items[i]->s.ptr;
            i -= arguments->list.n;
        }
    }
    return NULL;
}
