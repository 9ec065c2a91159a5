/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "language/advice/advice_dashes.h"
#include "language/advice/advice_list.h"
#include "language/advice/advice_edit.h"
#include "language/advice/advice_part.h"
#include "language/reader/spec_flow.h"
#include "language/reader/spec_source.h"

enum { SHOWN_BYTES = 60 };

static bool is_word(const char *s)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    return *s && strspn(s, safe) == strlen(s);
}

void advice_on_no_list(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct spec_node *values = f->node;
    const struct value *v = values->yaml->value;
    const char *flow = spec_flow_text(r->arena, values->yaml);
    const char *list = advice_list_meant(r, values);
    bool sure = false;
    if (list) {
        diags_fix(r->diags, said, arena_printf(r->arena, "values: %s", list));
        sure = v->kind == VALUE_STR && strchr(v->s.ptr, ',') && !strpbrk(v->s.ptr, "'\"()") &&
               !spec_node_quoted(values);
    } else if (flow && v->kind < VALUE_LIST && v->kind != VALUE_NULL) {
        diags_fix(r->diags, said, arena_printf(r->arena, "values: [%s], or value: %s", flow, flow));
        sure = spec_node_is_simple(values) && (v->kind != VALUE_STR || is_word(v->s.ptr));
    } else {
        diags_fix(r->diags, said, "values: [1, 2]");
    }
    if (sure)
        advice_edit_around(r, said, values, "[", "]");
}

/* JSON needs quotes around a name. */
static const char *field_before(struct spec_reader *r, const struct spec_node *n, const char *name)
{
    const char *quote = spec_source_key_in_quotes(r, n) ? "\"" : "";
    return arena_printf(r->arena, "{%s%s%s: ", quote, name, quote);
}

void advice_on_hydra_name(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    size_t plus = strspn(f->node->key, "+");
    diags_fix(r->diags, said,
              arena_printf(r->arena, "%s: …, and ${args_hydra_%s} in `command`",
                           f->node->key + plus, plus == 1 ? "append" : "override"));
}

void advice_on_no_mapping(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct spec_node *node = f->node;
    bool list = spec_node_kind(node) == VALUE_LIST, empty = spec_node_kind(node) == VALUE_NULL;
    const char *flow = spec_flow_text(r->arena, node->yaml);
    const char *text = "{values: [1, 2]}", *before = list ? "{values: " : "{value: ";
    const char *meant = spec_node_quoted(node) ? NULL : advice_list_meant(r, node);
    if (meant)
        text = arena_printf(r->arena, "{values: %s}", meant);
    else if (flow && !empty)
        text = arena_printf(r->arena, "%s%s}", before, flow);
    diags_fix(r->diags, said, arena_printf(r->arena, "%s: %s", node->key, text));
    /* A field that slipped out of its parameter is not a parameter of that name. */
    if (flow && !empty && f->sure && !meant && !spec_draft_is_field(node->key) &&
        (list || spec_node_is_simple(node)))
        advice_edit_around(r, said, node, field_before(r, node, list ? "values" : "value"), "}");
}

void advice_on_dashed(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said, advice_dashes_line(r, f->node->key, f->node));
}

void advice_on_dashed_parameters(struct spec_reader *r, struct diag *said,
                                 const struct spec_finding *f)
{
    const struct yaml_entry *first = &f->node->yaml->items[0]->entries[0];
    const char *value = spec_flow_text(r->arena, first->node);
    diags_fix(r->diags, said,
              arena_printf(r->arena, "%s:%s%s", first->key, value ? " " : "", value ? value : ""));
}

void advice_on_no_choice(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said, arena_printf(r->arena, "values: %s", spec_node_yaml(r, f->node)));
}

static const char *tight_line(struct spec_reader *r, const struct spec_node *n,
                              const struct spec_tight *f, bool own_line)
{
    if (f->len > SHOWN_BYTES || (!own_line && memchr(f->line, ',', f->len)))
        return NULL;
    const char *line = arena_printf(r->arena, "%.*s%s%.*s", (int)f->sign.from, f->line,
                                    f->sign.is == '-' ? "- " : ": ", (int)(f->len - f->sign.to),
                                    f->line + f->sign.to);
    return own_line ? line : arena_printf(r->arena, "%s: {%s}", n->key ? n->key : "-", line);
}

void advice_on_tight(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct spec_tight *t = f->tight;
    bool own_line = f->node->yaml->line > f->node->line;
    diags_fix(r->diags, said, tight_line(r, f->node, t, own_line));
    for (size_t i = 0; i < t->n && f->sure && own_line; i++)
        diags_edit(r->diags, said, t->at[i], t->sign.is == '-' ? "- " : ": ");
}
