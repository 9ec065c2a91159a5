/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The normal distribution of CMA-ES and its update from ranked points. Equations (n) are those of
 * Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772v2; the margin is that of Hamano
 * et al., "CMA-ES with Margin", arXiv:2205.13482. Numbers alone: knows no trials, losses or spaces. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cma {
    size_t d;
    uint64_t updates;
    double sigma;    /* the step size, in units of x */
    double *numbers; /* holds all arrays: */
    double *mean;    /* d */
    double *scale;   /* d: the diagonal of A of the margin; 1 where there is none */
    double *path_c;  /* d: p_c */
    double *path_s;  /* d: p_sigma */
    double *axes;    /* d: the square roots of the eigenvalues of C */
    double *cov;     /* d x d: C, symmetric */
    double *basis;   /* d x d: the eigenvectors of C in columns: C = basis axes^2 basis^T */
    /* C is diagonal: cov has its d elements, and basis is NULL. An update and a point take time O(d):
     * sep-CMA-ES, Ros and Hansen, "A Simple Modification in CMA-ES Achieving Linear Time and Space
     * Complexity", PPSN 2008. */
    bool separable;
};

/* More coordinates have a diagonal C: a decomposition of theirs takes too long. */
enum { CMA_DENSE_MOST = 200 };

/* The rates of an update from n points, eq. (49) to (58); the weights are positive for the first mu
 * points and negative for the others. */
struct cma_rates {
    size_t n, mu;
    double mu_eff, c_sigma, d_sigma, c_c, c_1, c_mu;
    double *weights; /* n, the best first */
};

/* The population of a space of d numbers: 3 + floor(2 ln d). That of eq. (48), 4 + floor(3 ln d),
 * leaves too few generations where trials are few. */
size_t cma_population(size_t d);
/* n >= 2. Separable: c_1 and c_mu are (d + 2) / 3 times as large, as there are fewer numbers to learn. */
void cma_rates_init(struct cma_rates *r, size_t d, size_t n, bool separable);
void cma_rates_done(struct cma_rates *r);

void cma_init(struct cma *c, size_t d); /* then cma_start() */
void cma_done(struct cma *c);
void cma_copy(struct cma *to, const struct cma *from); /* both of d dimensions */
/* Begins anew: C is the identity, paths are 0. */
void cma_start(struct cma *c, const double *mean, double sigma);
/* The deviation of coordinate j of the points, sigma A sqrt(C_jj). */
double cma_deviation(const struct cma *c, size_t j);
/* The point of d standard normal numbers: mean + sigma A B D z, eq. (38) to (40). */
void cma_point(const struct cma *c, const double *z, double *ret);
/* Updates everything from n >= 2 points (n x d), the best first, eq. (41) to (47). A point that is
 * too far away to be of this distribution is moved nearer: Hansen, "Injecting external solutions
 * into CMA-ES", arXiv:1110.4181, eq. (4). */
void cma_update(struct cma *c, const double *points, size_t n);
/* Coordinate j is rounded to levels, and the mean is in the one that begins at `low` and ends at
 * `high` (-inf: the lowest; +inf: the highest): moves the mean and widens the scale until a point
 * is of another level with a chance of at least alpha; section 4 of the paper. */
void cma_keep_margin(struct cma *c, size_t j, double low, double high, double alpha);
