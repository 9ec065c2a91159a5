/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "base/limits.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/past.h"

/* A sweep with trial 0 proposed, and facts said in one line. */
static struct books books;
static struct arena arena;
static int64_t now = 1000;

static struct value *parsed(const char *text)
{
    struct value *v;
    ASSERT_EQ(json_parse(&arena, text, strlen(text), &v, NULL), 0);
    return v;
}

static int apply(struct fact f)
{
    struct err err;
    f.seq = books.seq + 1;
    f.time_ms = f.time_ms ? f.time_ms : now;
    f.sweep = "s";
    f.agent = "local";
    return books_apply(&books, &f, &err);
}

static struct book_sweep *start(const char *metric)
{
    char spec[300];
    snprintf(
        spec, sizeof spec,
        "{\"method\":\"random\",\"program\":\"t.py\",\"metric\":%s,\"parameters\":{\"x\":{\"min\":"
        "0.0,\"max\":1.0}}}",
        metric);
    books_init(&books);
    ASSERT_EQ(apply((struct fact){.kind = FACT_SWEEP_CREATED,
                                  .path = "/a.yaml",
                                  .workdir = "/",
                                  .content = parsed(spec)}),
              0);
    return books_sweep(&books, "s");
}

static int propose(uint64_t number)
{
    return apply((struct fact){.kind = FACT_PROPOSED, .trial = number, .params = parsed("{}")});
}

static int launch(uint64_t number, uint32_t attempt)
{
    return apply((struct fact){.kind = FACT_LAUNCHED, .trial = number, .attempt = attempt});
}

static int metrics(uint64_t number, uint32_t attempt, uint64_t from, const char *text)
{
    struct fact f = {.kind = FACT_METRICS, .trial = number, .attempt = attempt, .from = from};
    f.to = from + strlen(text);
    points_parse(&arena, text, strlen(text), now, NULL, &f.next_step, &f.points);
    return apply(f);
}

static int end(uint64_t number, uint32_t attempt, enum trial_reason reason, int state)
{
    return apply((struct fact){
        .kind = FACT_ENDED, .trial = number, .attempt = attempt, .reason = reason, .state = state});
}

#define MINIMIZE "{\"name\":\"loss\",\"goal\":\"minimize\"}"

TEST(books_count_trials_through_their_lives)
{
    struct book_sweep *s = start(MINIMIZE);
    ASSERT_EQ(propose(1), ERR_STATE);
    ASSERT_EQ(propose(0), 0);
    ASSERT_EQ(propose(1), 0);
    ASSERT_EQ(launch(0, 2), ERR_STATE);
    ASSERT_EQ(launch(0, 1), 0);
    ASSERT_EQ(launch(0, 2), ERR_STATE);
    ASSERT_EQ(s->counts[TRIAL_RUNNING], 1);
    ASSERT_EQ(end(0, 1, REASON_HOST, TRIAL_PENDING), 0);
    ASSERT_EQ(s->counts[TRIAL_PENDING], 2);
    ASSERT_EQ(launch(0, 2), 0);
    ASSERT_EQ(books_trial(s, 0)->lost, 1);
    ASSERT_EQ(books_trial(s, 0)->earlier_n, 1);
    ASSERT_EQ(end(0, 1, REASON_OK, TRIAL_FINISHED), ERR_STATE);
    ASSERT_EQ(end(0, 2, REASON_OK, TRIAL_FINISHED), 0);
    ASSERT_EQ(end(0, 2, REASON_OK, TRIAL_FINISHED), ERR_STATE);
    ASSERT(books_trial(s, 0)->state == TRIAL_FINISHED);
    books_sweep_out(&books);
    ASSERT(books_trial(s, 0) == NULL);
    ASSERT_EQ(launch(0, 3), ERR_NOT_FOUND);
    ASSERT_EQ(
        apply((struct fact){
            .kind = FACT_TRIAL_STATE, .trial = 1, .state = TRIAL_CANCELLED, .reason = REASON_USER}),
        0);
    ASSERT_EQ(s->counts[TRIAL_FINISHED], 1);
    ASSERT_EQ(s->counts[TRIAL_CANCELLED], 1);
    ASSERT_EQ(s->counts[TRIAL_PENDING], 0);
    books_done(&books);
}

