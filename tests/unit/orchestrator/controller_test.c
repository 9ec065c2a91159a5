/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "language/spec_read.h"
#include "orchestrator/core/controller/controller_schedule.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

static const char grid[] = "method: grid\nprogram: t\nmetric: {name: loss}\n"
                           "parameters: {a: {values: [1, 2, 3, 4, 5, 6]}}\n";

TEST(controller_takes_a_trial_from_launch_to_end)
{
    kit_begin(grid);
    ASSERT_EQ(kit_sweep()->proposed, 0); /* nobody to run it yet */
    kit_hello(1, "box", 1, "[]");
    ASSERT_EQ(kit_sent(MESSAGE_WELCOME, 0)->version, MESSAGE_VERSION);
    const struct message *launch = kit_sent(MESSAGE_LAUNCH, 0);
    ASSERT(launch && !kit_sent(MESSAGE_LAUNCH, 1));
    ASSERT(launch->trial == 0 && launch->attempt == 1 && launch->slot == 0);
    ASSERT_EQ(value_get(launch->params, "a")->i, 1);
    ASSERT_EQ(launch->offsets->list.items[0]->i, 0);
    ASSERT_STR(kit_fact(FACT_LAUNCHED, 0)->agent, "box");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 3}\n{\"loss\": 2}\n");
    ASSERT_EQ(kit_fact(FACT_METRICS, 0)->points.n, 2);
    ASSERT_EQ(kit_sent(MESSAGE_METRICS_ACK, 0)->to, 24);
    kit_metrics(1, 0, 1, 24, "{\"loss\": 4}\n");
    ASSERT(kit_trial(0)->objective.value == 2);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_FINISHED);
    ASSERT(kit_sent(MESSAGE_ENDED_ACK, 0));
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 1);
    ASSERT(!kit_trial(0) && kit_sweep()->best.trial == 0 && kit_sweep()->best.value == 2);
    for (uint64_t trial = 1; trial < 6; trial++) {
        kit_metrics(1, trial, 1, 0, "{\"loss\": 4}\n");
        kit_ended(1, trial, 1, "none", 0, 0);
    }
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(kit_sweep()->counts[TRIAL_FINISHED], 6);
    kit_end();
}

/* Attempts of a trial that is run again count once. */
TEST(controller_runs_as_many_trials_as_it_was_asked_to)
{
    kit_begin("method: grid\nprogram: t\nretry: {failed: 1}\n"
              "parameters: {a: {values: [1, 2, 3, 4, 5, 6]}}\n");
    kit_step((struct event){.kind = EVENT_ADMIT, .most = 2});
    kit_hello(1, "box", 3, "[]");
    ASSERT(kit_sent(MESSAGE_LAUNCH, 1) && !kit_sent(MESSAGE_LAUNCH, 2));
    kit_ended(1, 0, 1, "none", 1, 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 2);
    kit_ended(1, 0, 2, "none", 0, 0);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
    kit_ended(1, 1, 1, "none", 0, 0);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0) && kit_sweep()->state == SWEEP_RUNNING);
    kit_step((struct event){.kind = EVENT_ADMIT});
    ASSERT(kit_sent(MESSAGE_LAUNCH, 2));
    kit_end();
}

TEST(controller_takes_nothing_twice)
{
    kit_begin(grid);
    kit_hello(1, "box", 1, "[]");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 3}\n");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 3}\n");
    ASSERT(!kit_fact(FACT_METRICS, 0));
    ASSERT_EQ(kit_sent(MESSAGE_METRICS_ACK, 0)->to, 12);
    kit_metrics(1, 0, 1, 40, "{\"loss\": 1}\n"); /* what lies between is missing */
    ASSERT(!kit_fact(FACT_METRICS, 0));
    ASSERT_EQ(kit_sent(MESSAGE_METRICS_ACK, 0)->to, 12);
    kit_ended(1, 0, 1, "none", 0, 0);
    kit_ended(1, 0, 1, "none", 1, 0);
    ASSERT_EQ(kit_count(EFFECT_PERSIST), 0);
    ASSERT(kit_sent(MESSAGE_ENDED_ACK, 0));
    kit_metrics(1, 0, 1, 12, "{\"loss\": 1}\n");
    ASSERT(kit_sent(MESSAGE_FORGET, 0) && kit_count(EFFECT_PERSIST) == 0);
    ASSERT_EQ(kit_sweep()->counts[TRIAL_FINISHED], 1);
}

