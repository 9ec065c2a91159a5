/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view.h"

#include <sqlite3.h>

#include "base/json.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"
#include "tests/unit/orchestrator/view_kit.h"

TEST(view_finds_sweeps_and_trials_by_what_people_type)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    static const struct {
        const char *what, *id;
        int rc;
        const char *says;
    } sweeps[] = {
        {NULL, "abd456", 0, NULL},
        {"last", "abd456", 0, NULL},
        {"abc123", "abc123", 0, NULL},
        {"abc", "abc123", 0, NULL},
        {"first", "abc123", 0, NULL},
        {"firs", NULL, ERR_NOT_FOUND, "abd456"},
        {"ab", NULL, ERR_USAGE, "abd456, abc123"},
        {"x", NULL, ERR_NOT_FOUND, "it has abd456, abc123 (first)"},
        {"", NULL, ERR_NOT_FOUND, "abd456"},
        {"%", NULL, ERR_NOT_FOUND, "abd456"},
        {"abc1234", NULL, ERR_NOT_FOUND, "abd456"},
    };
    for (size_t i = 0; i < sizeof sweeps / sizeof *sweeps; i++) {
        char id[16];
        struct err err = {0};
        ASSERT_EQ(view_find_sweep(v, sweeps[i].what, id, &err), sweeps[i].rc);
        if (sweeps[i].id)
            ASSERT_STR(id, sweeps[i].id);
        else if (!strstr(err.text, sweeps[i].says))
            FAIL("%s", err.text);
    }
    static const struct {
        const char *what, *id;
        uint64_t number;
        int rc;
        const char *says;
    } trials[] = {
        {"abd456-3", "abd456", 3, 0, NULL},
        {"abd-11", "abd456", 11, 0, NULL},
        {"7", "abd456", 7, 0, NULL},
        {"last-0", "abd456", 0, 0, NULL},
        {"first-0", NULL, 0, ERR_NOT_FOUND, "no trial yet"},
        {"12", NULL, 0, ERR_NOT_FOUND, "abd456-11"},
        {"abd", NULL, 0, ERR_USAGE, "abd456-0 to abd456-11"},
        {"abc-0", NULL, 0, ERR_NOT_FOUND, "no trial yet"},
        {"ab-1", NULL, 0, ERR_USAGE, "abc123"},
        {"abd-x", NULL, 0, ERR_NOT_FOUND, "abd-x"},
    };
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        char id[16];
        uint64_t number;
        struct err err = {0};
        int rc = view_find_trial(v, trials[i].what, id, &number, &err);
        if (rc != trials[i].rc)
            FAIL("%s: %d %s", trials[i].what, rc, err.text);
        if (rc == 0) {
            ASSERT_STR(id, trials[i].id);
            ASSERT_EQ(number, trials[i].number);
        } else if (!strstr(err.text, trials[i].says)) {
            FAIL("%s", err.text);
        }
    }
    kit_end(v);
}

TEST(view_finds_sweeps_by_name_before_the_beginning_of_an_id)
{
    const char *dir = scratch_dir();
    char id[16];
    bool trial;
    uint64_t number;
    struct err err = {0};
    kit_fill(dir);
    kit_create("e1", "ab");
    kit_create("e2", "twice");
    kit_create("e3", "twice");
    kit_create("e4", "lr-2");
    kit_create("e5", "42");
    kit_commit();
    struct view *v = kit_open(dir);
    ASSERT_EQ(view_find_sweep(v, "ab", id, &err), 0);
    ASSERT_STR(id, "e1");
    ASSERT_EQ(view_find_sweep(v, "twice", id, &err), ERR_USAGE);
    ASSERT_STR(err.text, "2 sweeps are named 'twice', the newest first: e3, e2; use an id");
    ASSERT_EQ(view_find(v, "lr-2", id, &trial, &number, &err), 0);
    ASSERT(!trial);
    ASSERT_STR(id, "e4");
    ASSERT_EQ(view_find(v, "lr-2-0", id, &trial, &number, &err), ERR_NOT_FOUND);
    ASSERT(strstr(err.text, "e4 has no trial yet"));
    ASSERT_EQ(view_find(v, "abd456-7", id, &trial, &number, &err), 0);
    ASSERT(trial && number == 7);
    ASSERT_EQ(view_find(v, "42", id, &trial, &number, &err), ERR_NOT_FOUND);
    ASSERT(strstr(err.text, "e5 has no trial yet")); /* a number alone is a trial of the newest */
    ASSERT_EQ(view_find(v, NULL, id, &trial, &number, &err), 0);
    ASSERT_STR(id, "e5");
    kit_end(v);
}

