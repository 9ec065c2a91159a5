/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "base/diag/display.h"
#include "cli/print/elapsed.h"
#include "cli/print/sparkline.h"
#include "cli/progress/event_line.h"
#include "cli/progress/progress.h"
#include "cli/progress/progress_block.h"
#include "cli/progress/traces.h"
#include "sweep/trial.h"
#include "tests/test.h"

static const char *const best_params[] = {"lr=3.2e-04", "wd=0.01", "depth=4", "opt=adamw"};
static const double falling[] = {1.92, 1.2, 0.9, 0.6, 0.4, 0.3, 0.25, 0.2143};
static const struct progress half = {.name = "cifar-resnet",
                                     .sweep = "k3f9",
                                     .state = "running",
                                     .method = "tpe+asha",
                                     .seed = "seed 7",
                                     .metric = "val_loss",
                                     .goal = "minimize",
                                     .total = 100,
                                     .finished = 38,
                                     .stopped = 14,
                                     .failed = 2,
                                     .running = 4,
                                     .has_best = true,
                                     .best = 0.2143,
                                     .best_trial = 41,
                                     .best_age_ms = 6 * 60000,
                                     .best_params = best_params,
                                     .best_params_n = 4,
                                     .best_trace = falling,
                                     .best_trace_n = 8,
                                     .has_left = true,
                                     .left_low_ms = 22 * 60000,
                                     .left_high_ms = 31 * 60000,
                                     .chance = "next 20 trials: 27 % for a new best",
                                     .record = "15 of 20 held",
                                     .keys = "p pause  q stop  ?",
                                     .elapsed_ms = 54 * 60000 / 2};

static const struct cause out_of_memory = {
    .text = "out of GPU memory", .says = "", .n = 2, .trial = 37};
static const struct cause killed = {.text = "signal 9", .says = "", .n = 1, .trial = 12};

static struct progress with_rows(void)
{
    struct progress p = half;
    static const char *const params[][3] = {{"lr=2.8e-04", "wd=0.02", "depth=4"},
                                            {"lr=9.1e-04", "wd=0.01", "depth=6"},
                                            {"lr=2.2e-04", "wd=0.00", "depth=4"},
                                            {"lr=4.4e-04", "wd=0.03", "depth=3"}};
    static const char *const places[] = {"ep 14/30", "ep 9/30", "step 300", ""};
    static const char *const gpus[] = {"gpu0", "gpu1", "gpu2", "gpu3"};
    static const int64_t spans[] = {72000, 48000, 31000, 300};
    static const double values[] = {0.2301, 0.312, NAN, NAN};
    for (size_t i = 0; i < 4; i++)
        p.rows[i] = (struct progress_row){.trial = 55 + i,
                                          .state = TRIAL_RUNNING,
                                          .elapsed_ms = spans[i],
                                          .place = places[i],
                                          .where = gpus[i],
                                          .has_value = i < 3,
                                          .value = values[i],
                                          .params = params[i],
                                          .params_n = 3,
                                          .trace = falling,
                                          .trace_n = i == 0 ? 8 : 0};
    p.rows_n = p.running_rows = 4;
    p.failures[0] = &out_of_memory;
    return p;
}

static const char *block_sized(const struct progress *p, size_t columns, size_t lines, bool ascii)
{
    static struct buf out;
    struct frame f;
    struct progress_block_look look = {.lines = lines, .columns = columns, .ascii = ascii};
    if (out.max > 0)
        buf_done(&out);
    buf_init(&out, SIZE_MAX);
    frame_init(&f, ascii);
    progress_block_draw(&f, p, &look);
    ASSERT(f.rows <= lines);
    for (size_t i = 0; i < f.rows; i++) {
        size_t before = out.len;
        frame_row_text(&f, i, &out);
        ASSERT(display_width(buf_str(&out) + before, out.len - before) <= columns);
        buf_addc(&out, '\n');
    }
    frame_done(&f);
    return buf_str(&out);
}

static const char *block(const struct progress *p, size_t columns)
{
    return block_sized(p, columns, 40, false);
}

