/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "base/diag/display.h"
#include "cli/print/elapsed.h"
#include "cli/print/sparkline.h"
#include "cli/progress/event_line.h"
#include "cli/progress/progress.h"
#include "cli/progress/traces.h"
#include "tests/test.h"

static const struct progress half = {.name = "digits",
                                     .sweep = "abcd1234",
                                     .state = "running",
                                     .metric = "loss",
                                     .total = 20,
                                     .finished = 9,
                                     .failed = 1,
                                     .running = 2,
                                     .has_best = true,
                                     .best = 0.251,
                                     .best_trial = 7,
                                     .elapsed_ms = 30000};

static const char *block(const struct progress *p, size_t columns)
{
    static struct buf out;
    if (out.max > 0)
        buf_done(&out);
    buf_init(&out, SIZE_MAX);
    ASSERT_EQ(progress_block(&out, p, columns, false, false), 3);
    return buf_str(&out);
}

TEST(spans_read_well)
{
    static const struct {
        double s;
        const char *want;
    } cases[] = {{0, "0.0s"},     {0.34, "0.3s"},    {9.94, "9.9s"}, {9.96, "10s"},
                 {59.4, "59s"},   {59.7, "1m00s"},   {185, "3m05s"}, {3599.6, "1h00m"},
                 {7620, "2h07m"}, {273600, "3d04h"}, {-1, "-"},      {NAN, "-"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[ELAPSED_BYTES];
        elapsed_format(out, cases[i].s);
        ASSERT_STR(out, cases[i].want);
    }
}

TEST(the_block_says_how_far_it_is)
{
    ASSERT_STR(block(&half, 80),
               "digits  abcd1234  30s, 25s left\n"
               "[####################====----------------] 10/20 done  2 running  1 failed\n"
               "best: loss 0.251 (trial 7)\n");
}

static const struct cause out_of_memory = {
    .how = "exit 1", .says = "CUDA out of memory. Tried to allocate 512 MiB", .n = 3, .trial = 6};

static struct progress with_rows(void)
{
    struct progress p = half;
    static const char *const params[][2] = {
        {"lr=2.8e-04", "depth=4"}, {"lr=9.1e-04", "depth=6"}, {"lr=0.003", "depth=2"}};
    p.rows[0] = (struct progress_row){11,        72000, "epoch 14", true, 0.2301, 0.21,
                                      params[0], 2,     NULL,       0,    NULL};
    p.rows[1] =
        (struct progress_row){12, 48000, "step 300", true, NAN, NAN, params[1], 2, NULL, 0, NULL};
    p.rows[2] = (struct progress_row){13, 300, "", false, NAN, NAN, params[2], 2, NULL, 0, NULL};
    p.rows_n = 3;
    p.running = 5;
    p.has_running_best = true;
    p.running_best = 0.21;
    p.running_best_trial = 11;
    p.failure = &out_of_memory;
    return p;
}

TEST(the_block_knows_what_runs_and_what_failed)
{
    struct progress p = with_rows();
    struct buf out;
    buf_init(&out, SIZE_MAX);
    ASSERT_EQ(progress_block(&out, &p, 80, false, false), 8);
    const char *rows = strstr(buf_str(&out), "best: ");
    ASSERT_STR(
        rows, "best: loss 0.251 (trial 7), running: 0.21 (trial 11)\n"
              "  11   1m12s  epoch 14      0.2301  best 0.21        lr=2.8e-04 depth=4\n"
              "  12     48s  step 300         NaN                   lr=9.1e-04 depth=6\n"
              "  13    0.3s                     -                   lr=0.003 depth=2\n"
              "      and 2 more\n"
              "3 failed alike: exit 1, 'CUDA out of memory. Tried to a…'; besom logs abcd1234-6\n");
    for (size_t columns = 4; columns < 100; columns += 5) {
        buf_clear(&out);
        progress_block(&out, &p, columns, false, false);
        for (const char *at = buf_str(&out); *at; at += strcspn(at, "\n") + 1)
            ASSERT(display_width(at, strcspn(at, "\n")) <= columns);
    }
    buf_done(&out);
}

TEST(the_block_says_where_trials_run_and_what_a_sweep_waits_for)
{
    struct progress p = with_rows();
    struct buf out;
    buf_init(&out, SIZE_MAX);
    p.rows[0].agent = "gpu-host-0001.rack7";
    p.rows[2].agent = "gpu1";
    p.rows_n = 3;
    p.running = 3;
    p.failure = NULL;
    p.waits = "no agent has the label a100";
    ASSERT_EQ(progress_block(&out, &p, 80, false, false), 7);
    ASSERT_STR(strstr(buf_str(&out), "waits: "),
               "waits: no agent has the label a100\n"
               "  11  gpu-host-0001.r…   1m12s  epoch 14      0.2301  lr=2.8e-04 depth=4\n"
               "  12                       48s  step 300         NaN  lr=9.1e-04 depth=6\n"
               "  13  gpu1                0.3s                     -  lr=0.003 depth=2\n");
    for (size_t columns = 4; columns < 100; columns += 5) {
        buf_clear(&out);
        progress_block(&out, &p, columns, false, false);
        for (const char *at = buf_str(&out); *at; at += strcspn(at, "\n") + 1)
            ASSERT(display_width(at, strcspn(at, "\n")) <= columns);
    }
    buf_done(&out);
}

TEST(a_long_name_leaves_room_for_the_times)
{
    struct progress p = half;
    p.name = "digits with augmentations and a name that goes on";
    const char *text = block(&p, 40);
    ASSERT_EQ(strncmp(text, "digits with au…  abcd1234  30s, 25s left\n", 43), 0);
    text = block(&p, 12);
    ASSERT_EQ(strncmp(text, "abcd1234  30\n", 13), 0);
}

/* Half a name or value would tell less than none. */
TEST(a_row_shows_whole_parameters)
{
    static const char *const params[] = {"größe=[64, 64]", "lr=0.1", "x\n=1"};
    static const struct {
        size_t room; /* columns after the values */
        const char *want;
    } cases[] = {{27, "größe=[64, 64] lr=0.1 x^J=1\n"},
                 {26, "größe=[64, 64] lr=0.1 …\n"},
                 {23, "größe=[64, 64] lr=0.1 …\n"},
                 {22, "größe=[64, 64] …\n"},
                 {16, "größe=[64, 64] …\n"},
                 {15, "…\n"},
                 {1, "…\n"},
                 {0, "\n"}};
    static const char values[] = "  11   1m12s  epoch 14      0.2301  ";
    struct progress p = half;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    p.rows[0] =
        (struct progress_row){11, 72000, "epoch 14", true, 0.2301, NAN, params, 3, NULL, 0, NULL};
    p.rows_n = p.running = 1;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_clear(&out);
        progress_block(&out, &p, sizeof values - 1 + cases[i].room, false, false);
        const char *row = strstr(buf_str(&out), values);
        ASSERT(row);
        ASSERT_STR(row + sizeof values - 1, cases[i].want);
    }
    buf_done(&out);
}

