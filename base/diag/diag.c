/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"

void diags_init(struct diags *d, struct arena *arena, const char *file)
{
    *d = (struct diags){.arena = arena, .file = file ? arena_strdup(arena, file) : NULL};
}

static struct diag *next_item(struct diags *d)
{
    if (d->n == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 8;
        struct diag *items = arena_alloc(d->arena, cap * sizeof *items);
        if (d->n)
            memcpy(items, d->items, d->n * sizeof *items);
        d->items = items;
        d->cap = cap;
    }
    return &d->items[d->n++];
}

/* The last entry represents all that follow. It gets the worst severity among them, so that
 * printing only the errors still says that some are left out. */
static void add_too_many(struct diags *d, enum diag_severity severity)
{
    if (d->n == LIMIT_DIAGS)
        *next_item(d) = (struct diag){
            .severity = severity, .path = "", .message = "too many; the rest is not shown"};
    struct diag *last = &d->items[LIMIT_DIAGS];
    if (last->severity < severity)
        last->severity = severity;
}

struct diag *diags_add(struct diags *d, enum diag_severity severity, int line, int column,
                       const char *path, const char *fix, const char *fmt, ...)
{
    if (severity == DIAG_ERROR)
        d->errors++;
    if (d->n >= LIMIT_DIAGS) {
        add_too_many(d, severity);
        return NULL;
    }
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    check(n >= 0);
    char *message = arena_alloc(d->arena, (size_t)n + 1);
    vsnprintf(message, (size_t)n + 1, fmt, again);
    va_end(again);
    struct diag *item = next_item(d);
    *item = (struct diag){
        .severity = severity,
        .line = line,
        .column = column,
        .path = path ? arena_strdup(d->arena, path) : "",
        .message = message,
        .fix = fix ? arena_strdup(d->arena, fix) : NULL,
    };
    return item;
}

bool diags_full(const struct diags *d)
{
    return d->n > LIMIT_DIAGS;
}

void diags_fix(struct diags *d, struct diag *item, const char *fix)
{
    if (item)
        item->fix = fix ? arena_strdup(d->arena, fix) : NULL;
}

void diags_end_at(struct diag *item, int end_line, int end_column)
{
    if (!item)
        return;
    item->end_line = end_line;
    item->end_column = end_column;
}

static void add_edit(struct diags *d, struct diag *item, struct diag_edit edit)
{
    if (!item)
        return;
    if ((item->edits_n & (item->edits_n - 1)) == 0) { /* full: there is room for a power of two */
        size_t cap = item->edits_n ? item->edits_n * 2 : 1;
        struct diag_edit *edits = arena_alloc(d->arena, cap * sizeof *edits);
        if (item->edits_n)
            memcpy(edits, item->edits, item->edits_n * sizeof *edits);
        item->edits = edits;
    }
    item->edits[item->edits_n++] = edit;
}

void diags_edit(struct diags *d, struct diag *item, struct diag_span at, const char *text)
{
    add_edit(d, item, (struct diag_edit){.at = at, .text = arena_strdup(d->arena, text)});
}

void diags_edit_name(struct diags *d, struct diag *item, struct diag_span at, const char *name)
{
    add_edit(d, item,
             (struct diag_edit){.at = at, .text = arena_strdup(d->arena, name), .in_quotes = true});
}

void diags_edit_around(struct diags *d, struct diag *item, struct diag_span at, const char *before,
                       const char *after)
{
    add_edit(d, item,
             (struct diag_edit){.at = at,
                                .before = arena_strdup(d->arena, before),
                                .after = arena_strdup(d->arena, after)});
}

void diags_sort(struct diags *d, size_t from)
{
    for (size_t i = from + 1; i < d->n && i < LIMIT_DIAGS; i++) {
        struct diag item = d->items[i];
        size_t j = i;
        for (; j > from &&
               (d->items[j - 1].line > item.line ||
                (d->items[j - 1].line == item.line && d->items[j - 1].column > item.column));
             j--)
            d->items[j] = d->items[j - 1];
        d->items[j] = item;
    }
}
