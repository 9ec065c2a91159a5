/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/parameter/spec_indent.h"

#include "language/reader/parameter/spec_draft.h"
#include "language/reader/spec_finding.h"

static bool is_field(const struct yaml_entry *e)
{
    return spec_draft_is_field(e->key) && e->node->value->kind != VALUE_DICT &&
           e->node->value->kind != VALUE_NULL;
}

static bool is_before(const struct yaml_entry *a, const struct yaml_entry *b)
{
    return a->line < b->line || (a->line == b->line && a->column < b->column);
}

/* The last entry above a field that is not a field itself, if it is empty; otherwise n. */
static size_t find_owner(const struct yaml_node *dict, const struct yaml_entry *field)
{
    size_t owner = dict->n;
    for (size_t i = 0; i < dict->n; i++) {
        const struct yaml_entry *e = &dict->entries[i];
        if (is_before(e, field) && !is_field(e) &&
            (owner == dict->n || is_before(&dict->entries[owner], e)))
            owner = i;
    }
    bool empty = owner < dict->n && dict->entries[owner].node->value->kind == VALUE_NULL;
    return empty && dict->entries[owner].column == field->column ? owner : dict->n;
}

static void sort_by_place(struct spec_indent *found, const struct yaml_node *dict)
{
    for (size_t i = 1; i < found->n; i++)
        for (size_t j = i; j > 0 && is_before(&dict->entries[found->field[j]],
                                              &dict->entries[found->field[j - 1]]);
             j--) {
            size_t field = found->field[j], owner = found->owner[j];
            found->field[j] = found->field[j - 1];
            found->owner[j] = found->owner[j - 1];
            found->field[j - 1] = field;
            found->owner[j - 1] = owner;
        }
}

/* Reports the fields [from, to), which belong to one parameter. */
static void say_lost_indent(struct spec_reader *r, const struct spec_node *parameters,
                            const struct spec_indent *found, size_t from, size_t to)
{
    struct spec_node owner = spec_node_entry(parameters, found->owner[from]);
    const char *names = "";
    struct value *fields = value_list(r->arena);
    for (size_t i = from; i < to; i++) {
        struct spec_node field = spec_node_entry(parameters, found->field[i]);
        const char *glue = i == from ? "" : i + 1 == to ? " and " : ", ";
        names = arena_printf(r->arena, "%s%s%s", names, glue, field.key);
        value_push(r->arena, fields, value_str(r->arena, field.key));
    }
    bool one = to - from == 1;
    spec_node_error_key(r, &owner, SPEC_FOUND(LOST_INDENT, .words = fields),
                        "%s %s under %s: indent %s", names, one ? "belongs" : "belong", owner.key,
                        one ? "it" : "them");
}

void spec_indent_find(struct spec_reader *r, const struct spec_node *parameters,
                      struct spec_indent *ret)
{
    const struct yaml_node *dict = parameters->yaml;
    *ret = (struct spec_indent){0};
    for (size_t i = 0; i < dict->n && ret->n < SPEC_INDENT_MAX; i++) {
        size_t owner = is_field(&dict->entries[i]) ? find_owner(dict, &dict->entries[i]) : dict->n;
        if (owner == dict->n)
            continue;
        ret->field[ret->n] = i;
        ret->owner[ret->n++] = owner;
    }
    sort_by_place(ret, dict);
    for (size_t from = 0, to; from < ret->n; from = to) {
        for (to = from + 1; to < ret->n && ret->owner[to] == ret->owner[from];)
            to++;
        say_lost_indent(r, parameters, ret, from, to);
    }
}

bool spec_indent_has(const struct spec_indent *found, size_t entry)
{
    for (size_t i = 0; i < found->n; i++)
        if (found->field[i] == entry || found->owner[i] == entry)
            return true;
    return false;
}
