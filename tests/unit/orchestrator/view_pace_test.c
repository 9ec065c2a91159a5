/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/view_pace.h"

#include <string.h>

#include "orchestrator/view/pace/view_fleet.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"
#include "tests/unit/orchestrator/view_kit.h"

/* A minute after the last trial of the sweep started. */
static int64_t minute_later(struct view *v)
{
    struct value *trial;
    struct err err = {0};
    ASSERT_EQ(view_trial(v, &kit_arena, "abd456", 11, &trial, &err), 0);
    return (int64_t)(value_get_float(trial, "started", 0) * 1000) + 60000;
}

TEST(pace_says_what_is_left_and_why_trials_failed)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    struct value *pace;
    struct err err = {0};
    ASSERT_EQ(view_pace(v, &kit_arena, "abd456", minute_later(v), &pace, &err), 0);
    ASSERT_EQ(value_get_int(pace, "durations", 0), 11);
    ASSERT_EQ(value_get_int(pace, "failed_hour", 0), 1);
    ASSERT_STR(kit_json(value_get(pace, "causes")),
               "[{\"how\":\"exit "
               "1\",\"says\":\"Traceback\",\"n\":1,\"trials\":[5],\"hosts\":{\"local\":1}}]");
    ASSERT_EQ(value_get(pace, "line")->list.n, VIEW_PACE_LINE);
    ASSERT(value_get_float(pace, "rate", 0) > 0);
    ASSERT_STR(value_get_str(pace, "hours_of", ""), "slot");
    /* The running one has taken far longer than the second that the others took. */
    ASSERT_EQ(value_get(pace, "alerts")->list.n, 0);
    ASSERT_EQ(view_pace(v, &kit_arena, "abd456", minute_later(v) + 60000, &pace, &err), 0);
    ASSERT_STR(value_get_str(value_get(pace, "alerts")->list.items[0], "kind", ""), "silent");
    kit_end(v);
}

TEST(pace_of_a_sweep_that_has_not_begun_is_unknown)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    struct value *pace;
    struct err err = {0};
    ASSERT_EQ(view_pace(v, &kit_arena, "abc123", minute_later(v), &pace, &err), 0);
    ASSERT_EQ(value_get(pace, "rate")->kind, VALUE_NULL);
    ASSERT_EQ(value_get(pace, "left")->kind, VALUE_NULL);
    ASSERT(strlen(value_get_str(pace, "left_why", "")) > 0);
    ASSERT_EQ(value_get(pace, "line")->list.n, 0);
    ASSERT_EQ(view_pace(v, &kit_arena, "nothere", 0, &pace, &err), ERR_NOT_FOUND);
    kit_end(v);
}

TEST(fleet_counts_the_attempts_of_a_day_by_agent)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    struct value *fleet;
    struct err err = {0};
    int64_t now = minute_later(v);
    ASSERT_EQ(view_fleet(v, &kit_arena, now, &fleet, &err), 0);
    ASSERT_STR(kit_json(value_get(fleet, "ended")), "{\"local\":[11,1]}");
    ASSERT_STR(
        kit_json(value_get(fleet, "causes")),
        "[{\"how\":\"exit "
        "1\",\"says\":\"Traceback\",\"n\":1,\"trial\":\"abd456-5\",\"hosts\":{\"local\":1}}]");
    ASSERT_EQ(view_fleet(v, &kit_arena, now + (int64_t)2 * 86400000, &fleet, &err), 0);
    ASSERT_STR(kit_json(value_get(fleet, "ended")), "{}");
    kit_end(v);
}
