/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/log_requests.h"

#include "tests/test.h"

static struct log_requests requests = {.wait_ms = 100};
static struct log_request got;

TEST(log_requests_are_answered_once)
{
    uint64_t first = log_requests_add(&requests, 7, 1, false, 1000);
    uint64_t second = log_requests_add(&requests, 8, 1, false, 1000);
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
    log_requests_add(&requests, 1, 1, false, 1000);
    log_requests_add(&requests, 2, 1, false, 1050);
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
        log_requests_add(&requests, i, i % 2, false, 1000);
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
        ASSERT(log_requests_add(&requests, 1, 1, false, 1000) != 0);
    ASSERT_EQ(log_requests_add(&requests, 1, 1, false, 1000), 0);
    ASSERT(log_requests_due(&requests, 2000, &got));
    ASSERT(log_requests_add(&requests, 1, 1, false, 1000) != 0);
}
