/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_leave.h"

#include "tests/test.h"
#include "tests/unit/agent/agent_core_kit.h"

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
    ASSERT_STR(value_get_str(hello->slots->list.items[0], "why", ""), "its agent is preempted");
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