TEST(view_adds_losses_that_would_overflow)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    for (int i = 0; i < 3; i++) {
        const struct book_attempt *at =
            &books_trial(books_sweep(&kit_books, "abd456"), 11)->attempt;
        kit_put("abd456", (struct fact){.kind = FACT_METRICS,
                                        .trial = 11,
                                        .attempt = 1,
                                        .from = at->offset[0],
                                        .to = at->offset[0] + 1,
                                        .next_step = at->next_step,
                                        .points = {.bad = SIZE_MAX / 4, .too_long = 2}});
    }
    kit_commit();
    char path[300];
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/besom.db", dir);
    ASSERT_EQ(sqlite3_open(path, &db), SQLITE_OK);
    ASSERT_EQ(
        sqlite3_exec(db, "UPDATE attempt SET rewrites = 9223372036854775807", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    struct view *v = kit_open(dir);
    struct value *losses, *trial;
    struct err err = {0};
    ASSERT_EQ(view_losses(v, &kit_arena, "abd456", &losses, &err), 0);
    ASSERT_EQ(value_get_int(losses, "bad_lines", 0), INT64_C(1) << 53);
    ASSERT_EQ(value_get_int(losses, "rewrites", 0), INT64_C(1) << 53);
    ASSERT_EQ(value_get_int(losses, "long_lines", 0), 6);
    ASSERT_EQ(view_trial(v, &kit_arena, "abd456", 11, &trial, &err), 0);
    ASSERT_EQ(value_get_int(trial, "bad_lines", 0), INT64_C(1) << 53);
    kit_end(v);
}

TEST(view_prints_sweeps_and_trials_as_the_reference_says)
{
    const char *dir = scratch_dir();
    struct value *sweep, *trial, *list;
    kit_fill(dir);
    struct view *v = kit_open(dir);
    ASSERT_EQ(view_sweep(v, &kit_arena, "abd456", &sweep, NULL), 0);
    ASSERT_STR(kit_json(value_get(sweep, "counts")),
               "{\"pending\":0,\"running\":1,\"finished\":10,\"failed\":1,\"stopped\":0,"
               "\"cancelled\":0,\"lost\":0,\"preempted\":0}");
    ASSERT_STR(kit_json(value_get(sweep, "metric")),
               "{\"name\":\"loss\",\"goal\":\"minimize\",\"reduce\":\"best\"}");
    ASSERT_STR(value_get_str(sweep, "method", ""), "grid");
    ASSERT_STR(value_get_str(sweep, "state", ""), "running");
    ASSERT_EQ(value_get_int(sweep, "total", 0), 12);
    ASSERT_EQ(value_get_int(sweep, "seed", 0), 7);
    ASSERT_EQ(value_get(sweep, "name")->kind, VALUE_NULL);
    ASSERT_EQ(value_get_int(value_get(sweep, "best"), "number", -1), 10);
    ASSERT_STR(value_get_str(value_get(sweep, "spec"), "program", ""), "t.py");
    ASSERT_EQ(view_sweeps(v, &kit_arena, &list, NULL), 0);
    ASSERT_EQ(list->list.n, 2);
    ASSERT_STR(value_get_str(list->list.items[0], "name", ""), "first");
    ASSERT_EQ(value_get(list->list.items[0], "best")->kind, VALUE_NULL);
    ASSERT_EQ(view_trial(v, &kit_arena, "abd456", 5, &trial, NULL), 0);
    const struct value *attempt = value_get(trial, "attempts_list")->list.items[0];
    ASSERT_STR(value_get_str(attempt, "text", ""), "Traceback");
    ASSERT_EQ(value_get_int(attempt, "code", -1), 1);
    ASSERT_EQ(value_get_int(attempt, "points", -1), 3);
    ASSERT_EQ(value_get_int(attempt, "bad_lines", -1), 1);
    ASSERT_STR(kit_json(value_get(trial, "why")), "{\"by\":\"grid\"}");
    ASSERT_EQ(view_trial(v, &kit_arena, "abd456", 0, &trial, NULL), 0);
    struct value *rest = value_dict(&kit_arena);
    for (size_t i = 0; i < 19; i++)
        value_put(&kit_arena, rest, trial->dict.entries[i].key, trial->dict.entries[i].value);
    ASSERT_STR(
        kit_json(rest),
        "{\"id\":\"abd456-0\",\"sweep\":\"abd456\",\"number\":0,\"state\":\"finished\","
        "\"reason\":\"ok\",\"cause\":\"last loss is "
        "NaN\",\"rung\":null,\"params\":{\"lr\":0.1,\"model\":{\"depth\":5},\"opt\":\"adam\","
        "\"z\":\"NaN\"},\"attempts\":1,\"attempt\":1,\"agent\":\"local\",\"slot\":1,\"created\":"
        "1700000001.5,"
        "\"started\":1700000002.0,\"ended\":1700000003.0,\"duration\":1.0,\"objective\":\"NaN\","
        "\"metrics\":"
        "{\"loss\":\"NaN\",\"acc\":0.0},\"step\":9}");
    ASSERT_EQ(view_trial(v, &kit_arena, "abd456", 12, &trial, NULL), ERR_NOT_FOUND);
    kit_end(v);
}

static int add_number(void *arg, const struct value *trial)
{
    struct buf *out = arg;
    buf_addf(out, "%s%lld", out->len ? " " : "", (long long)value_get_int(trial, "number", -1));
    return 0;
}

static int stop_at_once(void *arg, const struct value *trial)
{
    add_number(arg, trial);
    return 1;
}

TEST(view_sorts_infinite_objectives_last)
{
    static const char *const losses[] = {"-Infinity", "2", "Infinity", "1"};
    const char *dir = scratch_dir();
    struct err err;
    struct buf numbers;
    if (store_open(dir, true, &kit_store, &err) < 0)
        FAIL("%s", err.text);
    books_init(&kit_books);
    kit_create("abd456", NULL);
    for (uint64_t i = 0; i < 4; i++) {
        char text[64];
        kit_put("abd456",
                (struct fact){.kind = FACT_PROPOSED, .trial = i, .params = kit_parsed("{}")});
        kit_put("abd456", (struct fact){.kind = FACT_LAUNCHED, .trial = i, .attempt = 1});
        snprintf(text, sizeof text, "{\"loss\":%s}\n", losses[i]);
        kit_log("abd456", i, 1, text);
    }
    kit_commit();
    struct view *v = kit_open(dir);
    buf_init(&numbers, SIZE_MAX);
    struct view_query q = {.sort = "objective"};
    ASSERT_EQ(view_trials(v, "abd456", &q, add_number, &numbers, NULL), 0);
    ASSERT_STR(buf_str(&numbers), "3 1 0 2");
    buf_done(&numbers);
    kit_end(v);
}

TEST(view_sorts_filters_and_limits_trials)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    static const struct {
        struct view_query q;
        const char *numbers;
    } queries[] = {
        {{0}, "0 1 2 3 4 5 6 7 8 9 10 11"},
        {{.sort = "number", .descending = true, .limit = 3}, "11 10 9"},
        {{.sort = "objective", .limit = 4}, "11 10 9 8"},
        {{.sort = "objective", .descending = true}, "2 3 4 5 6 7 8 9 10 11 0 1"},
        {{.sort = "loss", .state = "finished"}, "10 9 8 7 6 4 3 2 0 1"},
        {{.sort = "acc", .descending = true, .limit = 2}, "11 10"},
        {{.sort = "model.depth", .limit = 4}, "4 9 3 8"},
        {{.sort = "opt", .limit = 5}, "0 3 6 9 1"},
        {{.sort = "started", .descending = true, .limit = 2}, "11 10"},
        {{.sort = "duration", .limit = 3}, "0 1 2"},
        {{.state = "failed"}, "5"},
        {{.state = "lost"}, ""},
    };
    struct buf out;
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        struct err err;
        buf_clear(&out);
        if (view_trials(v, "abd456", &queries[i].q, add_number, &out, &err) < 0)
            FAIL("%s", err.text);
        ASSERT_STR(buf_str(&out), queries[i].numbers);
    }
    buf_clear(&out);
    ASSERT_EQ(view_trials(v, "abd456", &(struct view_query){0}, stop_at_once, &out, NULL), 0);
    ASSERT_STR(buf_str(&out), "0");
    struct err err = {0};
    struct view_query none = {.sort = "los", .limit = 2}, bad_state = {.state = "done"};
    buf_clear(&out);
    ASSERT_EQ(view_trials(v, "abd456", &none, add_number, &out, &err), 0);
    ASSERT_STR(buf_str(&out), "0 1");
    ASSERT_EQ(view_trials(v, "abd456", &bad_state, add_number, &out, &err), ERR_USAGE);
    ASSERT(strstr(err.text, "pending, running"));
    ASSERT_EQ(view_trials(v, "abc123", &none, add_number, &out, &err), 0);
    buf_done(&out);
    kit_end(v);
}