/* A line may flatten to more than one chunk holds: several facts, which move the offset once. */
TEST(controller_splits_points_that_one_chunk_cannot_hold)
{
    struct buf text;
    size_t facts = 0, points = 0;
    buf_init(&text, SIZE_MAX);
    for (int line = 0; line < 3; line++) {
        buf_addf(&text, "{\"%0*d\":", LIMIT_METRIC_NAME_BYTES - 5, 0);
        for (int i = 0; i < 6000; i++)
            buf_addf(&text, "%s\"%x\":1", i ? "," : "{", i);
        buf_adds(&text, "}}\n");
    }
    kit_begin(grid);
    kit_hello(1, "box", 1, "[]");
    kit_metrics(1, 0, 1, 0, buf_str(&text));
    for (const struct fact *f; (f = kit_fact(FACT_METRICS, facts)) != NULL; facts++) {
        ASSERT_EQ(f->from, 0);
        ASSERT_EQ(f->to, kit_fact(FACT_METRICS, facts + 1) ? 0 : text.len);
        points += f->points.n;
    }
    ASSERT(facts > 1);
    ASSERT_EQ(points, 3);
    ASSERT_EQ(kit_sent(MESSAGE_METRICS_ACK, 0)->to, text.len);
    kit_end();
    buf_done(&text);
}

TEST(controller_ignores_agents_that_are_not_welcome)
{
    kit_begin(grid);
    kit_ended(1, 0, 1, "none", 0, 0);
    kit_hello(1, "box", 1, "[]");
    struct message m = {.type = MESSAGE_ENDED, .attempt = 1, .cause = "none", .epoch = 4};
    kit_say(1, m);
    ASSERT_EQ(kit_count(EFFECT_SEND) + kit_count(EFFECT_PERSIST), 0);
    m.epoch = 0;
    m.store = "other";
    kit_say(1, m);
    ASSERT_EQ(kit_count(EFFECT_SEND) + kit_count(EFFECT_PERSIST), 0);
    m.store = NULL;
    kit_hello(2, "other", 1, "[]");
    kit_say(2, m); /* not its attempt */
    ASSERT(kit_sent(MESSAGE_ENDED_ACK, 0) && kit_count(EFFECT_PERSIST) == 0);
    m.attempt = 2;
    kit_say(1, m);
    ASSERT(kit_count(EFFECT_PERSIST) == 0);
    m.sweep = "nosuch";
    kit_say(1, m);
    ASSERT(kit_sent(MESSAGE_ENDED_ACK, 0) && kit_count(EFFECT_PERSIST) == 0);
    ASSERT_EQ(kit_trial(0)->state, TRIAL_RUNNING);
}

TEST(controller_refuses_a_hello)
{
    kit_begin(grid);
    kit_hello(1, "", 1, "[]");
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 1);
    kit_hello(1, "box", 1025, "[]");
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 1);
    static const char *const held[] = {"{}",
                                       "[1]",
                                       "[[]]",
                                       "[[\"s1\", 0]]",
                                       "[[\"s1\", 0, 1, 2]]",
                                       "[[1, 0, 1]]",
                                       "[[\"s1\", -1, 1]]",
                                       "[[\"s1\", 0, 1.5]]",
                                       "[[\"s1\", 0, 9007199254740993]]"};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        kit_hello(1, "box", 1, held[i]);
        if (kit_count(EFFECT_CLOSE) != 1 || kit_sent(MESSAGE_WELCOME, 0))
            FAIL("%s is welcome", held[i]);
    }
    struct message m = {.type = MESSAGE_HELLO, .version = 2, .agent = "box", .store = ""};
    kit_say(1, m);
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 1);
    m.version = 1;
    m.store = "other";
    kit_say(1, m);
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 1);
}

