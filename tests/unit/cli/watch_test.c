/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What besom watch and besom top show: frames that tests/unit/cli/screens/ holds. BESOM_ACCEPT=1 writes
 * them anew, for a person to look through. */
#include "base/json.h"
#include "cli/screen/keys.h"
#include "cli/watch/watch_draw.h"
#include "tests/test.h"

static const char sweep_text[] =
    "{\"id\":\"k3f9\",\"name\":\"cifar-resnet\",\"state\":\"running\",\"method\":\"random\","
    "\"metric\":{\"name\":\"val_loss\",\"goal\":\"minimize\"},\"total\":1500,\"proposed\":967,"
    "\"counts\":{\"finished\":612,\"stopped\":331,\"failed\":14,\"running\":8,\"pending\":2},"
    "\"best\":{\"number\":841,\"objective\":0.2143,\"params\":{\"lr\":0.00032,\"batch\":256,"
    "\"opt\":\"adamw\"}},\"spec\":{\"retry\":{\"failed\":1}}}";
static const char pace_text[] =
    "{\"left\":[11400,15600],\"hours\":212.4,\"hours_of\":\"GPU\",\"rate\":300,"
    "\"chance\":{\"next\":20,\"percent\":2,\"of\":943,\"forecasts\":20,\"held\":18,"
    "\"brief\":\"18 of 20 held\",\"text\":\"next 20 trials: 2 % for a new best\",\"record\":\"18 "
    "of its last 20 forecasts "
    "held\"},"
    "\"line\":[null,1.9,0.9,0.5,0.4,0.31,0.28,0.25,0.2143],"
    "\"alerts\":[{\"kind\":\"failures\",\"text\":\"the last 5 trials failed\",\"n\":14}],"
    "\"causes\":[{\"cause\":\"out of GPU memory\",\"says\":\"CUDA out of memory. Tried to allocate "
    "2.10 "
    "GiB\",\"n\":9,\"trials\":[{\"trial\":853,\"attempt\":1,\"agent\":\"gpu-02\"},{\"trial\":850},{"
    "\"trial\":849}],\"hosts\":{\"gpu-02\":6,\"gpu-04\":3}},"
    "{\"cause\":\"ImportError: no module named \\u001b[2Jtorch\",\"says\":\"\",\"n\":5,"
    "\"trials\":[{\"trial\":12,\"attempt\":2,\"agent\":\"gpu-07\"}],\"hosts\":{\"gpu-07\":5}}]}";
static const char alerts_text[] =
    "[{\"kind\":\"up\",\"text\":\"agent gpu-07 is up: quarantined: Xid 79\",\"n\":1}]";
static const char names_text[] =
    "{\"params\":[\"depth\",\"lr\",\"opt\"],\"varying\":[\"lr\",\"depth\",\"opt\"]}";
static const char trials_text[] =
    "[{\"number\":841,\"state\":\"finished\",\"reason\":\"ok\",\"objective\":0.2143,\"params\":{"
    "\"lr\":0.00032,\"depth\":4,\"opt\":\"adamw\"},\"step\":30,\"duration\":724,\"started\":100,"
    "\"agent\":\"gpu-02\",\"slot\":1,\"metrics\":{\"val_loss\":0.2143}},"
    "{\"number\":965,\"state\":\"running\",\"objective\":0.2301,\"params\":{\"lr\":0.00028,"
    "\"depth\":4,\"opt\":\"日本語テキスト\"},\"step\":14,\"started\":999688,\"duration\":null,"
    "\"agent\":\"gpu-02\",\"slot\":3,\"metrics\":{\"epoch\":14}},"
    "{\"number\":960,\"state\":\"stopped\",\"reason\":\"stopper\",\"rung\":27,\"objective\":0.91,"
    "\"params\":{"
    "\"lr\":0.03,\"depth\":6,\"opt\":\"sgd\"},\"step\":4,\"duration\":91,\"agent\":\"gpu-01\","
    "\"slot\":2},"
    "{\"number\":853,\"state\":\"failed\",\"reason\":\"oom\",\"cause\":\"out of GPU "
    "memory\",\"objective\":null,\"params\":{"
    "\"lr\":0.0011,\"depth\":4,\"opt\":\"a\\u202e\\u001b[31md\"},\"step\":2,\"duration\":192,"
    "\"agent\":\"gpu-02\",\"slot\":1},"
    "{\"number\":966,\"state\":\"pending\",\"objective\":null,\"params\":{\"lr\":0.5},"
    "\"step\":null,\"agent\":null}]";
