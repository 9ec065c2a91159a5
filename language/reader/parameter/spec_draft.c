/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/parameter/spec_draft.h"

#include <string.h>
#include "language/reader/spec_flow.h"

const char *const spec_draft_fields[FIELD_COUNT] = {
#define X(id, name) [FIELD_##id] = name,
    SPEC_DRAFT_FIELDS(X)
#undef X
};

const char *spec_draft_field_name(enum spec_field field)
{
    return spec_draft_fields[field];
}

int spec_draft_field(const char *name)
{
    for (int i = 0; i < FIELD_COUNT; i++)
        if (strcmp(spec_draft_fields[i], name) == 0)
            return i;
    return -1;
}

bool spec_draft_is_field(const char *key)
{
    return spec_draft_field(key) >= 0;
}

static bool stands_before(const struct spec_node *a, const struct spec_node *b)
{
    return a->line < b->line || (a->line == b->line && a->column < b->column);
}

size_t spec_draft_in_order(const struct spec_draft *d, unsigned fields, int ids[FIELD_COUNT])
{
    size_t n = 0;
    for (int id = 0; id < FIELD_COUNT; id++) {
        size_t k = n;
        if (!(fields & d->present & (1u << id)))
            continue;
        for (; k > 0 && stands_before(&d->fields[id], &d->fields[ids[k - 1]]); k--)
            ids[k] = ids[k - 1];
        ids[k] = id;
        n++;
    }
    return n;
}

const struct spec_node *spec_draft_first(const struct spec_draft *d, unsigned fields)
{
    int ids[FIELD_COUNT];
    return spec_draft_in_order(d, fields, ids) ? &d->fields[ids[0]] : &d->node;
}

const char *spec_draft_names(struct spec_reader *r, unsigned fields)
{
    const char *names = "";
    for (int i = 0; i < FIELD_COUNT; i++) {
        /* People write min before max; the alphabet puts max first. */
        int id = i == FIELD_MAX ? FIELD_MIN : i == FIELD_MIN ? FIELD_MAX : i;
        unsigned rest = fields & ~(1u << id);
        if (!(fields & (1u << id)))
            continue;
        names = arena_printf(r->arena, "%s`%s`%s", names, spec_draft_fields[id],
                             !rest                 ? ""
                             : (rest & (rest - 1)) ? ", "
                                                   : " and ");
        fields = rest;
    }
    return names;
}
