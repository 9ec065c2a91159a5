/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_agent.h"

#include <stdio.h>
#include <string.h>

#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

static const char many[] = "method: grid\nprogram: t\nparameters: {a: {min: 1, max: 999}}\n";

/* What runs on the agent ends; text: with this error, NULL: well. */
static void end_on(uint32_t link, const char *agent, const char *text)
{
    void *trial;
    for (size_t at = 0; map_next(&kit_sweep()->open, &at, &trial);) {
        const struct book_trial *t = trial;
        if (t->state != TRIAL_RUNNING || strcmp(t->attempt.agent, agent) != 0)
            continue;
        kit_say(link, (struct message){.type = MESSAGE_ENDED,
                                       .at_ms = (uint64_t)kit_now,
                                       .trial = t->number,
                                       .attempt = t->attempt.number,
                                       .cause = "none",
                                       .code = text ? 1 : 0,
                                       .text = text});
        return;
    }
    FAIL("nothing runs on %s", agent);
}

/* What runs on gpu2, as its hello names it. */
static const char *second_holds(void)
{
    static char text[64];
    uint32_t attempt;
    uint64_t trial = kit_trial_on("gpu2", &attempt);
    snprintf(text, sizeof text, "[[\"s1\", %llu, %u]]", (unsigned long long)trial, attempt);
    return text;
}

static void begin_on_two(void)
{
    kit_begin(many);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    end_on(2, "gpu2", NULL);
}