TEST(books_objective_is_the_best_and_never_nan)
{
    struct book_sweep *s = start(MINIMIZE);
    ASSERT_EQ(propose(0), 0);
    ASSERT_EQ(launch(0, 1), 0);
    const struct book_trial *t = books_trial(s, 0);
    ASSERT(!t->objective.known);
    ASSERT_EQ(metrics(0, 1, 0, "{\"loss\":NaN}"), 0);
    ASSERT(t->objective.known && isnan(t->objective.value));
    ASSERT_EQ(metrics(0, 1, 12, "{\"loss\":3}\n{\"loss\":2}\n{\"loss\":NaN,\"x\":7}\n{\"loss\":5}"),
              0);
    ASSERT(t->objective.value == 2);
    ASSERT(((struct book_metric *)map_find(&t->last, "loss", 4))->value == 5);
    ASSERT(((struct book_metric *)map_find(&t->last, "x", 1))->value == 7);
    ASSERT_EQ(t->attempt.points, 5);
    ASSERT_EQ(metrics(0, 1, 12, "{\"loss\":1}"), ERR_STATE);
    ASSERT_EQ(end(0, 1, REASON_INTERRUPTED, TRIAL_PENDING), 0);
    ASSERT_EQ(launch(0, 2), 0);
    ASSERT(!t->objective.known && t->last.live == 0 && t->attempt.offset[0] == 0 &&
           t->step == POINT_NO_STEP);
    books_done(&books);
}

TEST(books_objective_may_be_the_last)
{
    struct book_sweep *s = start("{\"name\":\"loss\",\"goal\":\"minimize\",\"reduce\":\"last\"}");
    ASSERT_EQ(propose(0), 0);
    ASSERT_EQ(launch(0, 1), 0);
    ASSERT_EQ(metrics(0, 1, 0, "{\"loss\":1}\n{\"loss\":4}"), 0);
    ASSERT(books_trial(s, 0)->objective.value == 4);
    ASSERT_EQ(metrics(0, 1, 21, "{\"step\":0,\"loss\":7}\n{\"step\":1,\"loss\":6}"), 0);
    ASSERT(books_trial(s, 0)->objective.value == 6);
    books_done(&books);
}

TEST(books_best_is_the_first_of_equals_that_ended_well)
{
    struct book_sweep *s = start("{\"name\":\"acc\",\"goal\":\"maximize\"}");
    static const struct {
        const char *text;
        enum trial_reason reason;
        int state;
        int best;
    } steps[] = {
        {"{\"acc\":9}", REASON_EXIT, TRIAL_FAILED, -1},
        {"{\"acc\":NaN}", REASON_OK, TRIAL_FINISHED, -1},
        {"{\"acc\":1}", REASON_OK, TRIAL_FINISHED, 2},
        {"{\"b\":5}", REASON_OK, TRIAL_FINISHED, 2},
        {"{\"acc\":3}", REASON_STOPPER, TRIAL_STOPPED, 4},
        {"{\"acc\":3}", REASON_OK, TRIAL_FINISHED, 4},
        {"{\"acc\":2}", REASON_OK, TRIAL_FINISHED, 4},
    };
    uint64_t n = sizeof steps / sizeof *steps;
    for (uint64_t i = 0; i < n; i++) {
        ASSERT_EQ(propose(i), 0);
        ASSERT_EQ(launch(i, 1), 0);
        ASSERT_EQ(metrics(i, 1, 0, steps[i].text), 0);
        ASSERT_EQ(end(i, 1, steps[i].reason, steps[i].state), 0);
        ASSERT_EQ(s->best.known ? (int)s->best.trial : -1, steps[i].best);
    }
    books_done(&books);
}

