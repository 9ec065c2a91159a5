/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/runs/run_media.h"

#include <inttypes.h>

static struct value *media_text(struct arena *a, const struct value *media, const char *type)
{
    static const char *const counts[] = {"count", "nrows"};
    const struct value *values = value_get(media, "values");
    const char *path = value_get_str(media, "path", NULL);
    if (values && values->kind == VALUE_LIST)
        return value_str(a, arena_printf(a, "%s, %zu bin%s", type, values->list.n,
                                         values->list.n == 1 ? "" : "s"));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int64_t n = value_get_int(media, counts[i], -1);
        if (n >= 0)
            return value_str(a, arena_printf(a, "%s, %s %" PRId64, type, counts[i], n));
    }
    return value_str(a, path ? arena_printf(a, "%s, %s", type, path) : type);
}

const struct value *run_media_fold(struct arena *a, const struct value *dict)
{
    if (!dict || dict->kind != VALUE_DICT)
        return dict;
    struct value *out = value_dict(a);
    for (size_t i = 0; i < dict->dict.n; i++) {
        const struct value_entry *e = &dict->dict.entries[i];
        const char *type =
            e->value->kind == VALUE_DICT ? value_get_str(e->value, "_type", NULL) : NULL;
        value_put(a, out, e->key, type ? media_text(a, e->value, type) : e->value);
    }
    return out;
}
