/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/agent_core.h"

#include "tests/test.h"

static struct agent_core core;
static struct agent_effects out;
static struct arena arena;
static int64_t now = 1000;

static void step(struct agent_event ev)
{
    ev.now_ms = now;
    ev.wall_ms = 5000;
    out.n = 0;
    agent_core_step(&core, &ev, &out);
}

static void begin(uint32_t slots)
{
    arena_init(&arena);
    agent_effects_init(&out, &arena);
    agent_core_init(&core, "box", slots);
}

static const struct agent_effect *effect(enum agent_effect_kind kind)
{
    for (size_t i = 0; i < out.n; i++)
        if (out.items[i].kind == kind)
            return &out.items[i];
    FAIL("no effect of kind %d among %zu", (int)kind, out.n);
}

static const struct message *sent(enum message_type type)
{
    const struct message *m = &effect(AGENT_DO_SEND)->message;
    ASSERT_EQ(m->type, type);
    return m;
}

static struct agent_key key_of(uint64_t trial)
{
    return (struct agent_key){.sweep = "s1", .trial = trial, .attempt = 1};
}

static struct message about(enum message_type type, uint64_t trial)
{
    return (struct message){
        .type = type, .store = "st", .epoch = 7, .sweep = "s1", .trial = trial, .attempt = 1};
}

static void hear(struct message m)
{
    step((struct agent_event){.kind = AGENT_EV_MESSAGE, .message = &m});
}

static const struct value *offsets(int64_t file, int64_t captured)
{
    struct value *v = value_list(&arena);
    value_push(&arena, v, value_int(&arena, file));
    value_push(&arena, v, value_int(&arena, captured));
    return v;
}

static void launch(uint64_t trial, uint64_t slot, int64_t offset, const char *capture)
{
    struct message sweep = about(MESSAGE_SWEEP, 0), m = about(MESSAGE_LAUNCH, trial);
    sweep.capture = capture;
    sweep.program = "train.py";
    sweep.workdir = "/w";
    sweep.command = sweep.env = sweep.patterns = value_list(&arena);
    m.slot = slot;
    m.offsets = offsets(offset, 0);
    m.params = m.grant = value_list(&arena);
    hear(sweep);
    hear(m);
}

static void welcome(uint64_t epoch)
{
    step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    hear((struct message){.type = MESSAGE_WELCOME, .store = "st", .epoch = epoch, .version = 1});
}

static void happens(enum agent_event_kind kind, uint64_t trial)
{
    step((struct agent_event){.kind = kind, .key = key_of(trial)});
}

static void has_read(uint64_t trial, uint32_t stream, uint64_t from, uint64_t to, bool more)
{
    step((struct agent_event){.kind = AGENT_EV_READ,
                              .key = key_of(trial),
                              .stream = stream,
                              .from = from,
                              .to = to,
                              .text = "text\n",
                              .more = more});
}

static void acked(uint64_t trial, uint64_t stream, uint64_t to)
{
    struct message m = about(MESSAGE_METRICS_ACK, trial);
    m.stream = stream;
    m.to = to;
    hear(m);
}

static void has_ended(uint64_t trial, const char *cause, int code)
{
    struct agent_end end = {.cause = cause, .code = code, .at_ms = 77, .ran_ms = 66, .dropped = 5};
    step((struct agent_event){.kind = AGENT_EV_ENDED, .key = key_of(trial), .end = &end});
}

static int state_of(uint64_t trial)
{
    struct agent_key key = key_of(trial);
    const struct agent_entry *entry = agent_core_find(&core, &key);
    return entry ? entry->state : -1;
}

/* As far as running, with its first read under way. */
static void run_one(uint64_t trial)
{
    launch(trial, 0, 0, "");
    effect(AGENT_DO_START);
    happens(AGENT_EV_STARTED, trial);
    now += AGENT_POLL_MS;
    step((struct agent_event){.kind = AGENT_EV_TICK});
    ASSERT_EQ(effect(AGENT_DO_READ)->from, 0);
}

TEST(agent_starts_nothing_without_room_on_the_disk)
{
    begin(2);
    welcome(7);
    run_one(0);
    step((struct agent_event){.kind = AGENT_EV_ROOM});
    launch(1, 1, 0, "");
    ASSERT(out.n == 0 && state_of(1) == AGENT_HELD);
    ASSERT(agent_core_waits_for_room(&core));
    has_read(0, 0, 0, 5, false); /* what runs goes on */
    sent(MESSAGE_METRICS);
    has_ended(0, "none", 0);
    ASSERT(agent_core_deadline(&core) != INT64_MAX);
    step((struct agent_event){.kind = AGENT_EV_ROOM, .room = true});
    ASSERT_EQ(effect(AGENT_DO_START)->message.trial, 1);
    ASSERT_EQ(state_of(1), AGENT_STARTING);
    ASSERT(!agent_core_waits_for_room(&core));
}