TEST(no_end_no_best_no_name)
{
    struct progress p = {.sweep = "s1", .state = "paused", .finished = 3, .elapsed_ms = 1000};
    ASSERT_STR(block(&p, 80), "s1  paused  1.0s\n3 done  0 running\nno metric to compare by\n");
    p.metric = "loss";
    ASSERT(strstr(block(&p, 80), "none yet"));
}

TEST(no_line_is_wider_than_the_terminal)
{
    for (size_t columns = 4; columns < 90; columns += 5) {
        const char *at = block(&half, columns);
        for (; *at; at += strcspn(at, "\n") + 1)
            ASSERT(display_width(at, strcspn(at, "\n")) <= columns);
    }
}

TEST(the_pace_is_that_of_this_run)
{
    struct progress p = half;
    p.ended_before = 5;
    ASSERT_EQ(progress_eta_ms(&p), 45000);
    p.ended_before = 10;
    ASSERT_EQ(progress_eta_ms(&p), -1);
    p = half;
    p.total = 0;
    ASSERT_EQ(progress_eta_ms(&p), -1);
}

/* Runs the view over a file and returns what it wrote. */
static const char *shown(bool terminal, int64_t second_ms)
{
    static char text[8192];
    FILE *f = tmpfile();
    ASSERT(f);
    struct progress_view v;
    struct progress p = half;
    progress_init(&v, f, terminal);
    p.clock = "12:04:55";
    progress_event(&v, &p, "trial=8 state=finished loss=0.3");
    p.elapsed_ms += second_ms;
    p.finished++;
    progress_event(&v, &p, "trial=9\x1b[2J state=finished");
    progress_event(&v, &p, NULL);
    progress_done(&v, &p);
    rewind(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

TEST(without_a_terminal_a_line_a_change)
{
    ASSERT_STR(
        shown(false, 1),
        "12:04:55 trial=8 state=finished loss=0.3 done=10/20 running=2 failed=1 best=0.251 "
        "best_trial=7\n"
        "12:04:55 trial=9 state=finished done=11/20 running=2 failed=1 best=0.251 best_trial=7\n");
}

/* What the view writes to a file for these times without a line of its own. */
static const char *quiet_view(bool terminal, const int64_t *times, size_t n)
{
    static char text[8192];
    FILE *f = tmpfile();
    ASSERT(f);
    struct progress_view v;
    struct progress p = with_rows();
    progress_init(&v, f, terminal);
    for (size_t i = 0; i < n; i++) {
        p.elapsed_ms = times[i];
        progress_event(&v, &p, NULL);
    }
    rewind(f);
    size_t len = fread(text, 1, sizeof text - 1, f);
    text[len] = '\0';
    fclose(f);
    return text;
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (; (text = strstr(text, what)) != NULL; text += strlen(what))
        n++;
    return n;
}

TEST(without_a_terminal_a_line_a_minute_says_what_runs)
{
    static const int64_t times[] = {1000, 30000, 61000, 62000, 120000, 122000};
    ASSERT_STR(quiet_view(false, times, 3),
               "done=10/20 running=5 failed=1 best=0.251 best_trial=7 running_best=0.21 "
               "running_best_trial=11 left=37s now=\"trial 11 epoch 14 0.2301, trial 12 step 300 "
               "NaN, trial 13\"\n");
    const char *text = quiet_view(false, times, 6);
    ASSERT_EQ(count(text, "done=10/20 running=5"), 2);
    ASSERT(!strchr(text, '\x1b'));
}

TEST(event_lines_quote_what_must_be)
{
    struct buf line;
    buf_init(&line, SIZE_MAX);
    event_line_count(&line, "trial", 3);
    event_line_text(&line, "reason", "exit");
    event_line_text(&line, "why", "a \"b\" \\ c=d");
    event_line_text(&line, "none", "");
    event_line_number(&line, "val loss", NAN);
    event_line_number(&line, "acc@1", 1234567);
    ASSERT_STR(buf_str(&line), "trial=3 reason=exit why=\"a \\\"b\\\" \\\\ c=d\" none=\"\" "
                               "val_loss=NaN acc@1=1234567");
    buf_done(&line);
}

static const char *spark(const double *values, size_t n, size_t cells)
{
    static struct buf out;
    if (out.max > 0)
        buf_done(&out);
    buf_init(&out, SIZE_MAX);
    sparkline_print(&out, values, n, cells);
    ASSERT_EQ(display_width(buf_str(&out), out.len), sparkline_cells(n, cells));
    return buf_str(&out);
}

TEST(a_sparkline_shows_the_range_of_its_values)
{
    static const double falling[] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    static const double odd[] = {NAN, 1, INFINITY, -INFINITY, -1e308, 1e308};
    static const double same[] = {3, 3, 3};
    ASSERT_STR(spark(falling, 9, 16), "█▇▆▅▅▄▃▂▁");
    ASSERT_STR(spark(falling, 9, 3), "█▅▁");
    ASSERT_STR(spark(odd, 6, 8), "×▅█▁▁█");
    ASSERT_STR(spark(same, 3, 8), "▁▁▁");
    ASSERT_STR(spark(falling, 1, 8), "");
    ASSERT_STR(spark(falling, 9, 0), "");
}

TEST(a_row_has_the_trace_of_its_trial)
{
    static struct traces traces;
    struct progress p = with_rows();
    struct buf out;
    buf_init(&out, SIZE_MAX);
    traces_take(&traces, &p);
    p.rows[0].place = "epoch 15";
    p.rows[0].value = 0.2;
    p.best = 0.2;
    p.best_trial = 9;
    traces_take(&traces, &p);
    traces_take(&traces, &p); /* nothing is new */
    ASSERT(p.rows[0].trace_n == 2 && p.rows[1].trace_n == 1 && p.rows[2].trace_n == 0);
    progress_block(&out, &p, 100, false, true);
    ASSERT_STR(
        strstr(buf_str(&out), "best: "),
        "best: loss 0.2 (trial 9), running: 0.21 (trial 11)  █▁\n"
        "  11   1m12s  epoch 15         0.2        █▁  best 0.21        lr=2.8e-04 depth=4\n"
        "  12     48s  step 300         NaN                             lr=9.1e-04 depth=6\n"
        "  13    0.3s                     -                             lr=0.003 depth=2\n"
        "      and 2 more\n"
        "3 failed alike: exit 1, 'CUDA out of memory. Tried to allocate 512 MiB'; besom logs "
        "abcd1234-6\n");
    for (size_t columns = 4; columns < 100; columns += 5) {
        buf_clear(&out);
        progress_block(&out, &p, columns, false, true);
        for (const char *at = buf_str(&out); *at; at += strcspn(at, "\n") + 1)
            ASSERT(display_width(at, strcspn(at, "\n")) <= columns);
    }
    p.rows[0] = p.rows[1]; /* the first has ended */
    p.rows_n = 1;
    traces_take(&traces, &p);
    ASSERT(traces.rows_n == 1 && traces.rows[0].trial == 12);
    for (int i = 0; i < 1000; i++) {
        char place[20];
        snprintf(place, sizeof place, "step %d", i);
        p.rows[0].place = place;
        p.rows[0].value = i;
        traces_take(&traces, &p);
    }
    ASSERT(p.rows[0].trace_n <= TRACE_VALUES && p.rows[0].trace[p.rows[0].trace_n - 1] == 999);
    buf_done(&out);
}

TEST(the_legend_is_shown_once)
{
    static const int64_t times[] = {1000, 2000, 3000};
    const char *text = quiet_view(true, times, 3);
    ASSERT_EQ(count(text, "Bar: # done"), 1);
    ASSERT_EQ(count(text, "best: "), 3);
}

TEST(on_a_terminal_the_block_is_drawn_over_itself)
{
    const char *soon = shown(true, PROGRESS_REDRAW_MS - 1);
    ASSERT_EQ(count(soon, "best: "), 2);
    ASSERT_EQ(count(soon, "\x1b[3A\x1b[J"), 1);
    ASSERT(strstr(soon, "11/20"));
    const char *later = shown(true, PROGRESS_REDRAW_MS);
    ASSERT_EQ(count(later, "best: "), 3);
    ASSERT_EQ(count(later, "\x1b[3A\x1b[J"), 2);
}
