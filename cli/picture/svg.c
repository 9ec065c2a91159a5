/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/picture/svg.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag/display.h"
#include "base/utf8.h"

enum { TOOLTIP_COLUMNS = 300 };
#define FAR 1e6

void svg_number(struct buf *out, double x)
{
    x = isnan(x) ? 0 : fmin(fmax(x, -FAR), FAR);
    long tenths = lround(x * 10), rest = labs(tenths) % 10;
    buf_addf(out, "%s%ld", tenths < 0 ? "-" : "", labs(tenths) / 10);
    if (rest)
        buf_addf(out, ".%ld", rest);
}

static void escape_some(struct buf *out, const char *text, size_t len)
{
    static const struct {
        char c;
        const char *name;
    } entities[] = {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (size_t i = 0; i < len;) {
        uint32_t c;
        size_t n = utf8_decode(text + i, len - i, &c), k = 0;
        while (k < 5 && (uint32_t)entities[k].c != c)
            k++;
        if (n > 0 && k < 5)
            buf_adds(out, entities[k].name);
        else if (n == 0 || c < 0x20 || (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
            buf_adds(out, "?");
        else
            buf_add(out, text + i, n);
        i += n ? n : 1;
    }
}

void svg_escape(struct buf *out, const char *text)
{
    struct buf clean;
    buf_init(&clean, SIZE_MAX);
    display_clean(&clean, text, strlen(text));
    size_t len = display_fit(buf_str(&clean), clean.len, TOOLTIP_COLUMNS);
    escape_some(out, buf_str(&clean), len);
    if (len < clean.len)
        buf_adds(out, "…");
    buf_done(&clean);
}

void svg_text(struct buf *out, double x, double y, enum svg_anchor anchor, const char *classes,
              size_t columns, const char *text)
{
    static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    struct buf clean;
    buf_init(&clean, SIZE_MAX);
    display_clean(&clean, text, strlen(text));
    bool fits = display_width(buf_str(&clean), clean.len) <= columns;
    size_t len =
        fits ? clean.len : display_fit(buf_str(&clean), clean.len, columns ? columns - 1 : 0);
    buf_adds(out, "<text x=\"");
    svg_number(out, x);
    buf_adds(out, "\" y=\"");
    svg_number(out, y);
    buf_addf(out, "\"%s class=\"%s\">", anchors[anchor], classes);
    if (!fits) {
        buf_adds(out, "<title>");
        svg_escape(out, text);
        buf_adds(out, "</title>");
    }
    escape_some(out, buf_str(&clean), len);
    buf_adds(out, fits ? "</text>\n" : "…</text>\n");
    buf_done(&clean);
}

static void attribute_add(struct buf *out, const char *name, double x)
{
    buf_addf(out, " %s=\"", name);
    svg_number(out, x);
    buf_addc(out, '"');
}

void svg_line(struct buf *out, double x1, double y1, double x2, double y2, const char *classes)
{
    buf_addf(out, "<line class=\"%s\"", classes);
    attribute_add(out, "x1", x1);
    attribute_add(out, "y1", y1);
    attribute_add(out, "x2", x2);
    attribute_add(out, "y2", y2);
    buf_adds(out, "/>\n");
}

void svg_rect(struct buf *out, double x, double y, double w, double h, const char *classes)
{
    buf_addf(out, "<rect class=\"%s\"", classes);
    attribute_add(out, "x", x);
    attribute_add(out, "y", y);
    attribute_add(out, "width", fmax(w, 0));
    attribute_add(out, "height", fmax(h, 0));
    buf_adds(out, "/>\n");
}

void svg_path_begin(struct buf *out, const char *classes)
{
    buf_addf(out, "<path class=\"%s\" d=\"", classes);
}

static void path_point(struct buf *out, char command, double x, double y)
{
    buf_addc(out, command);
    svg_number(out, x);
    buf_addc(out, ' ');
    svg_number(out, y);
}

void svg_move(struct buf *out, double x, double y)
{
    path_point(out, 'M', x, y);
}

void svg_to(struct buf *out, double x, double y)
{
    path_point(out, 'L', x, y);
}

void svg_path_end(struct buf *out)
{
    buf_adds(out, "\"/>\n");
}

void svg_dot(struct buf *out, double x, double y)
{
    svg_move(out, x, y);
    buf_adds(out, "h.01");
}

void svg_ring(struct buf *out, double x, double y, int r)
{
    svg_move(out, x + r, y);
    buf_addf(out, "a%d %d 0 1 0-%d 0a%d %d 0 1 0 %d 0", r, r, 2 * r, r, r, 2 * r);
}

void svg_cross(struct buf *out, double x, double y, double r)
{
    svg_move(out, x - r, y - r);
    svg_to(out, x + r, y + r);
    svg_move(out, x - r, y + r);
    svg_to(out, x + r, y - r);
}

void svg_diamond(struct buf *out, double x, double y, double r)
{
    svg_move(out, x - r, y);
    svg_to(out, x, y - r);
    svg_to(out, x + r, y);
    svg_to(out, x, y + r);
    buf_addc(out, 'Z');
}

void svg_triangle(struct buf *out, double x, double y, double r, bool up)
{
    double tip = up ? -r : r;
    svg_move(out, x - r, y - tip);
    svg_to(out, x + r, y - tip);
    svg_to(out, x, y + tip);
    buf_addc(out, 'Z');
}
