/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_core.h"

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
    agent_core_init(&core, "box", 7, slots);
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
    sweep.program = "train.py";
    sweep.workdir = "/w";
    sweep.command = sweep.env = value_list(&arena);
    struct value *report = value_dict(&arena);
    if (capture[0])
        value_put(&arena, report, "stdout", value_str(&arena, capture));
    sweep.report = report;
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

static void is_found(uint64_t trial, struct agent_found found)
{
    step((struct agent_event){.kind = AGENT_EV_FOUND, .key = key_of(trial), .found = &found});
}

static void was_swept(uint64_t trial, size_t left)
{
    step((struct agent_event){.kind = AGENT_EV_SWEPT, .key = key_of(trial), .left = left});
}

static void has_ended(uint64_t trial, const char *cause, int code)
{
    happens(AGENT_EV_GONE, trial);
    is_found(trial,
             (struct agent_found){
                 .state = AGENT_FOUND_ENDED,
                 .end = {.cause = cause, .code = code, .at_ms = 77, .ran_ms = 66, .dropped = 5}});
}

static int state_of(uint64_t trial)
{
    struct agent_key key = key_of(trial);
    const struct agent_entry *entry = agent_core_find(&core, &key);
    return entry ? entry->state : -1;
}

static void found_absent(uint64_t trial)
{
    effect(AGENT_DO_LOOK);
    is_found(trial, (struct agent_found){.state = AGENT_FOUND_ABSENT});
}

static void start_one(uint64_t trial, const char *capture)
{
    launch(trial, trial, 0, capture);
    found_absent(trial);
    ASSERT_STR(effect(AGENT_DO_START)->message.program, "train.py");
    happens(AGENT_EV_STARTED, trial);
}

/* As far as running, with its first read under way. */
static void run_one(uint64_t trial)
{
    start_one(trial, "");
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
    ASSERT_EQ(effect(AGENT_DO_LOOK)->message.trial, 1);
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
    ASSERT_EQ(effect(AGENT_DO_LOOK)->message.trial, 0);
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
    start_one(0, "json");
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
    found_absent(0);
    hear(about(MESSAGE_STOP, 0));
    ASSERT_EQ(out.n, 0);
    happens(AGENT_EV_STARTED, 0);
    ASSERT_EQ(effect(AGENT_DO_SIGNAL)->signal, AGENT_SIGNAL_STOP);
    hear(about(MESSAGE_STOP, 0));
    ASSERT_EQ(out.n, 0); /* it was told */
    struct message m = about(MESSAGE_STOP, 0);
    m.now = 1;
    hear(m);
    ASSERT_EQ(effect(AGENT_DO_SIGNAL)->signal, AGENT_SIGNAL_KILL);
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
    start_one(2, "");
    start_one(3, "");
    has_ended(3, "none", 0);
    start_one(4, "");
    has_ended(4, "none", 0);
    has_read(4, 0, 0, 0, false);
    static const int states[] = {AGENT_HELD, AGENT_STARTING, AGENT_RUNNING, AGENT_DRAINING,
                                 AGENT_REPORTING};
    for (uint64_t trial = 0; trial < 5; trial++) {
        ASSERT_EQ(state_of(trial), states[trial]);
        hear(about(MESSAGE_FORGET, trial));
        if (trial == 2)
            ASSERT_EQ(effect(AGENT_DO_SIGNAL)->signal, AGENT_SIGNAL_KILL);
        else if (trial != 1) /* which is being looked at */
            effect(AGENT_DO_LOOK);
        hear(about(MESSAGE_FORGET, trial));
        ASSERT_EQ(out.n, 0);
        has_read(trial, 0, 0, 9, false);
        ASSERT_EQ(out.n, 0); /* nobody wants to know */
    }
    step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    ASSERT_EQ(sent(MESSAGE_HELLO)->held->list.n, 0);
    for (uint64_t trial = 0; trial < 5; trial++) {
        if (trial == 2)
            has_ended(trial, "kill", 0);
        else
            is_found(trial, (struct agent_found){.state = AGENT_FOUND_ENDED});
        effect(AGENT_DO_TRIM);
    }
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
    m.report = value_dict(&arena);
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
    effect(AGENT_DO_LOOK);
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
    effect(AGENT_DO_LOOK);
    is_found(8, (struct agent_found){.state = AGENT_FOUND_ALIVE});
    effect(AGENT_DO_WATCH);
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
    effect(AGENT_DO_LOOK);
    launch(2, 0, 0, "");
    launch(2, 0, 0, "");
    launch(3, 0, 0, "");
    ASSERT_EQ(out.n, 0);
    hear(about(MESSAGE_STOP, 3)); /* it has never run */
    ASSERT(effect(AGENT_DO_READ)->last);
    has_read(3, 0, 0, 0, false);
    ASSERT_STR(sent(MESSAGE_ENDED)->cause, "stop");
    has_ended(0, "kill", 0);
    const struct agent_effect *e = effect(AGENT_DO_LOOK);
    ASSERT_EQ(e->key.trial, 2);
    ASSERT_STR(e->message.program, "train.py");
    agent_core_done(&core);
    agent_effects_done(&out);
    arena_done(&arena);
}

