/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/condition/spec_names.h"

#include <string.h>
#include "base/buf.h"
#include "base/diag/nearest.h"

enum { NAME_BYTES_MAX = 1 << 20, COMPARED_MAX = 4000, ELSEWHERE_SHOWN = 3 };

void spec_names_init(struct spec_names *names)
{
    *names = (struct spec_names){0};
    map_init(&names->map);
}

void spec_names_done(struct spec_names *names)
{
    map_done(&names->map);
}

void spec_names_add(struct spec_names *names, struct arena *a, const char *name,
                    enum spec_name_kind kind, size_t index)
{
    if (map_find(&names->map, name, strlen(name)))
        return;
    if (names->n == names->cap) {
        names->cap = names->cap ? names->cap * 2 : 16;
        struct spec_name *items = arena_alloc(a, names->cap * sizeof *items);
        if (names->n)
            memcpy(items, names->items, names->n * sizeof *items);
        names->items = items;
    }
    names->items[names->n++] = (struct spec_name){name, kind, index};
    /* Items move as they grow: the map holds 1 + place. */
    map_put(&names->map, name, strlen(name), (void *)names->n);
}

const struct spec_name *spec_names_find(const struct spec_names *names, const char *group,
                                        const char *name, size_t len)
{
    size_t around = group ? strlen(group) : 0;
    struct buf full;
    buf_init(&full, NAME_BYTES_MAX);
    const struct spec_name *found = NULL;
    for (;;) {
        buf_clear(&full);
        if (around > 0)
            buf_addf(&full, "%.*s.", (int)around, group);
        buf_add(&full, name, len);
        size_t place = (size_t)map_find(&names->map, buf_peek(&full), full.len);
        found = place && !full.overflow ? &names->items[place - 1] : NULL;
        if (found || around == 0)
            break;
        while (around > 0 && group[around - 1] != '.')
            around--;
        around -= around > 0;
    }
    buf_done(&full);
    return found;
}

/* Whether suggestions would take too long: many names are wrong and many are known. */
static bool are_too_many(const struct spec_names *names, const struct spec_reader *r)
{
    return names->n * r->diags->errors > COMPARED_MAX || names->n > COMPARED_MAX;
}

const char *spec_names_near(const struct spec_names *names, const struct spec_reader *r,
                            const char *group, const char *name, size_t len)
{
    struct arena *a = r->arena;
    if (are_too_many(names, r))
        return NULL;
    const char **known = arena_alloc(a, (2 * names->n + 1) * sizeof *known);
    size_t n = 0, inside = group ? strlen(group) : 0;
    for (size_t i = 0; i < names->n; i++) {
        const struct spec_name *item = &names->items[i];
        if (item->kind != SPEC_NAME_PARAMETER)
            continue;
        known[n++] = item->name;
        if (inside > 0 && strncmp(item->name, group, inside) == 0 && item->name[inside] == '.')
            known[n++] = item->name + inside + 1;
    }
    return nearest_name(arena_strndup(a, name, len), known, n, sizeof *known);
}

/* Whether whole is "….name". */
static bool is_short_for(const char *name, size_t len, const char *whole)
{
    size_t whole_len = strlen(whole);
    return whole_len > len && whole[whole_len - len - 1] == '.' &&
           strcmp(whole + whole_len - len, name) == 0;
}

const char *spec_names_elsewhere(const struct spec_names *names, const struct spec_reader *r,
                                 const char *name, const char **ret_only)
{
    const char *found[ELSEWHERE_SHOWN];
    size_t n = 0, len = strlen(name);
    *ret_only = NULL;
    if (are_too_many(names, r))
        return NULL;
    for (size_t i = 0; i < names->n; i++) {
        const struct spec_name *item = &names->items[i];
        if (item->kind == SPEC_NAME_GROUP || !is_short_for(name, len, item->name))
            continue;
        if (n < ELSEWHERE_SHOWN)
            found[n] = item->name;
        n++;
    }
    if (n == 0)
        return NULL;
    const char *text = arena_printf(r->arena, "`%s`", found[0]);
    for (size_t i = 1; i < n && i < ELSEWHERE_SHOWN; i++)
        text = arena_printf(r->arena, "%s%s`%s`", text, i + 1 == n ? " and " : ", ", found[i]);
    *ret_only = n == 1 ? found[0] : NULL;
    return n > ELSEWHERE_SHOWN ? arena_printf(r->arena, "%s and others", text) : text;
}
