/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of a log as the page shows them, by the messages of the agent. */
#include <sys/stat.h>

#include "agent/attempt_log.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "protocol/log_fold.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static const struct agent_key key = {.sweep = "aaaa", .trial = 3, .attempt = 2};
static struct arena arena;

static FILE *log_open(void)
{
    char path[200];
    snprintf(path, sizeof path, "%s/logs", scratch_dir());
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/logs/aaaa", scratch_dir());
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/logs/aaaa/3-2.log", scratch_dir());
    FILE *f = fopen(path, "wb");
    ASSERT(f);
    return f;
}

static void log_write(const char *text)
{
    FILE *f = log_open();
    fputs(text, f);
    fclose(f);
}

static struct message answered(struct message ask)
{
    ask.fold = 1;
    attempt_log_answer(&arena, scratch_dir(), &key, &ask);
    return ask;
}

static void rows_are(const char *text, const char *want)
{
    log_write(text);
    struct message m = answered((struct message){0});
    ASSERT_STR(json_text(&arena, m.rows, JSON_COMPACT), want);
}

TEST(log_rows_keep_the_last_state_of_a_progress_bar)
{
    rows_are("one\n 1%|x|\r 50%|xx|\r100%|xxx|\ntwo\r\nx",
             "[[0,\"one\"],[4,\"100%|xxx|\"],[30,\"two\"],[35,\"x\"]]");
    rows_are("a long state\rshort\n", "[[0,\"short\"]]");
    rows_are("half\r\x1b[Kdone\n", "[[0,\"done\"]]");
    rows_are("kept\r\x1b[K\n", "[[0,\"\"]]");
    rows_are("spin |\b/\b-\n", "[[0,\"spin -\"]]");
    rows_are("a\tb\n", "[[0,\"a       b\"]]");
}

TEST(log_rows_have_colours_and_no_other_escape)
{
    rows_are("\x1b[31mred\x1b[0m plain\n", "[[0,\"red plain\",[[3,2],[6,0]],0]]");
    rows_are("\x1b[1;92mok\x1b[m\n", "[[0,\"ok\",[[2,1035]],0]]");
    rows_are("\x1b[38;5;196mx\x1b[38;2;0;0;255my\x1b[39mz\n",
             "[[0,\"xyz\",[[1,10],[1,13],[1,0]],0]]");
    rows_are("\x1b[31mred\nnext\n", "[[0,\"red\",[[3,2]],0],[9,\"next\"]]");
    rows_are("\x1b[2J\x1b[10;20Ha\x1b[?25lb\x1b(Bc\x1b=d\n", "[[0,\"abcd\"]]");
    /* A link's text, a title, and what was never ended. */
    rows_are("\x1b]8;;http://x/\x1b\\text\x1b]8;;\x1b\\.\x1b]0;title\a!\n", "[[0,\"text.!\"]]");
    rows_are("\x1b]0;never\nnext\n\x1b[3", "[[0,\"\"],[10,\"next\"],[15,\"\"]]");
}

TEST(log_rows_are_valid_text)
{
    rows_are("a\xff\xc3(\xe2\x82\n\xc2\x9b"
             "5mb\n",
             "[[0,\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\"],[7,\"5mb\"]]");
    rows_are("\xed\xa0\x80|\xf0\x9f\x98\x80\n", "[[0,\"\xef\xbf\xbd|\xf0\x9f\x98\x80\"]]");
}

TEST(log_rows_bound_a_long_line)
{
    enum { LONG = 1 << 20 };
    FILE *f = log_open();
    for (int i = 0; i < LONG; i++)
        fputc('x', f);
    fputs("\nend\n", f);
    fclose(f);
    struct message m = answered((struct message){0});
    ASSERT_EQ(m.rows->list.n, 1);
    const struct value *row = m.rows->list.items[0];
    ASSERT_EQ(row->list.items[1]->s.len, LOG_FOLD_CHARS);
    ASSERT_EQ(row->list.items[3]->i, LONG - LOG_FOLD_CHARS);
    ASSERT_EQ(m.to, LONG + 1);
    ASSERT_EQ(m.size, LONG + 5);
    m = answered((struct message){.from = m.to});
    ASSERT_EQ(m.rows->list.n, 1);
    ASSERT_EQ(m.end, 1);
}