static void propose(const char *sweep, uint64_t trial, const char *params)
{
    kit_put(sweep,
            (struct fact){.kind = FACT_PROPOSED, .trial = trial, .params = kit_parsed(params)});
}

static char *columns_of(const char *dir, const char *sweep)
{
    struct view *v = kit_open(dir);
    struct value *columns;
    ASSERT_EQ(view_columns(v, &kit_arena, sweep, &columns, NULL), 0);
    view_close(v);
    return kit_json(columns);
}

TEST(view_judges_columns_over_the_whole_sweep)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    ASSERT_STR(columns_of(dir, "abc123"), "{\"trials\":0,\"params\":[],\"varying\":[],\"metrics\":["
                                          "],\"agents\":false,\"retried\":false,\"tagged\":false}");
    ASSERT_STR(
        columns_of(dir, "abd456"),
        "{\"trials\":12,\"params\":[\"lr\",\"model.depth\",\"opt\",\"z\"],"
        "\"varying\":[\"lr\",\"model.depth\",\"opt\",\"z\"],"
        "\"metrics\":[\"acc\",\"loss\"],\"agents\":false,\"retried\":false,\"tagged\":false}");
    /* One alone: all of it; 1 and 1.0 are the same; one that some trials lack varies. */
    static const char *const params[] = {"{\"a\":1,\"b\":2,\"c\":null}", "{\"a\":1.0,\"b\":2}",
                                         "{\"b\":2,\"a\":1,\"d\":0}"};
    static const char *const varying[] = {"\"varying\":[\"a\",\"b\",\"c\"]", "\"varying\":[\"c\"]",
                                          "\"varying\":[\"c\",\"d\"]"};
    for (uint64_t i = 0; i < 3; i++) {
        propose("abc123", i, params[i]);
        kit_commit();
        if (!strstr(columns_of(dir, "abc123"), varying[i]))
            FAIL("%s", columns_of(dir, "abc123"));
    }
    kit_end(NULL);
}