TEST(books_streak_counts_quick_failures_of_the_user)
{
    struct book_sweep *s = start(MINIMIZE);
    static const struct {
        enum trial_reason reason;
        int signal;
        int64_t ran, ended; /* ended: ms after the first launch */
        unsigned streak;
    } steps[] = {
        {REASON_EXIT, 0, 100, 100, 1},
        {REASON_LAUNCH, 0, 0, 100, 2},
        {REASON_SIGNAL, 11, 9999, 200, 3}, /* however long it was waited for */
        {REASON_SIGNAL, 9, 10, 300, 3},
        {REASON_SIGNAL, 15, 10, 300, 3},
        {REASON_TIMEOUT, 0, 10, 300, 3},
        {REASON_HOST, 0, 10, 300, 3},
        {REASON_EXIT, 0, 10000, 400, 0}, /* it got going */
        {REASON_EXIT, 0, 10, 500, 1},
        {REASON_OK, 0, 10, 600, 0},
        {REASON_EXIT, 0, 10, 650, 1},
        {REASON_STOPPER, 0, 10, 660, 0}, /* it reported what its stopper saw */
        {REASON_EXIT, 0, 10, 670, 1},
        {REASON_BUDGET, 0, 10, 680, 1},
        {REASON_TARGET, 0, 10, 690, 0},
        {REASON_EXIT, 0, 10, 700, 1},
        {REASON_EXIT, 0, 10, 700 + BOOKS_STREAK_GAP_MS, 2},
        {REASON_EXIT, 0, 10, 701 + 2 * BOOKS_STREAK_GAP_MS, 1}, /* far from the one before */
        {REASON_EXIT, 0, 10, 600 + 2 * BOOKS_STREAK_GAP_MS, 2}, /* a clock was set back */
    };
    for (uint64_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        ASSERT_EQ(propose(i), 0);
        ASSERT_EQ(launch(i, 1), 0);
        ASSERT_EQ(apply((struct fact){.kind = FACT_ENDED,
                                      .time_ms = now + 3 * BOOKS_STREAK_GAP_MS,
                                      .ended_ms = now + steps[i].ended,
                                      .ran_ms = steps[i].ran,
                                      .trial = i,
                                      .attempt = 1,
                                      .reason = steps[i].reason,
                                      .signal = steps[i].signal,
                                      .state = TRIAL_PENDING}),
                  0);
        ASSERT_EQ(s->failure_streak, steps[i].streak);
    }
    ASSERT_EQ(apply((struct fact){.kind = FACT_SWEEP_STATE, .state = SWEEP_PAUSED, .text = "k"}),
              0);
    ASSERT_STR(s->text, "k");
    ASSERT_EQ(apply((struct fact){.kind = FACT_SWEEP_STATE, .state = SWEEP_RUNNING}), 0);
    ASSERT_EQ(s->failure_streak, 0);
    ASSERT_EQ(apply((struct fact){.kind = FACT_SWEEP_STATE, .state = SWEEP_FINISHED}), 0);
    ASSERT_EQ(s->ended_ms, now);
    ASSERT_EQ(apply((struct fact){.kind = FACT_SWEEP_STATE, .state = SWEEP_PAUSED}), ERR_STATE);
    ASSERT_EQ(apply((struct fact){.kind = FACT_SWEEP_STATE, .state = SWEEP_RUNNING}), 0);
    ASSERT_EQ(s->ended_ms, 0);
    books_done(&books);
}

