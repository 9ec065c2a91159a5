/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What actions would do, counted, and actions that know an older sweep. */
#include "base/json.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

#define RANDOM                                                        \
    "method: random\nprogram: t\nmetric: {name: loss}\nrun_cap: 20\n" \
    "parameters: {a: {min: 0.0, max: 1.0}}\n"

static struct arena arena;

static const struct value *asked(struct event ev)
{
    uint64_t seq = kit.books.seq;
    ev.request = 9;
    ev.sweep = "s1";
    ev.by = "me";
    ev.dry = true;
    kit_step(ev);
    ASSERT_EQ(kit.books.seq, seq); /* no fact, not even of an action */
    ASSERT_EQ(kit_count(EFFECT_PERSIST), 0);
    ASSERT_EQ(kit_count(EFFECT_SEND), 0);
    ASSERT(kit_reply()->answer);
    return kit_reply()->answer;
}

static const struct value *asked_command(enum controller_command command)
{
    return asked((struct event){.kind = EVENT_COMMAND, .command = command});
}

static const struct value *effect_of(const struct value *answer)
{
    return value_get(answer, "effect");
}

static int done(enum controller_command command, uint64_t seen)
{
    kit_step((struct event){.kind = EVENT_COMMAND,
                            .request = 9,
                            .command = command,
                            .sweep = "s1",
                            .by = "ann",
                            .seen = seen});
    return kit_reply()->code;
}