static int add_point(void *arg, const struct value *point)
{
    struct buf *out = arg;
    json_print(out, point, JSON_COMPACT);
    buf_addc(out, '\n');
    return 0;
}

TEST(view_points_come_as_they_were_written)
{
    const char *dir = scratch_dir();
    struct value *best;
    struct buf out;
    kit_fill(dir);
    kit_put("abd456", (struct fact){.kind = FACT_ENDED,
                                    .trial = 11,
                                    .attempt = 1,
                                    .reason = REASON_HOST,
                                    .state = TRIAL_PENDING});
    kit_put("abd456", (struct fact){.kind = FACT_LAUNCHED, .trial = 11, .attempt = 2});
    kit_log("abd456", 11, 2, "{\"_time\":5,\"loss\":-3}\n");
    kit_commit();
    while (store_tidy(kit_store))
        ;
    struct view *v = kit_open(dir);
    buf_init(&out, SIZE_MAX);
    ASSERT_EQ(view_points(v, "abd456", 11, 0, add_point, &out, NULL), 0);
    const char *want =
        "{\"step\":10,\"time\":1700000029.0,\"attempt\":1,\"metrics\":{\"loss\":-1.0}}\n"
        "{\"step\":0,\"time\":5.0,\"attempt\":2,\"metrics\":{\"loss\":-3.0}}\n";
    ASSERT(out.len > strlen(want));
    ASSERT_STR(buf_str(&out) + out.len - strlen(want), want);
    buf_clear(&out);
    ASSERT_EQ(view_points(v, "abd456", 11, 2, add_point, &out, NULL), 0);
    ASSERT_STR(buf_str(&out), strchr(want, '\n') + 1);
    ASSERT_EQ(view_best(v, &kit_arena, "abd456", &best, NULL), 0);
    ASSERT_STR(value_get_str(best, "id", ""), "abd456-10");
    ASSERT_EQ(view_best(v, &kit_arena, "abc123", &best, NULL), 0);
    ASSERT(best == NULL);
    buf_done(&out);
    kit_end(v);
}

