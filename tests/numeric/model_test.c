/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers under bayes against independent ones: numpy and scipy by the prototype of
 * ../shared/search-bench (proto2.py), mpmath with 60 digits, and differences. */
#include <float.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/number/rng.h"
#include "strategies/model/gp_fit.h"
#include "strategies/model/improvement.h"
#include "strategies/model/lower.h"
#include "strategies/model/minimum.h"
#include "strategies/model/warp.h"
#include "tests/test.h"

TEST(losses_are_warped_as_scipy_does)
{
    static const double y[10] = {3, 1, 4, 1.5, 9, 2.6, 5, 300, .5, 2};
    static const double expected[10] = {-0.27568093290916, -0.760717265355034, -0.0703673637185105,
                                        -0.62953020427456, 0.698120149758811,  -0.364385239567036,
                                        0.114276609984377, 2.69218471569284,   -0.898819638026804,
                                        -0.505080831584927};
    struct warp w;
    double z[10];
    warp_losses(&w, y, 10, WARP_LEAST, z);
    for (size_t i = 0; i < 10; i++) {
        ASSERT_NEAR(z[i], expected[i], 1e-9);
        if (y[i] < 100) /* what is capped does not come back */
            ASSERT_NEAR(warp_invert(&w, z[i]), y[i], 1e-9);
    }
}

TEST(warped_losses_are_finite_and_keep_their_order)
{
    static const double scales[] = {1e-300, 1e-12, 1, 1e12, 1e300};
    struct rng r;
    for (uint64_t run = 0; run < 400; run++) {
        double y[40], z[40];
        struct warp w;
        rng_init(&r, 1, run, RNG_TEST);
        size_t n = 1 + rng_below(&r, 40);
        double scale = scales[rng_below(&r, 5)], base = rng_below(&r, 2) ? 0 : rng_normal(&r);
        bool few = rng_below(&r, 2);
        for (size_t i = 0; i < n; i++) {
            double step = few ? (double)rng_below(&r, 3) : exp(3 * rng_normal(&r));
            y[i] = scale * (base + (rng_below(&r, 2) ? step : -step) / 1e6);
        }
        warp_losses(&w, y, n, WARP_LEAST, z);
        for (size_t i = 0; i < n; i++) {
            ASSERT(isfinite(z[i]) && isfinite(warp_invert(&w, z[i])));
            for (size_t k = 0; k < n; k++)
                ASSERT(y[i] >= y[k] || z[i] <= z[k]);
        }
    }
}

TEST(the_inverse_of_a_warp_is_finite_beyond_the_largest_loss)
{
    double y[8], z[8];
    struct warp w;
    for (int i = 0; i < 8; i++)
        y[i] = -DBL_MAX / 8 * (i + 1);
    warp_losses(&w, y, 8, WARP_LEAST, z);
    for (int by = -40; by <= 40; by++)
        ASSERT(isfinite(warp_invert(&w, by)));
    ASSERT(warp_invert(&w, -40) == -DBL_MAX);
}

