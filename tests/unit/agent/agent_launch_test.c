/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_launch.h"

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
