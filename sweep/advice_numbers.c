/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/advice_part.h"
#include "sweep/spec_flow.h"

enum { EDITS_MAX = 1000 };

struct numbers {
    struct spec_reader *r;
    struct diag *said; /* at the first of them */
    size_t n;
};

static void find(struct numbers *found, const struct spec_node *n)
{
    for (size_t i = 0; i < n->yaml->n && found->n < EDITS_MAX; i++) {
        struct spec_node below =
            spec_node_kind(n) == VALUE_DICT ? spec_node_entry(n, i) : spec_node_item(n, i);
        if (spec_node_kind(&below) >= VALUE_LIST) {
            find(found, &below);
        } else if (below.yaml->loose) {
            const char *text = spec_flow_number(found->r->arena, below.yaml->value->f);
            if (!found->said)
                found->said = spec_node_note(
                    found->r, &below, text,
                    "PyYAML takes this for text: besom and W&B's service read the number, a script "
                    "that loads this file does not");
            spec_node_replace(found->r, found->said, &below, text);
            found->n++;
        }
    }
}

void advice_on_numbers(struct spec_reader *r, const struct spec_node *root)
{
    struct numbers found = {.r = r};
    find(&found, root);
}
