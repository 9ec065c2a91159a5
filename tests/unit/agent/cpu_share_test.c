/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/launch/cpu_share.h"
#include "tests/test.h"

static uint32_t share(const struct cpu_share *s, uint32_t slot, const char *list)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    uint32_t n = cpu_share_of(s, slot, &text);
    ASSERT_STR(buf_str(&text), list);
    buf_done(&text);
    return n;
}

TEST(slots_divide_all_processors)
{
    struct cpu_share s = {.shares = 3, .n = 8, .cpus = {0, 1, 2, 3, 8, 9, 10, 12}};
    ASSERT_EQ(share(&s, 0, "0-1"), 2);
    ASSERT_EQ(share(&s, 1, "2-3,8"), 3);
    ASSERT_EQ(share(&s, 2, "9-10,12"), 3);
    ASSERT_EQ(share(&s, 3, "0-1"), 2);
}

TEST(too_few_processors_or_one_slot_are_not_divided)
{
    struct cpu_share s = {.shares = 4, .n = 2, .cpus = {4, 5}};
    ASSERT_EQ(share(&s, 2, ""), 1);
    s.shares = 1;
    ASSERT_EQ(share(&s, 0, ""), 0);
    s.shares = 0;
    ASSERT_EQ(share(&s, 0, ""), 0);
}

TEST(granted_processors_are_those_with_the_fewest_users)
{
    struct cpu_share s = {.shares = 4, .n = 6, .cpus = {0, 1, 2, 3, 8, 9}};
    uint16_t users[] = {1, 0, 2, 0, 1, 1};
    struct buf text;
    buf_init(&text, SIZE_MAX);
    ASSERT_EQ(cpu_share_pick(&s, 3, users, &text), 3);
    ASSERT_STR(buf_str(&text), "0-1,3");
    ASSERT(users[0] == UINT16_MAX && users[1] == UINT16_MAX && users[4] == 1);
    buf_clear(&text);
    ASSERT_EQ(cpu_share_pick(&s, 6, users, &text), 6); /* all */
    ASSERT_STR(buf_str(&text), "");
    buf_done(&text);
}
