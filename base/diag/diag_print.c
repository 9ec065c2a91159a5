/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag/diag_print.h"

#include <stdint.h>
#include <string.h>
#include "base/diag/display.h"
#include "base/diag/excerpt.h"
#include "base/diag/fix.h"
#include "base/diag/source.h"

#define PLAIN "\x1b[0m"
#define BOLD "\x1b[1m"
#define GREEN "\x1b[32m"

enum { COLUMNS_DEFAULT = 100 };

static const char *const severity_names[] = {"note", "warning", "error"};
static const char *const severity_tones[] = {"\x1b[1;36m", "\x1b[1;33m", "\x1b[1;31m"};

struct printer {
    struct buf *out;
    const struct diag_style *style;
    struct source source;
    size_t number_width;
};

static const char *tone_print(const struct printer *p, const char *escape)
{
    return p->style->colour ? escape : "";
}

static void text_print_clean(struct printer *p, const char *text)
{
    display_clean(p->out, text, strlen(text));
}

static void print_head(struct printer *p, const char *file, const struct diag *d)
{
    struct buf *out = p->out;
    if (file) {
        buf_adds(out, tone_print(p, BOLD));
        text_print_clean(p, file);
        if (d->line > 0)
            buf_addf(out, ":%d", d->line);
        if (d->line > 0 && d->column > 0)
            buf_addf(out, ":%d", d->column);
        buf_addf(out, ":%s ", tone_print(p, PLAIN));
    }
    buf_addf(out, "%s%s:%s ", tone_print(p, severity_tones[d->severity]),
             severity_names[d->severity], tone_print(p, PLAIN));
    if (*d->path) {
        buf_adds(out, tone_print(p, BOLD));
        text_print_clean(p, d->path);
        buf_addf(out, ":%s ", tone_print(p, PLAIN));
    }
    text_print_clean(p, d->message);
    buf_addc(out, '\n');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The bytes of the line that a span covers; if the span continues on the next line, those up to
 * the line's end, without the spaces there. */
static bool find_part(struct printer *p, const struct diag_span *at, struct excerpt *e)
{
    size_t start, end, from, to;
    if (!source_line(&p->source, at->line, &start, &end) ||
        !source_offset(&p->source, at->line, at->column, &from))
        return false;
    if (at->end_line != at->line || !source_offset(&p->source, at->line, at->end_column, &to))
        for (to = at->end_line > at->line ? end : from; to > from; to--)
            if (!is_blank(p->source.text[to - 1]))
                break;
    e->line = p->source.text + start;
    e->len = end - start;
    e->from = from - start;
    e->to = to - start;
    e->number = at->line;
    e->number_width = p->number_width;
    e->columns = p->style->columns ? p->style->columns : COLUMNS_DEFAULT;
    return true;
}

static bool print_line(struct printer *p, const struct diag *d)
{
    struct excerpt e = {.mark = '|',
                        .tone = tone_print(p, severity_tones[d->severity]),
                        .plain = tone_print(p, PLAIN)};
    struct diag_span at = {d->line, d->column, d->end_line, d->end_column};
    if (!p->style->text || d->line < 1 || d->column < 1 || d->end_line < 1 ||
        !find_part(p, &at, &e))
        return false;
    excerpt_print(p->out, &e);
    return true;
}

/* Shows e's line after the change, and marks the part that differs. */
static void print_changed(struct printer *p, const struct excerpt *e, const struct buf *line)
{
    struct excerpt changed = *e;
    size_t same_end = 0;
    changed.line = buf_str(line);
    changed.len = line->len;
    changed.mark = '+';
    changed.tone = tone_print(p, GREEN);
    changed.from = 0;
    while (changed.from < e->len && changed.from < line->len &&
           e->line[changed.from] == buf_str(line)[changed.from])
        changed.from++;
    while (same_end < e->len - changed.from && same_end < line->len - changed.from &&
           e->line[e->len - 1 - same_end] == buf_str(line)[line->len - 1 - same_end])
        same_end++;
    changed.to = line->len - same_end;
    excerpt_print(p->out, &changed);
}

/* Prints the line as the edits change it; false if no edit is in it. */
static bool print_mended(struct printer *p, const struct diag *d)
{
    struct excerpt e = {.plain = tone_print(p, PLAIN)};
    struct diag_span at = {d->line, d->column, d->end_line, d->end_column};
    struct buf line;
    if (d->edits_n == 0 || !find_part(p, &at, &e))
        return false;
    buf_init(&line, SIZE_MAX);
    bool ok = fix_line(&line, e.line, e.len, d);
    if (ok)
        print_changed(p, &e, &line);
    buf_done(&line);
    return ok;
}

static void print_one(struct printer *p, const char *file, const struct diag *d)
{
    print_head(p, file, d);
    if (print_line(p, d) && print_mended(p, d))
        return;
    if (!d->fix)
        return;
    buf_addf(p->out, " %*s write: %s", (int)p->number_width, "", tone_print(p, GREEN));
    text_print_clean(p, d->fix);
    buf_addf(p->out, "%s\n", tone_print(p, PLAIN));
}

static size_t digits_of(int n)
{
    size_t width = 1;
    for (; n > 9; n /= 10)
        width++;
    return width;
}

void diag_print(struct buf *out, const struct diags *d, enum diag_severity least,
                const struct diag_style *style)
{
    struct printer p = {.out = out, .style = style, .number_width = 3};
    if (style->text)
        p.source = source_of(style->text, style->len);
    for (size_t i = 0; i < d->n; i++)
        if (digits_of(d->items[i].line) > p.number_width)
            p.number_width = digits_of(d->items[i].line);
    for (size_t i = 0; i < d->n; i++)
        if (d->items[i].severity >= least)
            print_one(&p, d->file, &d->items[i]);
}