TEST(controller_continues_where_an_agent_left)
{
    kit_begin(grid);
    kit_hello(1, "box", 2, "[]");
    kit_metrics(1, 1, 1, 0, "{\"loss\": 3}\n");
    kit_restart();
    kit_hello(1, "box", 2, "[[\"s1\", 1, 1], [\"s1\", 0, 7], [\"gone\", 3, 1]]");
    ASSERT_EQ(kit_sent(MESSAGE_WELCOME, 0)->epoch, 6);
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->attempt, 7);
    ASSERT_STR(kit_sent(MESSAGE_FORGET, 1)->sweep, "gone");
    ASSERT(!kit_sent(MESSAGE_FORGET, 2));
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 0); /* its launch was lost: again */
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 1);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 1)->offsets->list.items[0]->i, 12);
    ASSERT_EQ(kit_count(EFFECT_PERSIST), 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 1)->epoch, 6);
}

TEST(controller_closes_the_old_link_of_an_agent)
{
    kit_begin(grid);
    kit_hello(1, "box", 1, "[]");
    kit_hello(2, "box", 1, "[[\"s1\", 0, 1]]");
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 1);
    kit_ended(1, 0, 1, "none", 0, 0); /* late, on the old link */
    ASSERT_EQ(kit_count(EFFECT_SEND) + kit_count(EFFECT_PERSIST), 0);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT(!fleet_away(&kit.fleet));
    kit_ended(2, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->counts[TRIAL_FINISHED], 1);
}

TEST(controller_fills_slots_and_no_more)
{
    kit_begin("method: grid\nprogram: t\nmax_parallel: 3\nrun_cap: 5\n"
              "parameters: {a: {values: [1, 2, 3, 4, 5, 6]}}\n");
    kit_hello(1, "box", 2, "[]");
    ASSERT(kit_sent(MESSAGE_LAUNCH, 0)->slot == 0 && kit_sent(MESSAGE_LAUNCH, 1)->slot == 1);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 2));
    kit_hello(2, "big", 8, "[]");
    ASSERT(kit_sent(MESSAGE_LAUNCH, 0) && !kit_sent(MESSAGE_LAUNCH, 1));
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_STR(kit_fact(FACT_LAUNCHED, 0)->agent, "big"); /* more of its slots are free */
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->slot, 1);
    for (uint64_t trial = 1; trial < 5; trial++)
        for (uint32_t link = 1; link <= 2; link++)
            kit_ended(link, trial, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->proposed, 5);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
}

static const char *const learns = "method: bayes\nprogram: t\nmetric: {name: loss}\n"
                                  "parameters: {a: {min: 0.0, max: 1.0}}\n";

/* Two trials run, proposed in 10 ms each; the first has run for ran_ms when it ends. */
static void end_first_of_two(int64_t ran_ms)
{
    kit_thinks = "s1";
    kit_begin(learns);
    kit_hello(1, "box", 2, "[]");
    ASSERT_EQ(schedule_find(&kit.schedule, "s1")->asked, 2);
    kit_now += 20;
    kit_propose("s1", 2);
    ASSERT_EQ(kit_sweep()->counts[TRIAL_RUNNING], 2);
    ASSERT_EQ(schedule_find(&kit.schedule, "s1")->asked, 0);
    kit_now += ran_ms;
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
}

