/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which agent a trial gets, by what it needs and by what agents offer. */
#include <stdio.h>

#include "base/json.h"
#include "orchestrator/core/reasons/idle.h"
#include "orchestrator/core/waits.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

#define SPACE "program: t\nparameters: {a: {min: 0.0, max: 1.0}}\n"
#define RANDOM "method: random\n" SPACE
#define GPUS_2 "[{\"gpus\":[\"GPU-a\"],\"index\":\"0\"},{\"gpus\":[\"GPU-b\"],\"index\":\"1\"}]"
#define GPUS_4                                                                                     \
    "[{\"gpus\":[\"GPU-a\"]},{\"gpus\":[\"GPU-b\"]},{\"gpus\":[\"GPU-c\"]},{\"gpus\":[\"GPU-d\"]}" \
    "]"

/* The grant of the n-th launch of the last step, as JSON. */
static const char *granted(size_t n)
{
    static struct buf text;
    const struct message *m = kit_sent(MESSAGE_LAUNCH, n);
    buf_done(&text);
    buf_init(&text, SIZE_MAX);
    if (m)
        json_print(&text, m->grant, JSON_COMPACT);
    return buf_str(&text);
}

TEST(fleet_gives_a_trial_as_many_gpus_as_it_needs)
{
    kit_begin(RANDOM "resources: {gpus: 2}\n");
    kit_hello_with(1, "box", GPUS_2, "null");
    ASSERT_EQ(kit_running("s1"), 1);
    ASSERT_STR(granted(0), "{\"slots\":[0,1],\"gpus\":[\"GPU-a\",\"GPU-b\"],\"index\":\"0,1\"}");
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->slot, 0);
    ASSERT_EQ(kit_sweep()->gpu_milli, 2000);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_STR(granted(0), "{\"slots\":[0,1],\"gpus\":[\"GPU-a\",\"GPU-b\"],\"index\":\"0,1\"}");
    ASSERT_EQ(kit_running("s1"), 1);
    kit_end();
}

/* Two slots of one GPU are not two GPUs. */
TEST(fleet_gives_a_trial_gpus_that_are_distinct)
{
    kit_begin(RANDOM "resources: {gpus: 2}\n");
    kit_hello_with(1, "box",
                   "[{\"gpus\":[\"GPU-a\"],\"share\":2},{\"gpus\":[\"GPU-a\"],\"share\":2},"
                   "{\"gpus\":[\"GPU-b\"],\"share\":2},{\"gpus\":[\"GPU-b\"],\"share\":2}]",
                   "null");
    ASSERT_EQ(kit_running("s1"), 2);
    ASSERT_STR(granted(0), "{\"slots\":[0,2],\"gpus\":[\"GPU-a\",\"GPU-b\"],\"share\":2}");
    ASSERT_STR(granted(1), "{\"slots\":[1,3],\"gpus\":[\"GPU-a\",\"GPU-b\"],\"share\":2}");
    ASSERT_EQ(kit_sweep()->gpu_milli, 2000);
    kit_end();
}

TEST(fleet_grants_no_gpu_to_a_trial_that_wants_none)
{
    kit_begin(RANDOM "resources: {gpus: 0}\n");
    kit_hello_with(1, "box", "[{\"gpus\":[\"GPU-a\"]},{}]", "null");
    ASSERT_STR(granted(0), "{\"slots\":[1],\"gpus\":[]}"); /* the slot without a GPU first */
    ASSERT_STR(granted(1), "{\"slots\":[0],\"gpus\":[]}");
    kit_end();
}

TEST(fleet_grants_what_the_slot_has_where_the_spec_does_not_say)
{
    kit_begin(RANDOM);
    kit_hello_with(1, "box", "[{\"gpus\":[\"GPU-a\"],\"vendor\":\"amd\"},{\"gpus\":[]},{}]",
                   "null");
    ASSERT_STR(granted(0), "{\"slots\":[0],\"gpus\":[\"GPU-a\"],\"vendor\":\"amd\"}");
    ASSERT_STR(granted(1), "{\"slots\":[1],\"gpus\":[]}");
    ASSERT_STR(granted(2), "{\"slots\":[2]}");
    ASSERT(!kit_fact(FACT_LAUNCHED, 2)->grant); /* the slot says it all */
    kit_end();
}

