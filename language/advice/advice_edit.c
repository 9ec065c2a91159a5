/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/advice_edit.h"

#include "base/diag/nearest.h"

static bool find_span(const struct spec_node *n, struct diag_span *ret)
{
    const struct yaml_node *yaml = n->yaml;
    *ret = (struct diag_span){yaml->line, yaml->column, yaml->end_line, yaml->end_column};
    return yaml->end_line == yaml->line && yaml->end_column > yaml->column &&
           spec_node_stands_here(n);
}

void advice_edit_value(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                       const char *text)
{
    struct diag_span at;
    if (find_span(n, &at))
        diags_edit(r->diags, said, at, text);
}

void advice_edit_name(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                      const char *name)
{
    struct diag_span at;
    if (find_span(n, &at))
        diags_edit_name(r->diags, said, at, name);
}

void advice_edit_around(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                        const char *before, const char *after)
{
    struct diag_span at;
    if (find_span(n, &at))
        diags_edit_around(r->diags, said, at, before, after);
}

void advice_edit_key(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                     const char *text)
{
    if (n->line && n->end_column > n->column && !spec_node_is_shared(n))
        diags_edit_name(r->diags, said,
                        (struct diag_span){n->line, n->column, n->line, n->end_column}, text);
}

void advice_edit_slip(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                      const void *names, size_t names_n, size_t stride)
{
    const char *near = nearest_sure(n->key, names, names_n, stride);
    if (near && !yaml_tree_find(n->up->yaml, near))
        advice_edit_key(r, said, n, near);
}