TEST(controller_waits_for_a_proposal_that_knows_the_latest_result)
{
    end_first_of_two(10000);
    ASSERT_EQ(schedule_find(&kit.schedule, "s1")->asked, 1);
    kit_now += 10;
    kit_propose("s1", 1);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 2);
    ASSERT_EQ(schedule_find(&kit.schedule, "s1")->ready_n, 0);
    kit_end();
    kit_thinks = NULL;
}

TEST(controller_keeps_a_proposal_ready_if_trials_are_short)
{
    end_first_of_two(900);
    ASSERT_EQ(schedule_find(&kit.schedule, "s1")->asked, 2);
    kit_now += 20;
    kit_propose("s1", 2);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 2);
    ASSERT_EQ(schedule_find(&kit.schedule, "s1")->ready_n, 1);
    kit_ended(1, 1, 1, "none", 0, 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 3);
    kit_end();
    kit_thinks = NULL;
}

TEST(controller_drops_a_ready_proposal_that_is_older_than_a_pause)
{
    end_first_of_two(900);
    kit_now += 20;
    kit_propose("s1", 2);
    ASSERT_EQ(schedule_find(&kit.schedule, "s1")->ready_n, 1);
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    kit_ended(1, 1, 1, "none", 0, 0);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
    ASSERT_EQ(kit_command(COMMAND_RESUME), 0);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
    ASSERT_EQ(schedule_find(&kit.schedule, "s1")->ready_n, 0);
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0); /* while a proposal is made */
    ASSERT_EQ(kit_command(COMMAND_RESUME), 0);
    kit_propose("s1", 1);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
    kit_propose("s1", 1);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 3);
    kit_end();
    kit_thinks = NULL;
}

TEST(controller_gives_up_an_agent_that_stays_away)
{
    kit_begin(grid);
    kit_hello(1, "box", 1, "[]");
    kit_tick(CONTROLLER_LOST_MS * 10); /* it is there, and has nothing to say */
    ASSERT_EQ(kit_trial(0)->state, TRIAL_RUNNING);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT_EQ(fleet_away(&kit.fleet)->away_ms, kit_now);
    kit_hello(2, "other", 1, "[]");
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 1);
    kit_ended(2, 1, 1, "none", 0, 0);
    kit_tick(CONTROLLER_LOST_MS - 1);
    ASSERT_EQ(kit_count(EFFECT_PERSIST), 0);
    kit_tick(1);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_HOST);
    ASSERT_EQ(kit_trial(0)->state, TRIAL_PENDING);
    kit_hello(3, "box", 2, "[[\"s1\", 0, 1]]"); /* it is back, and still at it */
    ASSERT(!kit_sent(MESSAGE_FORGET, 0));       /* nothing replaced it: it goes on as it was */
    ASSERT_EQ(kit_fact(FACT_REINSTATED, 0)->attempt, 1);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 1);
    ASSERT_EQ(kit_trial(0)->lost, 0);
    kit_restart(); /* it waits anew for those it has not heard of */
    ASSERT_EQ(fleet_away(&kit.fleet)->away_ms, kit_now);
}

TEST(controller_describes_a_sweep_once_over_a_link)
{
    kit_begin(grid);
    kit_hello(1, "box", 2, "[]");
    const struct message *told = kit_sent(MESSAGE_SWEEP, 0);
    ASSERT(told && !kit_sent(MESSAGE_SWEEP, 1) && kit_sent(MESSAGE_LAUNCH, 1));
    ASSERT_STR(told->program, "t");
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT(kit_sent(MESSAGE_LAUNCH, 0) && !kit_sent(MESSAGE_SWEEP, 0));
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    kit_hello(2, "box", 2, "[]");
    ASSERT(kit_sent(MESSAGE_SWEEP, 0) && !kit_sent(MESSAGE_SWEEP, 1));
    kit_end();
}