TEST(the_logarithm_of_the_improvement_is_right_in_its_tails)
{
    static const struct {
        double z, log_h;
    } cases[] = {
        {-2000, -2000016.12074420229},      {-999, -499015.2324510965},
        {-50, -1258.74418286846085},        {-8, -37.122364261692633},
        {-1.0000001, -2.48512121613976839}, {-1, -2.48512102571264134},
        {-.5, -1.62051626438731992},        {0, -0.918938533204672742},
        {2, 0.697383545788228312},          {30, 3.40119738166215538},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ASSERT_NEAR(improvement_log_h(cases[i].z), cases[i].log_h, 1e-9);
    ASSERT(isfinite(improvement_log_h(-1e100)));
    for (double z = -30; z < 5; z += 0.37) {
        double by_mean, by_sd, unused, h = 1e-5, sd = 0.7, mean = -z * sd;
        improvement_log(0, mean, sd, &by_mean, &by_sd);
        double up = improvement_log(0, mean + h, sd, &unused, &unused);
        double down = improvement_log(0, mean - h, sd, &unused, &unused);
        ASSERT_NEAR(by_mean, (up - down) / (2 * h), 1e-5);
        up = improvement_log(0, mean, sd + h, &unused, &unused);
        down = improvement_log(0, mean, sd - h, &unused, &unused);
        ASSERT_NEAR(by_sd, (up - down) / (2 * h), 1e-5);
    }
}

static const double points[5][3] = {
    {.1, .9, .25}, {.4, .3, .75}, {.7, .55, .25}, {.9, .1, .75}, {.25, .6, .25}};
static const double values[5] = {.3, -1.1, .8, -.4, .4};
static const unsigned char kinds[3] = {FEATURE_NUMBER, FEATURE_NUMBER, FEATURE_CATEGORY};
static const double asked[3][3] = {{.5, .5, .25}, {.05, .95, .75}, {.1, .9, .25}};

static void start_process(struct gp *g)
{
    gsl_set_error_handler_off();
    gp_init(g, 3, kinds);
    g->belief = (struct gp_belief){.length = -0.7 + 0.5 * log(3),
                                   .length_sd = 0.7,
                                   .amplitude_sd = 0.5,
                                   .noise = -4,
                                   .noise_sd = 1,
                                   .depth = 0.3};
}

/* numpy's, for theta = (-0.5, 0.2, 0.1, 0.3, -3). */
TEST(the_density_of_lengths_is_numpys)
{
    static const double theta[5] = {-.5, .2, .1, .3, -3};
    static const double expected[5] = {-2.01724779509849, 0.454991433107742, 1.4543757372626,
                                       2.05983470900264, 1.18831010472044};
    struct gp g;
    double gradient[5];
    start_process(&g);
    ASSERT_NEAR(gp_fit_density(&g, points[0], values, 5, theta, gradient), 1.76924376877397, 1e-9);
    for (size_t j = 0; j < 5; j++)
        ASSERT_NEAR(gradient[j], expected[j], 1e-9);
    gp_done(&g);
}

/* scipy's minimum is -0.50901. */
TEST(the_most_probable_lengths_are_as_good_as_scipys)
{
    struct gp g;
    double gradient[5];
    start_process(&g);
    gp_fit(&g, points[0], values, 5, 200);
    ASSERT(gp_fit_density(&g, points[0], values, 5, g.theta, gradient) < -0.50901 + 0.02);
    gp_done(&g);
}

static void take_theta(struct gp *g)
{
    static const double theta[5] = {-.5, .2, .1, .3, -3};
    gp_set_theta(g, theta);
}

TEST(predictions_are_numpys_and_a_pending_point_changes_no_mean)
{
    static const double means[3] = {0.584942498667282, -0.368384632612914, 0.337312351698354};
    static const double sds[3] = {0.283989430010854, 0.779839167102738, 0.204139749303222};
    static const double later[3] = {0.175328571314807, 0.776774846379245, 0.20302134769541};
    static const double pending[3] = {.5, .45, .25};
    struct gp g;
    double mean[3], sd[3];
    start_process(&g);
    take_theta(&g);
    gp_condition(&g, points[0], values, 5);
    gp_predict(&g, asked[0], 3, mean, sd);
    for (size_t i = 0; i < 3; i++) {
        ASSERT_NEAR(mean[i], means[i], 1e-9);
        ASSERT_NEAR(sd[i], sds[i], 1e-9);
    }
    gp_expect(&g, pending);
    gp_predict(&g, asked[0], 3, mean, sd);
    for (size_t i = 0; i < 3; i++) {
        ASSERT_NEAR(mean[i], means[i], 1e-9);
        ASSERT_NEAR(sd[i], later[i], 1e-9);
    }
    gp_done(&g);
}

/* numpy's, with the bowl in the covariance: K + 0.3^2 q q^T, for the bowls q of the points. */
TEST(a_depth_is_learnt_as_numpy_does)
{
    static const double gradient[5] = {-1.88425614933, 0.47190347918, 1.34938403074, 2.04984690622,
                                       1.18351106748};
    static const double means[3] = {0.5921869866400381, -0.48751077996910663, 0.31708519544972374};
    struct gp g;
    double own[5], mean[3], sd[3];
    start_process(&g);
    g.belief.depth = 0.2;
    g.belief.depth_sd = 0.3;
    take_theta(&g);
    ASSERT_NEAR(gp_fit_density(&g, points[0], values, 5, g.theta, own), 1.8191365296087143, 1e-9);
    for (size_t j = 0; j < 5; j++)
        ASSERT_NEAR(own[j], gradient[j], 1e-6);
    gp_condition(&g, points[0], values, 5);
    gp_predict(&g, asked[0], 3, mean, sd);
    for (size_t i = 0; i < 3; i++)
        ASSERT_NEAR(mean[i], means[i], 1e-9);
    gp_done(&g);
}

/* numpy's, of the three points asked. */
TEST(the_joint_covariance_is_numpys)
{
    static const double expected[3][3] = {
        {0.0806499963578895, -0.0218755542553535, -0.0063655841864555},
        {-0.0218755542553536, 0.608149126547492, 0.0261817080052994},
        {-0.00636558418645528, 0.0261817080052992, 0.0416730372455822}};
    struct gp g;
    double mean[3], sd[3], joint[3], covariance[3][3];
    start_process(&g);
    take_theta(&g);
    gp_condition(&g, points[0], values, 5);
    gp_predict(&g, asked[0], 3, mean, sd);
    gp_joint(&g, asked[0], 3, joint, covariance[0]);
    for (size_t i = 0; i < 3; i++) {
        ASSERT_NEAR(joint[i], mean[i], 1e-12);
        for (size_t j = 0; j < 3; j++)
            ASSERT_NEAR(covariance[i][j], expected[i][j], 1e-9);
    }
    gp_done(&g);
}

/* By differences, with numbers that do not exist among them. */
TEST(slopes_and_gradients_are_those_of_differences)
{
    static const unsigned char mixed[5] = {FEATURE_NUMBER, FEATURE_ARC, FEATURE_CATEGORY,
                                           FEATURE_ARC, FEATURE_RESOURCE};
    enum { N = 20 };
    double x[N][5], y[N], theta[7], gradient[7], unused[7], by_mean[5], by_sd[5];
    struct gp g;
    struct rng r;
    gsl_set_error_handler_off();
    gp_init(&g, 5, mixed);
    g.belief = (struct gp_belief){0.1, 0.7, 0.5, -4, 1, 0.3, 0.4, 0.6, 0.5};
    rng_init(&r, 9, 0, RNG_TEST);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < 5; j++)
            x[i][j] = j == 2 ? (double)rng_below(&r, 3) / 3 : rng_unit(&r);
        if (x[i][2] < 0.3)
            x[i][1] = NAN;
        else
            x[i][3] = NAN;
        y[i] = rng_normal(&r);
    }
    for (size_t j = 0; j < 7; j++)
        theta[j] = 0.3 * rng_normal(&r) - (j == 6 ? 3 : 0);
    gp_fit_density(&g, x[0], y, N, theta, gradient);
    for (size_t j = 0; j < 7; j++) {
        double at = theta[j], h = 1e-5;
        theta[j] = at + h;
        double up = gp_fit_density(&g, x[0], y, N, theta, unused);
        theta[j] = at - h;
        double down = gp_fit_density(&g, x[0], y, N, theta, unused);
        theta[j] = at;
        ASSERT(fabs(gradient[j] - (up - down) / (2 * h)) < 1e-5 * (1 + fabs(gradient[j])));
    }
    gp_fit(&g, x[0], y, N, 60);
    gp_condition(&g, x[0], y, N);
    double z[5] = {.37, .61, .5, NAN, 1}, mean, sd, up[2], down[2], h = 1e-6;
    gp_slope(&g, z, &mean, &sd, by_mean, by_sd);
    for (size_t j = 0; j < 4; j++) {
        double at = z[j];
        if (j >= 2) {
            ASSERT(by_mean[j] == 0 && by_sd[j] == 0);
            continue;
        }
        z[j] = at + h;
        gp_predict(&g, z, 1, &up[0], &up[1]);
        z[j] = at - h;
        gp_predict(&g, z, 1, &down[0], &down[1]);
        z[j] = at;
        ASSERT(fabs(by_mean[j] - (up[0] - down[0]) / (2 * h)) < 1e-5);
        ASSERT(fabs(by_sd[j] - (up[1] - down[1]) / (2 * h)) < 1e-5);
    }
    gp_done(&g);
}

