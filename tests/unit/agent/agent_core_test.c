/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_core.h"

#include "agent/core/agent_leave.h"
#include "agent/core/agent_shape.h"

#include "tests/test.h"
#include "tests/unit/agent/agent_core_kit.h"

TEST(agent_starts_nothing_without_room_on_the_disk)
{
    kit_begin(2);
    kit_welcome(7);
    kit_run_one(0);
    kit_step((struct agent_event){.kind = AGENT_EV_ROOM});
    kit_launch(1, 1, 0, "");
    ASSERT(kit_out.n == 0 && kit_state_of(1) == AGENT_HELD);
    ASSERT(agent_core_waits_for_room(&kit_core));
    kit_has_read(0, 0, 0, 5, false); /* running attempts continue */
    kit_sent(MESSAGE_METRICS);
    kit_has_ended(0, "none", 0);
    ASSERT(agent_core_deadline(&kit_core) != INT64_MAX);
    kit_step((struct agent_event){.kind = AGENT_EV_ROOM, .room = true});
    ASSERT_EQ(kit_effect(AGENT_DO_LOOK)->message.trial, 1);
    ASSERT_EQ(kit_state_of(1), AGENT_STARTING);
    ASSERT(!agent_core_waits_for_room(&kit_core));
}

/* Where other hosts may run its trials, it offers nothing and hands back what it was given. */
TEST(agent_hands_back_without_room_on_the_disk)
{
    kit_begin(2);
    kit_core.elsewhere = true;
    kit_welcome(7);
    kit_run_one(0);
    kit_step((struct agent_event){.kind = AGENT_EV_ROOM});
    ASSERT_STR(value_get_str(kit_sent(MESSAGE_SLOTS)->slots->list.items[1], "why", ""),
               "no space on its disk");
    kit_launch(1, 1, 0, ""); /* sent before it heard of it */
    ASSERT_EQ(kit_state_of(1), AGENT_DRAINING);
    ASSERT_STR(kit_end_of(1), "interrupt");
    ASSERT_EQ(kit_state_of(0), AGENT_RUNNING);
    ASSERT(agent_core_waits_for_room(&kit_core));
    kit_step((struct agent_event){.kind = AGENT_EV_ROOM, .room = true});
    ASSERT(!value_get(kit_sent(MESSAGE_SLOTS)->slots->list.items[1], "why"));
}

/* What was found at the start is adopted all the same, and what waits can be stopped. */
TEST(agent_adopts_without_room_on_the_disk)
{
    kit_begin(2);
    struct agent_key key = kit_key_of(0);
    agent_core_hold(&kit_core, &key);
    kit_step((struct agent_event){.kind = AGENT_EV_ROOM});
    kit_welcome(7);
    kit_launch(0, 0, 0, "");
    ASSERT_EQ(kit_effect(AGENT_DO_LOOK)->message.trial, 0);
    kit_launch(1, 1, 0, "");
    kit_hear(kit_about(MESSAGE_STOP, 1));
    ASSERT_EQ(kit_state_of(1), AGENT_DRAINING);
}

TEST(agent_runs_an_attempt_to_its_end)
{
    kit_begin(4);
    kit_welcome(7);
    ASSERT_EQ(agent_core_deadline(&kit_core), INT64_MAX);
    kit_run_one(3);
    ASSERT_EQ(agent_core_deadline(&kit_core), kit_now + AGENT_POLL_MS);
    kit_has_read(3, 0, 0, 10, true);
    const struct message *m = kit_sent(MESSAGE_METRICS);
    ASSERT(m->from == 0 && m->to == 10 && m->trial == 3 && m->attempt == 1 && m->epoch == 7);
    ASSERT_STR(m->text, "text\n");
    kit_acked(3, 0, 10); /* there is more: read on at once */
    ASSERT_EQ(kit_effect(AGENT_DO_READ)->from, 10);
    kit_has_read(3, 0, 10, 10, false);
    ASSERT_EQ(kit_out.n, 0);
    kit_has_ended(3, "none", 4);
    ASSERT(kit_effect(AGENT_DO_READ)->last);
    kit_has_read(3, 0, 10, 15, false);
    kit_sent(MESSAGE_METRICS);
    kit_acked(3, 0, 15);
    kit_has_read(3, 0, 15, 15, false);
    m = kit_sent(MESSAGE_ENDED);
    ASSERT(m->code == 4 && m->at_ms == 77 && m->ran_ms == 66 && m->dropped == 5);
    ASSERT_STR(m->cause, "none");
    ASSERT_EQ(agent_core_count(&kit_core, NULL), 1);
    kit_hear(kit_about(MESSAGE_ENDED_ACK, 3));
    kit_effect(AGENT_DO_TRIM);
    ASSERT_EQ(agent_core_count(&kit_core, NULL), 0);
}

