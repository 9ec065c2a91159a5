/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/table/csv.h"

#include <string.h>

#include "base/json.h"

void csv_text(struct buf *out, bool first, const char *text)
{
    size_t len = strlen(text);
    buf_adds(out, first ? "" : ",");
    bool plain =
        len > 0 && text[0] != ' ' && text[len - 1] != ' ' && !text[strcspn(text, ",\"\r\n")];
    if (plain) {
        buf_adds(out, text);
        return;
    }
    buf_addc(out, '"');
    for (; *text; text++)
        buf_adds(out, *text == '"' ? "\"\"" : (char[]){*text, '\0'});
    buf_addc(out, '"');
}

void csv_value(struct buf *out, struct arena *a, bool first, const struct value *v)
{
    if (!v || v->kind == VALUE_NULL) {
        buf_adds(out, first ? "" : ",");
        return;
    }
    if (v->kind == VALUE_STR) {
        csv_text(out, first, v->s.ptr);
        return;
    }
    const char *text = json_text(a, v, JSON_COMPACT);
    size_t len = strlen(text);
    if (v->kind == VALUE_FLOAT && *text == '"') /* JSON has NaN and the infinities as strings */
        text = arena_strndup(a, text + 1, len - 2);
    csv_text(out, first, text);
}