static double rosenbrock(void *of, const double *x, double *gradient)
{
    size_t d = *(size_t *)of;
    double sum = 0;
    memset(gradient, 0, d * sizeof *gradient);
    for (size_t i = 0; i + 1 < d; i++) {
        double bent = x[i + 1] - x[i] * x[i], left = 1 - x[i];
        sum += 100 * bent * bent + left * left;
        gradient[i] += -400 * bent * x[i] - 2 * left;
        gradient[i + 1] += 200 * bent;
    }
    return sum;
}

static double slope_to_corner(void *of, const double *x, double *gradient)
{
    (void)of;
    gradient[0] = -1;
    gradient[1] = 2 * (x[1] - 0.3);
    return -x[0] + (x[1] - 0.3) * (x[1] - 0.3);
}

TEST(minima_are_found_within_bounds)
{
    double low[10], high[10], x[10];
    size_t d = 10;
    for (size_t i = 0; i < d; i++) {
        low[i] = -5;
        high[i] = 5;
        x[i] = -1.2;
    }
    ASSERT(minimum_find(rosenbrock, &d, d, low, high, 500, 1e-9, x) <
           4); /* 3.99 is a local minimum */
    low[0] = low[1] = 0;
    high[0] = high[1] = 1;
    x[0] = x[1] = 0.5;
    minimum_find(slope_to_corner, NULL, 2, low, high, 100, 1e-9, x);
    ASSERT(x[0] == 1);
    ASSERT(fabs(x[1] - 0.3) < 1e-4);
}

