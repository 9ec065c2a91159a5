/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/watch/watch_canvas.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/diag/display.h"
#include "base/number/cell.h"
#include "cli/print/sparkline.h"

enum { TRACE_MAX = 256 };

const char *watch_canvas_trace(struct watch_canvas *c, const struct value *values, size_t cells)
{
    double numbers[TRACE_MAX];
    struct buf text;
    size_t all = values && values->kind == VALUE_LIST ? values->list.n : 0, n = 0;
    for (size_t i = all > TRACE_MAX ? all - TRACE_MAX : 0; i < all; i++) {
        const struct value *v = values->list.items[i];
        if (value_is_number(v))
            numbers[n++] = value_number(v);
        else if (v->kind == VALUE_STR) /* "NaN" */
            numbers[n++] = NAN;
    }
    buf_init(&text, SIZE_MAX);
    sparkline_print(&text, numbers, n, cells, c->f->ascii);
    const char *copy = arena_strndup(c->a, buf_str(&text), text.len);
    buf_done(&text);
    return copy;
}

const char *watch_canvas_number(struct watch_canvas *c, const struct value *v)
{
    if (!v || v->kind == VALUE_NULL)
        return "–";
    return cell_rounded(c->a, v, CELL_DIGITS_NARROW);
}

void watch_canvas_rule(struct watch_canvas *c, size_t row, size_t from, size_t to,
                       const char *title)
{
    for (size_t i = from; i < to; i++)
        frame_put(c->f, row, i, 1, FRAME_DIM, "─");
    if (*title && from + 4 < to) {
        size_t at = frame_put(c->f, row, from + 2, to - from - 3, FRAME_BOLD,
                              arena_printf(c->a, " %s", title));
        frame_put(c->f, row, at, 1, FRAME_PLAIN, " ");
    }
}

void watch_canvas_text(struct watch_canvas *c, const struct watch_box *b, const char *text,
                       size_t skip)
{
    size_t row = 0;
    while (*text && row < b->rows) {
        size_t len = strcspn(text, "\n");
        if (skip > 0)
            skip--;
        else if (b->to > b->from)
            frame_put(c->f, b->row + row++, b->from, b->to - b->from, FRAME_PLAIN,
                      arena_strndup(c->a, text, len));
        text += len + (text[len] != '\0');
    }
}

/* The bytes of the first line of that many columns. */
static size_t line_fit(const char *text, size_t width, bool last)
{
    size_t len = strlen(text), n = last ? len : display_fit(text, len, width), word = n;
    while (n < len && word > 0 && text[word] != ' ')
        word--;
    return word > 0 ? word : n;
}

size_t watch_canvas_wrap(struct watch_canvas *c, const struct watch_box *b, enum frame_tone tone,
                         const char *text, size_t indent)
{
    size_t row = 0;
    for (size_t from = b->from; *text && row < b->rows && from < b->to;
         row++, from = b->from + indent) {
        size_t n = line_fit(text, b->to - from, row + 1 == b->rows);
        if (n == 0)
            break;
        frame_put(c->f, b->row + row, from, b->to - from, tone, arena_strndup(c->a, text, n));
        text += n + strspn(text + n, " ");
    }
    return row;
}

void watch_canvas_paragraphs(struct watch_canvas *c, const struct watch_box *b, const char *text,
                             size_t indent, size_t skip)
{
    struct watch_box rest = *b;
    while (*text && rest.rows > 0) {
        size_t len = strcspn(text, "\n");
        const char *line = arena_strndup(c->a, text, len);
        text += len + (text[len] != '\0');
        if (skip > 0) {
            skip--;
            continue;
        }
        size_t rows = watch_canvas_wrap(c, &rest, FRAME_PLAIN, line, indent);
        rows = rows > 0 ? rows : 1;
        rest.row += rows;
        rest.rows -= rows;
    }
}

const char *watch_canvas_glyph(const char *state, enum frame_tone *ret_tone)
{
    static const struct {
        const char *state, *glyph;
        enum frame_tone tone;
    } glyphs[] = {{"pending", "·", FRAME_DIM},      {"running", "▶", FRAME_BUSY},
                  {"finished", "✓", FRAME_GOOD},    {"stopped", "◆", FRAME_STOPPED},
                  {"failed", "✗", FRAME_BAD},       {"cancelled", "–", FRAME_DIM},
                  {"preempted", "↺", FRAME_DIM},    {"lost", "?", FRAME_BAD},
                  {"paused", "‖", FRAME_STOPPED},   {"interrupted", "‖", FRAME_STOPPED},
                  {"stopping", "◆", FRAME_STOPPED}, {"up", "●", FRAME_GOOD},
                  {"away", "◌", FRAME_BAD},         {"draining", "‖", FRAME_STOPPED},
                  {"cordoned", "‖", FRAME_STOPPED}};
    for (size_t i = 0; i < sizeof glyphs / sizeof *glyphs; i++)
        if (strcmp(glyphs[i].state, state) == 0) {
            *ret_tone = glyphs[i].tone;
            return glyphs[i].glyph;
        }
    *ret_tone = FRAME_BAD;
    return "▲";
}

const char *watch_canvas_count(struct watch_canvas *c, uint64_t n)
{
    if (n < 1000)
        return arena_printf(c->a, "%" PRIu64, n);
    return arena_printf(c->a, "%s,%03" PRIu64, watch_canvas_count(c, n / 1000), n % 1000);
}

uint64_t watch_canvas_counted(const struct value *sweep, const char *state)
{
    int64_t n = value_get_int(value_get(sweep, "counts"), state, 0);
    return n > 0 ? (uint64_t)n : 0;
}
