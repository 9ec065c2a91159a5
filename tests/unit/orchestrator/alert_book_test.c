/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/reasons/alert_book.h"

#include <stdio.h>

#include "base/mem.h"
#include "tests/test.h"

static struct alert_book book;

static bool see(const char *key, const char *message, int64_t hold_ms, int64_t now_ms)
{
    return alert_book_see(&book, key, message, hold_ms, now_ms);
}

/* Tells the next alert, and returns how many alerts its message was for. */
static int tell(const char *message, int64_t now_ms)
{
    const struct alert_book_entry *e = alert_book_next(&book, now_ms);
    size_t at = 0;
    int n = 0;
    ASSERT_STR(e ? e->message : "none", message);
    while (alert_book_tell(&book, message, &at))
        n++;
    alert_book_told(&book);
    return n;
}

static void over(const char *key, int64_t now_ms)
{
    char *gone = alert_book_over(&book, now_ms);
    ASSERT_STR(gone ? gone : "none", key);
    mem_free(gone);
}

TEST(an_alert_is_told_once_while_it_lasts)
{
    alert_book_init(&book);
    for (int64_t now = 0; now <= 10 * ALERT_BOOK_GONE_MS; now += 5000) {
        ASSERT(see("s failures", now == 0 ? "first" : "later", 0, now));
        if (now == 0)
            ASSERT_EQ(tell("first", now), 1);
        ASSERT(!alert_book_next(&book, now));
        over("none", now);
    }
    alert_book_done(&book);
}

TEST(an_alert_that_comes_back_soon_is_the_same_one)
{
    alert_book_init(&book);
    see("s silent", "m", 0, 0);
    tell("m", 0);
    see("s silent", "m", 0, ALERT_BOOK_GONE_MS);
    ASSERT(!alert_book_next(&book, ALERT_BOOK_GONE_MS));
    over("s silent", 2 * ALERT_BOOK_GONE_MS + 1);
    over("none", 2 * ALERT_BOOK_GONE_MS + 1);
    see("s silent", "again", 0, 2 * ALERT_BOOK_GONE_MS + 2);
    ASSERT_EQ(tell("again", 2 * ALERT_BOOK_GONE_MS + 2), 1);
    alert_book_end(&book, "s silent");
    over("s silent", 2 * ALERT_BOOK_GONE_MS + 3);
    alert_book_done(&book);
}

/* As a sweep that waits until its agents have connected. */
TEST(an_alert_that_did_not_last_is_not_told_later)
{
    alert_book_init(&book);
    see("s waits", "m", 60000, 0);
    see("s waits", "m", 60000, 5000);
    for (int64_t now = 10000; now <= ALERT_BOOK_STALE_MS + 10000; now += 5000)
        ASSERT(!alert_book_next(&book, now));
    over("none", ALERT_BOOK_STALE_MS + 10000);
    alert_book_done(&book);
}

TEST(an_alert_that_must_last_is_told_when_it_has)
{
    alert_book_init(&book);
    for (int64_t now = 0; now < 60000; now += 5000) {
        see("agent a away", "m", 60000, now);
        ASSERT(!alert_book_next(&book, now));
    }
    see("agent a away", "m", 60000, 60000);
    ASSERT_EQ(tell("m", 60000), 1);
    see("agent b away", "m", 60000, 100000);
    see("agent b away", "m", 60000, 100000 + ALERT_BOOK_GAP_MS + 50000);
    ASSERT(!alert_book_next(&book,
                            100000 + ALERT_BOOK_GAP_MS + 50000)); /* it was not away all the time */
    alert_book_done(&book);
}

TEST(alerts_of_one_message_are_told_together)
{
    alert_book_init(&book);
    see("agent a away", "a, b are away", 0, 0);
    see("agent b away", "a, b are away", 60000, 0);
    see("agent c disk", "disk of c", 0, 0);
    ASSERT_EQ(tell("a, b are away", 0), 2);
    ASSERT_EQ(tell("disk of c", 0), 1);
    ASSERT(!alert_book_next(&book, 100000));
    alert_book_done(&book);
}

TEST(what_has_happened_waits_and_an_alert_that_is_gone_does_not)
{
    alert_book_init(&book);
    see("s failures", "m", 0, 0);
    ASSERT(alert_book_happen(&book, "s ended", "end", 0));
    over("none", ALERT_BOOK_STALE_MS + 1); /* nobody was told of it */
    ASSERT_EQ(book.entries.live, 1);
    ASSERT_EQ(tell("end", 10 * ALERT_BOOK_GONE_MS), 1);
    ASSERT_EQ(book.entries.live, 0);
    ASSERT(alert_book_happen(&book, "s ended", "end", 0)); /* it was run again */
    ASSERT_EQ(tell("end", 1), 1);
    alert_book_done(&book);
}

TEST(what_an_earlier_process_has_told_is_not_told)
{
    alert_book_init(&book);
    alert_book_know(&book, "s paused", 0);
    see("s paused", "m", 0, 1000);
    ASSERT(!alert_book_next(&book, 1000));
    alert_book_done(&book);
}

TEST(alerts_are_bounded)
{
    char key[32];
    alert_book_init(&book);
    for (int i = 0; i < ALERT_BOOK_ENDS_MAX; i++) {
        snprintf(key, sizeof key, "%d ended", i);
        ASSERT(alert_book_happen(&book, key, "m", 0));
    }
    ASSERT(!alert_book_happen(&book, "more ended", "m", 0));
    for (int i = ALERT_BOOK_ENDS_MAX; i < ALERT_BOOK_MAX; i++) {
        snprintf(key, sizeof key, "%d failures", i);
        ASSERT(see(key, "m", 0, 0));
    }
    ASSERT(!see("more failures", "m", 0, 0));
    ASSERT(see("1023 failures", "m", 0, 0));
    alert_book_done(&book);
}
