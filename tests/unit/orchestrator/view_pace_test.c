/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/view_pace.h"

#include <math.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>

#include "base/json.h"
#include "orchestrator/view/pace/view_fleet.h"
#include "orchestrator/view/pace/view_timeline.h"
#include "orchestrator/view/view_answer.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"
#include "tests/unit/orchestrator/view_kit.h"

/* A minute after the last trial of the sweep started. */
static int64_t minute_later(struct view *v)
{
    struct value *trial;
    struct err err = {0};
    ASSERT_EQ(view_trial(v, &kit_arena, "abd456", 11, &trial, &err), 0);
    return (int64_t)(value_get_float(trial, "started", 0) * 1000) + 60000;
}

TEST(pace_says_what_is_left_and_why_trials_failed)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    struct value *pace;
    struct err err = {0};
    ASSERT_EQ(view_pace(v, &kit_arena, "abd456", minute_later(v), &pace, &err), 0);
    ASSERT_EQ(value_get_int(pace, "durations", 0), 11);
    ASSERT_EQ(value_get_int(pace, "failed_hour", 0), 1);
    ASSERT_EQ(value_get_int(pace, "ended_hour", 0), 11);
    ASSERT_STR(kit_json(value_get(pace, "causes")),
               "[{\"cause\":\"exit 1: "
               "Traceback\",\"says\":\"\",\"n\":1,\"trials\":[{\"trial\":5,\"attempt\":1,"
               "\"agent\":\"local\"}],\"hosts\":{\"local\":1}}]");
    ASSERT_EQ(value_get(pace, "line")->list.n, VIEW_PACE_LINE);
    ASSERT(value_get_float(pace, "rate", 0) > 0);
    ASSERT_STR(value_get_str(pace, "hours_of", ""), "slot");
    const struct value *chance = value_get(pace, "chance"); /* of a grid in its order */
    ASSERT_STR(value_get_str(chance, "text", ""), "next trial: 51 % for a new best");
    ASSERT_STR(value_get_str(chance, "record", ""), "no earlier forecast to judge by");
    ASSERT_EQ(value_get_int(chance, "of", 0), 10);
    /* The running one has taken far longer than the second that the others took. */
    ASSERT_EQ(value_get(pace, "alerts")->list.n, 0);
    ASSERT_EQ(view_pace(v, &kit_arena, "abd456", minute_later(v) + 60000, &pace, &err), 0);
    ASSERT_STR(value_get_str(value_get(pace, "alerts")->list.items[0], "kind", ""), "silent");
    kit_end(v);
}

TEST(pace_counts_no_time_in_which_nothing_ran)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    kit_put("abd456", (struct fact){.kind = FACT_ENDED,
                                    .trial = 11,
                                    .attempt = 1,
                                    .reason = REASON_OK,
                                    .ran_ms = 1000,
                                    .state = TRIAL_FINISHED});
    kit_commit();
    struct view *v = kit_open(dir);
    struct value *soon, *late;
    struct err err = {0};
    int64_t now = minute_later(v);
    ASSERT_EQ(view_pace(v, &kit_arena, "abd456", now, &soon, &err), 0);
    ASSERT_EQ(view_pace(v, &kit_arena, "abd456", now + 20 * 60000, &late, &err), 0);
    ASSERT(fabs(value_get_float(soon, "rate", 0) - 3600) < 1);
    ASSERT(value_get_float(soon, "rate", 0) == value_get_float(late, "rate", 1));
    /* Two points for each of the 12 that ended, whenever that was. */
    ASSERT_STR(kit_json(value_get(soon, "line")),
               "[null,null,null,null,8.0,8.0,7.0,7.0,6.0,6.0,6.0,6.0,4.0,4.0,3.0,3.0,2.0,2.0,1.0,1."
               "0,0.0,0.0,-1.0,-1.0]");
    kit_end(v);
}