TEST(agent_reads_again_what_was_read_before_the_end)
{
    kit_begin(1);
    kit_welcome(7);
    kit_run_one(0);
    kit_has_ended(0, "none", 0); /* while that read is under way */
    ASSERT_EQ(kit_out.n, 0);
    kit_has_read(0, 0, 0, 0, false);
    ASSERT(kit_effect(AGENT_DO_READ)->last);
    kit_has_read(0, 0, 0, 0, false);
    kit_sent(MESSAGE_ENDED);
}

TEST(agent_drains_both_streams_before_the_end)
{
    kit_begin(1);
    kit_welcome(7);
    kit_start_one(0, "json");
    kit_has_ended(0, "none", 0);
    ASSERT_EQ(kit_out.n, 2);
    kit_has_read(0, 0, 0, 0, false);
    ASSERT_EQ(kit_out.n, 0);
    kit_has_read(0, 1, 0, 6, false);
    ASSERT_EQ(kit_sent(MESSAGE_METRICS)->stream, 1);
    kit_acked(0, 1, 6);
    kit_has_read(0, 1, 6, 6, false);
    kit_sent(MESSAGE_ENDED);
}

TEST(agent_reads_samples_when_there_are_some)
{
    kit_begin(1);
    kit_samples = true;
    kit_welcome(7);
    kit_start_one(0, "");
    kit_now += AGENT_POLL_MS;
    kit_step((struct agent_event){.kind = AGENT_EV_TICK});
    ASSERT_EQ(kit_out.n, 2); /* once at the start: an earlier agent may have left some */
    kit_has_read(0, 0, 0, 0, false);
    kit_has_read(0, 2, 0, 0, false);
    kit_now += AGENT_POLL_MS;
    kit_step((struct agent_event){.kind = AGENT_EV_TICK});
    ASSERT_EQ(kit_out.n, 1);
    ASSERT_EQ(kit_effect(AGENT_DO_READ)->stream, 0);
    kit_has_read(0, 0, 0, 0, false);
    kit_happens(AGENT_EV_SAMPLED, 0);
    ASSERT_EQ(kit_out.n, 0);
    kit_now += AGENT_POLL_MS;
    kit_step((struct agent_event){.kind = AGENT_EV_TICK});
    ASSERT_EQ(kit_out.n, 2);
    kit_has_read(0, 2, 0, 9, false);
    ASSERT_EQ(kit_sent(MESSAGE_METRICS)->stream, 2);
    kit_happens(AGENT_EV_SAMPLED, 0); /* while it waits for the acknowledgement */
    kit_acked(0, 2, 9);
    kit_has_read(0, 0, 0, 0, false);
    kit_has_ended(0, "none", 0);
    ASSERT_EQ(kit_out.n, 2);
    kit_has_read(0, 0, 0, 0, false);
    ASSERT_EQ(kit_out.n, 0);
    kit_has_read(0, 2, 9, 20, false);
    kit_acked(0, 2, 20);
    kit_has_read(0, 2, 20, 20, false);
    kit_sent(MESSAGE_ENDED);
}

TEST(agent_says_again_what_was_lost_with_its_link)
{
    kit_begin(1);
    kit_welcome(7);
    kit_run_one(0);
    kit_has_read(0, 0, 0, 10, false);
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_DOWN});
    kit_has_ended(0, "none", 0);
    kit_now += 60000;
    kit_step((struct agent_event){.kind = AGENT_EV_TICK});
    ASSERT_EQ(kit_out.n, 0); /* nobody to tell */
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    const struct message *m = kit_sent(MESSAGE_HELLO);
    ASSERT_STR(m->agent, "box");
    ASSERT_EQ(m->held->list.n, 1);
    ASSERT_EQ(m->held->list.items[0]->list.items[1]->i, 0);
    kit_hear((struct message){.type = MESSAGE_WELCOME, .store = "st", .epoch = 7, .version = 1});
    kit_launch(0, 0, 4, ""); /* the controller knows better */
    ASSERT_EQ(kit_effect(AGENT_DO_READ)->from, 4);
    kit_has_read(0, 0, 4, 4, false);
    kit_sent(MESSAGE_ENDED);
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_DOWN});
    kit_welcome(7);
    kit_launch(0, 0, 4, "");
    ASSERT_EQ(kit_state_of(0), AGENT_DRAINING);
    kit_has_read(0, 0, 4, 4, false);
    kit_sent(MESSAGE_ENDED);
}