/* What was found at the start is adopted all the same, and what waits can be stopped. */
TEST(agent_adopts_without_room_on_the_disk)
{
    begin(2);
    struct agent_key key = key_of(0);
    agent_core_hold(&core, &key);
    step((struct agent_event){.kind = AGENT_EV_ROOM});
    welcome(7);
    launch(0, 0, 0, "");
    ASSERT_EQ(effect(AGENT_DO_START)->message.trial, 0);
    launch(1, 1, 0, "");
    hear(about(MESSAGE_STOP, 1));
    ASSERT_EQ(state_of(1), AGENT_DRAINING);
}

TEST(agent_runs_an_attempt_to_its_end)
{
    begin(2);
    welcome(7);
    ASSERT_EQ(agent_core_deadline(&core), INT64_MAX);
    run_one(3);
    ASSERT_EQ(agent_core_deadline(&core), now + AGENT_POLL_MS);
    has_read(3, 0, 0, 10, true);
    const struct message *m = sent(MESSAGE_METRICS);
    ASSERT(m->from == 0 && m->to == 10 && m->trial == 3 && m->attempt == 1 && m->epoch == 7);
    ASSERT_STR(m->text, "text\n");
    acked(3, 0, 10); /* there is more: read on at once */
    ASSERT_EQ(effect(AGENT_DO_READ)->from, 10);
    has_read(3, 0, 10, 10, false);
    ASSERT_EQ(out.n, 0);
    has_ended(3, "none", 4);
    ASSERT(effect(AGENT_DO_READ)->last);
    has_read(3, 0, 10, 15, false);
    sent(MESSAGE_METRICS);
    acked(3, 0, 15);
    has_read(3, 0, 15, 15, false);
    m = sent(MESSAGE_ENDED);
    ASSERT(m->code == 4 && m->at_ms == 77 && m->ran_ms == 66 && m->dropped == 5);
    ASSERT_STR(m->cause, "none");
    ASSERT_EQ(agent_core_count(&core, NULL), 1);
    hear(about(MESSAGE_ENDED_ACK, 3));
    effect(AGENT_DO_TRIM);
    ASSERT_EQ(agent_core_count(&core, NULL), 0);
}

TEST(agent_reads_again_what_was_read_before_the_end)
{
    begin(1);
    welcome(7);
    run_one(0);
    has_ended(0, "none", 0); /* while that read is under way */
    ASSERT_EQ(out.n, 0);
    has_read(0, 0, 0, 0, false);
    ASSERT(effect(AGENT_DO_READ)->last);
    has_read(0, 0, 0, 0, false);
    sent(MESSAGE_ENDED);
}

TEST(agent_drains_both_streams_before_the_end)
{
    begin(1);
    welcome(7);
    launch(0, 0, 0, "json");
    happens(AGENT_EV_STARTED, 0);
    has_ended(0, "none", 0);
    ASSERT_EQ(out.n, 2);
    has_read(0, 0, 0, 0, false);
    ASSERT_EQ(out.n, 0);
    has_read(0, 1, 0, 6, false);
    ASSERT_EQ(sent(MESSAGE_METRICS)->stream, 1);
    acked(0, 1, 6);
    has_read(0, 1, 6, 6, false);
    sent(MESSAGE_ENDED);
}

TEST(agent_says_again_what_was_lost_with_its_link)
{
    begin(1);
    welcome(7);
    run_one(0);
    has_read(0, 0, 0, 10, false);
    step((struct agent_event){.kind = AGENT_EV_LINK_DOWN});
    has_ended(0, "none", 0);
    now += 60000;
    step((struct agent_event){.kind = AGENT_EV_TICK});
    ASSERT_EQ(out.n, 0); /* nobody to tell */
    step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    const struct message *m = sent(MESSAGE_HELLO);
    ASSERT_STR(m->agent, "box");
    ASSERT_EQ(m->held->list.n, 1);
    ASSERT_EQ(m->held->list.items[0]->list.items[1]->i, 0);
    hear((struct message){.type = MESSAGE_WELCOME, .store = "st", .epoch = 7, .version = 1});
    launch(0, 0, 4, ""); /* the controller knows better */
    ASSERT_EQ(effect(AGENT_DO_READ)->from, 4);
    has_read(0, 0, 4, 4, false);
    sent(MESSAGE_ENDED);
    step((struct agent_event){.kind = AGENT_EV_LINK_DOWN});
    welcome(7);
    launch(0, 0, 4, "");
    ASSERT_EQ(state_of(0), AGENT_DRAINING);
    has_read(0, 0, 4, 4, false);
    sent(MESSAGE_ENDED);
}