TEST(controller_forgets_an_ended_sweep_and_tells_agents)
{
    kit_begin("method: grid\nprogram: t\nparameters: {a: {values: [1]}}\n");
    kit_hello(1, "box", 1, "[]");
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    kit_tick(0); /* its trial is written by now */
    ASSERT(controller_deadline(&kit) < INT64_MAX);
    kit_tick(CONTROLLER_LOST_MS);
    ASSERT_STR(kit_sent(MESSAGE_SWEEP_DONE, 0)->sweep, "s1");
    ASSERT(!kit_sweep());
    ASSERT_EQ(kit.schedule.sweeps.live, 0);
    ASSERT_EQ(controller_schedule_deadline(&kit), INT64_MAX);
    kit_end();
}

TEST(controller_refuses_a_sweep_that_cannot_be_read)
{
    struct arena a;
    kit_begin(grid);
    arena_init(&a);
    struct fact create = {
        .sweep = "s2", .path = "/s.yaml", .workdir = "/", .content = value_int(&a, 3)};
    kit_step((struct event){.kind = EVENT_CREATE, .create = &create, .request = 4});
    ASSERT_EQ(kit_count(EFFECT_PERSIST), 0);
    ASSERT_EQ(kit_count(EFFECT_REPLY), 1);
    create.sweep = "s1";
    create.content = kit_sweep()->spec->content;
    kit_step((struct event){.kind = EVENT_CREATE, .create = &create, .request = 5});
    ASSERT_EQ(kit_count(EFFECT_PERSIST), 0);
    arena_done(&a);
    kit_end();
}

TEST(controller_refuses_books_with_two_trials_in_a_slot)
{
    struct err err = {0};
    kit_begin(grid);
    kit_hello(1, "box", 2, "[]");
    struct books books = kit.books;
    struct controller other;
    books_trial(kit_sweep(), 1)->attempt.slot = 0;
    ASSERT_EQ(controller_init(&other, KIT_STORE, 6, kit_now, &books, &err), ERR_DAMAGED);
    books_trial(kit_sweep(), 1)->attempt.slot = 1;
    kit_end();
}

TEST(controller_shares_slots_by_priority_and_weight)
{
    kit_begin("method: random\nprogram: t\nweight: 1\nparameters: {a: {min: 0.0, max: 1.0}}\n");
    kit_create("s2",
               "method: random\nprogram: t\nweight: 3\nparameters: {a: {min: 0.0, max: 1.0}}\n");
    kit_create("s3", "method: random\nprogram: t\npriority: 1\nmax_parallel: 4\n"
                     "parameters: {a: {min: 0.0, max: 1.0}}\n");
    kit_hello(1, "box", 12, "[]");
    ASSERT_EQ(kit_running("s3"), 4); /* the first to be served, as many as it may have */
    ASSERT_EQ(kit_running("s1"), 2);
    ASSERT_EQ(kit_running("s2"), 6);
    kit_end();
}

TEST(controller_reserves_no_more_slots_than_requested_proposals)
{
    kit_begin("method: random\nprogram: t\nparameters: {a: {min: 0.0, max: 1.0}}\n");
    kit_thinks = "s2";
    kit_create("s2",
               "method: random\nprogram: t\npriority: 9\nparameters: {a: {min: 0.0, max: 1.0}}\n");
    kit_hello(1, "box", 1, "[]");
    uint32_t asked = schedule_find(&kit.schedule, "s2")->asked;
    ASSERT(asked > 1 && asked < 10);
    ASSERT_EQ(kit_running("s1"), 0); /* the one slot is kept */
    kit_hello(2, "rack", 19, "[]");
    ASSERT_EQ(kit_running("s1"), 20 - asked);
    kit_thinks = NULL;
    kit_propose("s2", asked);
    ASSERT_EQ(kit_running("s2"), asked);
    ASSERT_EQ(kit.fleet.free_n, 0);
    kit_end();
}

