/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <string.h>

#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

static const char two[] = "method: grid\nprogram: t\nmetric: {name: loss}\n"
                          "retry: {failed: 1}\nparameters: {a: {values: [1, 2]}}\n";

/* What the store would say of the trial. */
static struct fact ended(uint64_t trial, uint32_t attempt, enum trial_state state)
{
    static struct arena arena;
    struct value *params = value_dict(&arena);
    value_put(&arena, params, "a", value_int(&arena, (int64_t)trial + 1));
    return (struct fact){.kind = FACT_RETRIED,
                         .trial = trial,
                         .attempt = attempt,
                         .state = (int)state,
                         .cursor = trial,
                         .params = params,
                         .agent = attempt ? "box" : "",
                         .started_ms = 1000,
                         .ran_ms = 7,
                         .iterations = 4};
}

static void retry(unsigned states, const uint64_t *number, const struct fact *trials, size_t n)
{
    struct event_retry retry = {
        .states = states, .numbers = number, .numbers_n = 1, .trials = trials, .trials_n = n};
    kit_step((struct event){.kind = EVENT_RETRY, .request = 9, .sweep = "s1", .retry = &retry});
}

static int reply_code(void)
{
    return kit_reply()->code;
}

/* Both trials fail twice; the sweep ends. */
static void fail_all(void)
{
    kit_begin(two);
    kit_hello(1, "box", 1, "[]");
    for (uint64_t trial = 0; trial < 2; trial++)
        for (uint32_t attempt = 1; attempt <= 2; attempt++)
            kit_ended(1, trial, attempt, "none", 1, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    books_sweep_out(&kit.books);
}

TEST(controller_retry_continues_a_sweep_that_has_ended)
{
    fail_all();
    const struct fact trials[] = {ended(0, 2, TRIAL_FAILED), ended(1, 2, TRIAL_FAILED)};
    retry(MACHINE_TO(TRIAL_FAILED), NULL, trials, 2);
    ASSERT_EQ(reply_code(), 0);
    ASSERT_STR(kit_reply()->text, "runs 2 trials again");
    ASSERT(kit_fact(FACT_RETRIED, 1) && kit_sweep()->state == SWEEP_RUNNING);
    ASSERT_EQ(kit_sweep()->counts[TRIAL_FAILED], 0);
    const struct message *launch = kit_sent(MESSAGE_LAUNCH, 0);
    ASSERT(launch->trial == 0 && launch->attempt == 3);
    ASSERT_EQ(value_get(launch->params, "a")->i, 1);
    ASSERT_EQ(kit_trial(0)->objective.iterations, 4);
    kit_ended(1, 0, 3, "none", 1, 0); /* its retries begin anew */
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 4);
    kit_ended(1, 0, 4, "none", 0, 0);
    kit_ended(1, 1, 3, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(kit_sweep()->counts[TRIAL_FINISHED], 2);
    kit_tick(120000);
    ASSERT(!kit_sweep());
    kit_end();
}

/* It was stopped: its other configuration does not run, and it ends as before. */
TEST(controller_retry_of_a_stopped_sweep_runs_its_trials_alone)
{
    kit_begin(two);
    kit_hello(1, "box", 1, "[]");
    kit_ended(1, 0, 1, "none", 1, 0);
    ASSERT_EQ(kit_command(COMMAND_STOP), 0);
    kit_ended(1, 0, 2, "none", 1, 0);
    ASSERT(kit_sweep()->state == SWEEP_FINISHED && kit_sweep()->reason == REASON_USER);
    books_sweep_out(&kit.books);
    const struct fact trial = ended(0, 2, TRIAL_FAILED);
    retry(MACHINE_TO(TRIAL_FAILED), &trial.trial, &trial, 1);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 0);
    ASSERT(kit_sweep()->state == SWEEP_RUNNING && kit_sweep()->only_asked);
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    ASSERT_EQ(kit_command(COMMAND_RESUME), 0);
    ASSERT(kit_sweep()->only_asked && books_sweep_asked_by(kit_sweep()->reason));
    kit_ended(1, 0, 3, "none", 0, 0);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
    ASSERT(kit_sweep()->state == SWEEP_FINISHED && kit_sweep()->reason == REASON_USER);
    ASSERT_EQ(kit_sweep()->proposed, 1);
    kit_end();
}