TEST(effect_of_commands_is_counted_and_nothing_is_done)
{
    kit_begin(RANDOM);
    kit_hello(1, "box", 2, "[]");
    kit_tick(90 * 1000);
    const struct value *v = asked_command(COMMAND_CANCEL);
    ASSERT_STR(value_get_str(v, "message", ""),
               "ends 2 running trials (3 min of work) and the sweep");
    ASSERT(value_get_bool(v, "possible", false));
    ASSERT_EQ(value_get_int(effect_of(v), "running", 0), 2);
    ASSERT(value_get_float(effect_of(v), "seconds", 0) == 180);
    ASSERT_EQ(value_get(effect_of(v), "trials")->list.n, 2);
    v = asked_command(COMMAND_PAUSE);
    ASSERT_STR(value_get_str(v, "message", ""), "starts no more trials; 2 running trials continue");
    v = asked_command(COMMAND_STOP);
    ASSERT_STR(value_get_str(v, "message", ""),
               "starts no more trials, and finishes when 2 running trials have ended");
    v = asked_command(COMMAND_RESUME);
    ASSERT_STR(value_get_str(v, "message", ""), "is running already");
    ASSERT_EQ(effect_of(v)->dict.n, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    ASSERT_EQ(done(COMMAND_CANCEL, 0), 0);
    v = asked_command(COMMAND_PAUSE);
    ASSERT(!value_get_bool(v, "possible", true));
    ASSERT_STR(value_get_str(v, "code", ""), "ERR_STATE");
    kit_end();
}

TEST(effect_of_commands_where_no_trial_runs)
{
    kit_begin(RANDOM);
    ASSERT_STR(value_get_str(asked_command(COMMAND_CANCEL), "message", ""), "ends the sweep");
    ASSERT_STR(value_get_str(asked_command(COMMAND_PAUSE), "message", ""), "starts no more trials");
    ASSERT_STR(value_get_str(asked_command(COMMAND_STOP), "message", ""),
               "starts no more trials, and finishes at once");
    kit_end();
}

TEST(effect_of_a_stop_a_retry_and_an_enqueue)
{
    kit_begin(RANDOM);
    kit_hello(1, "box", 1, "[]");
    kit_tick(1000);
    const struct value *v = asked((struct event){.kind = EVENT_STOP, .trial = 0});
    ASSERT_STR(value_get_str(v, "message", ""),
               "ends (1 s of work); what it has reported counts, and its sweep continues");
    v = asked((struct event){.kind = EVENT_STOP, .trial = 7});
    ASSERT(!value_get_bool(v, "possible", true));
    v = asked(
        (struct event){.kind = EVENT_STOP, .trials = (const uint64_t[]){0, 7}, .trials_n = 2});
    ASSERT_STR(value_get_str(v, "message", ""),
               "ends 1 running trial (1 s of work); what they have reported counts, and the sweep "
               "continues");
    ASSERT_EQ(value_get_int(effect_of(v), "running", 0), 1);
    v = asked((struct event){.kind = EVENT_STOP, .trials = (const uint64_t[]){7}, .trials_n = 1});
    ASSERT_STR(value_get_str(v, "code", ""), "ERR_STATE");

    arena_init(&arena);
    struct value *params = value_dict(&arena);
    value_put(&arena, params, "a", value_float(&arena, 0.25));
    const struct event_enqueue enqueue = {.params = params};
    v = asked((struct event){.kind = EVENT_ENQUEUE, .enqueue = &enqueue});
    ASSERT_STR(value_get_str(v, "message", ""), "gets the new trial s1-1, which runs next");
    ASSERT_EQ(value_get_int(effect_of(v), "trial", 0), 1);
    ASSERT(value_get_float(value_get(effect_of(v), "params"), "a", 0) == 0.25);
    value_put(&arena, params, "a", value_float(&arena, 2));
    v = asked((struct event){.kind = EVENT_ENQUEUE, .enqueue = &enqueue});
    ASSERT_STR(value_get_str(v, "code", ""), "ERR_SPEC");

    value_put(&arena, params, "a", value_float(&arena, 0.5));
    kit_step((struct event){
        .kind = EVENT_ENQUEUE, .request = 9, .sweep = "s1", .by = "ann", .enqueue = &enqueue});
    v = asked((struct event){.kind = EVENT_STOP, .trials = (const uint64_t[]){1}, .trials_n = 1});
    ASSERT_STR(value_get_str(v, "message", ""), "cancels 1 pending trial; the sweep continues");
    const struct value *all[] = {params, params, params};
    struct event_enqueue repeat = {.of = 0, .times = 3, .all = all, .seed = "a"};
    v = asked((struct event){.kind = EVENT_ENQUEUE, .enqueue = &repeat});
    ASSERT_STR(value_get_str(v, "message", ""),
               "gets 3 new trials like s1-0, each with another value of a: s1-2 to s1-4, which run "
               "next");
    ASSERT_EQ(value_get_int(effect_of(v), "times", 0), 3);
    repeat.times = 1;
    repeat.seed = NULL;
    v = asked((struct event){.kind = EVENT_ENQUEUE, .enqueue = &repeat});
    ASSERT_STR(value_get_str(v, "message", ""),
               "gets 1 new trial like s1-0, with the same parameters: s1-2, which runs next");

    const struct event_retry retry = {.states = MACHINE_TO(TRIAL_FAILED)};
    v = asked((struct event){.kind = EVENT_RETRY, .retry = &retry});
    ASSERT_STR(value_get_str(v, "message", ""), "has no failed trial: nothing runs again");
    arena_done(&arena);
    kit_end();
}

TEST(effect_of_an_edit_names_its_changes)
{
    kit_begin(RANDOM);
    arena_init(&arena);
    struct value *content = value_copy(&arena, kit_sweep()->spec->content);
    struct fact f = {.kind = FACT_SWEEP_EDITED,
                     .sweep = "s1",
                     .path = "/w/s.yaml",
                     .workdir = "/w",
                     .content = content};
    value_put(&arena, content, "run_cap", value_int(&arena, 30));
    const struct value *v = asked((struct event){.kind = EVENT_EDIT, .create = &f});
    const struct value *changes = value_get(effect_of(v), "changes");
    ASSERT_EQ(changes->list.n, 1);
    ASSERT_STR(value_get_str(changes->list.items[0], "key", ""), "run_cap");
    ASSERT_STR(value_get_str(changes->list.items[0], "kind", ""), "free");
    value_put(&arena, content, "method", value_str(&arena, "sobol"));
    v = asked((struct event){.kind = EVENT_EDIT, .create = &f});
    ASSERT(!value_get_bool(v, "possible", true));
    ASSERT_EQ(value_get(effect_of(v), "changes")->list.n, 2);
    ASSERT_EQ(kit_sweep()->spec->run_cap, 20);
    arena_done(&arena);
    kit_end();
}

TEST(effect_of_more_repeats_than_there_are_seeds)
{
    const struct event_enqueue enqueue = {
        .repeats = true, .times = 3, .lacks = "only 2 are left", .left = 2};
    kit_begin(RANDOM);
    const struct value *v = asked((struct event){.kind = EVENT_ENQUEUE, .enqueue = &enqueue});
    ASSERT(!value_get_bool(v, "possible", true));
    ASSERT_STR(value_get_str(v, "message", ""), "only 2 are left");
    ASSERT_EQ(value_get_int(effect_of(v), "left", 0), 2);
    kit_end();
}

TEST(effect_of_an_agents_duty)
{
    const struct event_agent drain = {.name = "box", .duty = DUTY_DRAINING};
    kit_begin(RANDOM);
    kit_hello(1, "box", 2, "[]");
    const struct value *v = asked((struct event){.kind = EVENT_AGENT, .agent = &drain});
    ASSERT_STR(value_get_str(v, "message", ""),
               "takes no new trials; 2 running trials continue, then ends");
    ASSERT_EQ(value_get_int(effect_of(v), "running", 0), 2);
    ASSERT_EQ(books_duty(&kit.books, "box"), DUTY_UP);
    kit_end();
}

TEST(effect_of_forgetting_an_agent)
{
    const struct event_agent forget = {.name = "box", .duty = DUTY_FORGOTTEN};
    kit_begin(RANDOM);
    kit_hello(1, "box", 2, "[]");
    const struct value *v = asked((struct event){.kind = EVENT_AGENT, .agent = &forget});
    ASSERT(!value_get_bool(v, "possible", true));
    ASSERT(strstr(value_get_str(v, "message", ""), "agent box is connected"));
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    v = asked((struct event){.kind = EVENT_AGENT, .agent = &forget});
    ASSERT_STR(
        value_get_str(v, "message", ""),
        "leaves the list: 2 trials run again elsewhere at once; training that may continue on "
        "its host is not ended");
    ASSERT_EQ(value_get_int(effect_of(v), "running", 0), 2);
    ASSERT_EQ(value_get_int(effect_of(v), "again", 0), 2);
    ASSERT_EQ(kit_running("s1"), 2);
    kit_end();
}

TEST(an_action_that_knows_an_older_sweep_is_refused)
{
    kit_begin(RANDOM);
    kit_hello(1, "box", 1, "[]");
    uint64_t seen = (uint64_t)value_get_int(asked_command(COMMAND_CANCEL), "revision", 0);
    ASSERT(seen > 0);
    kit_metrics(1, 0, 1, 0, "{\"loss\":1}\n"); /* trials do not steer */
    ASSERT_EQ(value_get_int(asked_command(COMMAND_CANCEL), "revision", 0), seen);
    ASSERT_EQ(done(COMMAND_PAUSE, seen), 0);
    kit_tick(3000);
    ASSERT_EQ(done(COMMAND_CANCEL, seen), ERR_STALE);
    ASSERT_STR(kit_reply()->text,
               "sweep s1 has since changed: pause by ann, 3 s ago; nothing was done");
    ASSERT_EQ(kit_sweep()->state, SWEEP_PAUSED);
    seen = (uint64_t)value_get_int(asked_command(COMMAND_CANCEL), "revision", 0);
    kit_restart(); /* what was seen before is not known to be true */
    ASSERT_EQ(done(COMMAND_RESUME, seen - 1), ERR_STALE);
    seen = (uint64_t)value_get_int(asked_command(COMMAND_CANCEL), "revision", 0);
    ASSERT_EQ(done(COMMAND_CANCEL, seen), 0);
    kit_end();
}
