/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>

#include "orchestrator/core/controller/controller_end.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

#define GRID "method: grid\nprogram: t\nparameters: {a: {min: 1, max: 30}}\n"

/* Trial 0 on box, one slot. */
static void run_one(const char *yaml)
{
    kit_begin(yaml);
    kit_hello(1, "box", 1, "[]");
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 0);
}

TEST(end_reasons)
{
    static const struct {
        const char *cause;
        int code, signal;
        enum trial_reason reason;
        enum trial_state state;
    } ends[] = {
        {"none", 0, 0, REASON_OK, TRIAL_FINISHED},
        {"none", 3, 0, REASON_EXIT, TRIAL_FAILED},
        {"none", 0, SIGSEGV, REASON_SIGNAL, TRIAL_FAILED},
        {"time", 0, SIGTERM, REASON_TIMEOUT, TRIAL_FAILED},
        {"launch", 127, 0, REASON_LAUNCH, TRIAL_FAILED},
        {"shim", 0, 0, REASON_SHIM, TRIAL_LOST},
        {"reboot", 0, 0, REASON_REBOOT, TRIAL_LOST},
        {"unkillable", 0, 9, REASON_UNKILLABLE, TRIAL_LOST},
    };
    run_one(GRID "retry: {host: 0}\n");
    for (uint64_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        kit_tick(60000);
        kit_ended(1, i, 1, ends[i].cause, ends[i].code, ends[i].signal);
        const struct fact *f = kit_fact(FACT_ENDED, 0);
        ASSERT_STR(trial_reason_name(f->reason), trial_reason_name(ends[i].reason));
        ASSERT_EQ(f->state, ends[i].state);
        ASSERT_EQ(f->signal, ends[i].signal);
        bool unseen = f->reason == REASON_SHIM || f->reason == REASON_REBOOT;
        ASSERT_EQ(f->code, f->signal || unseen ? -1 : ends[i].code);
    }
    kit_say(1, (struct message){.type = MESSAGE_ENDED,
                                .trial = sizeof ends / sizeof *ends,
                                .attempt = 1,
                                .cause = "none",
                                .signal = SIGKILL,
                                .oom = 1});
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_OOM);
    kit_end();
}

/* Where the host is taken away, or a person ends the agent, the trial runs again at no cost. */
TEST(end_of_the_agent_costs_no_retry)
{
    static const struct {
        const char *cause;
        enum trial_reason reason;
    } ends[] = {{"preempt", REASON_PREEMPTED},
                {"interrupt", REASON_INTERRUPTED},
                {"stop", REASON_PREEMPTED}, /* nobody of ours asked: scancel reached the shim */
                {"kill", REASON_PREEMPTED}};
    run_one(GRID "retry: {host: 0}\n");
    for (uint32_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        kit_ended(1, 0, i + 1, ends[i].cause, 0, SIGTERM);
        const struct fact *f = kit_fact(FACT_ENDED, 0);
        ASSERT_STR(trial_reason_name(f->reason), trial_reason_name(ends[i].reason));
        ASSERT_EQ(f->state, TRIAL_PENDING);
        ASSERT_EQ(kit_trial(0)->failed + kit_trial(0)->lost, 0);
    }
    kit_end();
}

static void end_without_code(uint32_t link, uint64_t trial, uint32_t attempt)
{
    kit_say(link, (struct message){.type = MESSAGE_ENDED,
                                   .trial = trial,
                                   .attempt = attempt,
                                   .cause = "code",
                                   .text = "its disk is full"});
}

/* The sweep's snapshot cannot be had: on another agent it may, at no cost. On none: the sweep pauses. */
TEST(end_without_code)
{
    kit_begin(GRID "retry: {host: 0}\nmax_parallel: 1\n");
    kit_hello(1, "box", 1, "[]");
    kit_hello(2, "good", 1, "[]");
    end_without_code(1, 0, 1);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_UNSTARTED);
    ASSERT_STR(kit_fact(FACT_LAUNCHED, 0)->agent, "good");
    ASSERT_EQ(kit_fact(FACT_LAUNCHED, 0)->trial, 0);
    end_without_code(2, 0, 2);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_CODE);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_PENDING);
    ASSERT_EQ(kit_trial(0)->failed + kit_trial(0)->lost, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_PAUSED);
    ASSERT_STR(kit_sweep()->text, "its disk is full (agents box, good could not start it)");
    ASSERT_EQ(kit_command(COMMAND_RESUME), 0);
    ASSERT_EQ(kit_fact(FACT_LAUNCHED, 0)->trial, 0);
    kit_end();
}