/* The controller is away for 30 hours: what runs is left alone, and all of its metrics are sent, in
 * order, once it asks; only then the end. */
TEST(agent_keeps_all_while_the_controller_is_away_for_more_than_a_day)
{
    enum { HOURS = 30, LINES = 40 };
    kit_begin(1);
    kit_welcome(7);
    kit_run_one(0);
    kit_has_read(0, 0, 0, 10, false);
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_DOWN});
    for (int minute = 0; minute < HOURS * 60; minute++) {
        kit_now += 60000;
        kit_step((struct agent_event){.kind = AGENT_EV_TICK});
        ASSERT_EQ(kit_out.n, 0); /* no signal, and nobody to tell */
    }
    ASSERT_EQ(kit_state_of(0), AGENT_RUNNING);
    kit_has_ended(0, "none", 0);
    kit_welcome(7);
    kit_launch(0, 0, 0, "");
    for (int i = 0; i < LINES; i++) {
        ASSERT_EQ(kit_effect(AGENT_DO_READ)->from, (uint64_t)(10 * i));
        kit_has_read(0, 0, (uint64_t)(10 * i), (uint64_t)(10 * i + 10), i + 1 < LINES);
        ASSERT_EQ(kit_sent(MESSAGE_METRICS)->to, (uint64_t)(10 * i + 10));
        kit_acked(0, 0, (uint64_t)(10 * i + 10));
    }
    kit_has_read(0, 0, 10 * LINES, 10 * LINES, false);
    ASSERT_STR(kit_sent(MESSAGE_ENDED)->cause, "none");
}

TEST(agent_stops_what_has_not_started_yet)
{
    kit_begin(1);
    kit_welcome(7);
    kit_launch(0, 0, 0, "");
    kit_found_absent(0);
    kit_hear(kit_about(MESSAGE_STOP, 0));
    ASSERT_EQ(kit_out.n, 0);
    kit_happens(AGENT_EV_STARTED, 0);
    ASSERT_EQ(kit_effect(AGENT_DO_SIGNAL)->signal, AGENT_SIGNAL_STOP);
    kit_hear(kit_about(MESSAGE_STOP, 0));
    ASSERT_EQ(kit_out.n, 0); /* it was told */
    struct message m = kit_about(MESSAGE_STOP, 0);
    m.now = 1;
    kit_hear(m);
    ASSERT_EQ(kit_effect(AGENT_DO_SIGNAL)->signal, AGENT_SIGNAL_KILL);
}

TEST(agent_forgets_in_any_state)
{
    kit_begin(9);
    for (uint64_t trial = 0; trial < 5; trial++) {
        struct agent_key key = kit_key_of(trial);
        if (trial == 0)
            agent_core_hold(&kit_core, &key);
    }
    kit_welcome(7);
    kit_launch(1, 1, 0, "");
    kit_start_one(2, "");
    kit_start_one(3, "");
    kit_has_ended(3, "none", 0);
    kit_start_one(4, "");
    kit_has_ended(4, "none", 0);
    kit_has_read(4, 0, 0, 0, false);
    static const int states[] = {AGENT_HELD, AGENT_STARTING, AGENT_RUNNING, AGENT_DRAINING,
                                 AGENT_REPORTING};
    for (uint64_t trial = 0; trial < 5; trial++) {
        ASSERT_EQ(kit_state_of(trial), states[trial]);
        kit_hear(kit_about(MESSAGE_FORGET, trial));
        if (trial == 2)
            ASSERT_EQ(kit_effect(AGENT_DO_SIGNAL)->signal, AGENT_SIGNAL_KILL);
        else if (trial != 1) /* which is being looked at */
            kit_effect(AGENT_DO_LOOK);
        kit_hear(kit_about(MESSAGE_FORGET, trial));
        ASSERT_EQ(kit_out.n, 0);
        kit_has_read(trial, 0, 0, 9, false);
        ASSERT_EQ(kit_out.n, 0); /* nobody wants to know */
    }
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    ASSERT_EQ(kit_sent(MESSAGE_HELLO)->held->list.n, 0);
    for (uint64_t trial = 0; trial < 5; trial++) {
        if (trial == 2)
            kit_has_ended(trial, "kill", 0);
        else
            kit_is_found(trial, (struct agent_found){.state = AGENT_FOUND_ENDED});
        kit_effect(AGENT_DO_TRIM);
    }
    ASSERT_EQ(agent_core_count(&kit_core, NULL), 0);
    kit_hear(kit_about(MESSAGE_STOP, 0));
    kit_hear(kit_about(MESSAGE_ENDED_ACK, 0));
    kit_acked(0, 0, 5);
    ASSERT_EQ(kit_out.n, 0);
}

