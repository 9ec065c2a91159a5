/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>

#include "language/spec_read.h"
#include "orchestrator/core/controller/controller_budget.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

#define GRID "method: grid\nprogram: t\nparameters: {a: {min: 1, max: 30}}\n"
#define WALL GRID "budget: {wall: 10s}\n"

/* Trial 0 on box, one slot. */
static void run_one(const char *yaml)
{
    kit_begin(yaml);
    kit_hello(1, "box", 1, "[]");
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 0);
}

static int64_t left_ms(void)
{
    int64_t deadline = controller_budget_deadline(&kit);
    return deadline == INT64_MAX ? -1 : deadline - kit_now;
}

/* It comes to its end now: its one running trial is asked to end, and nothing starts. */
static void ends_now(uint64_t trial)
{
    const struct fact *f = kit_fact(FACT_SWEEP_STATE, 0);
    ASSERT(f && f->state == SWEEP_STOPPING && f->reason == REASON_BUDGET);
    f = kit_fact(FACT_STOPPING, 0);
    ASSERT(f && f->trial == trial && f->reason == REASON_BUDGET);
    ASSERT_EQ(kit_sent(MESSAGE_STOP, 0)->trial, trial);
    ASSERT_EQ(kit_sent(MESSAGE_STOP, 0)->now, 0); /* with its grace */
    ASSERT_EQ(left_ms(), -1);
    kit_ended(1, trial, kit_trial(trial)->attempt.number, "stop", 0, SIGTERM);
    f = kit_fact(FACT_ENDED, 0);
    ASSERT(f->state == TRIAL_STOPPED && f->reason == REASON_BUDGET);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(kit_sweep()->reason, REASON_BUDGET);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
}

TEST(budget_of_wall_time_ends_what_runs)
{
    run_one(WALL);
    ASSERT_EQ(left_ms(), 10000);
    kit_tick(4000);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 1);
    ASSERT_EQ(left_ms(), 6000);
    kit_tick(5999);
    ASSERT(!kit_fact(FACT_STOPPING, 0));
    ASSERT_EQ(left_ms(), 1);
    kit_tick(1);
    ends_now(1);
    kit_end();
}

TEST(budget_of_wall_time_stands_still_while_nothing_runs)
{
    run_one(WALL);
    kit_tick(4000);
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    ASSERT_EQ(left_ms(), 6000); /* its trial runs */
    kit_tick(1000);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(left_ms(), -1);
    kit_tick(3600000);
    ASSERT_EQ(kit_sweep()->state, SWEEP_PAUSED);
    ASSERT_EQ(kit_command(COMMAND_RESUME), 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 1);
    ASSERT_EQ(left_ms(), 5000);
    kit_end();
}

TEST(budget_of_wall_time_counts_what_an_earlier_process_used)
{
    run_one(WALL);
    kit_tick(3000);
    kit_step((struct event){.kind = EVENT_SHUTDOWN});
    kit_ended(1, 0, 1, "stop", 0, SIGTERM);
    kit_now += 3600000;
    kit_restart();
    kit_hello(1, "box", 1, "[]");
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 2);
    ASSERT_EQ(left_ms(), 7000);
    kit_now += 5000; /* this process is killed, and its training continues */
    kit_restart();
    kit_hello(1, "box", 1, "[[\"s1\", 0, 2]]");
    ASSERT_EQ(left_ms(), 2000);
    kit_now += 2000;
    kit_restart(); /* what was left has gone by the time that the next one looks */
    kit_tick(0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_STOPPING);
    kit_hello(1, "box", 1, "[[\"s1\", 0, 2]]");
    ASSERT(kit_sent(MESSAGE_STOP, 0));
    kit_ended(1, 0, 2, "stop", 0, SIGTERM);
    ASSERT_EQ(kit_sweep()->reason, REASON_BUDGET);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    kit_end();
}