static const char curves_text[] = "{\"841\":[1.9,0.9,0.6,0.4,0.3,0.25,0.22,0.2143],"
                                  "\"965\":[1.8,0.7,0.5,0.3,0.2301],\"960\":[0.92,\"NaN\",0.91]}";
static const char agents_text[] =
    "[{\"name\":\"gpu-02\",\"state\":\"up\",\"seen\":1000000,\"slots\":[{\"slot\":0,\"trial\":"
    "\"k3f9-841\"},{\"slot\":1,\"trial\":null,\"idle\":\"waits for the next rung\"}]},"
    "{\"name\":\"gpu-07\",\"state\":\"up\",\"text\":\"quarantined: Xid 79\",\"slots\":[]},"
    "{\"name\":\"gpu-08\",\"state\":\"cordoned\",\"seen\":1000000,\"text\":\"a fan is loud\","
    "\"slots\":[]},"
    "{\"name\":\"gpu-09\",\"state\":\"away\",\"seen\":null,\"seen_before\":999760,\"slots\":[]}]";
static const char fleet_text[] =
    "{\"load\":[{\"trial\":\"k3f9-841\",\"agent\":\"gpu-02\",\"line\":[80,90,95,91],\"sample\":{"
    "\"gpu.0.utilization\":91,\"gpu.0.memory.used\":65498251264,\"gpu.0.memory.total\":84825604096,"
    "\"gpu.0.temperature\":71}}]}";
static const char trial_text[] =
    "{\"number\":841,\"state\":\"finished\",\"reason\":\"ok\",\"objective\":0.2143,\"attempts\":2,"
    "\"attempt\":2,"
    "\"duration\":724,\"agent\":\"gpu-02\",\"params\":{\"lr\":0.00032,\"model\":{\"depth\":4},"
    "\"opt\":\"adamw\"},\"metrics\":{\"val_loss\":0.2143,\"epoch\":30},\"attempts_list\":[]}";
static const char sweeps_text[] =
    "[{\"id\":\"7ab2\",\"name\":\"lm-small\",\"state\":\"paused\",\"text\":null,"
    "\"metric\":{\"name\":\"loss\",\"goal\":\"minimize\"},\"total\":300,\"counts\":{\"finished\":"
    "41},"
    "\"best\":{\"number\":3,\"objective\":3.118}},"
    "{\"id\":\"k3f9\",\"name\":\"cifar-resnet\",\"state\":\"running\",\"metric\":{\"name\":"
    "\"val_loss\",\"goal\":\"minimize\"},\"total\":1500,\"counts\":{\"finished\":612,\"stopped\":"
    "331,"
    "\"failed\":14,\"running\":8},\"best\":{\"number\":841,\"objective\":0.2143}}]";

static const char others_text[] =
    "[{\"id\":\"7ab2\",\"name\":\"lm-small\",\"state\":\"paused\",\"text\":null,"
    "\"metric\":{\"name\":\"loss\",\"goal\":\"minimize\"},\"total\":300,\"counts\":{\"finished\":"
    "41},\"best\":{\"number\":3,\"objective\":3.118}},"
    "{\"id\":\"9c01\",\"name\":\"a-name-that-is-too-long-for-it\",\"state\":\"finished\","
    "\"counts\":{"
    "\"finished\":7},\"ended\":740800}]";
static const char told_text[] = "{\"7ab2\":{\"line\":[3.9,3.3,3.3,3.118],\"hours\":20,\"hours_of\":"
                                "\"GPU\",\"by\":\"ann\",\"at\":"
                                "992800},\"k3f9\":{\"line\":[1.9,0.9,0.5,0.4,0.31,0.28,0.25,0.2143]"
                                ",\"left\":[11400,15600],\"hours\":"
                                "212.4,\"hours_of\":\"GPU\"}}";

static const struct value *value_of(struct watch_data *d, const char *text)
{
    struct value *v = NULL;
    ASSERT_EQ(json_parse(&d->arena, text, strlen(text), &v, NULL), 0);
    return v;
}

