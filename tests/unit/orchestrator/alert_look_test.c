/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/alert/alert_look.h"

#include "base/json.h"
#include "tests/test.h"

static struct arena arena;
static struct alert_book book;
static struct books books;

/* Sees these agents for as long as an alert about them must last; the message that is told then, or NULL. */
static struct value *look(const char *agents, int64_t from_ms)
{
    struct alert_look l = {.book = &book, .arena = &arena};
    struct value *list, *message = NULL;
    size_t at = 0;
    if (json_parse(&arena, agents, strlen(agents), &list, NULL) != 0)
        FAIL("%s", agents);
    for (int64_t ms = 0; ms <= ALERT_LOOK_HOLD_MS; ms += 5000) {
        l.now_ms = from_ms + ms;
        ASSERT(alert_look_agents(&l, &books, list));
    }
    const struct alert_book_entry *e = alert_book_next(&book, l.now_ms);
    if (!e)
        return NULL;
    const char *text = arena_strdup(&arena, e->message);
    ASSERT_EQ(json_parse(&arena, text, strlen(text), &message, NULL), 0);
    while (alert_book_tell(&book, text, &at))
        continue;
    alert_book_told(&book);
    return message;
}

#define GONE(name) "{\"name\":\"" name "\",\"state\":\"gone\",\"lost\":true}"
#define FOUR GONE("a") "," GONE("b") "," GONE("c") "," GONE("d")

TEST(a_message_about_a_lost_agent_names_none_of_those_before)
{
    books_init(&books);
    alert_book_init(&book);
    ASSERT_STR(
        value_get_str(look("[" FOUR "]", 0), "title", ""),
        "agents a, b, c and 1 more are gone; for each that does not return: besom forget NAME");
    ASSERT(!look("[" FOUR "]", ALERT_LOOK_HOLD_MS));
    const struct value *later = look("[" FOUR "," GONE("e") "]", 2 * ALERT_LOOK_HOLD_MS);
    ASSERT_STR(value_get_str(later, "title", ""),
               "agent e is gone; if it does not return: besom forget e");
    ASSERT_EQ(value_get(later, "agents")->list.n, 1);
    for (char *over; (over = alert_book_over(&book, 2 * ALERT_LOOK_HOLD_MS + ALERT_BOOK_GONE_MS));)
        FAIL("%s is over", over);
    alert_book_done(&book);
    books_done(&books);
    arena_done(&arena);
}