/* Of several trials at once, the time is counted once; ends may be told late and in any order. */
TEST(budget_of_wall_time_counts_the_time_that_any_trial_runs)
{
    kit_begin(WALL);
    kit_hello(1, "box", 2, "[]");
    int64_t began = kit_now;
    kit_tick(2000);
    kit_command(COMMAND_PAUSE);
    kit_tick(6000);
    for (uint64_t trial = 0; trial < 2; trial++)
        kit_say(1, (struct message){.type = MESSAGE_ENDED,
                                    .trial = trial,
                                    .attempt = 1,
                                    .at_ms = (uint64_t)(began + (trial ? 3000 : 7000)),
                                    .cause = "none"});
    ASSERT_EQ(kit_sweep()->busy_ms, 7000);
    ASSERT_EQ(kit_sweep()->busy_from_ms, 0);
    kit_end();
}

TEST(budget_until_ends_the_sweep_at_its_moment)
{
    kit_until_ms = kit_now + 9000;
    run_one(GRID "budget: {until: '18:00', wall: 1h}\n");
    ASSERT_EQ(left_ms(), 9000);
    kit_command(COMMAND_PAUSE);
    kit_tick(9000);
    ends_now(0);
    kit_end();
    /* It has passed while nobody worked on the sweep. */
    kit_until_ms = kit_now + 500;
    kit_begin(GRID "budget: {until: '18:00'}\n");
    kit_now += 1000;
    kit_restart();
    kit_hello(1, "box", 1, "[]");
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
    kit_until_ms = 0;
    kit_end();
}

TEST(budget_ends_the_trials_of_a_sweep_that_met_its_target)
{
    run_one(WALL "metric: {name: loss, target: 1}\n");
    kit_metrics(1, 0, 1, 0, "{\"loss\":0.5}\n");
    ASSERT_EQ(kit_sweep()->state, SWEEP_STOPPING);
    kit_tick(10000);
    ASSERT_EQ(kit_fact(FACT_STOPPING, 0)->reason, REASON_BUDGET);
    kit_ended(1, 0, 1, "stop", 0, SIGTERM);
    ASSERT_EQ(kit_sweep()->reason, REASON_TARGET);
    kit_end();
}

static int edit(const char *yaml, int64_t until_ms)
{
    struct arena a;
    struct diags diags;
    arena_init(&a);
    diags_init(&diags, &a, "sweep.yaml");
    struct spec *spec = spec_read(yaml, strlen(yaml), &diags);
    struct fact f = {.sweep = "s1",
                     .path = "/sweep.yaml",
                     .workdir = "/",
                     .content = spec->content,
                     .until_ms = until_ms};
    kit_step((struct event){.kind = EVENT_EDIT, .request = 9, .sweep = "s1", .create = &f});
    spec_free(spec);
    arena_done(&a);
    return kit_reply()->code;
}

TEST(budget_can_be_raised)
{
    run_one(WALL);
    kit_tick(10000);
    ends_now(0);
    ASSERT_EQ(edit(GRID "budget: {wall: 10s}\nname: other\n", 0), 0); /* it is spent all the same */
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(edit(GRID "budget: {wall: 15s}\n", 0), 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 1);
    ASSERT_EQ(left_ms(), 5000);
    kit_end();
}

#define GPUS "[{\"gpus\":[\"a\"]},{\"gpus\":[\"b\"]},{\"gpus\":[\"c\"]},{\"gpus\":[\"d\"]}]"
enum { HOUR_MS = 3600000 };

