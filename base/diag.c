/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"

/* Past this many, a file is not what it was taken for, and a list helps nobody. */
enum { DIAGS_MAX = 100 };

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

/* The last entry stands for all that follow; it is as grave as the gravest of them, so that
 * printing the errors alone still says that some are left out. */
static void add_too_many(struct diags *d, enum diag_severity severity)
{
    if (d->n == DIAGS_MAX)
        *next_item(d) = (struct diag){
            .severity = severity, .path = "", .message = "too many; the rest is not shown"};
    struct diag *last = &d->items[DIAGS_MAX];
    if (last->severity < severity)
        last->severity = severity;
}

void diags_add(struct diags *d, enum diag_severity severity, int line, int column, const char *path,
               const char *fix, const char *fmt, ...)
{
    if (severity == DIAG_ERROR)
        d->errors++;
    if (d->n >= DIAGS_MAX) {
        add_too_many(d, severity);
        return;
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
    *next_item(d) = (struct diag){
        .severity = severity,
        .line = line,
        .column = column,
        .path = path ? arena_strdup(d->arena, path) : "",
        .message = message,
        .fix = fix ? arena_strdup(d->arena, fix) : NULL,
    };
}

static void print_one(struct buf *out, const char *file, const struct diag *d)
{
    static const char *const names[] = {"note", "warning", "error"};
    if (file) {
        buf_adds(out, file);
        if (d->line > 0)
            buf_addf(out, ":%d", d->line);
        if (d->line > 0 && d->column > 0)
            buf_addf(out, ":%d", d->column);
        buf_adds(out, ": ");
    }
    buf_addf(out, "%s: ", names[d->severity]);
    if (*d->path)
        buf_addf(out, "%s: ", d->path);
    buf_adds(out, d->message);
    buf_addc(out, '\n');
    if (d->fix)
        buf_addf(out, "    write: %s\n", d->fix);
}

void diags_print(struct buf *out, const struct diags *d, enum diag_severity least)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->items[i].severity >= least)
            print_one(out, d->file, &d->items[i]);
}
