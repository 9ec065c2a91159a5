/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_process.h"

#include "tests/test.h"
#include "tests/unit/agent/agent_core_kit.h"

TEST(agent_decides_by_the_state_of_the_directory)
{
    kit_begin(20);
    kit_welcome(7);
    kit_launch_and_find(0, (struct agent_found){.state = AGENT_FOUND_ABSENT, .reported = true});
    ASSERT_STR(kit_end_of(0), "reboot");
    kit_launch(1, 1, 12, ""); /* the controller has metrics of it */
    kit_is_found(1, (struct agent_found){.state = AGENT_FOUND_ABSENT});
    ASSERT_STR(kit_end_of(1), "reboot");
    kit_launch_and_find(2, (struct agent_found){.state = AGENT_FOUND_UNOWNED});
    kit_effect(AGENT_DO_START);
    kit_launch_and_find(3, (struct agent_found){.state = AGENT_FOUND_UNOWNED, .reported = true});
    kit_effect(AGENT_DO_CLOSE);
    kit_is_found(3, (struct agent_found){.state = AGENT_FOUND_DEAD, .closed = true});
    kit_effect(AGENT_DO_SWEEP);
    kit_was_swept(3, 0);
    ASSERT_STR(kit_end_of(3), "shim");
    kit_launch_and_find(4, (struct agent_found){.state = AGENT_FOUND_UNOWNED, .reported = true});
    kit_is_found(4, (struct agent_found){.state = AGENT_FOUND_UNOWNED, .reported = true});
    ASSERT_STR(kit_end_of(4), "shim");
    kit_launch_and_find(5, (struct agent_found){.state = AGENT_FOUND_DEAD, .rebooted = true});
    kit_was_swept(5, 0);
    ASSERT_STR(kit_end_of(5), "reboot");
    kit_launch_and_find(6, (struct agent_found){.state = AGENT_FOUND_COPIED});
    ASSERT_EQ(kit_out.n, 1); /* the read alone: nothing of the original is touched */
    ASSERT_STR(kit_end_of(6), "copy");
    kit_launch_and_find(
        7, (struct agent_found){.state = AGENT_FOUND_FAULT, .text = "no such program"});
    ASSERT_STR(kit_end_of(7), "launch");
    kit_launch(8, 8, 0, "");
    kit_hear(kit_about(MESSAGE_STOP, 8));
    kit_is_found(8, (struct agent_found){.state = AGENT_FOUND_ABSENT});
    ASSERT_STR(kit_end_of(8), "stop");
}

TEST(agent_sweeps_until_nothing_is_left)
{
    kit_begin(2);
    kit_welcome(7);
    kit_launch_and_find(0, (struct agent_found){.state = AGENT_FOUND_DEAD});
    kit_was_swept(0, 2);
    kit_tick_at_deadline();
    kit_effect(AGENT_DO_SWEEP);
    kit_was_swept(0, 0);
    ASSERT_STR(kit_end_of(0), "shim");
    kit_launch_and_find(1, (struct agent_found){.state = AGENT_FOUND_DEAD});
    int64_t since = kit_now;
    for (int i = 0; i < 10000 && kit_state_of(1) == AGENT_STARTING; i++) {
        kit_was_swept(1, 1);
        if (kit_state_of(1) == AGENT_STARTING)
            kit_tick_at_deadline();
    }
    ASSERT_STR(kit_end_of(1), "unkillable");
    ASSERT(kit_now - since > 4000 && kit_now - since < 6000);
}

/* A machine that has no descriptor left is not the user's fault: it is waited for. */
TEST(agent_waits_while_the_machine_lacks_a_resource)
{
    struct agent_found busy = {
        .state = AGENT_FOUND_FAULT, .fault = AGENT_FAULT_BUSY, .text = "too many open files"};
    kit_begin(2);
    kit_welcome(7);
    kit_launch_and_find(0, busy);
    ASSERT_EQ(kit_state_of(0), AGENT_STARTING);
    kit_tick_at_deadline();
    ASSERT_STR(kit_effect(AGENT_DO_LOOK)->message.program, "train.py");
    kit_is_found(0, (struct agent_found){.state = AGENT_FOUND_ABSENT});
    kit_effect(AGENT_DO_START);
    kit_is_found(0, busy);
    int64_t since = kit_now;
    while (kit_state_of(0) == AGENT_STARTING) {
        kit_tick_at_deadline();
        kit_effect(AGENT_DO_LOOK);
        kit_is_found(0, busy);
    }
    ASSERT_STR(kit_end_of(0), "host");
    ASSERT(kit_now - since > 50000 && kit_now - since < 70000);
}

