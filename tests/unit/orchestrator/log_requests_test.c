/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/log_requests.h"

#include "tests/test.h"

static struct log_requests requests = {.wait_ms = 100};
static struct log_request got;

static uint64_t asked(uint64_t client, uint64_t sender, uint32_t link, int64_t now_ms)
{
    const struct log_request request = {.client = client, .sender = sender, .link = link};
    return log_requests_add(&requests, &request, now_ms);
}

TEST(log_requests_are_answered_once)
{
    uint64_t first = asked(7, 0, 1, 1000);
    uint64_t second = asked(8, 0, 1, 1000);
    ASSERT(first != 0 && second != 0 && first != second);
    ASSERT(log_requests_answered(&requests, second, 1, &got));
    ASSERT_EQ(got.client, 8);
    ASSERT(!log_requests_answered(&requests, second, 1, &got));
    ASSERT(
        !log_requests_answered(&requests, first, 2, &got)); /* another agent knows nothing of it */
    ASSERT(!log_requests_answered(&requests, 99, 1, &got));
    ASSERT(log_requests_answered(&requests, first, 1, &got));
    ASSERT_EQ(got.client, 7);
    ASSERT_EQ(requests.n, 0);
}

TEST(log_requests_have_a_deadline)
{
    ASSERT_EQ(log_requests_deadline(&requests), INT64_MAX);
    asked(1, 0, 1, 1000);
    asked(2, 0, 1, 1050);
    ASSERT_EQ(log_requests_deadline(&requests), 1100);
    ASSERT(!log_requests_due(&requests, 1099, &got));
    ASSERT(log_requests_due(&requests, 1100, &got));
    ASSERT_EQ(got.client, 1);
    ASSERT(!log_requests_due(&requests, 1100, &got));
    ASSERT_EQ(log_requests_deadline(&requests), 1150);
}

TEST(log_requests_end_with_their_link)
{
    for (uint32_t i = 0; i < 6; i++)
        asked(i, 0, i % 2, 1000);
    for (uint64_t i = 1; i < 6; i += 2) {
        ASSERT(log_requests_link_down(&requests, 1, &got));
        ASSERT_EQ(got.client, i);
    }
    ASSERT(!log_requests_link_down(&requests, 1, &got));
    ASSERT_EQ(requests.n, 3);
}

TEST(log_requests_are_bounded)
{
    for (int i = 0; i < LOG_REQUESTS_MAX; i++)
        ASSERT(asked(1, 0, 1, 1000) != 0);
    ASSERT_EQ(asked(1, 0, 1, 1000), 0);
    ASSERT(log_requests_due(&requests, 2000, &got));
    ASSERT(asked(1, 0, 1, 1000) != 0);
}

/* Those of one sender wait for their answers, whatever has become of their clients. */
TEST(log_requests_of_one_sender_are_few)
{
    uint64_t first = asked(1, 7, 1, 1000);
    for (uint64_t i = 1; i < LOG_REQUESTS_OF_ONE; i++)
        ASSERT(asked(1 + i, 7, 1, 1000) != 0);
    ASSERT_EQ(asked(9, 7, 1, 1000), 0);
    ASSERT_EQ(asked(9, 7, 2, 1000), 0);
    ASSERT(asked(10, 8, 1, 1000) != 0);
    ASSERT(log_requests_answered(&requests, first, 1, &got));
    ASSERT(got.client == 1 && got.sender == 7);
    ASSERT(asked(9, 7, 1, 1000) != 0);
}