/* Two trials of two GPUs each, at once: four GPU hours an hour. */
TEST(budget_of_gpu_hours_starts_nothing_new)
{
    kit_begin(GRID "resources: {gpus: 2}\nbudget: {gpu_hours: 10}\n");
    kit_hello_with(1, "box", GPUS, "null");
    ASSERT_EQ(kit_running("s1"), 2);
    ASSERT_EQ(left_ms(), 10 * HOUR_MS / 4);
    kit_tick(HOUR_MS);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_running("s1"), 2);
    ASSERT_EQ(left_ms(), 6 * HOUR_MS / 4);
    kit_restart();
    kit_hello_with(1, "box", GPUS, "null");
    ASSERT_EQ(left_ms(), 6 * HOUR_MS / 4);
    kit_tick(6 * HOUR_MS / 4 - 1);
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    kit_tick(1);
    ASSERT_EQ(kit_sweep()->state, SWEEP_STOPPING);
    ASSERT_EQ(kit_sweep()->reason, REASON_BUDGET);
    ASSERT(!kit_fact(FACT_STOPPING, 0) && left_ms() == -1); /* running trials finish */
    kit_tick(HOUR_MS);
    kit_ended(1, 1, 1, "none", 0, 0);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
    kit_ended(1, 2, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(kit_sweep()->counts[TRIAL_FINISHED], 3);
    ASSERT_EQ(edit(GRID "resources: {gpus: 2}\nbudget: {gpu_hours: 12}\n", 0), 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED); /* they used 14 */
    ASSERT_EQ(edit(GRID "resources: {gpus: 2}\nbudget: {gpu_hours: 16}\n", 0), 0);
    ASSERT_EQ(kit_running("s1"), 2);
    ASSERT_EQ(left_ms(), 2 * HOUR_MS / 4);
    kit_end();
}

/* What runs may finish: a larger budget comes in time. To resume the sweep alone changes nothing. */
TEST(budget_that_grows_while_the_sweep_stops)
{
    kit_begin(GRID "budget: {gpu_hours: 2}\n");
    kit_hello_with(1, "box", "[{\"gpus\":[\"a\"]},{\"gpus\":[\"b\"]}]", "null");
    kit_tick(HOUR_MS);
    ASSERT(kit_sweep()->state == SWEEP_STOPPING && kit_sweep()->reason == REASON_BUDGET);
    ASSERT_EQ(kit_command(COMMAND_RESUME), ERR_STATE);
    ASSERT_STR(kit_reply()->text, "sweep s1 has spent its budget: change that with besom edit");
    ASSERT_EQ(edit(GRID "budget: {gpu_hours: 1}\n", 0), 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_STOPPING);
    ASSERT_EQ(edit(GRID "budget: {gpu_hours: 4}\n", 0), 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    ASSERT_EQ(left_ms(), HOUR_MS);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 2);
    kit_end();
}

/* Of a GPU that four slots share, a trial holds a quarter. */
TEST(budget_of_gpu_hours_counts_a_part_of_a_shared_gpu)
{
    kit_begin(GRID "budget: {gpu_hours: 10}\n");
    kit_hello_with(1, "box", "[{\"gpus\":[\"a\"],\"share\":4},{}]", "null");
    ASSERT_EQ(kit_running("s1"), 2);
    ASSERT_EQ(left_ms(), 40 * (int64_t)HOUR_MS);
    kit_end();
}

/* A time of day means the next one after it was written: another change leaves the moment alone. */
TEST(budget_until_keeps_its_moment)
{
    int64_t began = kit_now;
    kit_until_ms = began + 9000;
    run_one(GRID "budget: {until: '18:00'}\n");
    ASSERT_EQ(edit(GRID "budget: {until: '18:00'}\nrun_cap: 9\n", began + 86400000), 0);
    ASSERT_EQ(kit_sweep()->until_ms, began + 9000);
    ASSERT_EQ(edit(GRID "budget: {until: '19:00'}\nrun_cap: 9\n", began + 20000), 0);
    ASSERT_EQ(left_ms(), 20000);
    kit_until_ms = 0;
    kit_end();
}

/* A sweep that another process works on is left alone. */
TEST(budget_of_a_sweep_that_is_not_admitted_is_not_ours)
{
    kit_until_ms = kit_now + 500;
    kit_begin(GRID "budget: {until: '18:00'}\n");
    kit_until_ms = 0;
    schedule_find(&kit.schedule, "s1")->admitted = false;
    schedule_touch_all(&kit.schedule);
    kit_tick(0);
    kit_tick(1000);
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    kit_end();
}