TEST(fleet_says_in_which_folders_a_trial_runs)
{
    struct fact create = {.sweep = "s2", .path = "/sweep.yaml", .workdir = "./net", .seed = 1};
    kit_begin(RANDOM "max_parallel: 1\n");
    kit_hello_with(1, "box", "[{},{},{}]", "{\"dir\":\"/var/b\",\"workdir\":\"/data/me\"}");
    ASSERT_STR(granted(0), "{\"slots\":[0],\"workdir\":\"/\",\"dir\":\"/var/b/trials/s1/0\"}");
    create.content = kit_sweep()->spec->content;
    kit_step((struct event){.kind = EVENT_CREATE, .create = &create});
    ASSERT_STR(granted(0), "{\"slots\":[1],\"workdir\":\"/data/me/net\","
                           "\"dir\":\"/var/b/trials/s2/0\"}");
    kit_end();
}

TEST(fleet_divides_cores_and_memory_of_a_host)
{
    kit_begin(RANDOM "resources: {cpus: 3, memory: 1GiB}\n");
    kit_hello_with(1, "cores", "[{},{},{},{}]", "{\"cpus\":8,\"memory\":99000000000}");
    ASSERT_EQ(kit_running("s1"), 2);
    ASSERT_STR(granted(0), "{\"slots\":[0],\"cpus\":3,\"memory\":1073741824}");
    kit_hello_with(2, "memory", "[{},{},{},{}]", "{\"cpus\":80,\"memory\":3300000000}");
    ASSERT_EQ(kit_running("s1"), 5);
    kit_hello_with(3, "unknown", "[{},{}]", "null");
    ASSERT_EQ(kit_running("s1"), 7);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->slot, 0);
    kit_hello_with(4, "small", "[{}]", "{\"cpus\":2}");
    ASSERT_EQ(kit_running("s1"), 7);
    kit_end();
}

TEST(fleet_gives_trials_to_agents_with_their_labels)
{
    kit_begin(RANDOM "resources: {labels: [a100, nvlink]}\n");
    kit_hello_with(1, "plain", "[{}]", "null");
    kit_hello_with(2, "half", "[{}]", "{\"labels\":[\"a100\"]}");
    ASSERT_EQ(kit_running("s1"), 0);
    kit_hello_with(3, "both", "[{}]", "{\"labels\":[\"nvlink\",\"a100\",\"x\"]}");
    ASSERT_STR(kit_fact(FACT_LAUNCHED, 0)->agent, "both");
    kit_end();
}

TEST(fleet_takes_an_agent_whose_folder_has_any_name)
{
    kit_begin(RANDOM);
    kit_hello_with(1, "odd", "[{}]", "{\"workdir\":\"/a\\nb\",\"dir\":\"/\\u001b[31m\\n\"}");
    ASSERT_STR(kit_fact(FACT_LAUNCHED, 0)->agent, "odd");
    kit_end();
}

TEST(fleet_gives_dedicated_agents_only_trials_that_need_their_labels)
{
    kit_begin(RANDOM);
    kit_hello_with(1, "mine", "[{}]", "{\"labels\":[\"x\"],\"only\":true}");
    ASSERT_EQ(kit_running("s1"), 0);
    kit_hello_with(2, "plain", "[{}]", "{\"labels\":[\"x\"],\"only\":false}");
    ASSERT_STR(kit_fact(FACT_LAUNCHED, 0)->agent, "plain");
    kit_end();
    kit_begin(RANDOM "resources: {labels: [x]}\n");
    kit_hello_with(1, "mine", "[{}]", "{\"labels\":[\"x\",\"y\"],\"only\":true}");
    ASSERT_STR(kit_fact(FACT_LAUNCHED, 0)->agent, "mine");
    kit_end();
}

TEST(fleet_refuses_a_host_that_makes_no_sense)
{
    static const char *const hosts[] = {"[]",
                                        "{\"cpus\":-1}",
                                        "{\"memory\":1.5}",
                                        "{\"labels\":[1]}",
                                        "{\"labels\":\"a\"}",
                                        "{\"only\":1}"};
    kit_begin(RANDOM);
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        kit_hello_with((uint32_t)i + 1, "box", "[{}]", hosts[i]);
        ASSERT_STR(kit_sent(MESSAGE_REFUSED, 0)->text, "the description of its host is malformed");
    }
    kit_end();
}

