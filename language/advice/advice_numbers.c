/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "language/advice/advice_edit.h"
#include "language/advice/advice_part.h"
#include "language/language.h"
#include "language/reader/spec_flow.h"

enum { EDITS_MAX = 1000 };

struct numbers {
    struct spec_reader *r;
    const struct yaml_node *first; /* in the order of the file; dicts are sorted by key */
    struct diag *said;
    size_t edits;
};

static bool stands_before(const struct yaml_node *a, const struct yaml_node *b)
{
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* An error at the number or at its key already suggests a line with the corrected number. */
static bool is_blamed(const struct diags *d, const struct yaml_node *n)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->items[i].severity == DIAG_ERROR && d->items[i].line == n->line &&
            (d->items[i].column == n->column || d->items[i].end_column + 2 == n->column))
            return true;
    return false;
}

static const struct yaml_node *first_of(const struct diags *d, const struct yaml_node *first,
                                        const struct yaml_node *n)
{
    if (n->loose && (!first || stands_before(n, first)) && !is_blamed(d, n))
        return n;
    for (size_t i = 0; i < n->n; i++)
        first = first_of(d, first, n->value->kind == VALUE_DICT ? n->entries[i].node : n->items[i]);
    return first;
}

/* Scripts get a whole value as an integer, so it is written as an integer. A bound keeps its type,
 * which decides the distribution. */
static const char *number_text(struct spec_reader *r, const struct spec_node *n)
{
    const struct spec_node *field = n;
    double f = n->yaml->value->f;
    while (!field->key && field->up)
        field = field->up;
    bool passed =
        field->key && (strcmp(field->key, "value") == 0 || strcmp(field->key, "values") == 0);
    if (passed && fabs(f) < 0x1p53 && floor(f) == f)
        return arena_printf(r->arena, "%.0f", f);
    return spec_flow_number(r->arena, f);
}

static void number_say(struct numbers *found, const struct spec_node *n)
{
    if (n->yaml != found->first || found->said)
        return;
    found->said =
        spec_node_note(found->r, n, NULL,
                       "PyYAML reads this as text; besom and W&B's service read it as a number");
    diags_fix(found->r->diags, found->said, number_text(found->r, n));
}

static void number_mend(struct numbers *found, const struct spec_node *n)
{
    if (!n->yaml->loose || found->edits == EDITS_MAX || is_blamed(found->r->diags, n->yaml))
        return;
    advice_edit_value(found->r, found->said, n, number_text(found->r, n));
    found->edits++;
}

static void each_number(struct numbers *found, const struct spec_node *n,
                        void (*see)(struct numbers *found, const struct spec_node *n))
{
    see(found, n);
    for (size_t i = 0; i < n->yaml->n && found->edits < EDITS_MAX; i++) {
        struct spec_node below =
            spec_node_kind(n) == VALUE_DICT ? spec_node_entry(n, i) : spec_node_item(n, i);
        each_number(found, &below, see);
    }
}

/* Keys that hold text: every reader takes 1e5 as text under them. */
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
    for (size_t i = 0; i < root->yaml->n; i++)
        if (!holds_text(root->yaml->entries[i].key))
            found.first = first_of(r->diags, found.first, root->yaml->entries[i].node);
    if (!found.first)
        return;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < root->yaml->n; i++) {
            struct spec_node below = spec_node_entry(root, i);
            if (!holds_text(below.key))
                each_number(&found, &below, pass == 0 ? number_say : number_mend);
        }
}