TEST(controller_retry_refuses_what_has_a_result_or_runs)
{
    fail_all();
    uint64_t number = 0;
    struct fact trial = ended(0, 2, TRIAL_FINISHED);
    retry(MACHINE_TO(TRIAL_FAILED), &number, &trial, 1);
    ASSERT_EQ(reply_code(), ERR_STATE);
    trial.state = TRIAL_STOPPED;
    retry(UINT_MAX, &number, &trial, 1);
    ASSERT_EQ(reply_code(), ERR_STATE);
    retry(UINT_MAX, &number, NULL, 0);
    ASSERT_EQ(reply_code(), ERR_NOT_FOUND);
    retry(MACHINE_TO(TRIAL_LOST), NULL, &trial, 1);
    ASSERT(reply_code() == 0 && kit_sweep()->state == SWEEP_FINISHED);
    trial.state = TRIAL_FAILED;
    retry(UINT_MAX, &number, &trial, 1);
    ASSERT_EQ(reply_code(), 0);
    retry(UINT_MAX, &number, &trial, 1);
    ASSERT_EQ(reply_code(), ERR_STATE);
    ASSERT(strstr(kit_reply()->text, "running"));
    ASSERT_EQ(kit_command(COMMAND_STOP), 0);
    retry(UINT_MAX, NULL, &trial, 1);
    ASSERT_EQ(reply_code(), ERR_STATE);
    kit_end();
}

TEST(controller_retry_of_trials_that_finished_without_the_metric)
{
    fail_all();
    struct fact trials[] = {ended(0, 2, TRIAL_FINISHED), ended(1, 2, TRIAL_FINISHED)};
    for (size_t i = 0; i < 2; i++) { /* as if they had */
        kit_sweep()->counts[TRIAL_FAILED]--;
        kit_sweep()->counts[TRIAL_FINISHED]++;
    }
    trials[0].measured = true;
    retry(MACHINE_TO(TRIAL_FINISHED), &trials[0].trial, trials, 1);
    ASSERT_EQ(reply_code(), ERR_STATE);
    ASSERT(strstr(kit_reply()->text, "its result counts"));
    retry(MACHINE_TO(TRIAL_FINISHED), NULL, trials, 2);
    ASSERT_EQ(reply_code(), 0);
    ASSERT_STR(kit_reply()->text, "runs 1 trial again");
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 1);
    ASSERT_EQ(kit_sweep()->counts[TRIAL_FINISHED], 1);
    kit_end();
}

/* Without a metric, to finish is the result. */
TEST(controller_retry_refuses_finished_trials_of_a_sweep_without_a_metric)
{
    kit_begin("method: grid\nprogram: t\nparameters: {a: {values: [1]}}\n");
    kit_hello(1, "box", 1, "[]");
    kit_ended(1, 0, 1, "none", 0, 0);
    books_sweep_out(&kit.books);
    struct fact trial = ended(0, 1, TRIAL_FINISHED);
    retry(UINT_MAX, &trial.trial, &trial, 1);
    ASSERT_EQ(reply_code(), ERR_STATE);
    retry(UINT_MAX, NULL, &trial, 1);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    kit_end();
}

TEST(controller_retry_of_a_sweep_that_had_left_the_memory)
{
    fail_all();
    kit_tick(120000);
    ASSERT(!kit_sweep());
    struct fact trial = ended(0, 2, TRIAL_FAILED);
    retry(UINT_MAX, NULL, &trial, 1);
    ASSERT_EQ(reply_code(), ERR_NOT_FOUND);
    kit_end();
}

static struct fact edit_of(const char *key, struct value *v)
{
    static struct arena arena;
    struct value *content = value_copy(&arena, kit_sweep()->spec->content);
    value_put(&arena, content, key, v);
    return (struct fact){.sweep = "s1",
                         .name = "new name",
                         .path = "/moved.yaml",
                         .workdir = "/moved",
                         .content = content,
                         .total = 2};
}

static struct fact edit_of_target(double target)
{
    static struct arena arena;
    struct value *metric = value_dict(&arena);
    value_put(&arena, metric, "name", value_str(&arena, "loss"));
    value_put(&arena, metric, "goal", value_str(&arena, "minimize"));
    value_put(&arena, metric, "target", value_float(&arena, target));
    struct fact f = edit_of("metric", metric);
    f.total = 0;
    return f;
}

static int edit(struct fact f)
{
    kit_step((struct event){.kind = EVENT_EDIT, .request = 9, .sweep = "s1", .create = &f});
    return reply_code();
}