/* What an attempt holds is in the books: another process takes it up as it was. */
TEST(fleet_grants_the_same_again_after_a_restart)
{
    kit_begin(RANDOM "resources: {gpus: 2, cpus: 4}\nmax_parallel: 1\n");
    kit_hello_with(1, "box", GPUS_4, "{\"cpus\":8}");
    const char *before = "{\"slots\":[0,1],\"gpus\":[\"GPU-a\",\"GPU-b\"],\"cpus\":4}";
    ASSERT_STR(granted(0), before);
    kit_restart();
    ASSERT_EQ(kit_sweep()->gpu_milli, 2000);
    kit_hello_with(1, "box", GPUS_4, "{\"cpus\":8}");
    ASSERT_STR(granted(0), before);
    ASSERT_EQ(fleet_find(&kit.fleet, "box")->cpus_taken, 4);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(fleet_find(&kit.fleet, "box")->taken_n, 2); /* the next trial */
    kit_end();
}

/* An agent that comes back may number its GPUs in another way. */
TEST(fleet_gives_no_gpu_twice_that_has_another_slot_today)
{
    kit_begin(RANDOM "max_parallel: 1\n");
    kit_hello_with(1, "box", GPUS_2, "null");
    ASSERT_STR(granted(0), "{\"slots\":[0],\"gpus\":[\"GPU-a\"],\"index\":\"0\"}");
    kit_create("s2", RANDOM);
    kit_ended(1, 0, 1, "none", 0, 0);
    kit_restart();
    kit_hello_with(
        1, "box", "[{\"gpus\":[\"GPU-b\"]},{\"gpus\":[\"GPU-a\"]},{\"gpus\":[\"GPU-c\"]}]", "null");
    const struct fleet_agent *agent = fleet_find(&kit.fleet, "box");
    ASSERT_EQ(kit_running("s1") + kit_running("s2"), 3);
    ASSERT_EQ(agent->free_n, 0);
    kit_end();
}

static void end_first_of(const char *sweep, uint32_t link)
{
    const struct book_sweep *s = books_sweep(&kit.books, sweep);
    void *value;
    for (size_t at = 0; map_next(&s->open, &at, &value);) {
        const struct book_trial *t = value;
        if (t->state != TRIAL_RUNNING)
            continue;
        kit_say(link, (struct message){.type = MESSAGE_ENDED,
                                       .at_ms = (uint64_t)kit_now,
                                       .sweep = sweep,
                                       .trial = t->number,
                                       .attempt = t->attempt.number,
                                       .cause = "none"});
        return;
    }
    FAIL("no trial of %s runs", sweep);
}

TEST(fleet_keeps_an_agent_for_a_trial_that_needs_more_than_is_free)
{
    kit_begin(RANDOM);
    kit_hello_with(1, "box", GPUS_4, "null");
    kit_hello_with(2, "other", "[{},{}]", "null");
    ASSERT_EQ(kit_running("s1"), 6);
    kit_create("s2", RANDOM "resources: {gpus: 3}\n");
    end_first_of("s1", 1); /* on box: it is kept for s2 from now on */
    ASSERT_EQ(kit_running("s1"), 5);
    ASSERT(fleet_held(&kit.fleet, "s2") == fleet_find(&kit.fleet, "box"));
    end_first_of("s1", 1);
    ASSERT_EQ(kit_running("s1") + 4 * kit_running("s2"), 4);
    end_first_of("s1", 1);
    ASSERT_EQ(kit_running("s2"), 1);
    ASSERT(!fleet_held(&kit.fleet, "s2"));
    kit_end();
}