TEST(agent_waits_for_no_shim_for_ever)
{
    kit_begin(3);
    kit_welcome(7);
    kit_start_one(0, "");
    kit_hear(kit_about(MESSAGE_STOP, 0));
    int64_t since = kit_now;
    ASSERT_EQ(kit_next_signal(), AGENT_SIGNAL_KILL);
    ASSERT(kit_now - since > AGENT_GRACE_MS);
    since = kit_now;
    ASSERT_EQ(kit_next_signal(), AGENT_SIGNAL_FORCE);
    ASSERT(kit_now - since < 20000);
    kit_happens(AGENT_EV_GONE, 0);
    kit_is_found(0, (struct agent_found){.state = AGENT_FOUND_DEAD});
    kit_was_swept(0, 0);
    ASSERT_STR(kit_end_of(0), "kill");
    /* Nor for one that SIGKILL does not end, or that is out of reach. */
    kit_start_one(1, "");
    kit_hear(kit_about(MESSAGE_FORGET, 1));
    ASSERT_EQ(kit_next_signal(), AGENT_SIGNAL_FORCE);
    while (kit_state_of(1) == AGENT_FORGETTING)
        kit_tick_at_deadline();
    kit_effect(AGENT_DO_TRIM);
}

static void launch_limited(uint64_t trial, uint64_t time_ms)
{
    struct message sweep = kit_about(MESSAGE_SWEEP, 0), m = kit_about(MESSAGE_LAUNCH, trial);
    sweep.program = sweep.workdir = "";
    sweep.time_ms = time_ms;
    sweep.command = sweep.env = value_list(&kit_arena);
    sweep.report = value_dict(&kit_arena);
    m.offsets = kit_offsets(0, 0);
    m.params = m.grant = value_list(&kit_arena);
    kit_hear(sweep);
    kit_hear(m);
}

TEST(agent_enforces_the_time_limit_itself)
{
    kit_begin(1);
    kit_welcome(7);
    launch_limited(0, 5000);
    kit_is_found(0, (struct agent_found){.state = AGENT_FOUND_ALIVE, .age_ms = 3000});
    kit_happens(AGENT_EV_STARTED, 0);
    int64_t since = kit_now;
    ASSERT_EQ(kit_next_signal(), AGENT_SIGNAL_CONTINUE);
    ASSERT(kit_now - since > 2000 && kit_now - since < 2000 + 15000);
    since = kit_now;
    ASSERT_EQ(kit_next_signal(), AGENT_SIGNAL_FORCE);
    ASSERT(kit_now - since > AGENT_GRACE_MS);
    kit_happens(AGENT_EV_GONE, 0);
    kit_is_found(0, (struct agent_found){.state = AGENT_FOUND_DEAD});
    kit_was_swept(0, 0);
    ASSERT_STR(kit_end_of(0), "time");
}

/* While the sweep's code is fetched, which may take longer than any wait of the core. */
TEST(agent_waits_for_code_and_says_so)
{
    struct agent_found waits = {
        .state = AGENT_FOUND_FAULT, .fault = AGENT_FAULT_WAIT, .text = "one"};
    kit_begin(2);
    kit_welcome(7);
    kit_launch_and_find(0, (struct agent_found){.state = AGENT_FOUND_ABSENT});
    kit_effect(AGENT_DO_START);
    kit_is_found(0, waits);
    ASSERT_STR(kit_sent(MESSAGE_WAITS)->text, "one");
    for (int i = 0; i < 300; i++) {
        kit_tick_at_deadline();
        kit_found_absent(0);
        kit_effect(AGENT_DO_START);
        kit_is_found(0, waits);
        ASSERT_EQ(kit_out.n, 0); /* it was told already */
    }
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_DOWN});
    kit_tick_at_deadline();
    kit_found_absent(0);
    kit_is_found(0, waits);
    kit_welcome(7); /* told again: the controller may be another process */
    kit_launch(0, 0, 0, "");
    kit_tick_at_deadline();
    kit_found_absent(0);
    kit_is_found(0, waits);
    ASSERT_STR(kit_sent(MESSAGE_WAITS)->text, "one");
    kit_tick_at_deadline();
    kit_found_absent(0);
    kit_happens(AGENT_EV_STARTED, 0);
    ASSERT_STR(kit_sent(MESSAGE_WAITS)->text, "");
    ASSERT_EQ(kit_state_of(0), AGENT_RUNNING);
    kit_launch_and_find(1, (struct agent_found){.state = AGENT_FOUND_ABSENT});
    kit_is_found(1, waits);
    kit_hear(kit_about(MESSAGE_STOP, 1));
    kit_now += 1000;
    kit_step((struct agent_event){.kind = AGENT_EV_TICK});
    kit_found_absent(1);
    ASSERT_STR(kit_end_of(1), "stop");
}

TEST(agent_without_the_code_gives_the_attempt_back)
{
    kit_begin(1);
    kit_welcome(7);
    kit_launch_and_find(0, (struct agent_found){.state = AGENT_FOUND_ABSENT});
    kit_is_found(0, (struct agent_found){.state = AGENT_FOUND_FAULT, .fault = AGENT_FAULT_CODE});
    ASSERT_STR(kit_end_of(0), "code");
}
