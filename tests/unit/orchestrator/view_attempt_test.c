/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trial whose first attempt returned with its agent and gave the result, after another was started in its place. */
#include <string.h>

#include "orchestrator/view/curves/view_curve.h"
#include "orchestrator/view/explain/explain_host.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"
#include "tests/unit/orchestrator/view_kit.h"

static const char id[] = "abd456";
enum { TRIAL = 11 }; /* of kit_fill(): it runs */

static void end_put(uint32_t attempt, enum trial_reason reason, int state)
{
    kit_put(id, (struct fact){.kind = FACT_ENDED,
                              .trial = TRIAL,
                              .attempt = attempt,
                              .reason = reason,
                              .code = reason == REASON_HOST ? -1 : 0,
                              .ran_ms = 1000,
                              .state = state});
}

static const struct value *trial_seen(void)
{
    struct view *v = kit_open(scratch_dir());
    struct value *trial;
    struct err err;
    if (view_trial(v, &kit_arena, id, TRIAL, &trial, &err) != 0)
        FAIL("%s", err.text);
    view_close(v);
    return trial;
}

static size_t curve_points(void)
{
    static const struct view_curve q = {.metric = "loss"};
    struct view *v = kit_open(scratch_dir());
    struct curve c;
    ASSERT_EQ(view_curve_read(v, id, TRIAL, &q, &c, NULL), 0);
    size_t n = c.n;
    curve_done(&c);
    view_close(v);
    return n;
}

static void check_attempt(const struct value *trial, int number, const char *agent)
{
    ASSERT_EQ(value_get_int(trial, "attempt", 0), number);
    ASSERT_EQ(value_get_int(view_trial_attempt(trial), "attempt", 0), number);
    ASSERT_STR(value_get_str(view_trial_attempt(trial), "agent", ""), agent);
    ASSERT_STR(value_get_str(trial, "agent", ""), agent);
}

TEST(view_takes_the_attempt_that_gave_the_result_by_default)
{
    kit_fill(scratch_dir());
    check_attempt(trial_seen(), 1, "local");
    size_t points = curve_points();
    ASSERT(points > 1);
    end_put(1, REASON_HOST, TRIAL_PENDING);
    kit_commit();
    check_attempt(trial_seen(), 1, "local"); /* it waits for the next one */
    kit_put(id,
            (struct fact){.kind = FACT_LAUNCHED, .trial = TRIAL, .attempt = 2, .agent = "other"});
    kit_log(id, TRIAL, 2, "{\"loss\":7}\n");
    kit_commit();
    check_attempt(trial_seen(), 2, "other");
    ASSERT_EQ(curve_points(), 1);
    end_put(2, REASON_SUPERSEDED, TRIAL_PENDING);
    kit_put(id, (struct fact){.kind = FACT_REINSTATED, .trial = TRIAL, .attempt = 1});
    end_put(1, REASON_OK, TRIAL_FINISHED);
    kit_commit();
    const struct value *trial = trial_seen();
    check_attempt(trial, 1, "local");
    ASSERT_EQ(value_get_int(trial, "attempts", 0), 2);
    ASSERT(
        value_same(value_get(trial, "started"), value_get(view_trial_attempt(trial), "started")));
    ASSERT_EQ(curve_points(), points);
    store_close(kit_store);
    books_done(&kit_books);
    arena_done(&kit_arena);
}

static const char *host_seen(void)
{
    struct view *v = kit_open(scratch_dir());
    const char *text = explain_host(v, &kit_arena, trial_seen());
    view_close(v);
    return text ? text : "";
}

/* Only besom's own cordon, and only for a trial that failed or was lost there. */
TEST(view_tells_that_the_host_of_a_trial_was_cordoned)
{
    struct fact cordon = {.kind = FACT_AGENT_STATE,
                          .agent = "local",
                          .state = DUTY_CORDONED,
                          .by = "besom",
                          .text = "5 attempts in a row failed"};
    kit_fill(scratch_dir());
    kit_put("", cordon);
    kit_commit();
    ASSERT_STR(host_seen(), ""); /* it runs */
    end_put(1, REASON_EXIT, TRIAL_FAILED);
    kit_commit();
    ASSERT(strstr(host_seen(), "agent local is cordoned since "));
    ASSERT(strstr(host_seen(), ": 5 attempts in a row failed; to undo it: besom uncordon local"));
    cordon.by = "ann";
    kit_put("", cordon);
    kit_commit();
    ASSERT_STR(host_seen(), "");
    store_close(kit_store);
    books_done(&kit_books);
    arena_done(&kit_arena);
}