TEST(fleet_goes_on_elsewhere_while_an_agent_is_kept)
{
    kit_begin(RANDOM);
    kit_hello_with(1, "box", GPUS_2, "null");
    kit_hello_with(2, "other", "[{},{}]", "null");
    kit_create("s2", RANDOM "resources: {gpus: 2}\n");
    struct fleet_agent *other = fleet_find(&kit.fleet, "other");
    end_first_of("s1", 1);
    ASSERT(fleet_held(&kit.fleet, "s2"));
    for (int i = 0; i < 3; i++) {
        const struct fleet_slot *slot = &other->slots[0];
        kit_ended(2, slot->trial, 1, "none", 0, 0);
        ASSERT_EQ(other->free_n, 0);
    }
    kit_end();
}

TEST(fleet_waits_for_no_agent_that_does_not_exist)
{
    kit_begin(RANDOM "resources: {gpus: 3}\npriority: 9\n");
    kit_create("s2", RANDOM);
    kit_hello_with(1, "box", GPUS_2, "null");
    ASSERT_EQ(kit_running("s2"), 2);
    ASSERT(!fleet_held(&kit.fleet, "s1"));
    end_first_of("s2", 1);
    ASSERT_EQ(kit_running("s2"), 2);
    kit_end();
}

TEST(fleet_keeps_an_agent_no_longer_that_cannot_hold_the_trial)
{
    kit_begin(RANDOM);
    kit_hello_with(1, "box", GPUS_2, "null");
    kit_create("s2", RANDOM "resources: {gpus: 2}\nweight: 9\n");
    end_first_of("s1", 1);
    ASSERT(fleet_held(&kit.fleet, "s2"));
    struct value *v = NULL;
    struct arena a;
    arena_init(&a);
    const char *slots = "[{\"gpus\":[\"GPU-a\"]},{\"gpus\":[\"GPU-b\"],\"why\":\"Xid 79\"}]";
    ASSERT_EQ(json_parse(&a, slots, strlen(slots), &v, NULL), 0);
    kit_say(1, (struct message){.type = MESSAGE_SLOTS, .slots = v});
    arena_done(&a);
    ASSERT(!fleet_held(&kit.fleet, "s2"));
    ASSERT_EQ(kit_running("s1"), 2);
    kit_end();
}

TEST(fleet_lets_a_higher_priority_have_what_is_kept)
{
    kit_begin(RANDOM);
    kit_hello_with(1, "box", GPUS_2, "null");
    kit_create("s2", RANDOM "resources: {gpus: 2}\nweight: 9\n");
    end_first_of("s1", 1);
    ASSERT(fleet_held(&kit.fleet, "s2"));
    kit_create("s3", RANDOM "priority: 1\nmax_parallel: 1\n");
    ASSERT_EQ(kit_running("s3"), 1);
    kit_end();
}

TEST(fleet_keeps_no_agent_for_a_sweep_that_pauses)
{
    kit_begin(RANDOM "resources: {gpus: 2}\npriority: 1\nmax_parallel: 1\n");
    kit_hello_with(1, "box", GPUS_2, "null");
    kit_create("s2", RANDOM "retry: {failed: 9}\n");
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_running("s2"), 2);
    ASSERT_EQ(kit_command(COMMAND_RESUME), 0);
    end_first_of("s2", 1);
    ASSERT(fleet_held(&kit.fleet, "s1"));
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    ASSERT(!fleet_held(&kit.fleet, "s1"));
    ASSERT_EQ(kit_running("s2"), 2);
    kit_end();
}

/* A trial of four slots counts as four. */
TEST(fleet_shares_slots_and_not_trials)
{
    kit_begin(RANDOM "resources: {gpus: 4}\n");
    kit_create("s2", RANDOM);
    kit_hello_with(1, "a", GPUS_4, "null");
    kit_hello_with(2, "b", GPUS_4, "null");
    ASSERT_EQ(kit_running("s1"), 1);
    ASSERT_EQ(kit_running("s2"), 4);
    kit_end();
}

/* Of a strategy that learns nothing is ready when a slot becomes free; it has its turn all the
 * same. */
TEST(fleet_does_not_starve_a_sweep_that_learns)
{
    kit_begin(RANDOM);
    kit_create("s2", "method: bayes\nmetric: {name: loss}\n" SPACE);
    kit_hello(1, "box", 2, "[]");
    ASSERT_EQ(kit_running("s1"), 1);
    ASSERT_EQ(kit_running("s2"), 1);
    for (int i = 0; i < 2; i++) {
        end_first_of("s2", 1);
        ASSERT_EQ(kit_running("s2"), 1);
        end_first_of("s1", 1);
        ASSERT_EQ(kit_running("s1"), 1);
    }
    kit_end();
}

