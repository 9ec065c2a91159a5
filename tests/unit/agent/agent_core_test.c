/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/test.h"
#include "tests/unit/agent/agent_core_kit.h"

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