TEST(agent_accepts_one_epoch)
{
    kit_begin(1);
    kit_launch(0, 0, 0, "");
    ASSERT_EQ(kit_out.n, 0); /* no welcome yet */
    kit_welcome(7);
    struct message m = kit_about(MESSAGE_LAUNCH, 0);
    m.report = value_dict(&kit_arena);
    m.offsets = kit_offsets(0, 0);
    for (m.epoch = 6; m.epoch <= 8; m.epoch += 2) {
        kit_hear(m);
        ASSERT_EQ(kit_out.n, 0);
    }
    m.epoch = 7;
    m.store = "other";
    kit_hear(m);
    ASSERT_EQ(kit_out.n, 0);
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_DOWN});
    kit_welcome(6); /* one that was replaced wakes up */
    kit_launch(0, 0, 0, "");
    ASSERT_EQ(kit_out.n, 0);
    kit_welcome(7);
    kit_launch(0, 0, 0, "");
    kit_effect(AGENT_DO_LOOK);
}

/* Its name becomes that of folders. */
TEST(agent_starts_nothing_of_a_sweep_that_is_no_id)
{
    static const char *const names[] = {"../../victim", "..", "", "a/b", ".spare", "a-1-2"};
    kit_begin(1);
    kit_welcome(7);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct message m = kit_about(MESSAGE_LAUNCH, 0);
        m.sweep = names[i];
        m.offsets = kit_offsets(0, 0);
        kit_hear(m);
        ASSERT_EQ(kit_out.n, 0);
        ASSERT_EQ(agent_core_count(&kit_core, NULL), 0);
    }
}

static bool shape_of(enum message_type type, const char *own)
{
    struct message m;
    const char *text = arena_printf(
        &kit_arena,
        "{\"store\":\"st\",\"epoch\":7,\"sweep\":\"s1\",\"trial\":0,\"attempt\":1,\"slot\":0,"
        "\"grant\":{},"
        "\"offsets\":[0,0],\"flags\":null,\"program\":\"\",\"workdir\":\"\",\"snapshot\":\"\","
        "\"time_ms\":0,\"wandb\":null,\"type\":\"%s\",%s}",
        message_name(type), own);
    ASSERT_EQ(message_parse(&kit_arena, text, strlen(text), &m, NULL), 0);
    return agent_shape_is_good(&m);
}