static const char *end_of(uint64_t trial)
{
    ASSERT_EQ(state_of(trial), AGENT_DRAINING);
    struct agent_key key = key_of(trial);
    return agent_core_find(&core, &key)->end.cause;
}

static void tick_at_deadline(void)
{
    int64_t at = agent_core_deadline(&core);
    ASSERT(at != INT64_MAX);
    now = at;
    step((struct agent_event){.kind = AGENT_EV_TICK});
}

/* Ticks, reads aside, until a signal goes out. */
static enum agent_signal next_signal(void)
{
    for (int i = 0; i < 100000; i++) {
        tick_at_deadline();
        for (size_t j = 0; j < out.n; j++)
            if (out.items[j].kind == AGENT_DO_SIGNAL)
                return out.items[j].signal;
    }
    FAIL("%s", "no signal");
}

static void launch_and_find(uint64_t trial, struct agent_found found)
{
    launch(trial, trial, 0, "");
    is_found(trial, found);
}

TEST(agent_decides_by_what_it_finds)
{
    begin(20);
    welcome(7);
    launch_and_find(0, (struct agent_found){.state = AGENT_FOUND_ABSENT, .reported = true});
    ASSERT_STR(end_of(0), "reboot");
    launch(1, 1, 12, ""); /* the controller has metrics of it */
    is_found(1, (struct agent_found){.state = AGENT_FOUND_ABSENT});
    ASSERT_STR(end_of(1), "reboot");
    launch_and_find(2, (struct agent_found){.state = AGENT_FOUND_UNOWNED});
    effect(AGENT_DO_START);
    launch_and_find(3, (struct agent_found){.state = AGENT_FOUND_UNOWNED, .reported = true});
    effect(AGENT_DO_CLOSE);
    is_found(3, (struct agent_found){.state = AGENT_FOUND_DEAD, .closed = true});
    effect(AGENT_DO_SWEEP);
    was_swept(3, 0);
    ASSERT_STR(end_of(3), "shim");
    launch_and_find(4, (struct agent_found){.state = AGENT_FOUND_UNOWNED, .reported = true});
    is_found(4, (struct agent_found){.state = AGENT_FOUND_UNOWNED, .reported = true});
    ASSERT_STR(end_of(4), "shim");
    launch_and_find(5, (struct agent_found){.state = AGENT_FOUND_DEAD, .rebooted = true});
    was_swept(5, 0);
    ASSERT_STR(end_of(5), "reboot");
    launch_and_find(6, (struct agent_found){.state = AGENT_FOUND_COPIED});
    ASSERT_EQ(out.n, 1); /* the read alone: nothing of the original is touched */
    ASSERT_STR(end_of(6), "copy");
    launch_and_find(7, (struct agent_found){.state = AGENT_FOUND_FAULT, .text = "no such program"});
    ASSERT_STR(end_of(7), "launch");
    launch(8, 8, 0, "");
    hear(about(MESSAGE_STOP, 8));
    is_found(8, (struct agent_found){.state = AGENT_FOUND_ABSENT});
    ASSERT_STR(end_of(8), "stop");
}

TEST(agent_sweeps_until_nothing_is_left)
{
    begin(2);
    welcome(7);
    launch_and_find(0, (struct agent_found){.state = AGENT_FOUND_DEAD});
    was_swept(0, 2);
    tick_at_deadline();
    effect(AGENT_DO_SWEEP);
    was_swept(0, 0);
    ASSERT_STR(end_of(0), "shim");
    launch_and_find(1, (struct agent_found){.state = AGENT_FOUND_DEAD});
    int64_t since = now;
    for (int i = 0; i < 10000 && state_of(1) == AGENT_STARTING; i++) {
        was_swept(1, 1);
        if (state_of(1) == AGENT_STARTING)
            tick_at_deadline();
    }
    ASSERT_STR(end_of(1), "unkillable");
    ASSERT(now - since > 4000 && now - since < 6000);
}