TEST(controller_keeps_no_more_slots_than_a_sweep_may_have)
{
    kit_begin("method: random\nprogram: t\nparameters: {a: {min: 0.0, max: 1.0}}\n");
    kit_thinks = "s2";
    kit_create("s2", "method: random\nprogram: t\nmax_parallel: 2\npriority: 9\n"
                     "parameters: {a: {min: 0.0, max: 1.0}}\n");
    kit_hello(1, "box", 9, "[]");
    ASSERT_EQ(kit_running("s1"), 7);
    kit_end();
}

/* A slot is kept for a sweep only in its turn. */
TEST(controller_shares_slots_beside_a_sweep_that_waits_for_proposals)
{
    kit_begin("method: random\nprogram: t\nweight: 2\nparameters: {a: {min: 0.0, max: 1.0}}\n");
    kit_thinks = "s2";
    kit_create("s2", "method: random\nprogram: t\nparameters: {a: {min: 0.0, max: 1.0}}\n");
    kit_hello(1, "box", 6, "[]");
    ASSERT_EQ(kit_running("s1"), 4);
    ASSERT_EQ(kit.fleet.free_n, 2);
    kit_end();
}

TEST(controller_launches_no_trial_of_a_sweep_that_was_not_admitted)
{
    struct err err = {0};
    struct books books = {0};
    kit_begin(grid);
    struct books mine = kit.books;
    books_init(&kit.books);
    controller_done(&kit);
    ASSERT_EQ(controller_init(&kit, KIT_STORE, 6, kit_now, &mine, &err), 0);
    kit_hello(1, "box", 2, "[]");
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0) && kit_count(EFFECT_PROPOSE) == 0);
    kit_step((struct event){.kind = EVENT_ADMIT, .sweep = "other"});
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
    kit_step((struct event){.kind = EVENT_ADMIT, .sweep = "s1"});
    ASSERT(kit_sent(MESSAGE_LAUNCH, 1));
    books_done(&books);
    kit_end();
}

TEST(controller_interrupts_no_trial_of_a_sweep_that_was_not_admitted)
{
    struct err err = {0};
    kit_begin(grid);
    kit_hello(1, "box", 2, "[]");
    struct books mine = kit.books;
    books_init(&kit.books);
    controller_done(&kit);
    ASSERT_EQ(controller_init(&kit, KIT_STORE, 6, kit_now, &mine, &err), 0);
    kit_hello(1, "box", 2, "[[\"s1\", 0, 1], [\"s1\", 1, 1]]");
    ASSERT(controller_is_full(&kit));
    kit_step((struct event){.kind = EVENT_SHUTDOWN});
    kit_step((struct event){.kind = EVENT_SHUTDOWN});
    ASSERT(!kit_fact(FACT_STOPPING, 0) && !kit_sent(MESSAGE_STOP, 0));
    ASSERT_EQ(controller_running(&kit), 0);
    kit_step((struct event){.kind = EVENT_ADMIT, .sweep = "s1"});
    ASSERT_EQ(controller_running(&kit), 2);
    kit_end();
}

static void say_samples(uint64_t trial, uint64_t from, const char *text)
{
    kit_say(1, (struct message){.type = MESSAGE_METRICS,
                                .trial = trial,
                                .attempt = 1,
                                .stream = FACT_STREAM_SYSTEM,
                                .from = from,
                                .to = from + strlen(text),
                                .text = text});
}

