/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/spec_dashes.h"

#include <string.h>
#include "language/spec_flow.h"

enum { LINE_BYTES = 100, FIELDS_MAX = 20 };

bool spec_dashes_are_there(const struct spec_node *n)
{
    bool all = spec_node_kind(n) == VALUE_LIST && n->yaml->n > 0;
    for (size_t i = 0; all && i < n->yaml->n; i++)
        all = n->yaml->items[i]->value->kind == VALUE_DICT && n->yaml->items[i]->n > 0;
    return all;
}

static bool comes_before(const struct yaml_entry *a, const struct yaml_entry *b)
{
    return a->line < b->line || (a->line == b->line && a->column < b->column);
}

static bool is_there_before(const struct yaml_node *list, size_t items, const char *key)
{
    for (size_t i = 0; i < items; i++)
        if (yaml_tree_find(list->items[i], key))
            return true;
    return false;
}

/* The entry of item that stands next behind one, as the file has them; the first for NULL. */
static const struct yaml_entry *next_entry(const struct yaml_node *item,
                                           const struct yaml_entry *behind)
{
    const struct yaml_entry *next = NULL;
    for (size_t i = 0; i < item->n; i++) {
        const struct yaml_entry *e = &item->entries[i];
        if ((!behind || comes_before(behind, e)) && (!next || comes_before(e, next)))
            next = e;
    }
    return next;
}

const char *spec_dashes_line(struct spec_reader *r, const char *name, const struct spec_node *n)
{
    struct buf line;
    if (!spec_dashes_are_there(n) || n->yaml->n > FIELDS_MAX)
        return NULL;
    buf_init(&line, LINE_BYTES);
    buf_addf(&line, "%s: {", name);
    bool ok = true, first = true;
    for (size_t i = 0; i < n->yaml->n && ok; i++) {
        const struct yaml_node *item = n->yaml->items[i];
        const struct yaml_entry *e = NULL;
        while (ok && (e = next_entry(item, e))) {
            const char *value = spec_flow_text(r->arena, e->node);
            ok = value && !is_there_before(n->yaml, i, e->key) && !line.overflow;
            buf_addf(&line, "%s%s: %s", first ? "" : ", ", e->key, value ? value : "");
            first = false;
        }
    }
    buf_addc(&line, '}');
    const char *text = ok && !line.overflow ? arena_strndup(r->arena, line.data, line.len) : NULL;
    buf_done(&line);
    return text;
}
