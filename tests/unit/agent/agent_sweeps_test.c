/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_sweeps.h"

#include "tests/test.h"
#include "tests/unit/agent/agent_core_kit.h"

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
