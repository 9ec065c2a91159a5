/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A Gaussian process over the unit cube: Matern 5/2 with a length for each coordinate (Rasmussen and
 * Williams, Gaussian Processes for Machine Learning, 2006, eq. 4.17 and 5.1), noise, and a mean that
 * is a constant and a bowl, whose depth is learnt (section 2.7 there: a basis with a normal prior).
 * Pure numbers; knows nothing of trials or parameters. */
#include "strategies/model/features.h"

/* Noise that is always there: it keeps the covariance positive definite where points are equal. */
#define GP_JITTER 1e-6

/* The prior: normal distributions of the logarithms of the lengths, the amplitude (mean 0) and the
 * noise. */
struct gp_belief {
    double length, length_sd;
    double amplitude_sd;
    double noise, noise_sd;
    /* How much higher the mean is at the faces of the cube than at its middle: depth * ((2 x - 1)^2 -
     * 1/3) for each number. With a deviation of 0 the depth is not learnt. */
    double depth, depth_sd;
    double resource, resource_sd; /* of the length of FEATURE_RESOURCE, the last coordinate */
};

/* Products by the inverse of the covariance, of the ones, the bowls and the values of the points. */
struct gp_products {
    double one_one, one_bowl, bowl_bowl, one_value, bowl_value;
};

struct gp {
    size_t d;
    struct gp_belief belief;
    double *theta;   /* log lengths, log amplitude, log noise */
    double *weights; /* 1 / length^2 */
    double amplitude, noise, mean, depth;
    size_t n, pending; /* points with a value, and without */
    struct features features;
    size_t cap;
    double *x;     /* (n + pending) x d */
    double *chol;  /* cap x cap, row by row: the lower factor of the covariance */
    double *alpha; /* n: the covariance's inverse times what is left of y without the mean */
};

void gp_init(struct gp *g, size_t d, const unsigned char *kinds); /* kinds must outlive it */
void gp_done(struct gp *g);
/* Sets theta (d + 2), and what follows from it. */
void gp_set_theta(struct gp *g, const double *theta);
double gp_bowl(const struct gp *g, const double *x); /* that of depth 1 at x */
/* The constant and the depth that are most probable (Rasmussen and Williams, eq. 2.41, with a flat
 * prior of the constant). */
struct gp_trend {
    double mean, depth;
};
struct gp_trend gp_learn_trend(const struct gp_belief *belief, const struct gp_products *of);
/* Conditions on y at x, with the lengths, amplitude and noise that it has. */
void gp_condition(struct gp *g, const double *x, const double *y, size_t n);
/* Adds a point whose value is still to come. It is believed to be the predicted one (kriging
 * believer: Ginsbourger et al., Kriging is well-suited to parallelize optimization, 2010), so it
 * takes uncertainty away and changes no mean. */
void gp_expect(struct gp *g, const double *x);
/* The mean and deviation of the function at m points z (m x d). */
void gp_predict(const struct gp *g, const double *z, size_t m, double *ret_mean, double *ret_sd);
/* The same with the joint covariance of the function at these points, m x m (Rasmussen and Williams,
 * eq. 2.24 without the noise). */
void gp_joint(const struct gp *g, const double *z, size_t m, double *ret_mean,
              double *ret_covariance);
/* The same at one point, with the d derivatives of each; 0 for categories and absences. */
void gp_slope(const struct gp *g, const double *z, double *ret_mean, double *ret_sd,
              double *ret_by_mean, double *ret_by_sd);