static void has(const char *text, const char *want)
{
    if (!strstr(text, want))
        FAIL("lacks \"%s\":\n%s", want, text);
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

TEST(the_block_at_80_columns)
{
    struct progress p = with_rows();
    ASSERT_STR(block(&p, 80),
               "k3f9 cifar-resnet · tpe+asha · val_loss ↓ · seed 7            p pause  q stop  ?\n"
               "██████████████▓░░░░░░░░░░░░ 54/100  ✓38 ◆14 ✗2 ▶4   2/min   left 22–31 min\n"
               "best 0.2143  trial 41, 6 min ago   lr=3.2e-04 wd=0.01 depth=4 opt=adamw\n"
               "     █▅▄▃▂▁▁▁    next 20 trials: 27 % for a new best · 15 of 20 held\n"
               " 55 ▶ gpu0  1m12s  ep 14/30    0.2301 █▅▄▃▂▁▁▁  lr=2.8e-04 wd=0.02 depth=4\n"
               " 56 ▶ gpu1    48s  ep 9/30      0.312           lr=9.1e-04 wd=0.01 depth=6\n"
               " 57 ▶ gpu2    31s  step 300       NaN           lr=2.2e-04 wd=0.00 depth=4\n"
               " 58 ▶ gpu3   0.3s                   –           lr=4.4e-04 wd=0.03 depth=3\n"
               " ✗ 37 out of GPU memory, 2 alike   besom logs k3f9-37 · besom retry k3f9-37\n");
}

TEST(the_block_at_119_columns_has_the_failures_beside_the_trials)
{
    struct progress p = with_rows();
    p.failures[1] = &killed;
    p.failures_with[0] = "bs=512";
    const char *text = block(&p, 119);
    has(text, "depth=4   │ ✗ 37 out of GPU memory (bs=512), 2 alike\n");
    has(text, "depth=6   │   besom logs k3f9-37\n");
    has(text, "depth=4   │ ✗ 12 signal 9\n");
    has(text, "depth=3   │   besom logs k3f9-12\n");
}

TEST(the_block_at_40_columns)
{
    struct progress p = with_rows();
    ASSERT_STR(block_sized(&p, 40, 9, false), "k3f9 cifar-resnet · val_loss ↓\n"
                                              "54/100  ✓38 ◆14 ✗2 ▶4   left 22–31 min\n"
                                              "best 0.2143  trial 41, 6 min ago   …\n"
                                              "next 20 trials: 27 % for a new best\n"
                                              " 55 ▶  1m12s     0.2301  lr=2.8e-04 …\n"
                                              " 56 ▶    48s      0.312  lr=9.1e-04 …\n"
                                              " 57 ▶    31s        NaN  lr=2.2e-04 …\n"
                                              " 58 ▶   0.3s          –  lr=4.4e-04 …\n"
                                              " ✗ 37 out of GPU m…   besom logs k3f9-37\n");
    ASSERT_STR(block_sized(&p, 38, 9, false), "54/100 ✓38 ✗2 ▶4  best 0.2143\n");
    ASSERT_STR(block_sized(&p, 80, 5, false), "54/100 ✓38 ✗2 ▶4  best 0.2143\n");
    ASSERT_STR(block_sized(&p, 20, 9, false), "54/100  best 0.2143\n");
}

TEST(the_block_in_ascii)
{
    struct progress p = with_rows();
    const char *text = block_sized(&p, 80, 40, true);
    has(text, "##############=------------ 54/100  +38 o14 x2 >4   2/min   left 22-31 min\n");
    has(text, "     ^--.____    next 20 trials");
    has(text, " 55 > gpu0  1m12s  ep 14/30    0.2301 ^--.____  lr=2.8e-04");
    for (const char *at = text; *at; at++)
        ASSERT((unsigned char)*at < 0x80);
}

TEST(no_line_is_wider_than_the_terminal_nor_more_than_it_has)
{
    struct progress p = with_rows();
    p.name = "a long name 日本語テキスト with augmentations and more that goes on";
    p.rows[0].where = "gpu-host-0001.rack7.example";
    p.rows[1].trial = 1234567;
    p.running = 90;
    for (size_t columns = 4; columns < 140; columns += 3)
        for (size_t lines = 1; lines < 14; lines += 4)
            block_sized(&p, columns, lines, columns % 2);
    has(block(&p, 80), "… 86 more ▶, 38 ✓, 14 ◆, 2 ✗\n");
    has(block(&p, 80), "gpu-host-0001.r… ");
}

/* Those that run, the newest of each state, and how many more there are. */
TEST(the_block_counts_the_trials_without_a_row)
{
    struct progress p = with_rows();
    struct progress_block_look look = {.lines = 40, .columns = 80};
    struct buf text;
    struct frame f;
    frame_init(&f, false);
    progress_block_draw(&f, &p, &look);
    p.running = p.running_rows = 1;
    p.rows[1].state = TRIAL_FAILED;
    p.rows[2].state = TRIAL_STOPPED;
    p.rows[3].state = TRIAL_FINISHED;
    progress_block_draw(&f, &p, &look);
    buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < f.rows; i++) {
        frame_row_text(&f, i, &text);
        buf_addc(&text, '\n');
    }
    has(buf_str(&text), " 56 ✗ gpu1");
    has(buf_str(&text), " 57 ◆ gpu2");
    has(buf_str(&text), "… 38 more ✓, 13 ◆, 1 ✗\n");
    buf_done(&text);
    frame_done(&f);
}

