/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/advice_dashes.h"

#include <string.h>
#include "language/reader/spec_flow.h"

enum { LINE_BYTES = 100, FIELDS_MAX = 20 };

static bool is_there_before(const struct yaml_node *list, size_t items, const char *key)
{
    for (size_t i = 0; i < items; i++)
        if (yaml_tree_find(list->items[i], key))
            return true;
    return false;
}

const char *advice_dashes_line(struct spec_reader *r, const char *name, const struct spec_node *n)
{
    struct buf line;
    if (!spec_node_is_dashed(n) || n->yaml->n > FIELDS_MAX)
        return NULL;
    buf_init(&line, LINE_BYTES);
    buf_addf(&line, "%s: {", name);
    bool ok = true, first = true;
    for (size_t i = 0; i < n->yaml->n && ok; i++) {
        const struct yaml_node *item = n->yaml->items[i];
        const struct yaml_entry **fields = yaml_tree_by_place(r->arena, item);
        for (size_t k = 0; k < item->n && ok; k++) {
            const char *value = spec_flow_text(r->arena, fields[k]->node);
            ok = value && !is_there_before(n->yaml, i, fields[k]->key) && !line.overflow;
            buf_addf(&line, "%s%s: %s", first ? "" : ", ", fields[k]->key, value ? value : "");
            first = false;
        }
    }
    buf_addc(&line, '}');
    const char *text =
        ok && !line.overflow ? arena_strndup(r->arena, buf_peek(&line), line.len) : NULL;
    buf_done(&line);
    return text;
}