TEST(controller_edit_is_of_later_launches_and_proposals)
{
    struct arena a;
    arena_init(&a);
    struct value *env = value_dict(&a);
    value_put(&a, env, "A", value_str(&a, "b"));
    kit_begin("method: grid\nprogram: t\nparameters: {a: {values: [1, 2, 3, 4, 5]}}\n");
    kit_thinks = "s1";
    kit_hello(1, "box", 1, "[]");
    ASSERT_EQ(edit(edit_of("env", env)), 0); /* while its first proposals are being made */
    ASSERT_STR(kit_sweep()->name, "new name");
    kit_propose("s1", 1); /* of the spec before */
    ASSERT_EQ(kit_sweep()->proposed, 0);
    kit_thinks = NULL;
    kit_propose("s1", 1);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 0);
    ASSERT_STR(value_get_str(kit_sent(MESSAGE_SWEEP, 0)->env, "A", ""), "b");
    ASSERT_EQ(edit(edit_of("env", value_dict(&a))), 0);
    kit_propose("s1", 1); /* asked before the edit */
    kit_propose("s1", 1);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT(kit_sent(MESSAGE_SWEEP, 0) && kit_sent(MESSAGE_LAUNCH, 0));
    ASSERT_EQ(edit(edit_of("method", value_str(&a, "random"))), ERR_SPEC);
    ASSERT(strstr(kit_reply()->text, "cannot change method"));
    kit_end();
    arena_done(&a);
}

TEST(controller_edit_continues_a_sweep_with_more_to_do)
{
    struct arena a;
    arena_init(&a);
    kit_begin("method: random\nprogram: t\nrun_cap: 1\nparameters: {a: {min: 0.0, max: 1.0}}\n");
    kit_hello(1, "box", 1, "[]");
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(edit(edit_of("description", value_str(&a, "one"))), 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(edit(edit_of("run_cap", value_int(&a, 2))), 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 1);
    kit_end();
    arena_done(&a);
}

/* It had ended and runs an enqueued trial: what the new spec has beyond comes after that. */
TEST(controller_edit_of_a_sweep_that_runs_again_is_not_forgotten)
{
    struct arena a;
    arena_init(&a);
    struct value *params = value_dict(&a);
    value_put(&a, params, "a", value_float(&a, 0.5));
    const struct event_enqueue enqueue = {.params = params, .by = "me"};
    kit_begin("method: random\nprogram: t\nrun_cap: 1\nparameters: {a: {min: 0.0, max: 1.0}}\n");
    kit_hello(1, "box", 1, "[]");
    kit_ended(1, 0, 1, "none", 0, 0);
    kit_step((struct event){.kind = EVENT_ENQUEUE, .sweep = "s1", .enqueue = &enqueue});
    ASSERT(kit_sweep()->state == SWEEP_RUNNING && kit_sweep()->only_asked);
    ASSERT_EQ(edit(edit_of("run_cap", value_int(&a, 3))), 0);
    ASSERT(kit_sweep()->only_asked);
    kit_ended(1, 1, 1, "none", 0, 0);
    ASSERT(kit_sweep()->state == SWEEP_RUNNING && !kit_sweep()->only_asked);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 2);
    kit_ended(1, 2, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    kit_step((struct event){.kind = EVENT_ENQUEUE, .sweep = "s1", .enqueue = &enqueue});
    kit_ended(1, 3, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    kit_end();
    arena_done(&a);
}

/* It stops since it has reached its target or spent its budget, and trials still run. */
TEST(controller_edit_continues_a_sweep_that_is_about_to_end)
{
    struct arena a;
    arena_init(&a);
    kit_begin("method: random\nprogram: t\nrun_cap: 4\nmetric: {name: loss, goal: minimize, "
              "target: 0.5}\n"
              "parameters: {a: {min: 0.0, max: 1.0}}\n");
    kit_hello(1, "box", 2, "[]");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 0.4}\n");
    ASSERT(kit_sweep()->state == SWEEP_STOPPING && kit_sweep()->reason == REASON_TARGET);
    ASSERT_EQ(edit(edit_of("run_cap", value_int(&a, 5))), 0);
    ASSERT_STR(kit_reply()->text, "now uses the new spec and is still stopping");
    ASSERT(kit_sweep()->state == SWEEP_STOPPING && kit_sweep()->reason == REASON_TARGET);
    kit_ended(1, 1, 1, "none", 0, 0);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
    ASSERT_EQ(edit(edit_of_target(0.1)), 0);
    ASSERT_STR(kit_reply()->text, "now uses the new spec and has more to run");
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 2);
    kit_end();
    arena_done(&a);
}

