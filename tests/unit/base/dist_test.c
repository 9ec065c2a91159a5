/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/dist.h"
#include "tests/test.h"

/* mpmath 1.3, 40 digits: bisection of the regularised incomplete beta function. For most of these
 * GSL's own inverse has no answer. */
TEST(beta_quantiles_of_every_shape)
{
    static const struct {
        double a, b, u, want;
    } rows[] = {
        {0.1, 0.1, 0.3, 0.005214870253734279},      {500, 500, 0.9, 0.5202598518510442},
        {30, 0.1, 0.05, 0.9805505721164367},        {0.1, 500, 0.7, 3.488633663401747e-05},
        {2, 500, 0.001, 9.070925383476504e-05},     {0.5, 0.01, 0.25, 0.9999999999987378},
        {0.1, 30, 0x1p-30, 1.0088580024915824e-92}, {500, 2, 0.75, 0.9980812050903642},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ASSERT_NEAR(dist_beta_quantile(rows[i].u, rows[i].a, rows[i].b), rows[i].want, 1e-12);
}

TEST(beta_quantiles_rise_and_go_back)
{
    static const double shapes[] = {0.02, 0.1, 0.5, 1, 3, 40, 1000};
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 7; j++) {
            double before = 0;
            for (int k = 0; k <= 64; k++) {
                double x = dist_beta_quantile(k / 64.0, shapes[i], shapes[j]);
                ASSERT(x >= before && x <= 1);
                before = x;
                /* Where neighbouring doubles are far apart in probability, none can be closer. */
                if (x > 0.001 && x < 0.999 && shapes[i] >= 0.1 && shapes[j] >= 0.1)
                    ASSERT(fabs(dist_beta_cdf(x, shapes[i], shapes[j]) - k / 64.0) < 1e-10);
            }
        }
}

TEST(beta_edges)
{
    ASSERT(dist_beta_quantile(0, 2, 3) == 0);
    ASSERT(dist_beta_quantile(1, 2, 3) == 1);
    ASSERT(isnan(dist_beta_quantile(0.5, 0, 3)));
    ASSERT(isnan(dist_beta_quantile(0.5, 2, NAN)));
    ASSERT(isnan(dist_beta_quantile(1.5, 2, 3)));
    ASSERT(dist_beta_cdf(-1, 2, 3) == 0);
    ASSERT(dist_beta_cdf(2, 2, 3) == 1);
}

TEST(normal_quantiles)
{
    ASSERT_NEAR(dist_normal_quantile(0x1p-54), -8.292361075813595, 1e-14);
    ASSERT_NEAR(dist_normal_quantile(1e-300), -37.0470962993612, 1e-14);
    ASSERT_NEAR(dist_normal_quantile(0.02), -2.053748910631823, 1e-14);
    ASSERT(dist_normal_quantile(0.5) == 0);
    ASSERT(dist_normal_quantile(0) == -INFINITY && dist_normal_quantile(1) == INFINITY);
}

/* GSL's inverse never ends for such shapes. */
TEST(beta_quantiles_of_large_shapes_come_at_once)
{
    static const double shapes[] = {1e5, 1e6, 1e7, 1e9, 1e17, 1e300, 1e308};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t j = 0; j < sizeof shapes / sizeof *shapes; j++) {
            double a = shapes[i], b = shapes[j], before = 0;
            for (int k = 1; k < 16; k++) {
                double x = dist_beta_quantile(k / 16.0, a, b);
                ASSERT(x >= before && x <= 1);
                ASSERT(fabs(x - 1 / (1 + b / a)) < 0.02);
                before = x;
            }
        }
    static const struct {
        double a, b, low, high, deviation; /* scipy: at 0.02, at 0.8413447 */
    } rows[] = {
        {1e6, 1e6, 0.49927389040128606, 0.5003535533232806, 3.5355e-4},
        {1e9, 1e9, 0.4999770383891448, 0.5000111803377589, 1.118e-5},
        {1e5, 2e3, 0.979490509499217, 0.9808262476100066, 4.341e-4},
        {2e3, 1e6, 0.001905506155822769, 0.0020405918159330386, 4.459e-5},
        {4e4, 1e5, 0.28323796384686606, 0.28692164741597154, 1.2074e-3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double error = 2e-3 * rows[i].deviation;
        ASSERT(fabs(dist_beta_quantile(0.02, rows[i].a, rows[i].b) - rows[i].low) < error);
        ASSERT(fabs(dist_beta_quantile(0.8413447, rows[i].a, rows[i].b) - rows[i].high) < error);
    }
}
