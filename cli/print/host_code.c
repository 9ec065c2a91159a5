/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/host_code.h"

#include <string.h>

enum { SHOWN_MAX = 6, COMMIT_CHARS = 12 };

const char *host_code_short(struct arena *a, const char *code)
{
    size_t len = strcspn(code, "+");
    return arena_printf(a, "%.*s%s", (int)(len < COMMIT_CHARS ? len : COMMIT_CHARS), code,
                        code[len] ? " with changes" : "");
}

const char *host_code_differs(struct arena *a, const struct value *list, const char *name)
{
    const char *first = NULL, *text = "";
    bool differs = false;
    size_t n = 0;
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.n; i++) {
        const char *code = value_get_str(list->list.items[i], "code", NULL);
        if (!code)
            continue;
        differs |= first && strcmp(first, code) != 0;
        first = first ? first : code;
        if (n++ < SHOWN_MAX)
            text = arena_printf(a, "%s%s%s has %s", text, n > 1 ? ", " : "",
                                value_get_str(list->list.items[i], name, "?"),
                                host_code_short(a, code));
    }
    if (!differs)
        return NULL;
    return n > SHOWN_MAX ? arena_printf(a, "%s and %zu more", text, n - SHOWN_MAX) : text;
}