/* A result, or what a running trial has reported, has reached the new target already. */
TEST(controller_edit_to_a_target_that_is_reached_ends_the_sweep)
{
    struct arena a;
    arena_init(&a);
    for (int ended = 0; ended < 2; ended++) {
        kit_begin("method: random\nprogram: t\nrun_cap: 4\nmetric: {name: loss, goal: minimize, "
                  "target: 0.1}\n"
                  "parameters: {a: {min: 0.0, max: 1.0}}\n");
        kit_hello(1, "box", 1, "[]");
        kit_metrics(1, 0, 1, 0, "{\"loss\": 0.4}\n");
        if (ended)
            kit_ended(1, 0, 1, "none", 0, 0);
        else
            ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
        ASSERT_EQ(edit(edit_of_target(0.3)), 0);
        ASSERT(kit_sweep()->state != SWEEP_STOPPING);
        ASSERT_EQ(edit(edit_of_target(0.5)), 0);
        ASSERT_STR(kit_reply()->text,
                   "now uses the new spec and has reached its target: no new trials start");
        ASSERT(kit_sweep()->state == SWEEP_STOPPING && kit_sweep()->reason == REASON_TARGET);
        kit_ended(1, (uint64_t)ended, 1, "none", 0, 0);
        ASSERT(kit_sweep()->state == SWEEP_FINISHED && kit_sweep()->reason == REASON_TARGET);
        ASSERT_EQ(kit_sweep()->proposed, 1 + (uint64_t)ended);
        kit_end();
    }
    arena_done(&a);
}

/* Another name alone is no reason to propose anything again. */
TEST(controller_edit_of_the_name_leaves_a_sweep_that_ended_alone)
{
    kit_begin("method: grid\nprogram: t\nparameters: {a: {values: [1]}}\n");
    kit_hello(1, "box", 1, "[]");
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    struct fact f = {.sweep = "s1", .name = "again", .path = "/p", .workdir = "/"};
    f.content = kit_sweep()->spec->content;
    ASSERT_EQ(edit(f), 0);
    ASSERT_STR(kit_reply()->text, "is named again");
    ASSERT_STR(kit_sweep()->name, "again");
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    kit_end();
}

/* Another process hands a sweep over that this one only keeps the books of, and leaves it later. */
TEST(controller_runs_a_sweep_that_is_handed_over)
{
    kit_begin("method: grid\nprogram: t\nparameters: {a: {values: [1, 2]}}\n");
    schedule_find(&kit.schedule, "s1")->admitted = false;
    kit_hello(1, "box", 1, "[]");
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
    ASSERT_EQ(kit_command(COMMAND_RUN), 0);
    ASSERT_STR(kit_reply()->text, "runs");
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 0);
    ASSERT(!controller_keeps(&kit));
    ASSERT_EQ(kit_command(COMMAND_RUN), 0);
    ASSERT_STR(kit_reply()->text, "is run already");
    ASSERT_EQ(kit_command(COMMAND_KEEP), 0);
    ASSERT(controller_keeps(&kit));
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT(controller_keeps(&kit));
    kit_ended(1, 1, 1, "none", 0, 0);
    ASSERT(!controller_keeps(&kit));
    ASSERT_EQ(kit_command(COMMAND_RUN), 0);
    kit_end();
}

/* --count is of the process that runs it. */
TEST(controller_handed_over_twice_keeps_its_bound)
{
    kit_begin("method: grid\nprogram: t\nparameters: {a: {values: [1, 2, 3]}}\n");
    kit_hello(1, "box", 1, "[]");
    kit_step((struct event){.kind = EVENT_ADMIT, .sweep = "s1", .most = 2});
    ASSERT_EQ(kit_command(COMMAND_RUN), 0);
    kit_ended(1, 0, 1, "none", 0, 0);
    kit_ended(1, 1, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->proposed, 2);
    kit_end();
}

static const char measured[] = "method: grid\nprogram: t\nmetric: {name: loss}\n"
                               "retry: {failed: 1}\nparameters: {a: {values: [1, 2]}}\n";

