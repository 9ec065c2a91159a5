/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A low-discrepancy sequence in the unit cube, randomised by a seed: Sobol with Owen's nested
 * uniform scrambling up to 40 dimensions, above that, Halton with random digit permutations. Must
 * not know what the coordinates are for. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CUBE_SOBOL_DIMS = 40, CUBE_DIMS_MAX = 4096 };
enum { CUBE_SOBOL_POINTS = 1 << 30 }; /* GSL's direction numbers have 30 bits */

struct cube_digit; /* of Halton */
struct cube {
    size_t dims;
    uint64_t seed;
    uint64_t next; /* index of the next point */
    void *sobol;   /* GSL's generator, or NULL: Halton */
    double *raw;   /* its points, unscrambled */
    uint32_t *top_coins;
    uint32_t *bases;
    struct cube_digit *digits; /* those of all dimensions, one dimension after the other */
};

void cube_init(struct cube *c, size_t dims, uint64_t seed); /* dims <= CUBE_DIMS_MAX */
void cube_done(struct cube *c);
/* Writes the next point, coordinates in (0, 1); false at the end of the sequence. */
bool cube_next(struct cube *c, double *point);
/* Continues after point number index. */
void cube_skip_past(struct cube *c, uint64_t index);
