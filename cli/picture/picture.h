/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the panels of a plot share: the trials, their order from best to worst, the range of the
 * metric, and the drawing of axes. */
#include "cli/picture/scale.h"
#include "cli/picture/svg.h"
#include "orchestrator/view/analysis/matters.h"

struct looking;

enum {
    PICTURE_COLOURS = 7,  /* classes c0 (best) to c6 (worst) of the style sheet */
    PICTURE_DOTS = 3000,  /* the most trials that a scatter shows */
    PICTURE_LINES = 500,  /* and parallel coordinates */
    PICTURE_CURVES = 200, /* and curves */
    PICTURE_BEST = 20     /* of which so many are the best ones */
};

/* The area of a panel, its title and axes included. */
struct frame {
    double x, y, w, h;
};

struct picture {
    struct buf *out;
    struct arena *arena;
    const struct evidence *e;
    const struct matters *m;
    size_t *ranked; /* the trials that have a value and ended by themselves or were stopped,
                           as indices, best first */
    size_t ranked_n;
    struct scale value; /* the range of the metric; from and to are unset */
    size_t outside;     /* how many values are outside it */
    double extreme;     /* the farthest of them */
    bool compared;      /* values are those by which trials are compared: at a rung, perhaps */
};

void picture_init(struct picture *p, struct buf *out, struct arena *a, const struct evidence *e,
                  const struct matters *m, bool compared);
/* The value of a trial by its index. */
double picture_value(const struct picture *p, size_t trial);
/* The i-th factor of all trials, by importance if it is known. */
const struct factor *picture_factor(const struct picture *p, size_t i);
/* x, or the end of the range if it is beyond it. */
double picture_clamp(const struct scale *s, double x);
/* Which of n trials, in their order from best to worst, are drawn if at most `most` may be: the
 * first PICTURE_BEST, and an even choice of the rest. Returns how many; ret has room for most. */
size_t picture_choose(size_t n, size_t most, size_t *ret);
/* The class of a trial by its place among n: 0 for the best. */
int picture_colour(size_t place, size_t n);

/* The title of a panel and, at its right, a remark. */
void picture_title(const struct picture *p, const struct frame *f, const char *title,
                   const char *remark);
/* The same, after the key of the colours: from the best to the worst, and the best one. */
void picture_title_of_ranks(const struct picture *p, const struct frame *f, const char *title,
                            const char *remark);
/* Ticks, labels and grid lines; at the bottom of the frame, or at its left. The frame is the area
 * of the data. */
void picture_axis_x(const struct picture *p, const struct frame *f, const struct scale *s,
                    const char *label);
void picture_axis_y(const struct picture *p, const struct frame *f, const struct scale *s);
/* In the middle of a panel that has nothing to show. */
void picture_empty(const struct picture *p, const struct frame *f, const char *why);
/* "612 of 10,000 trials drawn", or "" if all are. */
const char *picture_thinned(struct arena *a, size_t drawn, size_t of);
/* "2 parameters not shown", or "" if all are. */
const char *picture_hidden(struct arena *a, size_t hidden);
/* "3 values beyond, up to 1e+20", or "". */
const char *picture_beyond(const struct picture *p);

/* The panels. They draw into the frame. */
void picture_history(const struct picture *p, const struct frame *f);
void picture_parallel(const struct picture *p, const struct frame *f);
void picture_importance(const struct picture *p, const struct frame *f);
/* Small plots, one for each parameter. Returns the height that the panel needs for the width. */
double picture_slices_height(const struct picture *p, double width);
void picture_slices(const struct picture *p, const struct frame *f);
/* Reads the points of the trials that it draws. */
NODISCARD int picture_curves(const struct picture *p, const struct frame *f, struct looking *l,
                             struct err *err);
