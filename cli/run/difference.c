/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/difference.h"

#include <string.h>

#include "base/diag/display.h"
#include "base/json.h"

static void print_difference(struct buf *out, const char *path, const struct value *old,
                             const struct value *new)
{
    buf_adds(out, "  ");
    display_clean(out, path, strlen(path));
    buf_adds(out, ": ");
    if (old)
        json_print(out, old, JSON_PYTHON);
    else
        buf_adds(out, "(absent)");
    buf_adds(out, " -> ");
    if (new)
        json_print(out, new, JSON_PYTHON);
    else
        buf_adds(out, "(absent)");
    buf_addc(out, '\n');
}

static bool values_same(struct arena *a, const struct value *old, const struct value *new)
{
    return old && new &&
           old->kind ==
               new->kind &&strcmp(json_text(a, old, JSON_COMPACT),
                                  json_text(a, new, JSON_COMPACT)) == 0;
}

static size_t compare_values(struct buf *out, struct arena *a, const char *path,
                             const struct value *old, const struct value *new)
{
    size_t n = 0;
    if (!old || !new || old->kind != VALUE_DICT || new->kind != VALUE_DICT) {
        if (values_same(a, old, new))
            return 0;
        print_difference(out, path, old, new);
        return 1;
    }
    for (size_t i = 0; i < old->dict.n; i++) {
        const char *key = old->dict.entries[i].key;
        n += compare_values(out, a, arena_printf(a, "%s%s%s", path, *path ? "." : "", key),
                            old->dict.entries[i].value, value_get(new, key));
    }
    for (size_t i = 0; i < new->dict.n; i++) {
        const char *key = new->dict.entries[i].key;
        if (!value_get(old, key))
            n += compare_values(out, a, arena_printf(a, "%s%s%s", path, *path ? "." : "", key),
                                NULL, new->dict.entries[i].value);
    }
    return n;
}

size_t difference_print(struct buf *out, const struct value *old, const struct value *new)
{
    struct arena a;
    arena_init(&a);
    size_t n = compare_values(out, &a, "", old, new);
    arena_done(&a);
    return n;
}
