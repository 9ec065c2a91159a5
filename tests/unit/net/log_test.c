/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/log.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/test.h"

static char text[8192];

/* What the log holds of one line, without its time. */
static const char *logged(const struct log_field *fields)
{
    char name[] = "/tmp/besom-log-XXXXXX";
    int fd = mkstemp(name);
    ASSERT(fd >= 0);
    ASSERT_EQ(log_open(LOG_INFO, name, NULL), 0);
    log_write(LOG_WARN, "test.event", fields);
    log_close();
    ssize_t n = read(fd, text, sizeof text - 1);
    ASSERT(n > 25);
    text[n] = '\0';
    close(fd);
    unlink(name);
    ASSERT(text[10] == 'T' && text[23] == 'Z' && text[24] == ' ');
    ASSERT_EQ(text[n - 1], '\n');
    ASSERT(strchr(text, '\n') == text + n - 1);
    text[n - 1] = '\0';
    return text + 25;
}

static const char *logged_value(const char *value)
{
    static const char head[] = "warn test.event key=";
    const char *line = logged((struct log_field[]){log_text("key", value), {NULL, NULL, 0}});
    ASSERT_EQ(strncmp(line, head, strlen(head)), 0);
    return line + strlen(head);
}

TEST(log_quotes_values_that_are_not_plain)
{
    ASSERT_STR(logged_value("plain-0.5/x_y"), "plain-0.5/x_y");
    ASSERT_STR(logged_value(NULL), "\"\"");
    ASSERT_STR(logged_value("the peer closed it"), "\"the peer closed it\"");
    ASSERT_STR(logged_value("a=b"), "\"a=b\"");
    ASSERT_STR(logged_value("say \"no\" \\"), "\"say \\\"no\\\" \\\\\"");
    ASSERT_STR(logged_value("Zürich"), "\"Zürich\"");
}

TEST(log_keeps_a_line_a_line_and_a_terminal_safe)
{
    ASSERT_STR(logged_value("a\nb\r\t"), "\"a\\x0ab\\x0d\\x09\"");
    ASSERT_STR(logged_value("\x1b[31m"), "\"\\x1b[31m\"");
    ASSERT_STR(logged_value("\xff\xc3"), "\"\\xff\\xc3\"");
    ASSERT_STR(logged_value("\xc2\x9b"), "\"\\xc2\\x9b\"");          /* CSI in eight bits */
    ASSERT_STR(logged_value("\xe2\x80\xae"), "\"\\xe2\\x80\\xae\""); /* right to left */
}

TEST(log_bounds_values_and_lines)
{
    static char longest[3000];
    memset(longest, 'x', sizeof longest - 1);
    const char *value = logged_value(longest);
    ASSERT_EQ(strlen(value), 400 + strlen("\"…\""));
    memset(longest, 1, sizeof longest - 1);
    const char *line = logged((struct log_field[]){
        log_text("a", longest), log_text("b", longest), log_text("c", longest), {NULL, NULL, 0}});
    ASSERT(strlen(line) < 2048);
}

TEST(log_writes_the_levels_that_are_selected)
{
    ASSERT_EQ(log_level_find("info"), LOG_INFO);
    ASSERT_EQ(log_level_find("loud"), -1);
    ASSERT(!log_wants(LOG_ERROR)); /* before it is opened */
    ASSERT_EQ(log_open(LOG_WARN, "/dev/null", NULL), 0);
    ASSERT(log_wants(LOG_ERROR) && log_wants(LOG_WARN) && !log_wants(LOG_INFO));
    log_close();
    ASSERT(!log_wants(LOG_ERROR));
    struct err err = {0};
    ASSERT_EQ(log_open(LOG_WARN, "/nowhere/at/all", &err), ERR_IO);
    ASSERT(strstr(err.text, "/nowhere/at/all"));
}