TEST(end_retries_of_the_user)
{
    run_one(GRID "retry: {failed: 2, host: 0}\n");
    for (uint32_t attempt = 1; attempt <= 3; attempt++) {
        kit_tick(60000);
        kit_ended(1, 0, attempt, "none", 1, 0);
        ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, attempt < 3 ? TRIAL_PENDING : TRIAL_FAILED);
        ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_EXIT);
    }
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 1);
    kit_ended(1, 1, 1, "shim", 0, 0); /* the other budget is empty */
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_LOST);
}

TEST(end_retries_of_the_host)
{
    run_one(GRID "retry: {failed: 1, host: 1}\n");
    kit_ended(1, 0, 1, "shim", 0, 0);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_PENDING);
    kit_ended(1, 0, 2, "none", 1, 0);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_PENDING);
    kit_ended(1, 0, 3, "reboot", 0, 0);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_LOST);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_POISON);
}

TEST(end_of_an_interrupted_attempt_does_not_end_its_trial)
{
    run_one(GRID "retry: {failed: 0, host: 0}\n");
    kit_step((struct event){.kind = EVENT_SHUTDOWN});
    ASSERT_EQ(kit_fact(FACT_STOPPING, 0)->reason, REASON_INTERRUPTED);
    ASSERT_EQ(kit_sent(MESSAGE_STOP, 0)->now, 0);
    kit_step((struct event){.kind = EVENT_SHUTDOWN});
    ASSERT(!kit_fact(FACT_STOPPING, 0));
    ASSERT_EQ(kit_sent(MESSAGE_STOP, 0)->now, 1);
    kit_ended(1, 0, 1, "stop", 0, SIGTERM);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_INTERRUPTED);
    ASSERT_EQ(kit_trial(0)->state, TRIAL_PENDING);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0)); /* it is ending */
    kit_restart();
    kit_hello(1, "box", 1, "[]");
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 2);
    kit_ended(1, 0, 2, "none", 0, 0);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_FINISHED);
}

TEST(end_asked_for_survives_a_restart)
{
    run_one(GRID);
    kit_step((struct event){.kind = EVENT_SHUTDOWN});
    kit_restart();
    kit_hello(1, "box", 1, "[[\"s1\", 0, 1]]");
    ASSERT(kit_sent(MESSAGE_LAUNCH, 0) && kit_sent(MESSAGE_STOP, 0));
    kit_restart();
    kit_hello(1, "box", 1, "[]"); /* it never began */
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_INTERRUPTED);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 2);
}

/* A training that ends well, or fails, on a full disk is run again at no cost of the user's. */
TEST(end_without_room_for_metrics_is_the_hosts)
{
    run_one(GRID "retry: {failed: 0, host: 1}\n");
    for (uint32_t attempt = 1; attempt <= 2; attempt++) {
        kit_say(1, (struct message){.type = MESSAGE_ENDED,
                                    .attempt = attempt,
                                    .cause = "none",
                                    .code = attempt - 1,
                                    .no_room = 1});
        const struct fact *f = kit_fact(FACT_ENDED, 0);
        ASSERT_EQ(f->state, attempt == 1 ? TRIAL_PENDING : TRIAL_LOST);
        ASSERT_EQ(f->reason, attempt == 1 ? REASON_HOST : REASON_POISON);
        ASSERT(strstr(f->text, "disk was full"));
    }
    kit_say(1, (struct message){
                   .type = MESSAGE_ENDED, .trial = 1, .attempt = 1, .cause = "time", .no_room = 1});
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_TIMEOUT);
    kit_end();
}

static const struct fact *end_told(uint64_t trial, const char *cause, int64_t at_ms, int64_t ran_ms)
{
    kit_say(1, (struct message){.type = MESSAGE_ENDED,
                                .trial = trial,
                                .attempt = 1,
                                .at_ms = (uint64_t)at_ms,
                                .ran_ms = (uint64_t)ran_ms,
                                .cause = cause});
    return kit_fact(FACT_ENDED, 0);
}

