/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag/fix.h"

#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

struct change {
    size_t from, to, item;
    const struct diag_edit *edit;
};

struct changes {
    struct change *all;
    size_t n;
    bool *dropped; /* for each diagnostic: it cannot be fixed, or not now */
};

bool fix_find(struct source *s, const struct diag_edit *edit, size_t *ret_from, size_t *ret_to)
{
    const struct diag_span *at = &edit->at;
    if (!source_offset(s, at->line, at->column, ret_from) ||
        !source_offset(s, at->end_line, at->end_column, ret_to) || *ret_from >= *ret_to)
        return false;
    const char *text = s->text;
    if (edit->in_quotes && *ret_to - *ret_from > 2 && strchr("'\"", text[*ret_from]) &&
        text[*ret_to - 1] == text[*ret_from]) {
        ++*ret_from;
        --*ret_to;
    }
    return text[*ret_from] && !strchr("&!*|>?", text[*ret_from]);
}

static void changes_collect(struct changes *c, const char *text, size_t len,
                            const struct diag *items, size_t n)
{
    struct source source = source_of(text, len);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < items[i].edits_n; k++) {
            struct change change = {.item = i, .edit = &items[i].edits[k]};
            if (fix_find(&source, change.edit, &change.from, &change.to))
                c->all[c->n++] = change;
            else
                c->dropped[i] = true;
        }
    }
}

static int by_place(const void *pa, const void *pb)
{
    const struct change *a = pa, *b = pb;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return a->item < b->item ? -1 : a->item > b->item;
}

static void drop_overlaps(struct changes *c)
{
    const struct change *last = NULL;
    for (size_t i = 0; i < c->n; i++) {
        const struct change *now = &c->all[i];
        if (c->dropped[now->item])
            continue;
        if (last && !c->dropped[last->item] && now->from < last->to) {
            c->dropped[now->item] = true;
            continue;
        }
        last = now;
    }
}

static void change_print(struct buf *out, const char *text, const struct change *change)
{
    const struct diag_edit *edit = change->edit;
    if (edit->text) {
        buf_adds(out, edit->text);
        return;
    }
    buf_adds(out, edit->before);
    buf_add(out, text + change->from, change->to - change->from);
    buf_adds(out, edit->after);
}

size_t fix_apply(struct buf *out, const char *text, size_t len, const struct diag *items, size_t n)
{
    struct changes c = {0};
    size_t most = 0, done = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        most += items[i].edits_n;
    c.all = mem_alloc((most + 1) * sizeof *c.all);
    c.dropped = mem_alloc((n + 1) * sizeof *c.dropped);
    changes_collect(&c, text, len, items, n);
    if (c.n > 1)
        qsort(c.all, c.n, sizeof *c.all, by_place);
    drop_overlaps(&c);
    for (size_t i = 0; i < c.n; i++) {
        if (c.dropped[c.all[i].item] || c.all[i].from < at)
            continue;
        buf_add(out, text + at, c.all[i].from - at);
        change_print(out, text, &c.all[i]);
        at = c.all[i].to;
    }
    buf_add(out, text + at, len - at);
    for (size_t i = 0; i < n; i++)
        done += items[i].edits_n > 0 && !c.dropped[i];
    mem_free(c.all);
    mem_free(c.dropped);
    return done;
}

bool fix_line(struct buf *out, const char *line, size_t len, const struct diag *d)
{
    enum { LINE_BYTES_MAX = 16 << 10 };
    if (d->edits_n == 0 || len > LINE_BYTES_MAX)
        return false;
    struct diag here = {.edits = mem_alloc(d->edits_n * sizeof *here.edits)};
    for (size_t i = 0; i < d->edits_n; i++) {
        struct diag_edit edit = d->edits[i];
        if (edit.at.line != d->line || edit.at.end_line != d->line)
            continue;
        edit.at.line = edit.at.end_line = 1;
        here.edits[here.edits_n++] = edit;
    }
    bool ok = fix_apply(out, line, len, &here, 1) > 0;
    mem_free(here.edits);
    return ok;
}
