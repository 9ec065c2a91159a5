/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials that ended as lost, and whose agents return with them. */
#include <signal.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "orchestrator/core/controller/controller_hello.h"
#include "orchestrator/core/controller/controller_schedule.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

static const char no_retry[] = "method: grid\nprogram: t\nmetric: {name: loss}\nretry: {host: 0}\n"
                               "parameters: {a: {values: [1]}}\n";
static const char two[] = "method: grid\nprogram: t\nmetric: {name: loss}\nretry: {host: 0}\n"
                          "parameters: {a: {values: [1, 2]}}\n";

/* Trials that ended as lost stay in the books: as if the driver had put them back before the hello. */
static void begin(const char *yaml)
{
    kit_begin(yaml);
    kit.books.keeps_lost = true;
}

static void lose_only_trial(const char *yaml)
{
    begin(yaml);
    kit_hello(1, "gpu1", 1, "[]");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 3}\n");
    kit_lose(1);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_LOST);
}

static void check_continues(void)
{
    ASSERT_EQ(kit_fact(FACT_SWEEP_STATE, 0)->state, SWEEP_RUNNING);
    ASSERT_EQ(kit_fact(FACT_REINSTATED, 0)->attempt, 1);
    ASSERT(!kit_sent(MESSAGE_FORGET, 0));
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->offsets->list.items[0]->i, 12);
    const struct book_trial *t = kit_trial(0);
    ASSERT(t->state == TRIAL_RUNNING && t->reason == REASON_NONE && t->ended_ms == 0);
    ASSERT(t->lost == 0 && !t->lost_on && t->objective.value == 3);
    ASSERT_EQ(kit_sweep()->counts[TRIAL_LOST], 0);
    kit_metrics(2, 0, 1, 12, "{\"loss\": 2}\n");
    ASSERT_EQ(kit_sent(MESSAGE_METRICS_ACK, 0)->to, 24);
    ASSERT_EQ(kit_trial(0)->attempt.points, 2);
    kit_ended(2, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_FINISHED);
    ASSERT_EQ(kit_fact(FACT_SWEEP_STATE, 0)->state, SWEEP_FINISHED);
    ASSERT_EQ(kit_sweep()->reason, REASON_OK);
    ASSERT(kit_sweep()->best.known && kit_sweep()->best.value == 2);
    kit_tick(CONTROLLER_ENDED_MS);
    ASSERT(!kit_sweep());
}

TEST(lost_trial_continues_when_its_agent_returns)
{
    lose_only_trial(no_retry);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    kit_hello(2, "gpu1", 1, "[[\"s1\", 0, 1]]");
    check_continues();
    kit_end();
}

/* Other trials run: nothing revives the sweep, and what is left of it runs as before. */
TEST(lost_trial_continues_in_a_sweep_that_runs)
{
    begin(two);
    kit_hello(1, "gpu1", 1, "[]");
    kit_lose(1);
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    kit_hello(2, "gpu2", 1, "[]");
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT(!kit_fact(FACT_SWEEP_STATE, 0));
    kit_ended(2, 1, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    kit_ended(3, 0, 1, "none", 1, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(kit_sweep()->counts[TRIAL_FAILED], 1);
    kit_end();
}

/* The person who stopped the sweep wanted no new trials: none starts, and it stops again. */
TEST(lost_trial_of_a_stopped_sweep_brings_its_result_alone)
{
    begin(two);
    kit_hello(1, "gpu1", 1, "[]");
    ASSERT_EQ(kit_command(COMMAND_STOP), 0);
    kit_lose(1);
    ASSERT(kit_sweep()->state == SWEEP_FINISHED && kit_sweep()->reason == REASON_USER);
    kit_hello(2, "gpu1", 2, "[[\"s1\", 0, 1]]");
    ASSERT(kit_sweep()->state == SWEEP_STOPPING && kit_sweep()->reason == REASON_USER);
    ASSERT(strstr(kit_fact(FACT_SWEEP_STATE, 0)->text, "trial s1-0 was lost"));
    ASSERT_EQ(kit_running("s1"), 1);
    kit_ended(2, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_FINISHED);
    ASSERT(kit_sweep()->state == SWEEP_FINISHED && kit_sweep()->reason == REASON_USER);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 0));
    kit_end();
}

