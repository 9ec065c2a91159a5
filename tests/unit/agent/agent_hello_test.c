/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_hello.h"

#include "tests/test.h"
#include "tests/unit/agent/agent_core_kit.h"

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
