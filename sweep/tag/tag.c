/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/tag/tag.h"

#include <string.h>

#include "base/buf.h"
#include "base/diag/display.h"
#include "base/limits.h"
#include "base/utf8.h"

bool tag_is_good(const char *text, size_t len)
{
    return len > 0 && len <= LIMIT_TAG_BYTES && strlen(text) == len && !strchr(text, ',') &&
           text[0] != ' ' && text[len - 1] != ' ' && utf8_valid_prefix(text, len) == len &&
           display_is_clean(text, len);
}

bool tag_list_is_good(const struct value *list)
{
    bool good = list && list->kind == VALUE_LIST && list->list.n <= LIMIT_TAGS;
    for (size_t i = 0; good && i < list->list.n; i++)
        good = list->list.items[i]->kind == VALUE_STR &&
               tag_is_good(list->list.items[i]->s.ptr, list->list.items[i]->s.len);
    return good;
}

bool tag_list_is_clear(const struct value *list)
{
    bool clear = tag_list_is_good(list);
    for (size_t i = 0; clear && i < list->list.n; i++)
        clear = display_is_name(list->list.items[i]->s.ptr, list->list.items[i]->s.len);
    return clear;
}

bool tag_list_has(const struct value *list, const char *tag)
{
    for (size_t i = 0; list && i < list->list.n; i++)
        if (strcmp(list->list.items[i]->s.ptr, tag) == 0)
            return true;
    return false;
}

struct value *tag_list_of(struct arena *a, const char *text)
{
    struct value *list = value_list(a);
    while (text && *text) {
        size_t len = strcspn(text, ",");
        value_push(a, list, value_strn(a, text, len));
        text += len + (text[len] == ',');
    }
    return list;
}

const char *tag_list_text(struct arena *a, const struct value *list)
{
    const char *text = NULL;
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.n; i++)
        text = arena_printf(a, "%s%s%s", text ? text : "", text ? "," : "",
                            list->list.items[i]->s.ptr);
    return text;
}

static void change_add(struct buf *out, const struct value *list, char sign)
{
    for (size_t i = 0; list && i < list->list.n; i++)
        buf_addf(out, "%s%c%s", out->len ? " " : "", sign, list->list.items[i]->s.ptr);
}

const char *tag_change_text(struct arena *a, const struct value *add, const struct value *remove)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    change_add(&out, add, '+');
    change_add(&out, remove, '-');
    const char *ret = arena_strdup(a, buf_str(&out));
    buf_done(&out);
    return ret;
}