static const char *waits_for(const char *sweep, uint64_t trial)
{
    static struct arena a;
    const char *text = waits_trial(&kit, sweep, trial, &a);
    return text ? text : "nothing";
}

/* Trial 0 of s1 is pending again after its agent lost it. */
static void begin_pending(const char *yaml, const char *slots, const char *host)
{
    kit_begin(yaml);
    kit_hello_with(1, "box", slots, host);
    ASSERT_EQ(kit_running("s1"), 1);
}

static void lose_trial_0(void)
{
    kit_say(1, (struct message){.type = MESSAGE_ENDED, .attempt = 1, .cause = "host"});
}

TEST(waits_says_what_an_agent_lacks_to_start_a_trial)
{
    static struct arena a;
    begin_pending(RANDOM "max_parallel: 1\n", GPUS_2, "null");
    kit_say(1, (struct message){.type = MESSAGE_WAITS, .attempt = 1, .text = "its code"});
    ASSERT_STR(waits_for("s1", 0), "its code (agent box)");
    ASSERT_STR(waits_sweep(&kit, "s1", &a), "its code (agent box)");
    kit_say(1, (struct message){.type = MESSAGE_WAITS, .attempt = 2, .text = "another's"});
    kit_say(1, (struct message){.type = MESSAGE_WAITS, .trial = 9, .attempt = 1, .text = "x"});
    ASSERT_STR(waits_for("s1", 0), "its code (agent box)");
    kit_say(1, (struct message){.type = MESSAGE_WAITS, .attempt = 1, .text = ""});
    ASSERT_STR(waits_for("s1", 0), "nothing");
    ASSERT(!waits_sweep(&kit, "s1", &a));
    kit_end();
}

TEST(waits_says_what_a_trial_waits_for)
{
    begin_pending(RANDOM "max_parallel: 1\n", GPUS_2, "null");
    ASSERT_STR(waits_for("s1", 0), "nothing");
    ASSERT_STR(waits_for("s1", 7), "nothing");
    ASSERT_STR(waits_for("s9", 0), "nothing");
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    lose_trial_0();
    ASSERT_STR(waits_for("s1", 0), "its sweep is paused");
    kit_create("s2", RANDOM "priority: 3\n");
    ASSERT_EQ(kit_command(COMMAND_RESUME), 0);
    ASSERT_STR(waits_for("s1", 0), "2 trials of sweeps with a higher priority run first");
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT_STR(waits_for("s1", 0), "no agent is connected");
    kit_hello_with(2, "new", "[{\"why\":\"GPU 1 is in use by process 123\"}]", "null");
    ASSERT_STR(waits_for("s1", 0), "agent new: GPU 1 is in use by process 123");
    kit_end();
}

TEST(waits_says_that_as_many_run_as_may_at_once)
{
    begin_pending(RANDOM "max_parallel: 1\n", GPUS_2, "null");
    kit_ended(1, 0, 1, "host", 0, 0); /* it runs again at once */
    ASSERT_EQ(kit_running("s1"), 1);
    struct event_enqueue enqueue = {.params = NULL};
    struct arena a;
    struct value *params = NULL;
    arena_init(&a);
    ASSERT_EQ(json_parse(&a, "{\"a\":0.5}", 9, &params, NULL), 0);
    enqueue.params = params;
    kit_step(
        (struct event){.kind = EVENT_ENQUEUE, .request = 9, .sweep = "s1", .enqueue = &enqueue});
    ASSERT_STR(waits_for("s1", 1), "max_parallel: 1 trial of its sweep runs already");
    kit_step(
        (struct event){.kind = EVENT_ENQUEUE, .request = 9, .sweep = "s1", .enqueue = &enqueue});
    ASSERT_STR(waits_for("s1", 2),
               "max_parallel: 1 trial of its sweep runs already; 1 trial of its "
               "sweep comes before it");
    arena_done(&a);
    kit_end();
}