/* What a controller would have answered. */
static void data_init(struct watch_data *d)
{
    *d = (struct watch_data){.now = 1000000, .trials_more = 1};
    arena_init(&d->arena);
    d->sweep = value_of(d, sweep_text);
    d->pace = value_of(d, pace_text);
    d->names = value_of(d, names_text);
    d->trials = value_of(d, trials_text);
    d->curves = value_of(d, curves_text);
    d->agents = value_of(d, agents_text);
    d->alerts = value_of(d, alerts_text);
    d->fleet = value_of(d, fleet_text);
    d->trial = value_of(d, trial_text);
    d->sweeps = value_of(d, sweeps_text);
    d->others = value_of(d, others_text);
    d->sweeps_of = 3;
    d->told = value_of(d, told_text);
    d->clock = "12:44:20 CET";
    d->log = "epoch 1\n  loss 1.9\nepoch 2\n  loss 0.9\n";
    d->explained = "trial     k3f9-841\nproposed  by random: draw 841\n";
}

static void text_of(const struct watch *w, const struct watch_data *d, struct buf *out)
{
    struct frame f;
    frame_init(&f, w->ascii);
    watch_draw(&f, w, d);
    ASSERT_EQ(f.rows, w->lines);
    for (size_t i = 0; i < f.rows; i++) {
        size_t columns = 0, before = out->len;
        for (size_t k = 0; k < f.columns; k++)
            columns += f.cells[i * f.columns + k].width;
        ASSERT_EQ(columns, w->columns);
        frame_row_text(&f, i, out);
        ASSERT(!memchr(buf_str(out) + before, '\x1b', out->len - before));
        buf_addc(out, '\n');
    }
    frame_done(&f);
}

static void file_read(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "r");
    for (int c; f && (c = getc(f)) != EOF;)
        buf_addc(out, (char)c);
    if (f)
        fclose(f);
}

static void same_as(const char *name, const struct watch *w, const struct watch_data *d)
{
    char path[512];
    struct buf text, want;
    buf_init(&text, SIZE_MAX);
    buf_init(&want, SIZE_MAX);
    snprintf(path, sizeof path, TEST_SOURCE_DIR "/tests/unit/cli/screens/%s.txt", name);
    text_of(w, d, &text);
    if (getenv("BESOM_ACCEPT")) {
        FILE *f = fopen(path, "w");
        ASSERT(f);
        fwrite(buf_str(&text), 1, text.len, f);
        fclose(f);
    }
    file_read(path, &want);
    if (strcmp(buf_str(&text), buf_str(&want)) != 0)
        FAIL("%s differs: BESOM_ACCEPT=1 writes it anew\n%s", path, buf_str(&text));
    buf_done(&text);
    buf_done(&want);
}

static struct watch watching(size_t columns, size_t lines)
{
    struct watch w;
    watch_state_init(&w, "k3f9");
    w.columns = columns;
    w.lines = lines;
    return w;
}

TEST(the_screens_of_a_sweep)
{
    static const struct {
        size_t columns, lines;
    } sizes[] = {{80, 24}, {120, 40}, {120, 24}, {40, 10}, {200, 60}, {100, 30}};
    static const char *const panes[] = {"trials", "curves", "agents", "failures", "log"};
    struct watch_data d;
    data_init(&d);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct watch w = watching(sizes[i].columns, sizes[i].lines);
        watch_state_settle(&w, &d);
        for (int pane = 0; pane < WATCH_PANES; pane++) {
            char name[64];
            snprintf(name, sizeof name, "%s-%zux%zu", panes[pane], w.columns, w.lines);
            if (pane == 0 || i < 2)
                same_as(name, &w, &d);
            watch_state_key(&w, &d, '\t');
        }
        ASSERT_EQ(w.pane, WATCH_TRIALS);
    }
    arena_done(&d.arena);
}

