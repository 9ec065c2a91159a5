/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/outlook.h"

#include <math.h>

#include "tests/test.h"

TEST(outlook_needs_three_durations_and_a_slot)
{
    const double two[] = {1, 2}, three[] = {1, 2, 3};
    struct outlook f;
    ASSERT(!outlook_make(
        &(struct outlook_input){.durations = two, .durations_n = 2, .rest = 5, .slots = 1}, &f));
    ASSERT(!outlook_make(
        &(struct outlook_input){.durations = three, .durations_n = 3, .rest = 5, .slots = 0}, &f));
    ASSERT(outlook_make(
        &(struct outlook_input){.durations = three, .durations_n = 3, .rest = 5, .slots = 1}, &f));
}

TEST(outlook_of_equal_trials_is_exact)
{
    const double same[] = {60, 60, 60, 60}, ages[] = {30, 30};
    const struct outlook_input in = {same, 4, ages, 2, 8, 2};
    struct outlook f;
    ASSERT(outlook_make(&in, &f));
    ASSERT(fabs(f.half - 270) < 1e-6); /* 30 s of both, then four rounds */
    ASSERT(fabs(f.most - 270) < 1e-6);
    ASSERT(fabs(f.work_half - 540) < 1e-6);
}

/* Between the bounds that any course has, in order, and the same each time. */
TEST(outlook_lies_between_its_bounds)
{
    double durations[50], ages[] = {1, 5, 40, 500};
    struct outlook f, again;
    for (size_t i = 0; i < 50; i++)
        durations[i] = 10 + (double)i;
    for (uint64_t rest = 0; rest <= 100000; rest = rest ? rest * 10 : 1) {
        const struct outlook_input in = {durations, 50, ages, 4, rest, 4};
        ASSERT(outlook_make(&in, &f));
        ASSERT(f.half <= f.most && f.work_half <= f.work_most && f.half > 0);
        ASSERT(f.half < 100 + (double)rest / 4 * 34.5 * 1.3 &&
               f.half > (double)rest / 4 * 34.5 * 0.7);
        ASSERT(outlook_make(&in, &again) && f.half == again.half && f.most == again.most);
    }
}

TEST(outlook_of_a_trial_older_than_all_is_a_part_of_its_age)
{
    const double three[] = {1, 2, 3}, age[] = {1000};
    struct outlook f;
    ASSERT(outlook_make(&(struct outlook_input){three, 3, age, 1, 0, 1}, &f));
    ASSERT(f.half == 100 && f.most == 100);
}

/* Most were stopped early, as many of those to come: the forecast is by both, in their proportion. */
TEST(outlook_of_a_mixture_is_by_its_proportion)
{
    double durations[24];
    struct outlook f;
    for (size_t i = 0; i < 24; i++)
        durations[i] = i < 18 ? 1 : 9;
    ASSERT(outlook_make(
        &(struct outlook_input){.durations = durations, .durations_n = 24, .rest = 400, .slots = 2},
        &f));
    ASSERT(f.half > 500 && f.half < 700); /* the mean is 3 s */
    ASSERT(f.most > f.half * 1.1);
}