/* Not even of the sweep's metric: what a trial uses is recorded, and nothing else. */
TEST(controller_decides_nothing_by_samples)
{
    kit_begin("method: grid\nprogram: t\nmetric: {name: loss, target: 0}\n"
              "early_terminate: {type: asha, max_iter: 9}\n"
              "parameters: {a: {values: [1, 2, 3, 4, 5, 6]}}\n");
    kit_hello(1, "box", 2, "[]");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 3}\n");
    say_samples(1, 0, "{\"loss\": 4}\n{\"loss\": -1}\nno sample\n");
    const struct fact *f = kit_fact(FACT_METRICS, 0);
    ASSERT(f->stream == FACT_STREAM_SYSTEM && f->points.n == 2 && f->points.items[1].step == 1);
    ASSERT(!kit_fact(FACT_STOPPING, 0) && !kit_fact(FACT_SWEEP_STATE, 0));
    ASSERT(kit_sent(MESSAGE_METRICS_ACK, 0)->stream == 2 &&
           kit_sent(MESSAGE_METRICS_ACK, 0)->to == 35);
    say_samples(1, 35, "{\"x\": 4}\n");
    ASSERT_EQ(kit_fact(FACT_METRICS, 0)->points.items[0].step, 2);
    say_samples(1, 35, "{\"x\": 4}\n"); /* again */
    ASSERT(!kit_fact(FACT_METRICS, 0) && kit_sent(MESSAGE_METRICS_ACK, 0)->to == 44);
    const struct book_trial *t = kit_trial(1);
    ASSERT(!t->objective.known && t->last.live == 0 && t->step == POINT_NO_STEP);
    ASSERT(t->attempt.samples == 3 && t->attempt.points == 0 && t->attempt.bad_lines == 0);
    kit_metrics(1, 1, 1, 0, "{\"loss\": 4}\n");
    ASSERT(kit_fact(FACT_METRICS, 0)->points.items[0].step == 0 && kit_fact(FACT_STOPPING, 0));
    kit_end();
}

TEST(controller_stops_trials_by_the_rule_of_the_sweep)
{
    kit_begin("method: grid\nprogram: t\nmetric: {name: loss}\n"
              "early_terminate: {type: asha, max_iter: 9}\n"
              "parameters: {a: {values: [1, 2, 3, 4, 5, 6]}}\n");
    kit_hello(1, "box", 2, "[]");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 3}\n");
    ASSERT(!kit_fact(FACT_STOPPING, 0) && !kit_sent(MESSAGE_STOP, 0));
    kit_metrics(1, 1, 1, 0, "{\"loss\": 4}\n");
    const struct fact *stopping = kit_fact(FACT_STOPPING, 0);
    ASSERT(stopping && stopping->trial == 1 && stopping->reason == REASON_STOPPER);
    ASSERT_STR(value_get_str(stopping->why, "stopper", ""), "asha");
    ASSERT_EQ(value_get_int(stopping->why, "rank", 0), 2);
    ASSERT(kit_sent(MESSAGE_STOP, 0)->trial == 1 && kit_sent(MESSAGE_METRICS_ACK, 0));
    kit_metrics(1, 1, 1, 12, "{\"loss\": 5}\n"); /* history like any other, asked once */
    ASSERT(kit_fact(FACT_METRICS, 0) && !kit_fact(FACT_STOPPING, 0) && !kit_sent(MESSAGE_STOP, 0));
    kit_ended(1, 1, 1, "stop", -1, 15);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_STOPPED);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_STOPPER);
    ASSERT(kit_sweep()->best.trial == 1); /* its value was good for what it was */
    kit_metrics(1, 2, 1, 0, "{\"loss\": 2}\n");
    ASSERT(!kit_fact(FACT_STOPPING, 0));
    kit_metrics(1, 0, 1, 12, "{\"accuracy\": 1}\n"); /* overtaken: asked at any report */
    ASSERT_EQ(kit_fact(FACT_STOPPING, 0)->trial, 0);
    kit_end();
}

