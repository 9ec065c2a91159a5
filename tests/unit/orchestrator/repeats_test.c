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

static enum repeats_word keys_look(const char *sender, int i)
{
    char key[32];
    snprintf(key, sizeof key, "%s k%d", sender, i);
    return repeats_look(&r, key, "x", (uint64_t)i, &one);
}

static size_t keys_answer(const char *sender, int i)
{
    char key[32];
    snprintf(key, sizeof key, "%s k%d", sender, i);
    return repeats_answer(&r, key, 0, "", waiting);
}

TEST(repeats_are_bounded)
{
    repeats_init(&r);
    ASSERT_EQ(keys_look("you", 0), REPEATS_NEW);
    ASSERT_EQ(keys_answer("you", 0), 1);
    for (int i = 0; i < REPEATS_OF_ONE + 10; i++) {
        ASSERT_EQ(keys_look("me", i), REPEATS_NEW);
        if (i != 3) /* which others wait for: it is not forgotten */
            ASSERT_EQ(keys_answer("me", i), 1);
    }
    ASSERT_EQ(r.by_key.live, REPEATS_OF_ONE + 1);
    ASSERT_EQ(keys_look("me", 3), REPEATS_WAIT);
    ASSERT_EQ(keys_answer("me", 3), 2);
    ASSERT_EQ(keys_look("me", 9), REPEATS_NEW);
    ASSERT_EQ(keys_look("me", 12), REPEATS_DONE);
    ASSERT_EQ(keys_look("you", 0), REPEATS_DONE);
    for (int i = 0; i < REPEATS_WAITING_MAX; i++)
        ASSERT_EQ(keys_look("me", 999), i == 0 ? REPEATS_NEW : REPEATS_WAIT);
    ASSERT_EQ(keys_look("me", 999), REPEATS_CROWDED);
    repeats_done(&r);
}

TEST(repeats_of_one_do_not_crowd_out_those_of_another)
{
    repeats_init(&r);
    for (int i = 0; i < REPEATS_OF_ONE; i++)
        ASSERT_EQ(keys_look("me", i), REPEATS_NEW);
    ASSERT_EQ(keys_look("me", 999), REPEATS_CROWDED); /* none of them is done */
    ASSERT_EQ(keys_look("m", 0), REPEATS_NEW);
    ASSERT_EQ(keys_answer("me", 5), 1);
    ASSERT_EQ(keys_look("me", 999), REPEATS_NEW);
    repeats_done(&r);
}

TEST(repeats_of_many_senders_are_bounded_too)
{
    char sender[16];
    repeats_init(&r);
    for (int n = 0; n < REPEATS_MAX / REPEATS_OF_ONE; n++)
        for (int i = 0; i < REPEATS_OF_ONE; i++) {
            snprintf(sender, sizeof sender, "s%d", n);
            ASSERT_EQ(keys_look(sender, i), REPEATS_NEW);
            ASSERT_EQ(keys_answer(sender, i), 1);
        }
    ASSERT_EQ(keys_look("new", 0), REPEATS_NEW); /* in place of the oldest of all */
    ASSERT_EQ(keys_answer("new", 0), 1);
    ASSERT_EQ(keys_look("new", 1), REPEATS_NEW); /* in place of its own */
    ASSERT_EQ(r.by_key.live, REPEATS_MAX);
    ASSERT_EQ(keys_look("s0", 1), REPEATS_DONE);
    repeats_done(&r);
}