/* What besom run reads when it continues is what the page has. */
TEST(pace_has_the_results_before_in_the_order_of_their_ends)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    struct chance_past past = {0};
    uint64_t seq = 0;
    struct err err = {0};
    ASSERT_EQ(view_pace_past(v, "abd456", false, &past, &seq, &err), 0);
    ASSERT_EQ(past.results, 10); /* all that finished; the one that failed is none */
    ASSERT_EQ(past.n, 8);        /* each is better, but for those without a number */
    ASSERT_EQ(past.bests[0], 3);
    ASSERT(past.best == 0);
    ASSERT_EQ(seq, kit_books.seq);
    chance_past_done(&past);
    kit_end(v);
}

TEST(pace_of_a_sweep_that_has_not_begun_is_unknown)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    struct value *pace;
    struct err err = {0};
    ASSERT_EQ(view_pace(v, &kit_arena, "abc123", minute_later(v), &pace, &err), 0);
    ASSERT_EQ(value_get(pace, "rate")->kind, VALUE_NULL);
    ASSERT_EQ(value_get(pace, "left")->kind, VALUE_NULL);
    ASSERT(strlen(value_get_str(pace, "left_why", "")) > 0);
    ASSERT_EQ(value_get(pace, "line")->list.n, 0);
    ASSERT_EQ(view_pace(v, &kit_arena, "nothere", 0, &pace, &err), ERR_NOT_FOUND);
    kit_end(v);
}

TEST(fleet_counts_the_attempts_of_a_day_by_agent)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    struct value *fleet;
    struct err err = {0};
    int64_t now = minute_later(v);
    ASSERT_EQ(view_fleet(v, &kit_arena, now, &fleet, &err), 0);
    ASSERT_STR(kit_json(value_get(fleet, "ended")), "{\"local\":[11,1]}");
    ASSERT_STR(
        kit_json(value_get(fleet, "causes")),
        "[{\"cause\":\"exit 1: "
        "Traceback\",\"says\":\"\",\"n\":1,\"trial\":\"abd456-5\",\"hosts\":{\"local\":1}}]");
    ASSERT_EQ(view_fleet(v, &kit_arena, now + (int64_t)2 * 86400000, &fleet, &err), 0);
    ASSERT_STR(kit_json(value_get(fleet, "ended")), "{}");
    kit_end(v);
}

static struct value *timeline_of(struct view *v, const struct view_timeline *q)
{
    struct buf out;
    struct value *line;
    struct err err = {0};
    buf_init(&out, SIZE_MAX);
    ASSERT_EQ(view_timeline_write(v, "abd456", q, &out, &err), 0);
    ASSERT_EQ(json_parse(&kit_arena, buf_peek(&out), out.len, &line, &err), 0);
    buf_done(&out);
    return line;
}

static uint64_t attempts_in(const struct value *bars)
{
    uint64_t n = 0;
    for (size_t i = 0; i < bars->list.n; i++) {
        const struct value *what = bars->list.items[i]->list.items[2];
        n += what->kind == VALUE_STR;
        for (size_t k = 0; what->kind == VALUE_DICT && k < what->dict.n; k++)
            n += (uint64_t)what->dict.entries[k].value->i;
    }
    return n;
}

/* However narrow it is drawn, no attempt is lost, and the running one reaches to now. */
TEST(timeline_has_each_attempt_in_a_bar_or_a_share)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    static const uint64_t widths[] = {1, 20, 4000};
    for (size_t i = 0; i < 3; i++) {
        const struct view_timeline q = {NAN, NAN, widths[i], 0, 10, minute_later(v)};
        struct value *line = timeline_of(v, &q);
        const struct value *rows = value_get(line, "rows");
        ASSERT_EQ(rows->list.n, 1);
        ASSERT_EQ(attempts_in(value_get(rows->list.items[0], "bars")), 12);
        ASSERT(fabs(value_get_float(line, "to", 0) - value_get_float(line, "now", 1)) < 0.01);
        ASSERT_EQ(value_get(line, "busy")->list.n, VIEW_TIMELINE_CELLS);
    }
    const struct view_timeline none = {NAN, NAN, 100, 1, 10, minute_later(v)};
    ASSERT_EQ(value_get(timeline_of(v, &none), "rows")->list.n, 0);
    kit_end(v);
}