static int stop_code(uint64_t trial)
{
    kit_step((struct event){.kind = EVENT_STOP, .request = 9, .sweep = "s1", .trial = trial});
    return kit_reply()->code;
}

TEST(controller_stop_ends_one_trial)
{
    kit_begin(measured);
    kit_hello(1, "box", 1, "[]");
    ASSERT_EQ(stop_code(0), 0);
    ASSERT_EQ(kit_fact(FACT_STOPPING, 0)->reason, REASON_USER);
    ASSERT_EQ(stop_code(0), 0); /* again */
    ASSERT(!kit_fact(FACT_STOPPING, 0));
    kit_ended(1, 0, 1, "stop", 0, 15);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_STOPPED); /* and not run again */
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    ASSERT_EQ(kit_trial(1)->state, TRIAL_RUNNING);
    ASSERT_EQ(stop_code(0), ERR_STATE);
    ASSERT_EQ(stop_code(7), ERR_STATE);
}

TEST(controller_stop_ends_those_of_a_list)
{
    kit_begin(measured);
    kit_hello(1, "box", 2, "[]");
    const uint64_t both[] = {0, 1, 9};
    kit_step((struct event){
        .kind = EVENT_STOP, .request = 9, .sweep = "s1", .trials = both, .trials_n = 3});
    ASSERT_STR(kit_reply()->text, "stops 2 trials, and continues");
    ASSERT_EQ(kit_fact(FACT_STOPPING, 0)->trial, 0);
    ASSERT_EQ(kit_fact(FACT_STOPPING, 1)->trial, 1);
    kit_step((struct event){
        .kind = EVENT_STOP, .request = 9, .sweep = "s1", .trials = both + 2, .trials_n = 1});
    ASSERT_EQ(kit_reply()->code, ERR_STATE);
}

TEST(controller_stop_of_a_pending_trial_that_a_list_has_twice)
{
    static const uint64_t twice[] = {0, 0};
    kit_begin(measured);
    kit_hello(1, "box", 1, "[]");
    kit_step((struct event){
        .kind = EVENT_COMMAND, .request = 9, .sweep = "s1", .command = COMMAND_PAUSE});
    kit_ended(1, 0, 1, "none", 1, 0); /* it is to run again */
    kit_step((struct event){
        .kind = EVENT_STOP, .request = 9, .sweep = "s1", .trials = twice, .trials_n = 2});
    ASSERT_STR(kit_reply()->text, "stops 1 trial, and continues");
    ASSERT_EQ(kit_fact(FACT_TRIAL_STATE, 0)->state, TRIAL_CANCELLED);
}

TEST(controller_stop_of_a_trial_that_has_not_started)
{
    kit_begin(measured);
    kit_hello(1, "box", 1, "[]");
    kit_step((struct event){
        .kind = EVENT_COMMAND, .request = 9, .sweep = "s1", .command = COMMAND_PAUSE});
    kit_ended(1, 0, 1, "none", 1, 0); /* it is to run again */
    ASSERT_EQ(kit_trial(0)->state, TRIAL_PENDING);
    ASSERT_EQ(stop_code(0), 0);
    ASSERT_EQ(kit_fact(FACT_TRIAL_STATE, 0)->state, TRIAL_CANCELLED);
    ASSERT_EQ(stop_code(0), ERR_STATE);
}

/* They were asked for before the end, and the answer comes when a trial runs again. */
TEST(controller_retry_takes_no_proposals_of_before_the_end)
{
    kit_thinks = "s1";
    kit_begin("method: grid\nprogram: t\nmetric: {name: loss, target: 0}\n"
              "parameters: {a: {values: [1, 2, 3, 4]}}\n");
    kit_hello(1, "box", 2, "[]");
    kit_propose("s1", 2);
    kit_ended(1, 0, 1, "none", 1, 0);
    kit_metrics(1, 1, 1, 0, "{\"loss\": 0}\n");
    kit_ended(1, 1, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    books_sweep_out(&kit.books);
    const struct fact trials[] = {ended(0, 1, TRIAL_FAILED)};
    retry(MACHINE_TO(TRIAL_FAILED), NULL, trials, 1);
    ASSERT_EQ(reply_code(), 0);
    kit_propose("s1", 1);
    ASSERT_EQ(kit_sweep()->proposed, 2);
    kit_ended(1, 0, 2, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    kit_thinks = NULL;
    kit_end();
}