TEST(agent_shape_of_what_starts_training)
{
    static const char *const bad[] = {
        "\"command\":\"a\",\"env\":{},\"report\":{}",
        "\"command\":[\"a\",1],\"env\":{},\"report\":{}",
        "\"command\":[],\"env\":[1],\"report\":{}",
        "\"command\":[],\"env\":{\"X\":5},\"report\":{}",
        "\"command\":[],\"env\":null,\"report\":[1]",
        "\"command\":[],\"env\":null,\"report\":{},\"wandb\":{\"project\":1}",
    };
    kit_begin(1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT(!shape_of(MESSAGE_SWEEP, bad[i]));
    ASSERT(shape_of(MESSAGE_SWEEP, "\"command\":[\"a\"],\"env\":{\"X\":\"5\"},\"report\":{}"));
    ASSERT(shape_of(MESSAGE_SWEEP, "\"command\":null,\"env\":null,\"report\":{}"));
    ASSERT(!shape_of(MESSAGE_LAUNCH, "\"params\":[1]"));
    ASSERT(shape_of(MESSAGE_LAUNCH, "\"params\":{\"a\":[1]}"));
}

TEST(agent_skips_offsets_that_no_file_has)
{
    kit_begin(4);
    kit_welcome(7);
    kit_launch(0, 0, -1, "");
    ASSERT_EQ(agent_core_find(&kit_core, &(struct agent_key){"s1", 0, 1})->streams[0].offset, 0);
    kit_run_one(3);
    kit_has_read(3, 0, 0, 10, true);
    kit_acked(3, 0, 1ull << 53);
    ASSERT_EQ(kit_out.n, 0);
    kit_acked(3, 0, 10);
    ASSERT_EQ(kit_effect(AGENT_DO_READ)->from, 10);
}

TEST(agent_adopts_the_attempts_that_it_finds)
{
    kit_begin(1);
    struct agent_key key = kit_key_of(8);
    agent_core_hold(&kit_core, &key);
    agent_core_hold(&kit_core, &key);
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    ASSERT_EQ(kit_sent(MESSAGE_HELLO)->held->list.items[0]->list.items[1]->i, 8);
    kit_hear((struct message){.type = MESSAGE_WELCOME, .store = "st", .epoch = 7, .version = 1});
    kit_launch(8, 0, 12, "");
    kit_effect(AGENT_DO_LOOK);
    kit_is_found(8, (struct agent_found){.state = AGENT_FOUND_ALIVE});
    kit_effect(AGENT_DO_WATCH);
    kit_happens(AGENT_EV_STARTED, 8);
    kit_now += AGENT_POLL_MS;
    kit_step((struct agent_event){.kind = AGENT_EV_TICK});
    ASSERT_EQ(kit_effect(AGENT_DO_READ)->from, 12);
}

TEST(agent_lets_a_slot_empty_first)
{
    kit_begin(2);
    kit_welcome(7);
    kit_run_one(0);
    kit_hear(kit_about(MESSAGE_FORGET, 0));
    kit_launch(1, 1, 0, ""); /* another slot */
    kit_effect(AGENT_DO_LOOK);
    kit_launch(2, 0, 0, "");
    kit_launch(2, 0, 0, "");
    ASSERT_EQ(kit_out.n, 0);
    kit_hear(kit_about(MESSAGE_STOP, 2)); /* it has never run */
    ASSERT(kit_effect(AGENT_DO_READ)->last);
    kit_launch(3, 0, 0, ""); /* its slot is free, but for the one that is forgotten */
    ASSERT_EQ(kit_out.n, 0);
    kit_has_read(2, 0, 0, 0, false);
    ASSERT_STR(kit_sent(MESSAGE_ENDED)->cause, "stop");
    kit_has_ended(0, "kill", 0);
    const struct agent_effect *e = kit_effect(AGENT_DO_LOOK);
    ASSERT_EQ(e->key.trial, 3);
    ASSERT_STR(e->message.program, "train.py");
    agent_core_done(&kit_core);
    agent_effects_done(&kit_out);
    arena_done(&kit_arena);
}

static void launch_is_refused(uint64_t trial, uint64_t slot, const char *why)
{
    size_t held = agent_core_count(&kit_core, NULL);
    kit_launch(trial, slot, 0, "");
    const struct message *m = kit_sent(MESSAGE_ENDED);
    ASSERT(m->trial == trial && m->attempt == 1 && m->at_ms > 0);
    ASSERT_STR(m->sweep, "s1");
    ASSERT_STR(m->cause, "interrupt");
    ASSERT_STR(m->text, why);
    ASSERT_STR(kit_effect(AGENT_DO_WARN)->message.text, why);
    ASSERT_EQ(kit_out.n, 2);
    ASSERT_EQ(agent_core_count(&kit_core, NULL), held); /* nothing is kept of it */
}

/* What a hostile controller asks for. */
TEST(agent_starts_nothing_beyond_its_slots)
{
    kit_begin(2);
    kit_welcome(7);
    kit_run_one(1);
    launch_is_refused(2, 2, "the controller asks for slot 2, but this agent has 2");
    launch_is_refused(3, 1, "the controller asks for slot 1, where a trial runs already");
    launch_is_refused(3, UINT64_C(1) << 53,
                      "the controller asks for slot 9007199254740992, but this agent has 2");
    kit_launch(1, 5, 0, ""); /* one that it has keeps running, whatever it was granted */
    ASSERT_EQ(kit_state_of(1), AGENT_RUNNING);
    kit_launch(4, 0, 0, "");
    kit_effect(AGENT_DO_LOOK);
    launch_is_refused(5, 0, "the controller asks for slot 0, where a trial runs already");
}

TEST(agent_bounds_what_it_is_told_of_sweeps)
{
    static char text[1 << 20];
    size_t told = 0;
    memset(text, 'x', sizeof text - 1);
    kit_begin(1);
    kit_welcome(7);
    for (;; told++) {
        struct message m = kit_about(MESSAGE_SWEEP, 0);
        char id[16];
        snprintf(id, sizeof id, "s%zu", told + 2);
        m.sweep = id;
        m.command = value_list(&kit_arena);
        m.env = m.report = m.flags = value_dict(&kit_arena);
        m.program = text;
        m.workdir = m.snapshot = "";
        kit_hear(m);
        if (kit_out.n > 0)
            break;
        if (told % 2) { /* one that is described again, or done, makes room */
            kit_hear(m);
            ASSERT_EQ(kit_out.n, 0);
        }
    }
    ASSERT_STR(kit_effect(AGENT_DO_CLOSE_LINK)->message.text,
               "the controller describes more sweeps than this agent has memory for");
    ASSERT(told > 20 && told < 64);
    kit_welcome(8);
    ASSERT(kit_core.sweeps.bytes < 1 << 20);
}

TEST(agent_works_for_one_store)
{
    kit_begin(1);
    kit_welcome(7);
    kit_run_one(0);
    kit_hear((struct message){.type = MESSAGE_WELCOME, .store = "other", .epoch = 9, .version = 1});
    ASSERT_STR(kit_effect(AGENT_DO_CLOSE_LINK)->message.text,
               "the controller has the store other, but this agent works for the store st");
    ASSERT_STR(kit_core.store, "st");
    ASSERT_EQ(kit_core.epoch, 7);
    ASSERT_EQ(kit_state_of(0), AGENT_RUNNING);
}

TEST(agent_reads_a_log_it_is_asked_for)
{
    kit_begin(1);
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    struct message ask = kit_about(MESSAGE_LOG_READ, 4);
    ask.request = 11;
    ask.from = 100;
    ask.lines = 2;
    ask.max = 50;
    ask.to = 200;
    ask.fold = 1;
    ask.find = "loss";
    kit_hear(ask);
    ASSERT_EQ(kit_out.n, 0); /* it is not welcome yet */
    kit_hear((struct message){.type = MESSAGE_WELCOME, .store = "st", .epoch = 7, .version = 1});
    kit_hear(ask); /* an attempt that ended long ago: the log is all that is left */
    const struct agent_effect *e = kit_effect(AGENT_DO_ANSWER);
    ASSERT_STR(e->key.sweep, "s1");
    ASSERT_EQ(e->key.trial, 4);
    ASSERT_EQ(e->message.type, MESSAGE_LOG);
    ASSERT_STR(e->message.store, "st");
    ASSERT_EQ(e->message.epoch, 7);
    ASSERT_EQ(e->message.request, 11);
    ASSERT_EQ(e->message.from, 100);
    ASSERT_EQ(e->message.lines, 2);
    ASSERT_EQ(e->message.max, 50);
    ASSERT(e->message.to == 200 && e->message.fold == 1);
    ASSERT_STR(e->message.find, "loss");
    ask.epoch = 6;
    kit_hear(ask);
    ASSERT_EQ(kit_out.n, 0);
}

TEST(agent_reads_files_it_is_asked_for)
{
    kit_begin(1);
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    struct message ask = kit_about(MESSAGE_FILES_READ, 4);
    ask.request = 11;
    ask.from = 100;
    ask.max = 50;
    ask.path = "a/b";
    kit_hear(ask);
    ASSERT_EQ(kit_out.n, 0); /* it is not welcome yet */
    kit_hear((struct message){.type = MESSAGE_WELCOME, .store = "st", .epoch = 7, .version = 1});
    kit_hear(ask);
    const struct message *m = &kit_effect(AGENT_DO_ANSWER)->message;
    ASSERT_EQ(m->type, MESSAGE_FILES);
    ASSERT(m->request == 11 && m->trial == 4 && m->from == 100 && m->max == 50);
    ASSERT_STR(m->path, "a/b");
}

TEST(agent_tells_what_its_host_does_once_it_is_welcome)
{
    kit_begin(1);
    struct value *load = value_dict(&kit_arena);
    value_put(&kit_arena, load, "gpus", value_list(&kit_arena));
    const struct agent_event ev = {.kind = AGENT_EV_LOAD, .load = load};
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    kit_step(ev);
    ASSERT_EQ(kit_out.n, 0);
    kit_welcome(7);
    kit_step(ev);
    ASSERT(value_same(kit_sent(MESSAGE_LOAD)->host, load));
    ASSERT_EQ(kit_sent(MESSAGE_LOAD)->epoch, 7);
}

TEST(agent_renews_its_credential_when_its_controller_asks)
{
    const struct message ask = {.type = MESSAGE_RENEW, .store = "st", .epoch = 7};
    struct message answer = {.type = MESSAGE_RENEWED, .store = "st", .epoch = 7, .text = ""};
    kit_begin(1);
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    kit_hear(ask);
    ASSERT_EQ(kit_out.n, 0); /* it is not welcome yet */
    kit_welcome(7);
    kit_hear(ask);
    const struct agent_effect *e = kit_effect(AGENT_DO_RENEW);
    ASSERT_EQ(e->message.type, MESSAGE_RENEWAL);
    ASSERT_STR(e->message.store, "st");
    ASSERT_EQ(e->message.epoch, 7);
    answer.text = "it is not time yet";
    kit_hear(answer);
    ASSERT_STR(kit_effect(AGENT_DO_RENEWED)->message.text, "it is not time yet");
    answer.store = "another";
    kit_hear(answer);
    ASSERT_EQ(kit_out.n, 0);
}

static const struct value *offers_of(const char *why)
{
    struct value *list = value_list(&kit_arena), *slot = value_dict(&kit_arena);
    value_push(&kit_arena, list, slot);
    if (why)
        value_put(&kit_arena, slot, "why", value_str(&kit_arena, why));
    return list;
}

TEST(agent_describes_its_host)
{
    kit_begin(1);
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    ASSERT(!kit_sent(MESSAGE_HELLO)->host);
    struct value *host = value_dict(&kit_arena);
    value_put(&kit_arena, host, "cpus", value_int(&kit_arena, 8));
    agent_core_set_host(&kit_core, host);
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    ASSERT_EQ(value_get_int(kit_sent(MESSAGE_HELLO)->host, "cpus", 0), 8);
}

static const char *why_of(const struct message *m)
{
    return value_get_str(m->slots->list.items[0], "why", "");
}

TEST(agent_describes_its_slots_again)
{
    kit_begin(1);
    kit_step((struct agent_event){.kind = AGENT_EV_SLOTS, .slots = offers_of("early")});
    ASSERT_EQ(kit_out.n, 0);
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    ASSERT_STR(why_of(kit_sent(MESSAGE_HELLO)), "early");
    kit_step((struct agent_event){.kind = AGENT_EV_SLOTS, .slots = offers_of("between")});
    ASSERT_EQ(kit_out.n, 0);
    kit_hear((struct message){.type = MESSAGE_WELCOME, .store = "st", .epoch = 7, .version = 1});
    ASSERT_STR(why_of(kit_sent(MESSAGE_SLOTS)), "between");
    kit_step((struct agent_event){.kind = AGENT_EV_SLOTS, .slots = offers_of(NULL)});
    ASSERT_STR(why_of(kit_sent(MESSAGE_SLOTS)), "");
    ASSERT(!agent_core_is_taken(&kit_core, 0));
    kit_launch(1, 0, 0, "");
    ASSERT(agent_core_is_taken(&kit_core, 0));
}

static void leave(enum agent_leave why)
{
    kit_step((struct agent_event){.kind = AGENT_EV_LEAVE, .leave = why});
}

TEST(agent_that_is_preempted_ends_its_trainings_and_waits_for_the_answer)
{
    kit_begin(2);
    kit_welcome(7);
    kit_run_one(0);
    kit_has_read(0, 0, 0, 0, false);
    ASSERT(!agent_leave_is_over(&kit_core, kit_now));
    leave(AGENT_PREEMPTED);
    const struct message *hello = kit_sent(MESSAGE_HELLO);
    ASSERT_EQ(hello->slots->list.n, 2);
    ASSERT_STR(why_of(hello), "its agent is preempted");
    ASSERT_STR(hello->leaving, "preempted");
    ASSERT_EQ(kit_effect(AGENT_DO_SIGNAL)->signal, AGENT_SIGNAL_STOP);
    kit_welcome(7);
    kit_launch(0, 0, 0, "");
    kit_launch(1, 1, 0, ""); /* sent before the controller heard of it */
    ASSERT_STR(kit_end_of(1), "preempt");
    kit_has_read(1, 0, 0, 0, false);
    kit_has_ended(0, "stop", 0);
    ASSERT_STR(kit_end_of(0), "preempt");
    kit_has_read(0, 0, 0, 0, false); /* began before the end: once more */
    kit_has_read(0, 0, 0, 0, false);
    ASSERT(!agent_leave_is_over(&kit_core, kit_now));
    kit_hear(kit_about(MESSAGE_ENDED_ACK, 0));
    kit_hear(kit_about(MESSAGE_ENDED_ACK, 1));
    ASSERT(agent_leave_is_over(&kit_core, kit_now));
}

TEST(agent_asked_again_to_leave_kills_and_waits_less)
{
    kit_begin(1);
    kit_welcome(7);
    kit_run_one(0);
    leave(AGENT_INTERRUPTED);
    kit_welcome(7);
    leave(AGENT_INTERRUPTED);
    ASSERT_EQ(kit_effect(AGENT_DO_SIGNAL)->signal, AGENT_SIGNAL_KILL);
    ASSERT(!agent_leave_is_over(&kit_core, kit_now + AGENT_HURRY_MS - 1));
    ASSERT(agent_leave_is_over(&kit_core, kit_now + AGENT_HURRY_MS));
    ASSERT(agent_core_deadline(&kit_core) <= kit_now + AGENT_HURRY_MS);
    kit_launch(0, 0, 0, "");
    kit_has_ended(0, "kill", 0);
    ASSERT_STR(kit_end_of(0), "interrupt");
}

/* Without the controller, the ends wait on the disk, for the next agent. */
TEST(agent_leaves_without_a_controller_when_its_trainings_have_ended)
{
    kit_begin(1);
    struct agent_key key = kit_key_of(0);
    agent_core_hold(&kit_core, &key);
    leave(AGENT_PREEMPTED);
    kit_effect(AGENT_DO_LOOK);
    kit_is_found(0, (struct agent_found){.state = AGENT_FOUND_ALIVE});
    kit_effect(AGENT_DO_WATCH);
    kit_happens(AGENT_EV_STARTED, 0);
    ASSERT_EQ(kit_effect(AGENT_DO_SIGNAL)->signal, AGENT_SIGNAL_STOP);
    ASSERT(!agent_leave_is_over(&kit_core, kit_now));
    kit_happens(AGENT_EV_GONE, 0);
    kit_is_found(0, (struct agent_found){.state = AGENT_FOUND_ENDED, .end = {.cause = "stop"}});
    ASSERT(agent_leave_is_over(&kit_core, kit_now));
}

/* The end of a training that finished, or that the controller stopped, is what it was. */
TEST(agent_that_leaves_does_not_change_other_ends)
{
    kit_begin(2);
    kit_welcome(7);
    kit_run_one(0);
    kit_run_one(1);
    kit_hear(kit_about(MESSAGE_STOP, 1));
    leave(AGENT_PREEMPTED);
    kit_welcome(7);
    kit_launch(0, 0, 0, "");
    kit_launch(1, 1, 0, "");
    kit_has_ended(0, "none", 0);
    ASSERT_STR(kit_end_of(0), "none");
    kit_has_ended(1, "stop", 0);
    ASSERT_STR(kit_end_of(1), "stop");
}

TEST(agent_that_is_drained_ends_when_it_holds_nothing)
{
    kit_begin(1);
    kit_welcome(7);
    ASSERT(!agent_leave_is_over(&kit_core, kit_now));
    kit_hear((struct message){.type = MESSAGE_DRAINED, .store = "st", .epoch = 6});
    ASSERT(!agent_leave_is_over(&kit_core, kit_now)); /* of an earlier controller */
    kit_hear((struct message){.type = MESSAGE_DRAINED, .store = "st", .epoch = 7});
    ASSERT(agent_leave_is_over(&kit_core, kit_now));
}