TEST(the_panel_says_why_a_trial_failed)
{
    static const char *const lines[] = {"── trials of k3f9 · by val_loss ↓ · 967 ──",
                                        "─ trial 853 ✗ ─",
                                        "853 ✗ out of GPU memory ",
                                        "│ out of GPU memory at step 412\n",
                                        "│ batch 512 (best: 256)\n",
                                        "│ lr 0.0011 (best: 0.00032)\n",
                                        "│ as the best: opt adamw\n",
                                        "│ suspect batch=512: 6 of 7 trials\n",
                                        "│   with it failed this way, 0 of 40\n",
                                        "│   without\n",
                                        "│ attempt 2 of 2, no retry left\n",
                                        "│ gpu-02/1, 3m12s\n",
                                        "│ [r]etry [l]ogs [e]xplain\n",
                                        "│ nearest 841 702 655\n"};
    struct watch_data d;
    struct watch w = watching(120, 30);
    struct buf text;
    data_init(&d);
    watch_state_settle(&w, &d);
    w.chosen = 853;
    w.has_chosen = true;
    d.trial = value_of(
        &d, "{\"number\":853,\"state\":\"failed\",\"reason\":\"oom\",\"cause\":"
            "\"out of GPU "
            "memory\",\"attempts\":2,\"attempt\":2,\"step\":412,\"agent\":\"gpu-02\",\"slot\":1,"
            "\"duration\":192,\"params\":{\"lr\":0.0011,\"batch\":512,\"opt\":\"adamw\"},"
            "\"stopped\":{\"stopper\":\"asha\"}," /* decided too late: it had failed */
            "\"why\":{\"strategy\":\"tpe\",\"nearest\":[841,702,655]},\"attempts_list\":["
            "{\"reason\":\"exit\"},{\"reason\":\"exit\"}]}");
    d.suspect = "batch=512: 6 of 7 trials with it failed this way, 0 of 40 without";
    buf_init(&text, SIZE_MAX);
    text_of(&w, &d, &text);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(buf_str(&text), lines[i]))
            FAIL("'%s' is missing:\n%s", lines[i], buf_str(&text));
    buf_done(&text);
    arena_done(&d.arena);
}

/* As many as the spec has beyond the failures of the trial; what its hosts did does not count. */
TEST(the_panel_says_how_many_retries_are_left)
{
    static const struct {
        const char *state, *attempts, *line;
    } cases[] = {
        {"failed", "{\"reason\":\"exit\"},{\"reason\":\"exit\"}",
         "attempt 2 of 2, no retry left\n"},
        {"running", "{\"reason\":null}", "attempt 1 of 2, 1 retry left\n"},
        {"running", "{\"reason\":\"exit\"},{\"reason\":null}", "attempt 2 of 2, no retry left\n"},
        {"running", "{\"reason\":\"host\"},{\"reason\":null}", "attempt 2 of 3, 1 retry left\n"},
        {"running", "{\"reason\":\"exit\",\"superseded\":true},{}",
         "attempt 2 of 3, 1 retry left\n"},
        {"lost", "{\"reason\":\"host\"}", "attempt 1 of 1, no retry left\n"},
        {"finished", "{\"reason\":\"exit\"},{\"reason\":\"ok\"}", "attempt 2\n"},
        {"finished", "{\"reason\":\"ok\"}", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char trial[256];
        struct watch_data d;
        struct buf text;
        struct watch w = watching(80, 24);
        data_init(&d);
        watch_state_settle(&w, &d);
        watch_state_key(&w, &d, '\r');
        size_t n = strstr(cases[i].attempts, "},{") ? 2 : 1;
        snprintf(trial, sizeof trial,
                 "{\"number\":841,\"state\":\"%s\",\"attempts\":%zu,\"attempt\":%zu,\"attempts_"
                 "list\":[%s]}",
                 cases[i].state, n, n, cases[i].attempts);
        d.trial = value_of(&d, trial);
        d.sweep = value_of(&d, "{\"spec\":{\"retry\":{\"failed\":1,\"host\":3}}}");
        buf_init(&text, SIZE_MAX);
        text_of(&w, &d, &text);
        const char *want = cases[i].line ? cases[i].line : "attempt";
        if ((strstr(buf_str(&text), want) != NULL) != (cases[i].line != NULL))
            FAIL("case %zu: '%s'\n%s", i, want, buf_str(&text));
        buf_done(&text);
        arena_done(&d.arena);
    }
}

/* Why a sweep is paused comes before alerts and what the line says of the best, and nothing is forecast. */
TEST(the_head_says_why_a_sweep_is_paused)
{
    static const struct {
        size_t columns;
        const char *line;
    } cases[] = {
        {80,
         "\nbest ↓ 0.2143    paused: 5 trials in a row failed within seconds of their start…\n"},
        {130,
         "\n  ✓612 ◆331 ·2  best: trial 841    paused: 5 trials in a row failed within seconds of "
         "their start · besom resume k3f9 (+2)\n"}};
    struct watch_data d;
    data_init(&d);
    d.paused = "paused: 5 trials in a row failed within seconds of their start · besom resume k3f9";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct watch w = watching(cases[i].columns, 24);
        struct buf text;
        buf_init(&text, SIZE_MAX);
        text_of(&w, &d, &text);
        if (!strstr(buf_str(&text), cases[i].line))
            FAIL("'%s' is missing:\n%s", cases[i].line, buf_str(&text));
        buf_done(&text);
    }
    arena_done(&d.arena);
}