/* One value of a parameter fails wherever it runs, while others run well. */
TEST(host_is_not_blamed_for_what_fails_alike_elsewhere)
{
    begin_on_two();
    for (int i = 1; i < CONTROLLER_HOST_DEATHS; i++)
        end_on(1, "gpu1", "KeyError: 'block 3'"); /* not yet had elsewhere */
    end_on(2, "gpu2", NULL);
    end_on(2, "gpu2", "KeyError: 'block 12'");
    end_on(2, "gpu2", NULL);
    for (int i = 1; i < CONTROLLER_HOST_DEATHS; i++)
        end_on(1, "gpu1", "KeyError: 'block 3'");
    end_on(2, "gpu2", NULL);
    end_on(1, "gpu1", "OSError: /data"); /* the count began anew */
    ASSERT_EQ(kit.books.agents.live, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    kit_end();
}

TEST(host_is_blamed_for_what_failed_elsewhere_long_ago)
{
    begin_on_two();
    end_on(2, "gpu2", "OSError: /data");
    for (int i = 1; i < FLEET_ERRORS_WELL; i++)
        end_on(2, "gpu2", NULL);
    end_on(1, "gpu1", "OSError: /data"); /* of late: does not count */
    end_on(2, "gpu2", NULL);
    for (int i = 0; i < CONTROLLER_HOST_DEATHS; i++) {
        ASSERT_EQ(kit.books.agents.live, 0);
        end_on(1, "gpu1", "OSError: /data");
    }
    ASSERT_STR(kit_fact(FACT_AGENT_STATE, 0)->agent, "gpu1");
    ASSERT(strstr(kit_fact(FACT_AGENT_STATE, 0)->text, ", and not so on other agents: the last"));
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    kit_end();
}

/* A burst of one bad value cordons the agent that met it first, until another one meets it. */
static void cordon_first(void)
{
    begin_on_two();
    for (int i = 0; i < CONTROLLER_HOST_DEATHS; i++) {
        end_on(1, "gpu1", "KeyError: 'block 3'");
        end_on(2, "gpu2", NULL);
    }
    ASSERT_EQ(books_duty(&kit.books, "gpu1"), DUTY_CORDONED);
    ASSERT(strstr(books_agent(&kit.books, "gpu1")->text, "), after s1-0, s1-"));
}

TEST(host_is_acquitted_when_another_one_has_the_same_error)
{
    cordon_first();
    end_on(2, "gpu2", "OSError: /data");
    ASSERT_EQ(books_duty(&kit.books, "gpu1"), DUTY_CORDONED);
    end_on(2, "gpu2", "KeyError: 'block 12'");
    ASSERT_EQ(books_duty(&kit.books, "gpu1"), DUTY_UP);
    ASSERT(strstr(kit_fact(FACT_AGENT_STATE, 0)->text, "failed alike on agent gpu2"));
    ASSERT(kit_running("s1") == 2 && kit_sweep()->state == SWEEP_RUNNING);
    kit_end();
}

/* What a person says of the agent stands, also beside the same word of besom. */
TEST(host_that_a_person_cordons_too_is_not_acquitted)
{
    cordon_first();
    char why[300];
    snprintf(why, sizeof why, "%s", books_agent(&kit.books, "gpu1")->text);
    ASSERT_EQ(kit_duty("gpu1", DUTY_CORDONED), 0);
    ASSERT_STR(kit_reply()->text, "agent gpu1 takes no new trials");
    ASSERT_STR(books_agent(&kit.books, "gpu1")->text, why);
    ASSERT_STR(books_agent(&kit.books, "gpu1")->by, "ann");
    kit_restart();
    kit_hello(3, "gpu2", 1, second_holds());
    end_on(3, "gpu2", "KeyError: 'block 12'");
    ASSERT_EQ(books_duty(&kit.books, "gpu1"), DUTY_CORDONED);
    ASSERT_EQ(kit_duty("gpu1", DUTY_CORDONED), 0);
    ASSERT(strstr(kit_reply()->text, "already"));
    kit_end();
}

/* Another process of the controller knows for which error besom cordoned it, also while it is away. */
TEST(host_is_acquitted_after_a_restart_of_the_controller)
{
    cordon_first();
    kit_restart();
    kit_hello(3, "gpu2", 1, second_holds());
    ASSERT_EQ(books_duty(&kit.books, "gpu1"), DUTY_CORDONED);
    end_on(3, "gpu2", "OSError: /data");
    ASSERT_EQ(books_duty(&kit.books, "gpu1"), DUTY_CORDONED);
    end_on(3, "gpu2", "KeyError: 'block 12'");
    ASSERT_EQ(books_duty(&kit.books, "gpu1"), DUTY_UP);
    kit_hello(4, "gpu1", 1, "[]");
    ASSERT(kit_running("s1") == 2 && kit_sweep()->state == SWEEP_RUNNING);
    kit_end();
}

/* Some failed in another way there: the host may be at fault, too. */
TEST(host_with_several_errors_stays_cordoned)
{
    begin_on_two();
    for (int i = 0; i < CONTROLLER_HOST_DEATHS; i++) {
        end_on(1, "gpu1", i == 2 ? "OSError: /data" : "KeyError: 'block 3'");
        end_on(2, "gpu2", NULL);
    }
    ASSERT_EQ(books_duty(&kit.books, "gpu1"), DUTY_CORDONED);
    end_on(2, "gpu2", "KeyError: 'block 12'");
    ASSERT_EQ(books_duty(&kit.books, "gpu1"), DUTY_CORDONED);
    kit_end();
}

/* The list of errors is bounded: another sweep may fail in many ways. */
TEST(errors_are_kept_up_to_a_bound)
{
    static struct fleet_errors e;
    fleet_errors_note(&e, "s1", "gpu2", "step 1.5e-3: bad", 0);
    for (int i = 0; i < 1000; i++)
        fleet_errors_note(&e, "s1", "gpu1", i % 2 ? "step 7: bad" : "step -2: bad", 0);
    ASSERT(fleet_errors_elsewhere(&e, "s1", "gpu1", "step 20: bad", 1));
    ASSERT(!fleet_errors_elsewhere(&e, "s2", "gpu1", "step 20: bad", 1));
    ASSERT_EQ(e.n, 3); /* "#" and "-#" */
    for (int i = 0; i < FLEET_ERRORS_MAX; i++) {
        const char text[] = {(char)('a' + i / 16), (char)('a' + i % 16), '\0'};
        fleet_errors_note(&e, "s3", "gpu1", text, 0);
    }
    ASSERT_EQ(e.n, FLEET_ERRORS_MAX);
    ASSERT(!fleet_errors_elsewhere(&e, "s1", "gpu1", "step 20: bad", 1));
    ASSERT(fleet_errors_elsewhere(&e, "s3", "gpu2", "aa", 1));
}
