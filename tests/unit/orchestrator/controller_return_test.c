/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_agent.h"
#include "orchestrator/core/waits.h"

#include <string.h>

#include "base/json.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

static const char grid[] = "method: grid\nprogram: t\nmetric: {name: loss}\n"
                           "parameters: {a: {values: [1, 2, 3, 4, 5, 6, 7, 8]}}\n";
static const char one[] = "method: grid\nprogram: t\nmetric: {name: loss}\n"
                          "parameters: {a: {values: [1]}}\n";

/* The partition heals while the replacement runs: the original goes on, with its metrics. */
TEST(reinstated_attempt_supersedes_its_replacement)
{
    kit_begin(one);
    kit_hello(1, "gpu1", 1, "[]");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 3}\n");
    kit_hello(2, "gpu2", 1, "[]");
    kit_lose(1);
    ASSERT_STR(kit_trial(0)->attempt.agent, "gpu2");
    kit_metrics(2, 0, 2, 0, "{\"loss\": 9}\n");
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    const struct fact *ended = kit_fact(FACT_ENDED, 0);
    ASSERT(ended->attempt == 2 && ended->reason == REASON_SUPERSEDED);
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->attempt, 2);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 1);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->offsets->list.items[0]->i, 12);
    const struct book_trial *t = kit_trial(0);
    ASSERT(t->attempt.number == 1 && t->attempts == 2 && t->lost == 0);
    ASSERT(t->objective.known && t->objective.value == 3);
    kit_metrics(3, 0, 1, 12, "{\"loss\": 2}\n");
    ASSERT(kit_trial(0)->objective.value == 2);
    kit_hello(4, "gpu2", 1, "[[\"s1\", 0, 2]]"); /* it had not heard it */
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->attempt, 2);
    kit_ended(3, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_FINISHED);
    kit_end();
}

/* Two were lost, a third runs, and the controller has restarted: the first that returns continues,
 * and of those that return later, only one that began before it. */
TEST(oldest_lost_attempt_supersedes_all_later_ones)
{
    kit_begin(one);
    kit_hello(1, "gpu1", 1, "[]");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 3}\n");
    kit_lose(1);
    kit_hello(2, "gpu2", 1, "[]");
    kit_metrics(2, 0, 2, 0, "{\"loss\": 2}\n");
    kit_lose(2);
    kit_hello(3, "gpu3", 1, "[]");
    ASSERT_EQ(kit_trial(0)->attempt.number, 3);
    kit_restart();
    kit_hello(4, "gpu3", 1, "[[\"s1\", 0, 3]]");
    kit_hello(5, "gpu2", 1, "[[\"s1\", 0, 2]]");
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->attempt, 3);
    ASSERT_EQ(kit_fact(FACT_REINSTATED, 0)->attempt, 2);
    ASSERT(kit_trial(0)->objective.value == 2);
    kit_hello(6, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->attempt, 2);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_SUPERSEDED);
    ASSERT_EQ(kit_fact(FACT_REINSTATED, 0)->attempt, 1);
    const struct book_trial *t = kit_trial(0);
    ASSERT(t->objective.value == 3 && t->attempts == 3 && t->lost == 0 && !t->lost_on);
    kit_hello(7, "gpu2", 1, "[[\"s1\", 0, 2]]"); /* it had not heard it */
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->attempt, 2);
    kit_end();
}

/* The oldest has returned: a later one that was lost does not replace it. */
TEST(lost_attempt_does_not_replace_an_older_one)
{
    kit_begin(one);
    kit_hello(1, "gpu1", 1, "[]");
    kit_lose(1);
    kit_hello(2, "gpu2", 1, "[]");
    kit_lose(2);
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT_EQ(kit_fact(FACT_REINSTATED, 0)->attempt, 1);
    kit_hello(4, "gpu2", 1, "[[\"s1\", 0, 2]]");
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->attempt, 2);
    ASSERT(!kit_fact(FACT_REINSTATED, 0));
    ASSERT_EQ(kit_trial(0)->attempt.number, 1);
    kit_end();
}

/* An agent that was there without it has lost it for good, whatever it says later. */
TEST(lost_attempt_is_left_behind_by_a_later_one_on_its_agent)
{
    kit_begin(one);
    kit_hello(1, "gpu1", 1, "[]");
    kit_lose(1);
    kit_hello(2, "gpu1", 1, "[]");
    ASSERT_EQ(kit_trial(0)->attempt.number, 2);
    ASSERT_EQ(kit_trial(0)->asides_n, 0);
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1], [\"s1\", 0, 2]]");
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->attempt, 1);
    kit_end();
}

/* Nor does its end lie before its launch: the store would refuse to read such a fact. */
TEST(superseded_attempt_did_not_run_for_less_than_no_time)
{
    kit_begin(one);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    kit_lose(1);
    kit_skew_ms = -3600000; /* the clock is set back */
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    const struct fact *ended = kit_fact(FACT_ENDED, 0);
    ASSERT_EQ(ended->reason, REASON_SUPERSEDED);
    ASSERT_EQ(ended->ran_ms, 0);
    kit_end();
}

/* Both were lost, and the first returns: a later attempt gets a number of its own. */
TEST(reinstated_attempt_that_fails_is_followed_by_the_next_number)
{
    kit_begin("method: grid\nprogram: t\nmetric: {name: loss}\nretry: {failed: 1}\n"
              "parameters: {a: {values: [1]}}\n");
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    kit_lose(1);
    kit_lose(2);
    ASSERT_EQ(kit_trial(0)->state, TRIAL_PENDING);
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT_EQ(kit_fact(FACT_REINSTATED, 0)->attempt, 1);
    kit_ended(3, 0, 1, "none", 1, 0);
    ASSERT_EQ(kit_fact(FACT_LAUNCHED, 0)->attempt, 3);
    kit_end();
}

/* The first durable end wins: what returns afterwards is forgotten. */
TEST(lost_attempt_does_not_return_after_an_end)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 2, "[]");
    kit_lose(1);
    uint32_t attempt;
    while (kit_trial(0) && kit_trial(0)->state != TRIAL_RUNNING)
        kit_ended(2, kit_trial_on("gpu2", &attempt), attempt, "none", 0, 0);
    ASSERT_EQ(kit_trial(0)->attempt.number, 2);
    kit_ended(2, 0, 2, "none", 0, 0);
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->attempt, 1);
    ASSERT(!kit_fact(FACT_REINSTATED, 0));
    kit_end();
}