TEST(view_tells_what_an_attempt_used)
{
    const char *dir = scratch_dir();
    static const char lines[] = "{\"_time\":5,\"system/memory\":3,\"system/cpu.percent\":50}\n"
                                "{\"_time\":15,\"system/memory\":5,\"system/cpu.percent\":10}\n"
                                "{\"_time\":16,\"system/memory.peak\":9}\n";
    struct value *trial, *attempts;
    struct buf out;
    kit_fill(dir);
    struct fact f = {.kind = FACT_METRICS,
                     .trial = 11,
                     .attempt = 1,
                     .stream = FACT_STREAM_SYSTEM,
                     .to = sizeof lines - 1};
    int64_t step = 0;
    points_parse(&kit_arena, lines, sizeof lines - 1, 0, NULL, &step, &f.points);
    kit_put("abd456", f);
    kit_commit();
    struct view *v = kit_open(dir);
    buf_init(&out, SIZE_MAX);
    ASSERT_EQ(view_samples(v, "abd456", 11, 0, add_point, &out, NULL), 0);
    ASSERT_STR(
        buf_str(&out),
        "{\"step\":0,\"time\":5.0,\"attempt\":1,\"metrics\":{\"system/memory\":3.0,"
        "\"system/cpu.percent\":50.0}}\n"
        "{\"step\":1,\"time\":15.0,\"attempt\":1,\"metrics\":{\"system/memory\":5.0,"
        "\"system/cpu.percent\":10.0}}\n"
        "{\"step\":2,\"time\":16.0,\"attempt\":1,\"metrics\":{\"system/memory.peak\":9.0}}\n");
    buf_clear(&out);
    ASSERT_EQ(view_points(v, "abd456", 11, 0, add_point, &out, NULL), 0);
    ASSERT(!strstr(buf_str(&out), "system/"));
    ASSERT_EQ(view_trial(v, &kit_arena, "abd456", 11, &trial, NULL), 0);
    attempts = (struct value *)(uintptr_t)value_get(trial, "attempts_list");
    ASSERT_STR(json_text(&kit_arena, value_get(attempts->list.items[0], "system"), JSON_COMPACT),
               "{\"system/memory\":{\"mean\":4.0,\"max\":5.0,\"last\":5.0},"
               "\"system/cpu.percent\":{\"mean\":30.0,\"max\":50.0,\"last\":10.0},"
               "\"system/memory.peak\":{\"mean\":9.0,\"max\":9.0,\"last\":9.0}}");
    ASSERT(!strstr(json_text(&kit_arena, value_get(trial, "metrics"), JSON_COMPACT), "system/"));
    ASSERT_EQ(view_trial(v, &kit_arena, "abd456", 10, &trial, NULL), 0);
    attempts = (struct value *)(uintptr_t)value_get(trial, "attempts_list");
    ASSERT_EQ(value_get(attempts->list.items[0], "system")->kind, VALUE_NULL);
    buf_done(&out);
    kit_end(v);
}