/* Against sums over the whole matrix, at sizes that fill no panel, one, and many. */
TEST(triangular_matrices_are_factored_solved_and_inverted)
{
    for (size_t n = 1; n < 45; n += n < 20 ? 1 : 5) {
        size_t stride = n + 3, m = n % 11 + 1;
        double *a = calloc(n * stride, sizeof *a), *l = calloc(n * stride, sizeof *l);
        double *b = calloc(n * m, sizeof *b), *x = calloc(n * m, sizeof *x);
        double *room = calloc(n * (n + 7), sizeof *room), *v = calloc(n, sizeof *v);
        struct rng r;
        rng_init(&r, 5, n, RNG_TEST);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++)
                a[i * stride + j] = a[j * stride + i] =
                    exp(-fabs((double)i - (double)j)) + (i == j);
        for (size_t i = 0; i < n * m; i++)
            b[i] = x[i] = rng_normal(&r);
        memcpy(l, a, n * stride * sizeof *l);
        ASSERT(lower_factor(l, n, stride));
        lower_solve(l, n, stride, x, m);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j <= i; j++) {
                double sum = 0;
                for (size_t k = 0; k <= j; k++)
                    sum += l[i * stride + k] * l[j * stride + k];
                ASSERT(fabs(sum - a[i * stride + j]) < 1e-12);
            }
            for (size_t q = 0; q < m; q++) {
                double sum = 0;
                for (size_t k = 0; k <= i; k++)
                    sum += l[i * stride + k] * x[k * m + q];
                ASSERT(fabs(sum - b[i * m + q]) < 1e-12);
            }
            v[i] = b[i * m];
        }
        lower_solve_vector(l, n, stride, v);
        lower_solve_transposed(l, n, stride, v);
        for (size_t i = 0; i < n; i++) {
            double sum = 0;
            for (size_t k = 0; k < n; k++)
                sum += a[i * stride + k] * v[k];
            ASSERT(fabs(sum - b[i * m]) < 1e-11);
        }
        lower_invert(l, n, stride, room);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                double sum = 0;
                for (size_t k = 0; k < n; k++)
                    sum += a[i * stride + k] * l[k * stride + j];
                ASSERT(fabs(sum - (i == j)) < 1e-11);
            }
        free(a);
        free(l);
        free(b);
        free(x);
        free(room);
        free(v);
    }
    double indefinite[4] = {1, 2, 2, 1};
    ASSERT(!lower_factor(indefinite, 2, 2));
}