/* A training that ended while besom was down ended then, and ran for what its shim measured. */
TEST(end_has_the_time_of_the_shim)
{
    run_one(GRID);
    int64_t launched = kit_now;
    kit_tick(15000);
    const struct fact *f = end_told(0, "none", launched + 2100, 2000);
    ASSERT_EQ(f->ended_ms, launched + 2100);
    ASSERT_EQ(f->ran_ms, 2000);
    ASSERT_EQ(f->time_ms, launched + 15000);
    launched = kit_now;
    kit_tick(1000);
    f = end_told(1, "none", launched - 5, 900); /* its clock was set back */
    ASSERT_EQ(f->ended_ms, launched);
    ASSERT_EQ(f->ran_ms, 900);
    f = end_told(2, "none", kit_now + 5, 7); /* its clock is ahead */
    ASSERT_EQ(f->ended_ms, kit_now);
    launched = kit_now;
    kit_tick(3000);
    f = end_told(3, "shim", kit_now - 500, 0); /* nobody measured it */
    ASSERT_EQ(f->ran_ms, 2500);
    kit_end();
}

TEST(end_quick_failures_pause_the_sweep)
{
    run_one(GRID);
    for (uint64_t trial = 0; trial < CONTROLLER_QUICK_FAILURES; trial++) {
        ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
        kit_ended(1, trial, 1, "none", 2, 0);
    }
    ASSERT_EQ(kit_sweep()->state, SWEEP_PAUSED);
    ASSERT_EQ(kit_sweep()->reason, REASON_EXIT);
    ASSERT(kit_sweep()->text[0] && !kit_sent(MESSAGE_LAUNCH, 0));
    ASSERT_EQ(kit_command(COMMAND_RESUME), 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, CONTROLLER_QUICK_FAILURES);
    for (uint64_t trial = 5; trial < 5 + CONTROLLER_QUICK_FAILURES - 1; trial++)
        kit_ended(1, trial, 1, "none", 2, 0);
    kit_ended(1, 9, 1, "none", 0, 0); /* one that goes well */
    kit_ended(1, 10, 1, "none", 2, 0);
    kit_tick(60000);
    kit_ended(1, 11, 1, "none", 2, 0); /* slow ones */
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
}

TEST(end_without_the_metric_pauses_the_sweep)
{
    run_one(GRID "metric: {name: loss}\n");
    kit_metrics(1, 0, 1, 0, "{\"val_loss\": 1, \"acc\": 2}\n");
    kit_ended(1, 0, 1, "none", 0, 0);
    kit_ended(1, 1, 1, "none", 0, 0);
    kit_metrics(1, 2, 1, 0, "{\"loss\": \"NaN\"}\n"); /* it has come */
    kit_ended(1, 2, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->metric_streak, 0);
    kit_ended(1, 3, 1, "none", 0, 0);
    kit_ended(1, 4, 1, "none", 1, 0); /* a failure is told of elsewhere */
    kit_ended(1, 5, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    kit_metrics(1, 6, 1, 0, "{\"val_loss\": 1, \"acc\": 2}\n");
    kit_ended(1, 6, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_PAUSED);
    ASSERT_STR(kit_sweep()->text,
               "3 trials in a row finished without the metric loss: the last reported val_loss and "
               "acc; did you mean val_loss?");
    ASSERT_EQ(kit_command(COMMAND_RESUME), 0);
    ASSERT_EQ(kit_sweep()->metric_streak, 0);
}

/* Trials that were running already do not change what paused it. */
TEST(end_after_a_pause_leaves_its_cause)
{
    kit_begin(GRID "metric: {name: loss}\n");
    kit_hello(1, "box", 2, "[]");
    for (uint64_t trial = 1; trial <= CONTROLLER_QUICK_FAILURES; trial++)
        kit_ended(1, trial, 1, "none", 1, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_PAUSED);
    kit_ended(1, 0, 1, "none", 0, 0);
    struct event_retry retry = controller_end_retry(kit_sweep());
    ASSERT(retry.states == MACHINE_TO(TRIAL_FAILED) && retry.quick_n == CONTROLLER_QUICK_FAILURES);
    ASSERT_EQ(kit_command(COMMAND_RESUME), 0);
    ASSERT_EQ(controller_end_retry(kit_sweep()).states, 0);
    kit_ended(1, 6, 1, "none", 0, 0);
    kit_ended(1, 8, 1, "none", 0, 0);
    kit_ended(1, 9, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_PAUSED);
    kit_metrics(1, 7, 1, 0, "{\"loss\": 1}\n");
    kit_ended(1, 7, 1, "none", 0, 0);
    ASSERT_EQ(controller_end_retry(kit_sweep()).states, MACHINE_TO(TRIAL_FINISHED));
    ASSERT_EQ(kit_command(COMMAND_RESUME), 0);
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    ASSERT_EQ(controller_end_retry(kit_sweep()).states, 0);
}

/* The last trials of a sweep: there is nothing to pause. */
TEST(end_without_the_metric_at_the_end)
{
    kit_begin(
        "method: grid\nprogram: p\nmetric: {name: loss}\nparameters: {x: {values: [1, 2, 3]}}\n");
    kit_hello(1, "box", 1, "[]");
    for (uint64_t trial = 0; trial < 3; trial++)
        kit_ended(1, trial, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(kit_sweep()->metric_streak, 3);
}

TEST(end_at_the_target)
{
    kit_begin(GRID "metric: {name: loss, goal: minimize, target: 0.5}\n");
    kit_hello(1, "box", 2, "[]");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 0.6}\n");
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    kit_metrics(1, 0, 1, 14, "{\"loss\": 0.5}\n");
    ASSERT_EQ(kit_sweep()->state, SWEEP_STOPPING);
    ASSERT_EQ(kit_sweep()->reason, REASON_TARGET);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0)); /* the running one may end */
    kit_ended(1, 1, 1, "shim", 0, 0);     /* and is not run again */
    ASSERT_EQ(kit_fact(FACT_TRIAL_STATE, 0)->state, TRIAL_CANCELLED);
    ASSERT_EQ(kit_fact(FACT_TRIAL_STATE, 0)->reason, REASON_TARGET);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(kit_sweep()->reason, REASON_TARGET);
}