/* A machine that has no descriptor left is not the user's fault: it is waited for. */
TEST(agent_waits_where_the_machine_lacks_something)
{
    struct agent_found busy = {
        .state = AGENT_FOUND_FAULT, .fault = AGENT_FAULT_BUSY, .text = "too many open files"};
    begin(2);
    welcome(7);
    launch_and_find(0, busy);
    ASSERT_EQ(state_of(0), AGENT_STARTING);
    tick_at_deadline();
    ASSERT_STR(effect(AGENT_DO_LOOK)->message.program, "train.py");
    is_found(0, (struct agent_found){.state = AGENT_FOUND_ABSENT});
    effect(AGENT_DO_START);
    is_found(0, busy);
    int64_t since = now;
    while (state_of(0) == AGENT_STARTING) {
        tick_at_deadline();
        effect(AGENT_DO_LOOK);
        is_found(0, busy);
    }
    ASSERT_STR(end_of(0), "host");
    ASSERT(now - since > 50000 && now - since < 70000);
}

TEST(agent_waits_for_no_shim_for_ever)
{
    begin(3);
    welcome(7);
    start_one(0, "");
    hear(about(MESSAGE_STOP, 0));
    int64_t since = now;
    ASSERT_EQ(next_signal(), AGENT_SIGNAL_KILL);
    ASSERT(now - since > AGENT_GRACE_MS);
    since = now;
    ASSERT_EQ(next_signal(), AGENT_SIGNAL_FORCE);
    ASSERT(now - since < 20000);
    happens(AGENT_EV_GONE, 0);
    is_found(0, (struct agent_found){.state = AGENT_FOUND_DEAD});
    was_swept(0, 0);
    ASSERT_STR(end_of(0), "kill");
    /* Nor for one that SIGKILL does not end, or that is out of reach. */
    start_one(1, "");
    hear(about(MESSAGE_FORGET, 1));
    ASSERT_EQ(next_signal(), AGENT_SIGNAL_FORCE);
    while (state_of(1) == AGENT_FORGETTING)
        tick_at_deadline();
    effect(AGENT_DO_TRIM);
}

static void launch_limited(uint64_t trial, uint64_t time_ms)
{
    struct message sweep = about(MESSAGE_SWEEP, 0), m = about(MESSAGE_LAUNCH, trial);
    sweep.program = sweep.workdir = "";
    sweep.time_ms = time_ms;
    sweep.command = sweep.env = value_list(&arena);
    sweep.report = value_dict(&arena);
    m.offsets = offsets(0, 0);
    m.params = m.grant = value_list(&arena);
    hear(sweep);
    hear(m);
}

TEST(agent_sees_to_the_time_limit_itself)
{
    begin(1);
    welcome(7);
    launch_limited(0, 5000);
    is_found(0, (struct agent_found){.state = AGENT_FOUND_ALIVE, .age_ms = 3000});
    happens(AGENT_EV_STARTED, 0);
    int64_t since = now;
    ASSERT_EQ(next_signal(), AGENT_SIGNAL_CONTINUE);
    ASSERT(now - since > 2000 && now - since < 2000 + 15000);
    since = now;
    ASSERT_EQ(next_signal(), AGENT_SIGNAL_FORCE);
    ASSERT(now - since > AGENT_GRACE_MS);
    happens(AGENT_EV_GONE, 0);
    is_found(0, (struct agent_found){.state = AGENT_FOUND_DEAD});
    was_swept(0, 0);
    ASSERT_STR(end_of(0), "time");
}

TEST(agent_reads_a_log_it_is_asked_for)
{
    begin(1);
    step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    struct message ask = about(MESSAGE_LOG_READ, 4);
    ask.request = 11;
    ask.from = 100;
    ask.lines = 2;
    ask.max = 50;
    hear(ask);
    ASSERT_EQ(out.n, 0); /* it is not welcome yet */
    hear((struct message){.type = MESSAGE_WELCOME, .store = "st", .epoch = 7, .version = 1});
    hear(ask); /* an attempt that ended long ago: the log is all that is left */
    const struct agent_effect *e = effect(AGENT_DO_LOG);
    ASSERT_STR(e->key.sweep, "s1");
    ASSERT_EQ(e->key.trial, 4);
    ASSERT_EQ(e->message.type, MESSAGE_LOG);
    ASSERT_STR(e->message.store, "st");
    ASSERT_EQ(e->message.epoch, 7);
    ASSERT_EQ(e->message.request, 11);
    ASSERT_EQ(e->message.from, 100);
    ASSERT_EQ(e->message.lines, 2);
    ASSERT_EQ(e->message.max, 50);
    ask.epoch = 6;
    hear(ask);
    ASSERT_EQ(out.n, 0);
}