TEST(books_stopping_is_remembered)
{
    struct book_sweep *s = start(MINIMIZE);
    struct fact stop = {.kind = FACT_STOPPING, .attempt = 1, .reason = REASON_USER};
    ASSERT_EQ(propose(0), 0);
    ASSERT_EQ(apply(stop), ERR_STATE);
    ASSERT_EQ(launch(0, 1), 0);
    ASSERT_EQ(apply(stop), 0);
    ASSERT_EQ(apply(stop), ERR_STATE);
    ASSERT_EQ(books_trial(s, 0)->attempt.stop, REASON_USER);
    ASSERT_EQ(metrics(0, 1, 0, "{\"loss\":1}"), 0);
    ASSERT_EQ(end(0, 1, REASON_USER, TRIAL_CANCELLED), 0);
    ASSERT(!s->best.known);
    books_done(&books);
}

static void dump(struct buf *out, const struct books *b)
{
    buf_clear(out);
    past_dump(out, b);
}

TEST(books_refused_facts_change_nothing)
{
    struct buf before, after;
    buf_init(&before, SIZE_MAX);
    buf_init(&after, SIZE_MAX);
    unsigned refused = 0;
    for (uint64_t seed = 0; seed < 30; seed++) {
        struct past h;
        past_init(&h, seed);
        for (int step = 0; step < 150; step++) {
            struct err err = {0};
            past_next(&h);
            dump(&before, &h.books);
            struct fact f = past_any(&h);
            if (books_apply(&h.books, &f, &err) == 0)
                continue;
            refused++;
            dump(&after, &h.books);
            ASSERT(err.text[0] != '\0');
            ASSERT_STR(buf_str(&after), buf_str(&before));
        }
        past_done(&h);
    }
    ASSERT(refused > 1000);
    buf_done(&before);
    buf_done(&after);
}

/* What each sweep holds must add up, whatever happened. */
TEST(books_counts_add_up)
{
    for (uint64_t seed = 100; seed < 130; seed++) {
        struct past h;
        past_init(&h, seed);
        for (int step = 0; step < 300; step++) {
            void *value, *trial;
            past_next(&h);
            if (step % 7 == 0)
                books_sweep_out(&h.books);
            for (size_t at = 0; map_next(&h.books.sweeps, &at, &value);) {
                const struct book_sweep *s = value;
                uint64_t sum = 0, open = 0, pending = 0;
                for (int i = 0; i < TRIAL_STATES; i++)
                    sum += s->counts[i];
                for (size_t i = 0; map_next(&s->open, &i, &trial);) {
                    const struct book_trial *t = trial;
                    open += !trial_states[t->state].final;
                    pending += t->state == TRIAL_PENDING;
                    ASSERT((t->state == TRIAL_RUNNING) ==
                           (t->attempt.number && t->attempt.state != ATTEMPT_ENDED));
                }
                ASSERT_EQ(sum, s->proposed);
                ASSERT_EQ(open, s->counts[TRIAL_PENDING] + s->counts[TRIAL_RUNNING]);
                ASSERT_EQ(pending, s->counts[TRIAL_PENDING]);
                ASSERT(!s->best.known || s->best.trial < s->proposed);
            }
        }
        past_done(&h);
    }
}

/* The page cannot show a moment such as 2^63 ms. */
TEST(books_take_no_time_of_a_lost_agent_that_cannot_be)
{
    static const struct {
        const char *text;
        int64_t seen_ms;
    } cases[] = {{"1500", 1500}, {NULL, 2000},  {"", 2000},
                 {"soon", 2000}, {"-1", 2000},  {"99999999999999999999", 2000},
                 {"2001", 2000}, {"15e2", 2000}};
    struct fact f = {.kind = FACT_ACTION, .time_ms = 2000, .by = "besom", .what = BOOKS_AGENT_LOST};
    books_init(&books);
    f.subject = "agent a";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        f.text = cases[i].text;
        books_note_lost(&books, &f);
        ASSERT_EQ(fleet_lost_find(&books.lost, "a")->seen_ms, cases[i].seen_ms);
        ASSERT_EQ(fleet_lost_find(&books.lost, "a")->before, cases[i].seen_ms == 2000);
    }
    books_done(&books);
}
