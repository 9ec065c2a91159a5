/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Writes elements of SVG: valid XML whatever the texts hold, coordinates with one digit after the
 * point. Pure; knows no plot. */
#include <stdbool.h>
#include "base/buf.h"

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };

/* A number with at most one digit after the point; those far outside any picture are clamped. */
void svg_number(struct buf *out, double x);
/* Escapes text for XML. Control characters and the characters that reorder text are replaced. */
void svg_escape(struct buf *out, const char *text);
/* Text at a point. If it is wider than `columns` characters, it is cut, ends with an ellipsis, and
 * has the whole text as its tooltip. classes: of the style sheet. */
void svg_text(struct buf *out, double x, double y, enum svg_anchor anchor, const char *classes,
              size_t columns, const char *text);
void svg_line(struct buf *out, double x1, double y1, double x2, double y2, const char *classes);
void svg_rect(struct buf *out, double x, double y, double w, double h, const char *classes);
/* A path is svg_path_begin(), moves and lines, svg_path_end(). */
void svg_path_begin(struct buf *out, const char *classes);
void svg_move(struct buf *out, double x, double y);
void svg_to(struct buf *out, double x, double y);
void svg_path_end(struct buf *out);
/* Within a path: a dot (of a path with round ends), a ring, a cross, a diamond, a triangle that points
 * up or down. */
void svg_dot(struct buf *out, double x, double y);
void svg_ring(struct buf *out, double x, double y, int r);
void svg_cross(struct buf *out, double x, double y, double r);
void svg_diamond(struct buf *out, double x, double y, double r);
void svg_triangle(struct buf *out, double x, double y, double r, bool up);
