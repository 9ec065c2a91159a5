/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_stream.h"

#include "tests/test.h"
#include "tests/unit/agent/agent_core_kit.h"

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