/* It was stopped while its agent was away: it does not run elsewhere, and is told to end if it returns. */
TEST(lost_trial_that_was_stopped_ends)
{
    begin("method: grid\nprogram: t\nmetric: {name: loss}\nretry: {host: 5}\n"
          "parameters: {a: {values: [1, 2]}}\n");
    kit_hello(1, "gpu1", 1, "[]");
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    kit_step((struct event){.kind = EVENT_STOP, .request = 9, .sweep = "s1", .trial = 0});
    kit_tick(CONTROLLER_LOST_MS);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_LOST);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_HOST);
    kit_hello(2, "gpu2", 1, "[]");
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 1);
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT(kit_fact(FACT_REINSTATED, 0) && kit_sent(MESSAGE_STOP, 0)->trial == 0);
    kit_ended(3, 0, 1, "stop", 0, SIGTERM);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_STOPPED);
    kit_end();
}

/* What somebody stopped was a replacement: the earlier attempt does not continue in its place. */
TEST(lost_attempt_whose_replacement_was_stopped_ends)
{
    begin("method: grid\nprogram: t\nmetric: {name: loss}\nretry: {host: 5}\n"
          "parameters: {a: {values: [1, 2]}}\n");
    kit_hello(1, "gpu1", 1, "[]");
    kit_lose(1);
    kit_hello(2, "gpu2", 1, "[]");
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 2);
    kit_step((struct event){.kind = EVENT_STOP, .request = 9, .sweep = "s1", .trial = 0});
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT(kit_fact(FACT_REINSTATED, 0) && kit_trial(0)->attempt.number == 1);
    ASSERT_EQ(kit_trial(0)->attempt.stop, REASON_USER);
    ASSERT(kit_sent(MESSAGE_STOP, 0) != NULL);
    kit_end();
}

/* It is told to end, but what it reported is kept, and its end if it had ended before. */
TEST(lost_trial_of_a_cancelled_sweep_is_ended)
{
    begin(two);
    kit_hello(1, "gpu1", 1, "[]");
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT_EQ(kit_command(COMMAND_CANCEL), 0);
    kit_tick(CONTROLLER_LOST_MS);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_LOST);
    kit_hello(2, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT(!kit_fact(FACT_SWEEP_STATE, 0) && kit_sweep()->state == SWEEP_CANCELLED);
    ASSERT_EQ(kit_trial(0)->attempt.stop, REASON_USER);
    ASSERT(kit_sent(MESSAGE_STOP, 0) != NULL);
    kit_metrics(2, 0, 1, 0, "{\"loss\": 3}\n");
    ASSERT_EQ(kit_sent(MESSAGE_METRICS_ACK, 0)->to, 12);
    kit_ended(2, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_FINISHED);
    ASSERT_EQ(kit_sweep()->state, SWEEP_CANCELLED);
    kit_end();
}

/* Its loss is being written meanwhile: the trial is there until its other end is written too. */
TEST(lost_trial_that_returns_and_ends_while_its_loss_is_written_stays)
{
    struct err err;
    kit_begin(two);
    kit_hello(1, "gpu1", 1, "[]");
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT_EQ(kit_command(COMMAND_CANCEL), 0);
    kit_tick(CONTROLLER_LOST_MS);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_LOST);
    size_t written = books_seal(&kit.books);
    ASSERT_EQ(written, 1);
    struct fact f = {
        .kind = FACT_REINSTATED, .seq = kit.books.seq + 1, .sweep = "s1", .attempt = 1};
    ASSERT_EQ(books_apply(&kit.books, &f, &err), 0);
    f.kind = FACT_ENDED;
    f.seq++;
    f.state = TRIAL_CANCELLED;
    f.reason = REASON_USER;
    f.code = -1;
    ASSERT_EQ(books_apply(&kit.books, &f, &err), 0);
    books_release(&kit.books, written);
    ASSERT(books_trial(kit_sweep(), 0) != NULL);
    books_sweep_out(&kit.books);
    ASSERT(!books_trial(kit_sweep(), 0));
    kit_end();
}