TEST(the_other_screens)
{
    struct watch_data d;
    data_init(&d);
    struct watch w = watching(80, 24);
    watch_state_settle(&w, &d);
    watch_state_key(&w, &d, '\r');
    same_as("trial-80x24", &w, &d);
    watch_state_key(&w, &d, KEYS_ESCAPE);
    watch_state_key(&w, &d, 'e');
    same_as("explain-80x24", &w, &d);
    watch_state_key(&w, &d, '?');
    same_as("keys-80x24", &w, &d);
    watch_state_init(&w, NULL);
    same_as("top-80x24", &w, &d);
    w.columns = 120;
    w.lines = 40;
    same_as("top-120x40", &w, &d);
    w.ascii = true;
    same_as("top-120x40-ascii", &w, &d);
    arena_done(&d.arena);
}

/* Loading, empty and without contact, each says what is the matter. */
TEST(the_screens_without_data)
{
    struct watch_data d = {.now = 1000000};
    arena_init(&d.arena);
    struct watch w = watching(80, 12);
    same_as("loading-80x12", &w, &d);
    d.sweep = value_of(&d, "{\"id\":\"k3f9\",\"state\":\"running\",\"counts\":{},\"total\":5}");
    d.trials = value_of(&d, "[]");
    d.waits = "no agent has the label a100";
    d.trouble = "no contact since 12:40:07: connection refused";
    same_as("empty-80x12", &w, &d);
    arena_done(&d.arena);
}

TEST(every_size_is_drawn)
{
    struct watch_data d;
    data_init(&d);
    for (size_t columns = 1; columns < 200; columns += 7)
        for (size_t lines = 1; lines < 60; lines += 5)
            for (int key = 0; key < 8; key++) {
                struct buf text;
                struct watch w = watching(columns, lines);
                buf_init(&text, SIZE_MAX);
                watch_state_settle(&w, &d);
                watch_state_key(&w, &d, "\tlafe?\rj"[key]);
                text_of(&w, &d, &text);
                watch_state_init(&w, NULL);
                w.columns = columns;
                w.lines = lines;
                text_of(&w, &d, &text);
                buf_done(&text);
            }
    arena_done(&d.arena);
}

/* Live data never moves the user. */
TEST(the_chosen_trial_stays_chosen)
{
    struct watch_data d;
    data_init(&d);
    struct watch w = watching(80, 24);
    watch_state_settle(&w, &d);
    ASSERT(w.has_chosen && w.chosen == 841);
    ASSERT_EQ(watch_state_key(&w, &d, 'j'), WATCH_READ);
    ASSERT_EQ(w.chosen, 965);
    d.trials =
        value_of(&d, "[{\"number\":1000},{\"number\":841},{\"number\":960},{\"number\":965}]");
    watch_state_settle(&w, &d);
    ASSERT(w.chosen == 965 && w.row == 3 && w.top == 0);
    watch_state_key(&w, &d, KEYS_UP);
    ASSERT_EQ(w.chosen, 960);
    d.trials = value_of(&d, "[{\"number\":1000},{\"number\":841}]"); /* it is on no row any more */
    d.trials_more = 0;
    watch_state_settle(&w, &d);
    ASSERT(w.row < 967);
    arena_done(&d.arena);
}

/* Its newest trial, which is on no row that was read; the size of the terminal makes no difference. */
TEST(a_failure_opens_its_trial)
{
    for (int wide = 0; wide < 2; wide++) {
        struct watch_data d;
        data_init(&d);
        struct watch w = wide ? watching(160, 48) : watching(80, 24);
        watch_state_settle(&w, &d);
        watch_state_key(&w, &d, 'f');
        ASSERT_EQ(watch_state_key(&w, &d, 'j'), WATCH_NOTHING);
        ASSERT_EQ(watch_state_key(&w, &d, 'j'), WATCH_NOTHING); /* there are two */
        ASSERT_EQ(w.chosen, 841);
        ASSERT_EQ(watch_state_key(&w, &d, '\r'), WATCH_READ);
        watch_state_settle(&w, &d);
        ASSERT(w.page == WATCH_TRIAL && w.chosen == 12);
        ASSERT_EQ(watch_state_key(&w, &d, 'l'), WATCH_READ);
        watch_state_settle(&w, &d);
        ASSERT(w.pane == WATCH_LOG && w.chosen == 12);
        watch_state_key(&w, &d, 'f');
        ASSERT_EQ(watch_state_key(&w, &d, 'e'), WATCH_READ);
        ASSERT(w.page == WATCH_EXPLAIN && w.chosen == 12);
        arena_done(&d.arena);
    }
}

