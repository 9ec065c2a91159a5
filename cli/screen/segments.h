/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A line of a frame made of parts, of which the less important ones are left out where there is no
 * room. No part is wrapped; one may be shortened. Pure. */
#include "cli/screen/frame.h"

struct segment {
    const char *text; /* NULL or "": left out */
    const char *gap;  /* before it, unless it is the first */
    enum frame_tone tone;
    uint8_t rank; /* 0: stays; the highest is left out first */
    /* It is shortened to this width before other parts are left out, and to SEGMENT_SHRUNK as a last
     * resort. 0: it is never shortened. */
    uint8_t shrinks;
};

enum { SEGMENTS_MAX = 24, SEGMENT_SHRUNK = 8 };

/* Puts them into the columns [from, to) of a row. Returns the column after the last. */
size_t segments_put(struct frame *f, size_t row, size_t from, size_t to,
                    const struct segment *segments, size_t n);