/* Its time is spent: the trial ends as those did that ran then. */
TEST(lost_trial_of_a_sweep_whose_time_is_spent_is_stopped)
{
    begin("method: grid\nprogram: t\nretry: {host: 0}\nbudget: {wall: 30}\n"
          "parameters: {a: {values: [1, 2]}}\n");
    kit_hello(1, "gpu1", 1, "[]");
    kit_lose(1);
    kit_tick(1000);
    ASSERT(kit_sweep()->state == SWEEP_FINISHED && kit_sweep()->reason == REASON_BUDGET);
    kit_hello(2, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT_EQ(kit_sweep()->state, SWEEP_STOPPING);
    ASSERT(kit_sent(MESSAGE_STOP, 0) != NULL);
    kit_ended(2, 0, 1, "stop", 0, 15);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_BUDGET);
    ASSERT(kit_sweep()->state == SWEEP_FINISHED && kit_sweep()->reason == REASON_BUDGET);
    kit_end();
}

/* Its retries were used up on three agents; each that returns has an attempt of it. */
TEST(poisoned_trial_continues_as_the_oldest_attempt_that_returns)
{
    begin("method: grid\nprogram: t\nmetric: {name: loss}\nparameters: {a: {values: [1]}}\n");
    for (uint32_t i = 1; i <= 3; i++) {
        const char *const names[] = {"gpu1", "gpu2", "gpu3"};
        kit_hello(i, names[i - 1], 1, "[]");
        if (i == 2)
            kit_metrics(2, 0, 2, 0, "{\"loss\": 3}\n");
        kit_lose(i);
    }
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_POISON);
    kit_hello(4, "gpu3", 1, "[[\"s1\", 0, 3]]");
    ASSERT_EQ(kit_fact(FACT_REINSTATED, 0)->attempt, 3);
    ASSERT_EQ(kit_trial(0)->asides_n, 2);
    kit_hello(5, "gpu2", 1, "[[\"s1\", 0, 2]]");
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_SUPERSEDED);
    ASSERT_STR(kit_effect(EFFECT_GIVEN_UP, 0)->text,
               "agent gpu3 deletes what it had not sent: an earlier attempt continues");
    ASSERT_EQ(kit_fact(FACT_REINSTATED, 0)->attempt, 2);
    ASSERT(kit_trial(0)->objective.value == 3 && kit_trial(0)->attempts == 3);
    kit_ended(5, 0, 2, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    kit_end();
}

static const char *given_up(void)
{
    ASSERT(kit_sent(MESSAGE_FORGET, 0) != NULL);
    ASSERT(!kit_fact(FACT_REINSTATED, 0));
    const struct effect *e = kit_effect(EFFECT_GIVEN_UP, 0);
    return e ? e->text : "nothing";
}

TEST(lost_attempt_is_given_up_with_a_reason)
{
    lose_only_trial(no_retry);
    kit_hello(5, "gpu7", 1, "[[\"s1\", 0, 1]]");
    ASSERT_STR(given_up(),
               "agent gpu7 deletes what it had not sent: the attempt ran on agent gpu1");
    books_drop_lost(&kit.books);
    kit_held = &(struct event_held){.sweep = "s1", .attempt = 1, .removed = true};
    kit_hello(2, "gpu1", 1, "[[\"s9\", 0, 1]]");
    ASSERT_STR(given_up(), "agent gpu1 deletes what it had not sent: its sweep was removed");
    kit_held = &(struct event_held){
        .sweep = "s1", .attempt = 1, .trial_state = "finished", .current = 2, .was_lost = true};
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT_STR(given_up(), "agent gpu1 deletes what it had not sent: the trial is finished by its "
                           "attempt 2");
    kit_held =
        &(struct event_held){.sweep = "s1", .attempt = 1, .trial_state = "finished", .current = 1};
    kit_hello(4, "gpu1", 1, "[[\"s1\", 0, 1]]"); /* it had not heard that all is known */
    ASSERT_STR(given_up(), "nothing");
    kit_end();
}

/* The agent holds n attempts that it does not own: how many lines are printed of them. */
static uint64_t say_made_up(uint32_t link, int n)
{
    struct buf held;
    buf_init(&held, SIZE_MAX);
    for (int i = 0; i < n; i++)
        buf_addf(&held, "%c[\"s1\", 0, %d]", i ? ',' : '[', i + 2);
    buf_addc(&held, ']');
    kit_hello(link, "gpu7", 1, buf_str(&held));
    buf_done(&held);
    ASSERT_EQ(kit_count(EFFECT_GIVEN_UP), n);
    uint64_t lines = 0;
    const struct effect *e;
    for (size_t i = 0; (e = kit_effect(EFFECT_GIVEN_UP, i)) != NULL; i++)
        lines += !e->silent;
    return lines;
}

