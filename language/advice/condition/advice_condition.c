/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "language/advice/advice_edit.h"
#include "language/advice/advice_part.h"
#include "language/reader/condition/spec_domain.h"
#include "language/reader/spec_flow.h"

/* `when: [a > 1, b > 2]` joined to the one condition that it means; NULL if it does not mean one.
 */
static const char *joined_condition(struct spec_reader *r, const struct spec_node *n)
{
    enum { LINE_BYTES = 100 };
    struct buf line;
    bool texts = spec_node_kind(n) == VALUE_LIST && n->yaml->n > 0;
    buf_init(&line, LINE_BYTES);
    for (size_t i = 0; texts && i < n->yaml->n && !line.overflow; i++) {
        const struct value *v = n->yaml->items[i]->value;
        texts = v->kind == VALUE_STR && v->s.len > 0;
        bool loose =
            texts && n->yaml->n > 1 && (strstr(v->s.ptr, " or ") || strstr(v->s.ptr, " if "));
        if (texts)
            buf_addf(&line, "%s%s%s%s", i ? " and " : "", loose ? "(" : "", v->s.ptr,
                     loose ? ")" : "");
    }
    const char *text =
        texts && !line.overflow
            ? arena_printf(r->arena, "when: %s", spec_flow_line(r->arena, buf_peek(&line)))
            : NULL;
    buf_done(&line);
    return text;
}

void advice_on_when(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const char *meant = joined_condition(r, f->node);
    diags_fix(r->diags, said, meant ? meant : "when: {optimizer: sgd}");
}

void advice_on_expr(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    bool empty = spec_node_kind(f->node) == VALUE_NULL;
    diags_fix(r->diags, said,
              empty ? "2 ** x" : arena_printf(r->arena, "value: %s", spec_node_shown(r, f->node)));
}

void advice_on_one_condition(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    bool mapping = spec_node_kind(f->node) == VALUE_DICT;
    diags_fix(
        r->diags, said,
        arena_printf(r->arena, "forbid: [%s]", mapping ? "{…}" : spec_node_shown(r, f->node)));
}

void advice_on_name(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said, f->text);
    if (f->sure && f->text && !yaml_tree_find(f->node->up->yaml, f->text))
        advice_edit_key(r, said, f->node, f->text);
}

void advice_on_comparison(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct spec_node *n = f->node;
    bool text = spec_node_kind(n) == VALUE_STR;
    const char *before = n->key && n->up->key ? arena_printf(r->arena, "%s: ", n->up->key) : "";
    diags_fix(r->diags, said,
              arena_printf(r->arena, "%s'%s %s%s'", before, f->parameter->name, text ? "" : "> ",
                           text ? n->yaml->value->s.ptr : spec_node_shown(r, n)));
}

/* The value as YAML if that is unambiguous, otherwise as Python prints it. */
static const char *value_line(struct spec_reader *r, const struct value *v)
{
    return v->kind == VALUE_BOOL   ? (v->b ? "true" : "false")
           : v->kind == VALUE_NULL ? "null"
                                   : spec_domain_shown(r, v);
}

void advice_on_never(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct value *near = spec_domain_near(r, f->parameter, f->node->yaml->value);
    diags_fix(r->diags, said, near ? value_line(r, near) : NULL);
}