static int timeline_asked(struct view *v, const char *query, struct err *err)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    int rc = view_answer(v, "sweeps/abd456/timeline", kit_parsed(query), &out, err);
    buf_done(&out);
    return rc;
}

TEST(timeline_refuses_what_is_no_time)
{
    static const char *const bad[] = {
        "{\"from\":\"1e308\"}", "{\"from\":\"-1\"}", "{\"from\":\"-9e15\",\"to\":\"9e15\"}",
        "{\"from\":\"1e308\",\"to\":\"-1e308\",\"px\":\"10\"}", "{\"from\":\"253402300801\"}"};
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        ASSERT_EQ(timeline_asked(v, bad[i], &err), ERR_USAGE);
        ASSERT(strncmp(err.text, "from=", 5) == 0);
    }
    struct err err = {0};
    ASSERT_EQ(timeline_asked(v, "{\"to\":\"1e18\"}", &err), ERR_USAGE);
    ASSERT(strncmp(err.text, "to=", 3) == 0);
    ASSERT_EQ(timeline_asked(v, "{\"from\":\"0\",\"to\":\"253402300800\"}", &err), 0);
    ASSERT_EQ(timeline_asked(v, "{\"from\":\"253402300800\",\"to\":\"0\"}", &err), 0);
    kit_end(v);
}

/* Nothing overflows: the sanitizers look on. */
TEST(timeline_has_room_for_an_attempt_at_no_time)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    char path[300];
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/besom.db", dir);
    ASSERT_EQ(sqlite3_open(path, &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db,
                           "UPDATE attempt SET launched = -9223372036854775807,"
                           " ended = 9223372036854775807",
                           NULL, NULL, NULL),
              SQLITE_OK);
    sqlite3_close(db);
    struct view *v = kit_open(dir);
    struct err err = {0};
    ASSERT_EQ(timeline_asked(v, "{}", &err), 0);
    kit_end(v);
}

TEST(sweeps_come_in_pages_that_are_searched_and_sorted)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    struct value *page;
    struct err err = {0};
    static const struct {
        struct view_sweeps_query q;
        int64_t of;
        const char *first;
    } cases[] = {
        {{.limit = 10}, 2, "abc123"},
        {{.limit = 10, .descending = true}, 2, "abd456"},
        {{.limit = 1, .skip = 1, .sort = "trials"}, 2, "abd456"},
        {{.limit = 10, .text = "FIRST"}, 1, "abc123"},
        {{.limit = 10, .text = "grid"}, 2, "abc123"},
        {{.limit = 10, .text = "b", .sort = "failed", .descending = true}, 2, "abd456"},
        {{.limit = 10, .text = "%"}, 0, NULL},
        {{.limit = 10, .state = "finished"}, 0, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ASSERT_EQ(view_sweeps_page(v, &kit_arena, &cases[i].q, &page, &err), 0);
        const struct value *sweeps = value_get(page, "sweeps");
        ASSERT_EQ(value_get_int(page, "of", -1), cases[i].of);
        ASSERT_EQ(sweeps->list.n > 0, cases[i].first != NULL);
        if (cases[i].first)
            ASSERT_STR(value_get_str(sweeps->list.items[0], "id", ""), cases[i].first);
    }
    const struct view_sweeps_query wrong = {.limit = 10, .sort = "n; DROP"};
    ASSERT_EQ(view_sweeps_page(v, &kit_arena, &wrong, &page, &err), ERR_USAGE);
    kit_end(v);
}
