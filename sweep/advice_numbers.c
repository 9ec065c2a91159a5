/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/python.h"
#include "sweep/advice_part.h"

enum { EDITS_MAX = 1000 };

struct numbers {
    struct spec_reader *r;
    struct diag *said; /* at the first of them */
    size_t n;
};

/* As Python prints it, but with the point that YAML 1.1 wants: 1.0e-05. */
static const char *with_point(struct spec_reader *r, double f)
{
    char text[PYTHON_FLOAT_BYTES];
    python_float(text, f);
    const char *e = strchr(text, 'e');
    if (!e || strchr(text, '.'))
        return arena_strdup(r->arena, text);
    return arena_printf(r->arena, "%.*s.0%s", (int)(e - text), text, e);
}

static void find(struct numbers *found, const struct spec_node *n)
{
    for (size_t i = 0; i < n->yaml->n && found->n < EDITS_MAX; i++) {
        struct spec_node below =
            spec_node_kind(n) == VALUE_DICT ? spec_node_entry(n, i) : spec_node_item(n, i);
        if (spec_node_kind(&below) >= VALUE_LIST) {
            find(found, &below);
        } else if (below.yaml->loose) {
            const char *text = with_point(found->r, below.yaml->value->f);
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