TEST(controller_tells_two_agents_of_one_name_apart)
{
    kit_begin(grid);
    kit_hello(1, "box", 1, "[]");
    kit_instance = 2; /* another process of that name, while the first is there */
    kit_hello(2, "box", 1, "[]");
    ASSERT_STR(kit_sent(MESSAGE_REFUSED, 0)->text,
               "another agent named box is connected: give this one a name of its own with --name");
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 1);
    ASSERT(!kit_sent(MESSAGE_WELCOME, 0));
    kit_hello(2, "crate", 1, "[]");
    ASSERT(kit_sent(MESSAGE_WELCOME, 0));
    kit_instance = 1; /* the first comes back before its old link is known to be down */
    kit_hello(3, "box", 1, "[[\"s1\", 0, 1]]");
    ASSERT(kit_sent(MESSAGE_WELCOME, 0));
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 1);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 3});
    kit_instance = 3; /* it was started anew: its name is free */
    kit_hello(4, "box", 1, "[[\"s1\", 0, 1]]");
    ASSERT(kit_sent(MESSAGE_WELCOME, 0));
    kit_instance = 1;
    kit_end();
}

TEST(controller_counts_an_agent_as_away_since_it_was_last_heard)
{
    kit_begin(grid);
    kit_hello(1, "box", 1, "[]");
    kit_now += CONTROLLER_LOST_MS;
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1, .silent_ms = 20000});
    ASSERT_EQ(fleet_away(&kit.fleet)->away_ms, kit_now - 20000);
    kit_end();
}

/* As a store gives a sweep that another version began: it launches nothing, ends as it is told. */
TEST(controller_leaves_a_sweep_alone_whose_spec_it_cannot_read)
{
    kit_begin(grid);
    kit_sweep()->fault = mem_strdup("`method` is missing");
    kit_hello(1, "box", 2, "[]");
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0) && kit_count(EFFECT_PROPOSE) == 0);
    kit_tick(1000);
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    ASSERT_EQ(kit_command(COMMAND_RESUME), ERR_SPEC);
    ASSERT_EQ(kit_command(COMMAND_CANCEL), 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_CANCELLED);
    kit_end();
}

/* As kit_hello, but the agent describes its slots again, as JSON. */
static void say_slots(const char *slots)
{
    static struct arena a;
    struct value *v = NULL;
    struct err err = {0};
    ASSERT_EQ(json_parse(&a, slots, strlen(slots), &v, &err), 0);
    kit_say(1, (struct message){.type = MESSAGE_SLOTS, .slots = v});
}

TEST(controller_launches_nothing_on_a_slot_that_is_not_offered)
{
    kit_begin(grid);
    kit_hello_with(1, "box", "[{\"why\":\"x\"},{\"why\":\"y\"}]", "null");
    say_slots("[{\"why\":\"in use by process 7\"},{\"gpus\":[\"GPU-b\"]}]");
    ASSERT_EQ(kit_running("s1"), 1);
    const struct message *m = kit_sent(MESSAGE_LAUNCH, 0);
    ASSERT_EQ(m->slot, 1);
    ASSERT_STR(value_get(m->grant, "gpus")->list.items[0]->s.ptr, "GPU-b");
    ASSERT(controller_is_full(&kit));
    say_slots("[{\"gpus\":[\"GPU-a\"]},{\"gpus\":[\"GPU-b\"],\"why\":\"quarantined: Xid 79\"}]");
    ASSERT_EQ(kit_running("s1"), 2); /* the trial on the slot that was withdrawn continues */
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->slot, 0);
    ASSERT_EQ(kit.fleet.slots_n, 1);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
    say_slots("[{\"why\":\"x\"},{\"why\":\"y\"}]");
    ASSERT_EQ(kit.fleet.slots_n, 0);
    ASSERT_EQ(kit_running("s1"), 1);
    kit_end();
}

TEST(controller_closes_the_link_of_malformed_slots)
{
    kit_begin(grid);
    kit_hello(1, "box", 1, "[]");
    say_slots("[1]");
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 1);
    kit_end();
}

TEST(controller_closes_the_link_of_another_number_of_slots)
{
    kit_begin(grid);
    kit_hello(1, "box", 1, "[]");
    say_slots("[{},{}]");
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 1);
    ASSERT_EQ(kit_running("s1"), 1);
    say_slots("[]");
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 1);
    say_slots("[{\"why\":\"x\"}]");
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 0);
    kit_end();
}
