/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/reduce.h"

#include <math.h>

#include "tests/test.h"

/* Values at steps 0, 1, …; a second attempt begins at the step `again`. */
static struct curve curve_of(const double *ys, size_t n, size_t again)
{
    struct curve c = {0};
    for (size_t i = 0; i < n; i++) {
        if (i == again)
            curve_end(&c);
        const struct curve_sample s = {
            .step = (int64_t)i, .y = ys[i], .has_y = true, .attempt = i < again ? 1 : 2};
        curve_add(&c, &s);
    }
    curve_end(&c);
    curve_order(&c);
    return c;
}

static double reduced(const char *text, const struct curve *c, bool maximize)
{
    struct reduce r;
    struct err err;
    ASSERT_EQ(reduce_parse(text, &r, &err), 0);
    return reduce_curve(&r, c, maximize);
}

TEST(reduce_takes_the_values_of_the_last_attempt)
{
    const double ys[] = {1, 9, 5, 3, 4, 8};
    struct curve c = curve_of(ys, 6, 2);
    ASSERT_EQ(reduced("best", &c, false), 3);
    ASSERT_EQ(reduced("best", &c, true), 8);
    ASSERT_EQ(reduced("last", &c, false), 8);
    ASSERT_EQ(reduced("first", &c, false), 5);
    ASSERT_EQ(reduced("mean-2", &c, false), 6);
    ASSERT_EQ(reduced("mean-100000", &c, false), 5); /* of the four that there are */
    curve_done(&c);
    c = curve_of(ys, 6, SIZE_MAX);
    ASSERT_EQ(reduced("first", &c, false), 1);
    ASSERT_EQ(reduced("mean-6", &c, false), 5);
    curve_done(&c);
}

TEST(reduce_hides_no_value_that_is_not_finite)
{
    const double ys[] = {NAN, 2, INFINITY, 4};
    struct curve c = curve_of(ys, 4, SIZE_MAX);
    ASSERT(isnan(reduced("first", &c, false)));
    ASSERT(isinf(reduced("mean-2", &c, false)));
    ASSERT(isnan(reduced("mean-4", &c, false)));
    ASSERT_EQ(reduced("best", &c, false), 2);
    ASSERT_EQ(reduced("best", &c, true), 4); /* as objectives are judged */
    curve_done(&c);
    c = (struct curve){0};
    ASSERT(isnan(reduced("best", &c, false)));
}

TEST(reduce_refuses_other_words)
{
    static const char *const wrong[] = {"",       "mean",     "mean-",   "mean-0",      "mean-05",
                                        "mean-x", "mean--1",  "mean-5x", "mean-100001", "worst",
                                        "Best",   "mean-1e3", "mean- 5"};
    struct reduce r;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err err = {0};
        ASSERT_EQ(reduce_parse(wrong[i], &r, &err), ERR_USAGE);
        ASSERT(strstr(err.text, "write best, last, first, or mean-5"));
    }
}