static uint64_t lines_left_out(void)
{
    const struct effect *e = kit_effect(EFFECT_AGENT, 0);
    return e ? e->left_out : 0;
}

TEST(agent_with_many_attempts_that_are_not_its_own_prints_few_lines)
{
    lose_only_trial(no_retry);
    ASSERT_EQ(say_made_up(5, LIMIT_AGENT_HELD), FLEET_LINES_MAX - 1); /* and that it is up */
    ASSERT_EQ(say_made_up(5, 20), 0);
    kit_tick(FLEET_LINES_MS - 1);
    ASSERT_EQ(lines_left_out(), 0);
    kit_tick(1);
    ASSERT_EQ(lines_left_out(), LIMIT_AGENT_HELD + 20 - (FLEET_LINES_MAX - 1));
    ASSERT_EQ(say_made_up(5, 20), FLEET_LINES_MAX);
    kit_tick(FLEET_LINES_MS);
    ASSERT_EQ(lines_left_out(), 4);
    kit_tick(FLEET_LINES_MS);
    ASSERT_EQ(lines_left_out(), 0);
    kit_end();
}

TEST(lost_trial_that_the_counts_of_its_sweep_lack_does_not_return)
{
    lose_only_trial(no_retry);
    kit_sweep()->counts[TRIAL_LOST] = 0;
    kit_sweep()->counts[TRIAL_FINISHED] = 1;
    kit_hello(2, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT_STR(given_up(), "agent gpu1 deletes what it had not sent: the counts of its sweep are "
                           "damaged: see besom check");
    kit_end();
}

TEST(hello_with_too_many_attempts_is_refused)
{
    kit_begin(two);
    for (int more = 0; more < 2; more++) {
        struct buf held;
        buf_init(&held, SIZE_MAX);
        for (int i = 0; i < LIMIT_AGENT_HELD + more; i++)
            buf_addf(&held, "%c[\"s9\", %d, 1]", i ? ',' : '[', i);
        buf_addc(&held, ']');
        kit_hello(1, "gpu1", 1, buf_str(&held));
        ASSERT_EQ(kit_sent(MESSAGE_REFUSED, 0) != NULL, more);
        buf_done(&held);
    }
    kit_end();
}

/* Somebody runs it again, as the store has it. */
static void retry_only_trial(void)
{
    struct arena a;
    arena_init(&a);
    const struct fact trial = {.kind = FACT_RETRIED,
                               .attempt = 1,
                               .state = TRIAL_LOST,
                               .params = value_dict(&a),
                               .agent = "gpu1"};
    struct event_retry retry = {.states = MACHINE_TO(TRIAL_LOST), .trials = &trial, .trials_n = 1};
    kit_step((struct event){.kind = EVENT_RETRY, .request = 9, .sweep = "s1", .retry = &retry});
    ASSERT(kit_fact(FACT_RETRIED, 0) != NULL);
    arena_done(&a);
}

/* The attempts before the retry are left behind. */
TEST(lost_trial_that_was_retried_does_not_return)
{
    lose_only_trial(no_retry);
    books_drop_lost(&kit.books);
    retry_only_trial();
    kit_hello(2, "gpu2", 1, "[]");
    ASSERT_EQ(kit_trial(0)->attempt.number, 2);
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT_STR(given_up(),
               "agent gpu1 deletes what it had not sent: attempt 2 of the trial counts");
    kit_end();
}

/* Whether or not the controller has restarted since, and loaded the lost attempt. */
TEST(lost_trial_that_was_retried_and_waits_is_given_up_with_a_reason)
{
    for (int loaded = 0; loaded < 2; loaded++) {
        lose_only_trial(no_retry);
        const struct book_attempt lost = books_trial(kit_sweep(), 0)->attempt;
        books_drop_lost(&kit.books);
        retry_only_trial();
        struct book_attempt *at = &kit_trial(0)->attempt;
        ASSERT(at->partial && kit_trial(0)->state == TRIAL_PENDING);
        if (loaded) {
            at->partial = false;
            at->reason = lost.reason;
            at->code = lost.code;
        }
        kit_hello(2, "gpu1", 1, "[[\"s1\", 0, 1]]");
        ASSERT_STR(given_up(),
                   "agent gpu1 deletes what it had not sent: somebody retried its trial");
        ASSERT_EQ(kit_trial(0)->attempt.number, 2);
        kit_end();
    }
}