/* It starts no new trials when it is resumed: it ends. */
TEST(end_at_the_target_while_paused)
{
    kit_begin(GRID "metric: {name: loss, goal: minimize, target: 0.5}\n");
    kit_hello(1, "box", 1, "[]");
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    kit_metrics(1, 0, 1, 0, "{\"loss\": 0.5}\n");
    ASSERT(kit_sweep()->state == SWEEP_STOPPING && kit_sweep()->reason == REASON_TARGET);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT(kit_sweep()->state == SWEEP_FINISHED && kit_sweep()->reason == REASON_TARGET);
    kit_end();
}

TEST(end_at_the_target_is_not_taken_back)
{
    kit_begin(GRID "metric: {name: loss, goal: minimize, target: 0.5}\n");
    kit_hello(1, "box", 1, "[]");
    ASSERT_EQ(kit_command(COMMAND_STOP), 0);
    ASSERT_EQ(kit_command(COMMAND_RESUME), 0);
    kit_metrics(1, 0, 1, 0, "{\"loss\": 0.5}\n");
    ASSERT_EQ(kit_command(COMMAND_RESUME), ERR_STATE);
    ASSERT_STR(kit_reply()->text, "sweep s1 has reached its target: change that with besom edit");
    ASSERT_EQ(kit_sweep()->state, SWEEP_STOPPING);
    kit_end();
}

/* Somebody stopped the trial: nothing that ends its attempt first has it run again. */
TEST(end_of_a_trial_that_was_stopped_is_not_retried)
{
    static const struct {
        const char *cause;
        int code;
        enum trial_state state;
        enum trial_reason reason;
    } ends[] = {{"none", 1, TRIAL_FAILED, REASON_EXIT},
                {"shim", 0, TRIAL_LOST, REASON_SHIM},
                {"copy", 0, TRIAL_STOPPED, REASON_USER},
                {"none", 0, TRIAL_FINISHED, REASON_OK}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        run_one(GRID "retry: {failed: 5, host: 5}\n");
        kit_step((struct event){.kind = EVENT_STOP, .request = 9, .sweep = "s1", .trial = 0});
        kit_ended(1, 0, 1, ends[i].cause, ends[i].code, 0);
        ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, ends[i].state);
        ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, ends[i].reason);
        ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 1);
        kit_end();
    }
}

