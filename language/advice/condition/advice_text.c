/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "language/advice/advice_edit.h"
#include "language/advice/advice_part.h"
#include "language/reader/condition/spec_domain.h"
#include "language/reader/condition/spec_expr.h"
#include "language/reader/spec_flow.h"

enum { LINE_BYTES = 100 };

/* The whole text with these parts, in order, replaced; only the last replacement if the text is
 * long. */
static const char *mended_line(struct spec_reader *r, const struct spec_node *n,
                               const struct spec_part *parts, size_t parts_n)
{
    const struct value *text = n->yaml->value;
    const char *last = parts[parts_n - 1].text, *line = "";
    size_t from = 0;
    if (!last || text->kind != VALUE_STR || text->s.len > LINE_BYTES)
        return last;
    for (size_t i = 0; i < parts_n; i++) {
        line = arena_printf(r->arena, "%s%.*s%s", line, (int)(parts[i].offset - from),
                            text->s.ptr + from, parts[i].text);
        from = parts[i].offset + parts[i].len;
    }
    return spec_flow_line(r->arena, arena_printf(r->arena, "%s%s", line, text->s.ptr + from));
}

static void part_fix(struct spec_reader *r, struct diag *said, const struct spec_finding *f,
                     const char *text)
{
    struct spec_part part = {f->part.offset, f->part.len, text};
    diags_fix(r->diags, said, mended_line(r, f->node, &part, 1));
}

/* An edit must not begin with a character that is special in YAML, so it starts one letter earlier.
 * A plain YAML text cannot begin with a backquote. */
static void part_edit(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                      struct spec_part part)
{
    struct diag_span at;
    const char *text = n->yaml->value->s.ptr;
    if (strpbrk(part.text, "'\"\\") || !spec_node_stands_here(n))
        return;
    if (part.offset == 0 && *part.text == '`' && !spec_node_quoted(n)) {
        if (n->yaml->value->s.len <= LINE_BYTES)
            advice_edit_value(r, said, n, mended_line(r, n, &part, 1));
        return;
    }
    if (part.offset > 0 && strchr("&!*|>?", text[part.offset]) &&
        (unsigned char)text[part.offset - 1] < 0x80) {
        part.text = arena_printf(r->arena, "%c%s", text[part.offset - 1], part.text);
        part.offset--;
        part.len++;
    }
    if (spec_expr_span(n, part.offset, part.len, &at))
        diags_edit(r->diags, said, at, part.text);
}

void advice_on_part(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    part_fix(r, said, f, f->part.text);
}

void advice_on_no_quotes(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const char *quote = f->part.text, *bare = f->node->yaml->value->s.ptr + f->part.offset;
    part_fix(r, said, f, arena_printf(r->arena, "%s%.*s%s", quote, (int)f->part.len, bare, quote));
}

void advice_on_name_part(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    struct spec_part part = f->part;
    const char *text = f->node->yaml->value->s.ptr;
    bool bare = part.offset == 0 || text[part.offset - 1] != '`';
    if (part.text && bare && strchr(part.text, '-'))
        part.text = arena_printf(r->arena, "`%s`", part.text);
    part_fix(r, said, f, part.text);
    if (part.text)
        part_edit(r, said, f->node, part);
}

/* A replacement such as `and` for `&&` needs spaces around it. */
static struct spec_part spaced_part(struct spec_reader *r, const char *text, struct spec_part part)
{
    const char *before = part.offset > 0 && !strchr(" (", text[part.offset - 1]) ? " " : "";
    if (text[part.offset] != '$' && *part.text >= 'a' && *part.text <= 'z')
        part.text = arena_printf(r->arena, "%s%s%s", before, part.text,
                                 strchr(" )", text[part.offset + part.len]) ? "" : " ");
    return part;
}

void advice_on_sign(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    struct spec_part *parts = arena_alloc(r->arena, f->n * sizeof *parts);
    for (size_t i = 0; i < f->n; i++)
        parts[i] = spaced_part(r, f->node->yaml->value->s.ptr, f->signs[i]);
    diags_fix(r->diags, said, mended_line(r, f->node, parts, f->n));
    part_edit(r, said, f->node, parts[f->n - 1]);
}

void advice_on_never_part(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct value *near = spec_domain_near(r, f->parameter, f->value);
    part_fix(r, said, f, near ? spec_domain_shown(r, near) : NULL);
}

void advice_on_no_truth(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct parameter *p = f->parameter;
    const char *text = f->node->yaml->value->s.ptr;
    part_fix(r, said, f,
             p && p->distinct ? arena_printf(r->arena, "%s == %s", text,
                                             spec_domain_shown(r, p->distinct->list.items[0]))
                              : arena_printf(r->arena, "%s > 0", text));
}
