/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "language/advice_part.h"
#include "language/language.h"
#include "language/spec_flow.h"

enum { EDITS_MAX = 1000 };

struct numbers {
    struct spec_reader *r;
    struct diag *said; /* at the first of them */
    size_t n;
};

static void look(struct numbers *found, const struct spec_node *n)
{
    if (!n->yaml->loose)
        return;
    const char *text = spec_flow_number(found->r->arena, n->yaml->value->f);
    if (!found->said)
        found->said =
            spec_node_note(found->r, n, text,
                           "PyYAML takes this for text: besom and W&B's service read the number, a "
                           "script that loads this file does not");
    spec_node_replace(found->r, found->said, n, text);
    found->n++;
}

static void find(struct numbers *found, const struct spec_node *n)
{
    if (spec_node_kind(n) < VALUE_LIST)
        look(found, n);
    for (size_t i = 0; i < n->yaml->n && found->n < EDITS_MAX; i++) {
        struct spec_node below =
            spec_node_kind(n) == VALUE_DICT ? spec_node_entry(n, i) : spec_node_item(n, i);
        find(found, &below);
    }
}

/* Of keys that hold text: there 1e5 is no number to anybody. */
static bool holds_text(const char *key)
{
    for (size_t i = 0; i < language_top.n; i++) {
        const struct language_field *f = &language_top.fields[i];
        if (strcmp(f->name, key) == 0)
            return f->type == LANGUAGE_TEXT || f->type == LANGUAGE_VARIABLES ||
                   f->type == LANGUAGE_ARGUMENTS;
    }
    return false;
}

void advice_on_numbers(struct spec_reader *r, const struct spec_node *root)
{
    struct numbers found = {.r = r};
    for (size_t i = 0; i < root->yaml->n; i++) {
        struct spec_node below = spec_node_entry(root, i);
        if (!holds_text(below.key))
            find(&found, &below);
    }
}