/* The books have the end of the trial, and the store does not yet. */
TEST(end_of_a_trial_that_is_stopped_then)
{
    run_one(GRID);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT(books_trial(kit_sweep(), 0)->state == TRIAL_FINISHED);
    for (int dry = 1; dry >= 0; dry--) {
        kit_step((struct event){
            .kind = EVENT_STOP, .request = 9, .sweep = "s1", .trial = 0, .dry = dry != 0});
        ASSERT_EQ(kit_reply()->code, ERR_STATE);
        ASSERT_STR(kit_reply()->text, "trial s1-0 has ended, or never was");
        ASSERT(!kit_fact(FACT_TRIAL_STATE, 0));
    }
    kit_end();
}

TEST(end_by_cancel)
{
    kit_begin(GRID "retry: {failed: 5}\n");
    kit_hello(1, "box", 2, "[]");
    kit_ended(1, 1, 1, "none", 1, 0);
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    kit_ended(1, 1, 2, "none", 1, 0); /* waits */
    ASSERT_EQ(kit_trial(1)->state, TRIAL_PENDING);
    ASSERT_EQ(kit_command(COMMAND_CANCEL), 0);
    ASSERT_EQ(kit_fact(FACT_TRIAL_STATE, 0)->trial, 1);
    ASSERT_EQ(kit_fact(FACT_TRIAL_STATE, 0)->reason, REASON_USER);
    ASSERT_EQ(kit_sent(MESSAGE_STOP, 0)->trial, 0);
    kit_ended(1, 0, 1, "stop", 0, SIGTERM);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_USER);
    ASSERT_EQ(kit_sweep()->counts[TRIAL_CANCELLED], 2);
    ASSERT_EQ(kit_command(COMMAND_CANCEL), 0); /* is so already */
    ASSERT_EQ(kit_command(COMMAND_RESUME), ERR_STATE);
}

TEST(end_by_cancel_of_what_fails_meanwhile)
{
    run_one(GRID "retry: {failed: 5}\n");
    kit_command(COMMAND_CANCEL);
    kit_ended(1, 0, 1, "none", 1, 0); /* it had ended before the stop came */
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_CANCELLED);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
}

TEST(end_by_stop)
{
    run_one(GRID);
    ASSERT_EQ(kit_command(COMMAND_STOP), 0);
    ASSERT(!kit_sent(MESSAGE_STOP, 0)); /* the running trial continues */
    ASSERT_EQ(kit_command(COMMAND_PAUSE), ERR_STATE);
    ASSERT_EQ(kit_command(COMMAND_RESUME), 0);
    ASSERT_EQ(kit_command(COMMAND_STOP), 0);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(kit_sweep()->reason, REASON_USER);
    ASSERT_EQ(kit_sweep()->proposed, 1);
}

/* The server makes a proposal while other events are queued: what it belongs to may end first. */
TEST(end_before_a_proposal_comes)
{
    struct effects out;
    struct arena a;
    kit_begin(GRID);
    arena_init(&a);
    effects_init(&out, &a);
    struct value *held = value_list(&a), *slots = value_list(&a);
    struct proposal late = {.params = value_dict(&a), .why = value_dict(&a)};
    value_push(&a, slots, value_dict(&a));
    struct message m = {.type = MESSAGE_HELLO,
                        .store = "",
                        .version = MESSAGE_VERSION,
                        .agent = "box",
                        .slots = slots,
                        .held = held};
    controller_step(&kit, &(struct event){.kind = EVENT_MESSAGE, .link = 1, .message = &m}, &out);
    ASSERT_EQ(out.items[out.n - 1].kind, EFFECT_PROPOSE);
    struct event answer = {.kind = EVENT_PROPOSED,
                           .sweep = "s1",
                           .asker = out.items[out.n - 1].asker,
                           .proposals = &late,
                           .proposals_n = 1};
    /* The sweep has left memory since and come back: it did not ask that. */
    answer.asker++;
    kit_step(answer);
    ASSERT_EQ(kit_count(EFFECT_PERSIST), 0);
    answer.asker--;
    kit_command(COMMAND_CANCEL);
    kit_step(answer);
    ASSERT_EQ(kit_count(EFFECT_PERSIST), 0);
    ASSERT_EQ(kit_sweep()->proposed, 0);
    effects_done(&out);
    arena_done(&a);
    kit_end();
}