/* Whatever the pieces, all lines come once, and in order. */
TEST(log_rows_of_pieces_are_those_of_all)
{
    FILE *f = log_open();
    for (int i = 0; i < 9000; i++)
        fprintf(f, "line %d %s\n", i, i % 7 ? "" : "with a bar \r and more of it");
    fputs("open", f);
    fclose(f);
    uint64_t from = 0, n = 0;
    for (int i = 0; i < 100; i++) {
        struct message m = answered((struct message){.from = from});
        ASSERT_EQ(m.from, from);
        for (size_t k = 0; k < m.rows->list.n; k++, n++)
            ASSERT(m.rows->list.items[k]->list.items[0]->i >= (int64_t)from);
        from = m.to;
        if (m.end)
            break;
    }
    ASSERT_EQ(n, 9001);
    /* The open line begins the next answer. */
    struct message m = answered((struct message){.from = from});
    ASSERT_EQ(m.rows->list.n, 1);
    ASSERT_STR(m.rows->list.items[0]->list.items[1]->s.ptr, "open");
    /* Back from there. */
    struct message back = answered((struct message){.to = from, .lines = 3});
    ASSERT_EQ(back.rows->list.n, 3);
    ASSERT_EQ(back.to, from);
    ASSERT_STR(back.rows->list.items[2]->list.items[1]->s.ptr, "line 8999 ");
    struct message more = answered((struct message){.to = back.from, .lines = 1});
    ASSERT_STR(more.rows->list.items[0]->list.items[1]->s.ptr, "line 8996 ");
    /* And what is found. */
    struct message found = answered((struct message){.find = "LINE 899"});
    ASSERT_EQ(found.rows->list.n, 10); /* one was redrawn */
    ASSERT_EQ(found.end, 1);
}

static void finds(const char *text, const char *find, bool want)
{
    log_write(text);
    ASSERT_EQ(answered((struct message){.find = find}).rows->list.n, want);
}

TEST(log_rows_are_found_by_what_repeats_itself)
{
    finds("aaab\n", "aab", true);
    finds("aaaa\n", "aab", false);
    finds("abababaC\n", "ABABAc", true);
    finds("abcabcabd\n", "abcabd", true);
    finds("abcabcabc\n", "abcabd", false);
    finds("aabaabaaab\n", "aabaaab", true);
    finds("ab", "abc", false);
    finds("ab", "ab", true);
    finds("ab\n", "b", true);
    finds("a\xc3\xa4\xc3\xa4\xc3\xb6\n", "\xc3\xa4\xc3\xb6", true);
    finds("aa\nb\n", "aab", false);
}

TEST(log_rows_are_not_found_by_long_texts)
{
    char text[LIMIT_LOG_FIND_BYTES + 2] = "";
    memset(text, 'A', LIMIT_LOG_FIND_BYTES + 1);
    log_write("one\n");
    ASSERT_STR(answered((struct message){.find = text}).error, "ERR_USAGE");
    text[LIMIT_LOG_FIND_BYTES] = '\0';
    struct message m = answered((struct message){.find = text});
    ASSERT_STR(m.error, "");
    ASSERT(m.end && m.rows->list.n == 0);
}

/* The agent has other work: who looks for something in a long log asks again. */
TEST(log_rows_are_looked_for_a_piece_at_a_time)
{
    FILE *f = log_open();
    struct buf all;
    struct message m = {0}, other = {0};
    uint64_t from = 0, n = 0, answers = 0;
    buf_init(&all, SIZE_MAX);
    for (int i = 0; i < 100000; i++)
        buf_adds(&all, i % 25000 ? "a line of a log that is long\n" : "Here\n");
    fwrite(buf_peek(&all), 1, all.len, f);
    fclose(f);
    for (; !m.end; answers++, from = m.to) {
        m = answered((struct message){.from = from, .find = "here"});
        const struct message ask = {.from = from, .find = "here"};
        log_fold_answer(&arena, buf_peek(&all), all.len, 0, &ask, &other);
        ASSERT(m.to - from < LOG_FOLD_SOME_BYTES + 100 && (m.to > from || m.end));
        ASSERT(other.to == m.to && other.end == m.end);
        ASSERT_EQ(other.rows->list.n, m.rows->list.n);
        n += m.rows->list.n;
    }
    ASSERT_EQ(n, 4);
    ASSERT_EQ(answers, all.len / LOG_FOLD_SOME_BYTES + 1);
    buf_done(&all);
}

TEST(log_rows_of_no_log_say_so)
{
    struct message m = answered((struct message){0});
    ASSERT_STR(m.error, "ERR_NOT_FOUND");
    log_write("");
    m = answered((struct message){0});
    ASSERT_STR(m.error, "");
    ASSERT_EQ(m.rows->list.n, 0);
    ASSERT_EQ(m.end, 1);
}