TEST(the_block_does_not_become_lower)
{
    struct progress p = with_rows();
    struct progress_block_look look = {.lines = 40, .columns = 80};
    struct frame f;
    frame_init(&f, false);
    progress_block_draw(&f, &p, &look);
    size_t rows = f.rows;
    p.running = p.rows_n = p.running_rows = 1;
    progress_block_draw(&f, &p, &look);
    ASSERT_EQ(f.rows, rows);
    frame_done(&f);
}

TEST(a_sweep_that_waits_says_for_what)
{
    struct progress p = half;
    p.running = 0;
    p.waits = "no agent has the label a100";
    has(block(&p, 80), "waits: no agent has the label a100\n");
}

TEST(no_text_from_outside_breaks_the_block)
{
    struct progress p = with_rows();
    static const char *const params[] = {"x\n=\x1b[2J1", "y=\u202e2"};
    p.name = "\x1b]0;pwned\adigits\r\n";
    p.waits = "\x1b[H";
    p.rows[0].params = params;
    p.rows[0].params_n = 2;
    const char *text = block(&p, 80);
    ASSERT(!strpbrk(text, "\x1b\r\a"));
    has(text, "k3f9 digits^M^J · tpe+asha");
    has(text, "x^J=1 y=?2\n");
}

/* Half a name or value would tell less than none. */
TEST(a_row_shows_whole_parameters)
{
    static const char *const params[] = {"größe=[64, 64]", "lr=0.1", "x=1"};
    static const struct {
        size_t room;
        const char *want;
    } cases[] = {{25, "größe=[64, 64] lr=0.1 x=1"},
                 {24, "größe=[64, 64] lr=0.1 …"},
                 {23, "größe=[64, 64] lr=0.1 …"},
                 {22, "größe=[64, 64] …"},
                 {16, "größe=[64, 64] …"},
                 {15, "…"},
                 {1, "…"},
                 {0, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct frame f;
        struct buf out;
        frame_init(&f, false);
        frame_resize(&f, 1, 40);
        buf_init(&out, SIZE_MAX);
        progress_block_params(&f, 0, 0, cases[i].room, params, 3);
        frame_row_text(&f, 0, &out);
        ASSERT_STR(buf_str(&out), cases[i].want);
        buf_done(&out);
        frame_done(&f);
    }
}

TEST(no_end_no_best_no_name)
{
    struct progress p = {
        .sweep = "s1", .state = "paused", .finished = 3, .elapsed_ms = 1000, .best_age_ms = -1};
    ASSERT_STR(block(&p, 80), "s1 · paused\n3 done  ✓3   3/s\nno metric to compare by\n\n");
    p.metric = "loss";
    has(block(&p, 80), "best: none yet\n");
}

/* Runs the view over a file and returns what it wrote. */
static const char *shown(bool terminal, bool json, int64_t second_ms)
{
    static char text[16384];
    FILE *f = tmpfile();
    ASSERT(f);
    struct progress_view v;
    struct progress p = half;
    p.best_params_n = 1;
    progress_init(&v, f, terminal);
    v.json = json;
    v.redraw_ms = PROGRESS_REDRAW_MS;
    p.clock = "12:04:55";
    p.time = 1764400000.5;
    p.new_best = true;
    progress_event(&v, &p, json ? "{\"trial\":8,\"state\":\"finished\"" : "trial=8 state=finished");
    p.elapsed_ms += second_ms;
    p.finished++;
    p.new_best = false;
    progress_event(&v, &p,
                   json ? "{\"trial\":9,\"state\":\"finished\"" : "trial=9\x1b[2J state=finished");
    progress_event(&v, &p, NULL);
    progress_done(&v, &p);
    progress_free(&v);
    rewind(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

TEST(without_a_terminal_a_line_a_change)
{
    ASSERT_STR(shown(false, false, 1),
               "12:04:55 trial=8 state=finished new_best=yes params=\"lr=3.2e-04\" done=54/100 "
               "running=4 stopped=14 failed=2 best=0.2143 best_trial=41\n"
               "12:04:55 trial=9 state=finished done=55/100 running=4 stopped=14 failed=2 "
               "best=0.2143 best_trial=41\n");
}

TEST(the_same_facts_as_json)
{
    ASSERT_STR(shown(false, true, 1),
               "{\"time\":1764400000,\"trial\":8,\"state\":\"finished\",\"new_best\":\"yes\","
               "\"params\":\"lr=3.2e-04\",\"done\":54,\"of\":100,\"running\":4,\"stopped\":14,"
               "\"failed\":2,\"best\":0.2143,\"best_trial\":41}\n"
               "{\"time\":1764400000,\"trial\":9,\"state\":\"finished\",\"done\":55,\"of\":100,"
               "\"running\":4,\"stopped\":14,\"failed\":2,\"best\":0.2143,\"best_trial\":41}\n");
}

/* What the view writes to a file for these times without a line of its own. */
static const char *quiet_view(bool terminal, const int64_t *times, size_t n)
{
    static char text[16384];
    FILE *f = tmpfile();
    ASSERT(f);
    struct progress_view v;
    struct progress p = with_rows();
    progress_init(&v, f, terminal);
    for (size_t i = 0; i < n; i++) {
        p.elapsed_ms = times[i];
        progress_event(&v, &p, NULL);
    }
    progress_free(&v);
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
    ASSERT_STR(
        quiet_view(false, times, 3),
        "done=54/100 running=4 stopped=14 failed=2 best=0.2143 best_trial=41 rate=53/min "
        "left=\"22-31 min\" now=\"trial 55 ep 14/30 0.2301, trial 56 ep 9/30 0.312, trial 57 "
        "step 300 NaN, trial 58\"\n");
    const char *text = quiet_view(false, times, 6);
    ASSERT_EQ(count(text, "done=54/100 running=4"), 2);
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

static const char *spark(const double *values, size_t n, size_t cells, bool ascii)
{
    static struct buf out;
    if (out.max > 0)
        buf_done(&out);
    buf_init(&out, SIZE_MAX);
    sparkline_print(&out, values, n, cells, ascii);
    ASSERT_EQ(display_width(buf_str(&out), out.len), sparkline_cells(n, cells));
    return buf_str(&out);
}

TEST(a_sparkline_shows_the_range_of_its_values)
{
    static const double down[] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    static const double odd[] = {NAN, 1, INFINITY, -INFINITY, -1e308, 1e308};
    static const double same[] = {3, 3, 3};
    ASSERT_STR(spark(down, 9, 16, false), "█▇▆▅▅▄▃▂▁");
    ASSERT_STR(spark(down, 9, 3, false), "█▅▁");
    ASSERT_STR(spark(down, 9, 16, true), "^^==--.._");
    ASSERT_STR(spark(odd, 6, 8, false), "×▅█▁▁█");
    ASSERT_STR(spark(odd, 6, 8, true), "x-^__^");
    ASSERT_STR(spark(same, 3, 8, false), "▁▁▁");
    ASSERT_STR(spark(down, 1, 8, false), "");
    ASSERT_STR(spark(down, 9, 0, false), "");
}

/* One value of 1e20 does not hide how the others fall. */
TEST(an_outlier_does_not_flatten_a_sparkline)
{
    static const double wild[] = {9, 8, 1e20, 7, 6, 5, 4, 3, 2, 1};
    ASSERT_STR(spark(wild, 10, 16, false), "█▇█▆▅▅▄▃▂▁");
}

TEST(a_row_has_the_trace_of_its_trial)
{
    static struct traces traces;
    struct progress p = with_rows();
    traces_take(&traces, &p);
    p.rows[0].place = "ep 15/30";
    p.rows[0].value = 0.2;
    p.best = 0.2;
    p.best_trial = 9;
    traces_take(&traces, &p);
    traces_take(&traces, &p); /* nothing is new */
    ASSERT(p.rows[0].trace_n == 2 && p.rows[1].trace_n == 1 && p.rows[3].trace_n == 0);
    ASSERT(p.best_trace_n == 2 && p.best_trace[1] == 0.2);
    p.rows[0] = p.rows[1]; /* the first has ended */
    p.rows_n = 1;
    traces_take(&traces, &p);
    ASSERT(traces.rows_n == 1 && traces.rows[0].trial == 56);
    for (int i = 0; i < 1000; i++) {
        char place[20];
        snprintf(place, sizeof place, "step %d", i);
        p.rows[0].place = place;
        p.rows[0].value = i;
        traces_take(&traces, &p);
    }
    ASSERT(p.rows[0].trace_n <= TRACE_VALUES && p.rows[0].trace[p.rows[0].trace_n - 1] == 999);
}

TEST(on_a_terminal_the_changes_alone_are_drawn)
{
    const char *soon = shown(true, false, PROGRESS_REDRAW_MS - 1);
    ASSERT_EQ(count(soon, "best 0.2143"), 1);
    has(soon, "G5\x1b["); /* of 55, the second digit */
    ASSERT_EQ(count(soon, "\n"), 9);
    const char *later = shown(true, false, PROGRESS_REDRAW_MS);
    ASSERT_EQ(count(later, "best 0.2143"), 1);
}
