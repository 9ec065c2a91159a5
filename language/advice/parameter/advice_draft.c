/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "language/advice/advice_edit.h"
#include "language/advice/advice_part.h"
#include "language/advice/parameter/advice_kind.h"
#include "language/reader/spec_flow.h"
#include "language/reader/spec_source.h"

/* The parameter as one line of YAML with only these fields; NULL if the line would be long. */
static const char *draft_line(struct spec_reader *r, const struct spec_draft *d, unsigned fields)
{
    enum { LINE_BYTES = 100 };
    int ids[FIELD_COUNT];
    struct buf line;
    size_t n = spec_draft_in_order(d, fields, ids);
    bool whole = true;
    buf_init(&line, LINE_BYTES);
    buf_addf(&line, "%s: {", d->node.key);
    for (size_t i = 0; i < n; i++) {
        const char *value = spec_flow_text(r->arena, d->fields[ids[i]].yaml);
        whole = whole && value;
        buf_addf(&line, "%s%s: %s", i ? ", " : "", spec_draft_fields[ids[i]], value ? value : "");
    }
    buf_addc(&line, '}');
    whole = whole && !line.overflow;
    const char *text = whole ? arena_strndup(r->arena, buf_peek(&line), line.len) : NULL;
    buf_done(&line);
    return text;
}

void advice_on_fields(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said, f->fields ? draft_line(r, f->draft, f->fields) : NULL);
}

/* The parameter with the missing `parameters:` line added; without its contents if they are long.
 */
static const char *with_parameters(struct spec_reader *r, const struct spec_draft *d,
                                   const char *first)
{
    enum { LINE_BYTES = 100 };
    struct buf line;
    const char *between = "";
    const struct yaml_entry **list = yaml_tree_by_place(r->arena, d->node.yaml);
    bool whole = !(d->present & FIELD_BIT(WHEN));
    buf_init(&line, LINE_BYTES);
    buf_addf(&line, "%s: {parameters: {", d->node.key);
    for (size_t i = 0; i < d->node.yaml->n && whole && !line.overflow; i++) {
        enum value_kind kind = list[i]->node->value->kind;
        const char *text = spec_flow_text(r->arena, list[i]->node);
        whole = text && kind != VALUE_NULL;
        if (kind == VALUE_DICT)
            buf_addf(&line, "%s%s: %s", between, list[i]->key, whole ? text : "");
        else
            buf_addf(&line, "%s%s: {%s: %s}", between, list[i]->key,
                     kind == VALUE_LIST ? "values" : "value", whole ? text : "");
        between = ", ";
    }
    buf_adds(&line, "}}");
    const char *text =
        whole && !line.overflow
            ? arena_strndup(r->arena, buf_peek(&line), line.len)
            : arena_printf(r->arena, "%s: {parameters: {%s: {…}}}", d->node.key, first);
    buf_done(&line);
    return text;
}

void advice_on_no_level(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said, with_parameters(r, f->draft, f->node->key));
}

/* The field's line under another name; `type: int` decides which distribution is meant. */
static const char *field_line(struct spec_reader *r, const char *name,
                              const struct spec_node *field)
{
    const struct value *v = field->yaml->value;
    const char *text = spec_flow_text(r->arena, field->yaml);
    if (strcmp(field->key, "type") == 0)
        text = v->kind == VALUE_STR ? advice_kind_near(v->s.ptr) : NULL;
    if (strcmp(field->key, "type") == 0 && !text)
        return NULL;
    return arena_printf(r->arena, "%s:%s%s", name, text ? " " : "", text ? text : "");
}

void advice_on_unknown_field(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const char *line = advice_kind_of_key(r, f->node);
    if (!line && f->text)
        line = field_line(r, f->text, f->node);
    diags_fix(r->diags, said, line);
    if (f->sure)
        advice_edit_slip(r, said, f->node, spec_draft_fields, FIELD_COUNT,
                         sizeof *spec_draft_fields);
}

void advice_on_tight_key(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const char *key = f->node->key, *colon = strchr(key, ':');
    diags_fix(r->diags, said,
              arena_printf(r->arena, "%.*s: %s", (int)(colon - key), key, colon + 1));
}

void advice_on_decimal_comma(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    size_t len;
    const char *whole = spec_source_of(r, f->node, &len);
    size_t digits = whole ? strspn(whole + len + 1, "0123456789") : 0;
    if (digits > 0)
        diags_fix(r->diags, said,
                  arena_printf(r->arena, "%s: %.*s.%.*s", f->node->key, (int)len, whole,
                               (int)digits, whole + len + 1));
}

void advice_on_slipped(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct spec_node *into = f->node->up;
    diags_fix(r->diags, said,
              arena_printf(r->arena, "%s: …   in column %d, as %s is", f->node->key, into->column,
                           into->key));
}

void advice_on_lost_indent(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const char *fields = "";
    struct spec_node field;
    for (size_t i = 0; i < f->words->list.n; i++)
        if (spec_node_get(f->node->up, f->words->list.items[i]->s.ptr, &field))
            fields = arena_printf(r->arena, "%s%s%s: %s", fields, i ? ", " : "", field.key,
                                  spec_node_yaml(r, &field));
    diags_fix(r->diags, said, arena_printf(r->arena, "%s: {%s}", f->node->key, fields));
}