static int stop_after_two(void *arg, const struct value *point)
{
    add_point(arg, point);
    return strchr(buf_str(arg), '\n')[1] != '\0';
}

TEST(view_merges_points_of_one_step_in_any_order)
{
    const char *dir = scratch_dir();
    struct buf out;
    kit_fill(dir);
    kit_log("abd456", 11, 1,
            "{\"step\":20,\"_time\":1,\"a\":1}\n{\"step\":20,\"_time\":2,\"b\":2,\"a\":3}\n");
    kit_log("abd456", 11, 1,
            "{\"step\":20,\"_time\":3,\"c\":4}\n{\"step\":21,\"_time\":4,\"a\":5}\n");
    kit_commit();
    struct view *v = kit_open(dir);
    buf_init(&out, SIZE_MAX);
    ASSERT_EQ(view_points(v, "abd456", 11, 1, add_point, &out, NULL), 0);
    const char *want =
        "{\"step\":20,\"time\":3.0,\"attempt\":1,\"metrics\":{\"a\":3.0,\"b\":2.0,\"c\":4.0}}\n"
        "{\"step\":21,\"time\":4.0,\"attempt\":1,\"metrics\":{\"a\":5.0}}\n";
    ASSERT(out.len > strlen(want));
    ASSERT_STR(buf_str(&out) + out.len - strlen(want), want);
    kit_log("abd456", 11, 1,
            "{\"step\":-1,\"_time\":5,\"z\":0}\n{\"step\":20,\"_time\":6,\"a\":7}\n");
    kit_commit();
    buf_clear(&out);
    ASSERT_EQ(view_points(v, "abd456", 11, 1, add_point, &out, NULL), 0);
    const char *first =
        "{\"step\":-1,\"time\":5.0,\"attempt\":1,\"metrics\":{\"z\":0.0}}\n{\"step\":0,";
    want = "{\"step\":20,\"time\":6.0,\"attempt\":1,\"metrics\":{\"a\":7.0,\"b\":2.0,\"c\":4.0}}\n"
           "{\"step\":21,\"time\":4.0,\"attempt\":1,\"metrics\":{\"a\":5.0}}\n";
    ASSERT(strncmp(buf_str(&out), first, strlen(first)) == 0);
    ASSERT_STR(buf_str(&out) + out.len - strlen(want), want);
    buf_clear(&out);
    ASSERT_EQ(view_points(v, "abd456", 11, 0, stop_after_two, &out, NULL), 0);
    ASSERT(strncmp(buf_str(&out), first, strlen(first)) == 0);
    ASSERT(strstr(buf_str(&out), "\"step\":9,") == NULL);
    ASSERT_EQ(view_points(v, "abd456", 12, 0, add_point, &out, NULL), ERR_NOT_FOUND);
    buf_done(&out);
    kit_end(v);
}

static int number_follows(void *arg, const struct value *v)
{
    int64_t *last = arg, number = value_get_int(v, "number", -1);
    ASSERT_EQ(number, *last + 1);
    *last = number;
    return 0;
}

TEST(view_lists_more_trials_than_a_page)
{
    struct view *v;
    struct err err = {0};
    int64_t last = -1;
    const char *dir = scratch_dir();
    if (store_open(dir, true, &kit_store, &err) < 0)
        FAIL("%s", err.text);
    books_init(&kit_books);
    kit_create("abc123", "many");
    for (uint64_t i = 0; i < 600; i++)
        kit_put("abc123",
                (struct fact){.kind = FACT_PROPOSED, .trial = i, .params = kit_parsed("{}")});
    kit_commit();
    ASSERT_EQ(view_open(dir, &v, &err), 0);
    ASSERT_EQ(view_trials(v, "abc123", &(struct view_query){0}, number_follows, &last, &err), 0);
    ASSERT_EQ(last, 599);
    last = -1;
    ASSERT_EQ(
        view_trials(v, "abc123", &(struct view_query){.limit = 300}, number_follows, &last, &err),
        0);
    ASSERT_EQ(last, 299);
    kit_end(v);
}
