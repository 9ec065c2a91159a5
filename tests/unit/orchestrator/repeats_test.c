/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/steer/repeats.h"

#include <stdio.h>

#include "base/err.h"
#include "tests/test.h"

static struct repeats r;
static const struct repeat *one;
static uint64_t waiting[REPEATS_WAITING_MAX];

TEST(repeats_do_an_action_once)
{
    repeats_init(&r);
    ASSERT_EQ(repeats_look(&r, "me k1", "cancel s1", 1, &one), REPEATS_NEW);
    ASSERT_EQ(repeats_look(&r, "me k1", "cancel s1", 2, &one), REPEATS_WAIT);
    ASSERT_EQ(repeats_look(&r, "me k1", "cancel s2", 3, &one), REPEATS_ANOTHER);
    ASSERT_EQ(repeats_answer(&r, "me k1", ERR_STATE, "no", waiting), 2);
    ASSERT_EQ(waiting[0], 1);
    ASSERT_EQ(waiting[1], 2);
    ASSERT_EQ(repeats_look(&r, "me k1", "cancel s1", 4, &one), REPEATS_DONE);
    ASSERT_EQ(one->code, ERR_STATE);
    ASSERT_STR(one->text, "no");
    ASSERT_EQ(repeats_look(&r, "you k1", "cancel s1", 5, &one), REPEATS_NEW);
    repeats_done(&r);
}

TEST(repeats_are_bounded)
{
    char key[32];
    repeats_init(&r);
    for (uint64_t i = 0; i < REPEATS_MAX + 10; i++) {
        snprintf(key, sizeof key, "k%d", (int)i);
        ASSERT_EQ(repeats_look(&r, key, "x", i, &one), REPEATS_NEW);
        if (i != 3) /* which others wait for: it is not forgotten */
            ASSERT_EQ(repeats_answer(&r, key, 0, "", waiting), 1);
    }
    ASSERT_EQ(r.by_key.live, REPEATS_MAX);
    ASSERT_EQ(repeats_look(&r, "k3", "x", 7, &one), REPEATS_WAIT);
    ASSERT_EQ(repeats_answer(&r, "k3", 0, "", waiting), 2);
    ASSERT_EQ(repeats_look(&r, "k9", "x", 1, &one), REPEATS_NEW);
    ASSERT_EQ(repeats_look(&r, "k11", "x", 1, &one), REPEATS_DONE);
    for (int i = 0; i < REPEATS_WAITING_MAX; i++)
        ASSERT_EQ(repeats_look(&r, "new", "x", 1, &one), i == 0 ? REPEATS_NEW : REPEATS_WAIT);
    ASSERT_EQ(repeats_look(&r, "new", "x", 1, &one), REPEATS_CROWDED);
    repeats_done(&r);
}

TEST(repeats_take_no_more_than_can_be_kept)
{
    char key[32];
    repeats_init(&r);
    for (uint64_t i = 0; i < REPEATS_MAX; i++) {
        snprintf(key, sizeof key, "k%d", (int)i);
        ASSERT_EQ(repeats_look(&r, key, "x", i, &one), REPEATS_NEW);
    }
    ASSERT_EQ(repeats_look(&r, "more", "x", 1, &one), REPEATS_CROWDED);
    ASSERT_EQ(repeats_answer(&r, "k5", 0, "", waiting), 1);
    ASSERT_EQ(repeats_look(&r, "more", "x", 1, &one), REPEATS_NEW);
    repeats_done(&r);
}