TEST(keys_sort_filter_and_go_back)
{
    struct watch_data d;
    data_init(&d);
    struct watch w = watching(80, 24);
    watch_state_settle(&w, &d);
    ASSERT_STR(watch_state_sorting(&w, &d).key, "objective");
    ASSERT_EQ(watch_state_key(&w, &d, 's'), WATCH_READ);
    ASSERT(!watch_state_sorting(&w, &d).key && watch_state_sorting(&w, &d).descending);
    for (int i = 0; i < 3; i++)
        watch_state_key(&w, &d, 's');
    ASSERT_STR(watch_state_sorting(&w, &d).key, "lr");
    for (int i = 0; i < 3; i++)
        watch_state_key(&w, &d, 's');
    ASSERT_STR(watch_state_sorting(&w, &d).key, "objective");
    watch_state_key(&w, &d, '/');
    for (const char *p = "faileq\x7f"
                         "d q";
         *p; p++) /* q is text here */
        ASSERT_EQ(watch_state_key(&w, &d, *p), WATCH_NOTHING);
    ASSERT_EQ(watch_state_key(&w, &d, '\r'), WATCH_READ);
    ASSERT_STR(w.filter, "failed q");
    ASSERT_EQ(watch_state_key(&w, &d, KEYS_ESCAPE), WATCH_READ);
    ASSERT_STR(w.filter, "");
    ASSERT_EQ(watch_state_key(&w, &d, 'q'), WATCH_QUIT);
    watch_state_init(&w, NULL);
    watch_state_key(&w, &d, 'j');
    ASSERT_EQ(watch_state_key(&w, &d, '\r'), WATCH_READ);
    ASSERT_STR(w.sweep, "7ab2"); /* the newest is first */
    watch_state_key(&w, &d, KEYS_ESCAPE);
    ASSERT_EQ(w.page, WATCH_SWEEPS);
    watch_state_settle(&w, &d);
    ASSERT_EQ(w.sweep_row, 1); /* where the sweep is that was shown */
    arena_done(&d.arena);
}

TEST(an_action_is_counted_and_confirmed)
{
    struct watch_data d;
    data_init(&d);
    struct watch w = watching(80, 24);
    watch_state_settle(&w, &d);
    ASSERT_EQ(watch_state_key(&w, &d, 'C'), WATCH_COUNT);
    ASSERT_EQ(watch_state_key(&w, &d, 'n'), WATCH_NOTHING);
    ASSERT(!w.op);
    ASSERT_EQ(watch_state_key(&w, &d, 'C'), WATCH_COUNT);
    watch_state_counted(&w, true, 7, "ends 8 running trials");
    ASSERT_STR(w.said, "cancel: ends 8 running trials. y or n");
    ASSERT_EQ(watch_state_key(&w, &d, 'y'), WATCH_DO);
    ASSERT_EQ(w.revision, 7);
    watch_state_done(&w, "sweep k3f9 is cancelled");
    ASSERT_EQ(watch_state_key(&w, &d, 'P'), WATCH_COUNT);
    ASSERT_EQ(watch_state_key(&w, &d, 'y'),
              WATCH_NOTHING); /* not counted yet: that is no consent */
    ASSERT_EQ(watch_state_key(&w, &d, 'r'), WATCH_COUNT);
    watch_state_counted(&w, false, -1, "trial 841 is finished");
    ASSERT(!w.op);
    ASSERT_STR(w.said, "trial 841 is finished");
    arena_done(&d.arena);
}

TEST(bytes_are_keys)
{
    static const struct {
        const char *bytes;
        int key;
        size_t len;
    } cases[] = {{"q", 'q', 1},
                 {"\x1b", KEYS_ESCAPE, 1},
                 {"\x1b[Aq", KEYS_UP, 3},
                 {"\x1bOB", KEYS_DOWN, 3},
                 {"\x1b[6~", KEYS_PAGE_DOWN, 4},
                 {"\x1b[Z", KEYS_BACK_TAB, 3},
                 {"\x1b[1;5Cx", KEYS_NONE, 6},
                 {"\x1b[200", KEYS_NONE, 5},
                 {"\x1bq", KEYS_ESCAPE, 1},
                 {"\xc3\xa4", 0xc3, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = 0;
        ASSERT_EQ(keys_read(cases[i].bytes, strlen(cases[i].bytes), &len), cases[i].key);
        ASSERT_EQ(len, cases[i].len);
    }
}