TEST(waits_says_what_no_agent_has)
{
    static const struct {
        const char *resources, *text;
    } cases[] = {
        {"gpus: 4", "no agent has 4 GPUs: the largest has 2"},
        {"cpus: 32", "no agent has 32 cores: the largest has 8"},
        {"memory: 64GiB", "no agent has 64 GiB of memory: the largest has 32 GiB"},
        {"labels: [a100, x]", "no agent has the labels a100, x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[256];
        struct arena a;
        arena_init(&a);
        snprintf(yaml, sizeof yaml, RANDOM "resources: {%s}\n", cases[i].resources);
        kit_begin(yaml);
        kit_hello_with(1, "box", GPUS_2, "{\"cpus\":8,\"memory\":34359738368,\"labels\":[\"x\"]}");
        ASSERT_STR(waits_sweep(&kit, "s1", &a), cases[i].text);
        ASSERT_STR(waits_stuck(&kit, "s1", &a), cases[i].text);
        arena_done(&a);
        kit_end();
    }
}

TEST(waits_says_that_agents_are_away)
{
    struct arena a;
    arena_init(&a);
    kit_begin(RANDOM);
    ASSERT_STR(waits_sweep(&kit, "s1", &a), "no agent is connected");
    ASSERT_STR(waits_stuck(&kit, "s1", &a), "no agent is connected");
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT(!waits_sweep(&kit, "s1", &a));
    ASSERT(!waits_stuck(&kit, "s1", &a));
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 2});
    ASSERT(!waits_stuck(&kit, "s1", &a));
    ASSERT(strstr(waits_sweep(&kit, "s1", &a),
                  " and others are away: their trials run again if they do not come back"));
    arena_done(&a);
    kit_end();
}

TEST(waits_says_what_is_kept)
{
    struct arena a;
    arena_init(&a);
    kit_begin(RANDOM);
    kit_hello_with(1, "box", GPUS_4, "null");
    kit_create("s2", RANDOM "resources: {gpus: 3}\n");
    end_first_of("s1", 1);
    ASSERT_STR(waits_sweep(&kit, "s2", &a),
               "3 slots of agent box are being kept for it: 1 is free");
    ASSERT(!waits_stuck(&kit, "s2", &a));
    ASSERT(!waits_sweep(&kit, "s1", &a));
    arena_done(&a);
    kit_end();
}

/* Of a sweep that comes first, but whose configuration is still being proposed. */
TEST(fleet_keeps_a_place_on_an_agent_that_was_kept_for_a_lower_priority)
{
    kit_begin(RANDOM);
    kit_hello_with(1, "box", GPUS_2, "null");
    kit_create("s2", RANDOM "resources: {gpus: 2}\nweight: 9\n");
    end_first_of("s1", 1);
    ASSERT(fleet_held(&kit.fleet, "s2"));
    kit_thinks = "s3";
    kit_create("s3", RANDOM "priority: 1\nmax_parallel: 1\n");
    kit_tick(1000);
    ASSERT_EQ(kit_running("s1"), 1);
    kit_thinks = NULL;
    kit_propose("s3", 1);
    ASSERT_EQ(kit_running("s3"), 1);
    kit_end();
}

/* A trial that waits tells more than a sweep that is paused. */
TEST(idle_agent_names_the_sweep_that_it_does_not_fit)
{
    static struct arena a;
    kit_begin("method: grid\nprogram: t\nparameters: {a: {values: [1, 2, 3]}}\n");
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    kit_hello_with(1, "small", "[{}]", "{\"cpus\":2}");
    ASSERT_STR(idle_agent(&kit, fleet_find(&kit.fleet, "small"), &a), "sweep s1 is paused");
    kit_create("s2",
               "method: grid\nprogram: t\nresources: {cpus: 4}\nparameters: {a: {values: [1]}}\n");
    ASSERT_STR(idle_agent(&kit, fleet_find(&kit.fleet, "small"), &a),
               "the trials of sweep s2 need another kind of agent");
    kit_hello_with(2, "large", "[{}]", "{\"cpus\":4}"); /* none waits any more */
    ASSERT_EQ(kit_running("s2"), 1);
    ASSERT_STR(idle_agent(&kit, fleet_find(&kit.fleet, "small"), &a), "sweep s1 is paused");
    kit_end();
}