TEST(agent_stops_what_has_not_started_yet)
{
    begin(1);
    welcome(7);
    launch(0, 0, 0, "");
    hear(about(MESSAGE_STOP, 0));
    ASSERT_EQ(out.n, 0);
    happens(AGENT_EV_STARTED, 0);
    ASSERT(!effect(AGENT_DO_SIGNAL)->now);
    hear(about(MESSAGE_STOP, 0));
    ASSERT_EQ(out.n, 0); /* it was told */
    struct message m = about(MESSAGE_STOP, 0);
    m.now = 1;
    hear(m);
    ASSERT(effect(AGENT_DO_SIGNAL)->now);
}

TEST(agent_forgets_in_any_state)
{
    begin(9);
    for (uint64_t trial = 0; trial < 5; trial++) {
        struct agent_key key = key_of(trial);
        if (trial == 0)
            agent_core_hold(&core, &key);
    }
    welcome(7);
    launch(1, 1, 0, "");
    launch(2, 2, 0, "");
    happens(AGENT_EV_STARTED, 2);
    launch(3, 3, 0, "");
    has_ended(3, "none", 0);
    launch(4, 4, 0, "");
    has_ended(4, "none", 0);
    has_read(4, 0, 0, 0, false);
    static const int states[] = {AGENT_HELD, AGENT_STARTING, AGENT_RUNNING, AGENT_DRAINING,
                                 AGENT_REPORTING};
    for (uint64_t trial = 0; trial < 5; trial++) {
        ASSERT_EQ(state_of(trial), states[trial]);
        hear(about(MESSAGE_FORGET, trial));
        effect(AGENT_DO_FORGET);
        hear(about(MESSAGE_FORGET, trial));
        ASSERT_EQ(out.n, 0);
        happens(AGENT_EV_STARTED, trial);
        has_ended(trial, "none", 0);
        has_read(trial, 0, 0, 9, false);
        ASSERT_EQ(out.n, 0); /* nobody wants to know */
    }
    step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    ASSERT_EQ(sent(MESSAGE_HELLO)->held->list.n, 0);
    for (uint64_t trial = 0; trial < 5; trial++)
        happens(AGENT_EV_FORGOTTEN, trial);
    ASSERT_EQ(agent_core_count(&core, NULL), 0);
    hear(about(MESSAGE_STOP, 0));
    hear(about(MESSAGE_ENDED_ACK, 0));
    acked(0, 0, 5);
    ASSERT_EQ(out.n, 0);
}

TEST(agent_obeys_one_epoch)
{
    begin(1);
    launch(0, 0, 0, "");
    ASSERT_EQ(out.n, 0); /* no welcome yet */
    welcome(7);
    struct message m = about(MESSAGE_LAUNCH, 0);
    m.capture = "";
    m.offsets = offsets(0, 0);
    for (m.epoch = 6; m.epoch <= 8; m.epoch += 2) {
        hear(m);
        ASSERT_EQ(out.n, 0);
    }
    m.epoch = 7;
    m.store = "other";
    hear(m);
    ASSERT_EQ(out.n, 0);
    step((struct agent_event){.kind = AGENT_EV_LINK_DOWN});
    welcome(6); /* one that was replaced wakes up */
    launch(0, 0, 0, "");
    ASSERT_EQ(out.n, 0);
    welcome(7);
    launch(0, 0, 0, "");
    effect(AGENT_DO_START);
}

TEST(agent_takes_up_what_it_finds)
{
    begin(1);
    struct agent_key key = key_of(8);
    agent_core_hold(&core, &key);
    agent_core_hold(&core, &key);
    step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    ASSERT_EQ(sent(MESSAGE_HELLO)->held->list.items[0]->list.items[1]->i, 8);
    hear((struct message){.type = MESSAGE_WELCOME, .store = "st", .epoch = 7, .version = 1});
    launch(8, 0, 12, "");
    effect(AGENT_DO_START);
    happens(AGENT_EV_STARTED, 8);
    now += AGENT_POLL_MS;
    step((struct agent_event){.kind = AGENT_EV_TICK});
    ASSERT_EQ(effect(AGENT_DO_READ)->from, 12);
}

TEST(agent_lets_a_slot_empty_first)
{
    begin(2);
    welcome(7);
    run_one(0);
    hear(about(MESSAGE_FORGET, 0));
    launch(1, 1, 0, ""); /* another slot */
    effect(AGENT_DO_START);
    launch(2, 0, 0, "");
    launch(2, 0, 0, "");
    launch(3, 0, 0, "");
    ASSERT_EQ(out.n, 0);
    hear(about(MESSAGE_STOP, 3)); /* it has never run */
    ASSERT(effect(AGENT_DO_READ)->last);
    has_read(3, 0, 0, 0, false);
    ASSERT_STR(sent(MESSAGE_ENDED)->cause, "stop");
    happens(AGENT_EV_FORGOTTEN, 0);
    const struct agent_effect *e = effect(AGENT_DO_START);
    ASSERT_EQ(out.n, 1);
    ASSERT_EQ(e->key.trial, 2);
    ASSERT_STR(e->message.program, "train.py");
    agent_core_done(&core);
    agent_effects_done(&out);
    arena_done(&arena);
}
