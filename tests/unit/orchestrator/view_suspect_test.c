/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What failed trials have in common is counted over the newest, however many there are; and a filter that cannot
 * be read costs no trial. */
#include "orchestrator/view/explain/view_suspect.h"

#include <string.h>

#include "orchestrator/view/table/view_export.h"
#include "orchestrator/view/view_answer.h"
#include "orchestrator/view/view_inside.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"
#include "tests/unit/orchestrator/view_kit.h"

/* Each tenth trial has batch 512, and failed; `wide` bytes of a text that all have. */
static struct view *view_of_ended(size_t n, size_t wide)
{
    struct err err = {0};
    const char *dir = scratch_dir();
    if (store_open(dir, true, &kit_store, &err) < 0)
        FAIL("%s", err.text);
    books_init(&kit_books);
    kit_create("abc123", "many");
    char *text = arena_alloc(&kit_arena, wide + 1);
    memset(text, 'x', wide);
    for (size_t i = 0; i < n; i++) {
        bool bad = i % 10 == 0;
        kit_put("abc123", (struct fact){.kind = FACT_PROPOSED,
                                        .trial = i,
                                        .params = kit_parsed(arena_printf(
                                            &kit_arena, "{\"batch\":%d,\"text\":\"%s\"}",
                                            bad ? 512 : 128, text))});
        kit_put("abc123",
                (struct fact){.kind = FACT_LAUNCHED, .trial = i, .attempt = 1, .slot = 1});
        kit_put("abc123", (struct fact){.kind = FACT_ENDED,
                                        .trial = i,
                                        .attempt = 1,
                                        .reason = bad ? REASON_EXIT : REASON_OK,
                                        .code = bad,
                                        .text = bad ? "ValueError: no" : NULL,
                                        .state = bad ? TRIAL_FAILED : TRIAL_FINISHED});
    }
    kit_commit();
    return kit_open(dir);
}

static int row_count(unsigned type, void *arg, void *st, void *unused)
{
    (void)type, (void)st, (void)unused;
    ++*(size_t *)arg;
    return 0;
}

static void rows_count(struct view *v, size_t *rows)
{
    *rows = 0;
    ASSERT_EQ(sqlite3_trace_v2(v->db, SQLITE_TRACE_ROW, row_count, rows), SQLITE_OK);
}

/* Of trial 0, the oldest. */
static const char *suspect_of_oldest(struct view *v, size_t *rows)
{
    struct value *trial;
    struct err err = {0};
    ASSERT_EQ(view_trial(v, &kit_arena, "abc123", 0, &trial, &err), 0);
    rows_count(v, rows);
    return view_suspect(v, &kit_arena, trial);
}

TEST(suspect_counts_all_trials_of_a_small_sweep)
{
    size_t rows;
    struct view *v = view_of_ended(60, 0);
    ASSERT_STR(suspect_of_oldest(v, &rows),
               "batch=512: 6 of 6 trials with it failed this way, 0 of 54 without");
    ASSERT_EQ(rows, 60 + 6);
    kit_end(v);
}

TEST(suspect_counts_the_newest_trials_of_a_large_sweep)
{
    size_t rows;
    struct view *v = view_of_ended(VIEW_SUSPECT_TRIALS + 100, 0);
    ASSERT_STR(suspect_of_oldest(v, &rows), "batch=512: of the newest 2000 trials, 200 of 200 with "
                                            "it failed this way, 0 of 1800 without");
    ASSERT_EQ(rows, VIEW_SUSPECT_TRIALS + 1 +
                        VIEW_SUSPECT_TRIALS / 10); /* each, and the failures' ends */
    kit_end(v);
}

TEST(suspect_counts_fewer_trials_with_long_parameters)
{
    size_t rows;
    struct view *v = view_of_ended(120, VIEW_SUSPECT_BYTES / 60);
    ASSERT_STR(suspect_of_oldest(v, &rows), "batch=512: of the newest 60 trials, 6 of 6 with it "
                                            "failed this way, 0 of 54 without");
    ASSERT_EQ(rows, 61 + 6);
    kit_end(v);
}

TEST(view_reads_no_trial_for_a_malformed_filter)
{
    size_t rows;
    struct view *v = view_of_ended(60, 0);
    struct view_export *e;
    struct err err = {0};
    struct buf out;
    struct value *query = kit_parsed("{\"filter\":\"(\"}");
    rows_count(v, &rows);
    ASSERT_EQ(view_export_new(v, "many", "csv", "(", &e, &err), ERR_USAGE);
    static const char *const paths[] = {"sweeps/abc123/columns", "sweeps/abc123/trials"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        buf_init(&out, SIZE_MAX);
        ASSERT_EQ(view_answer(v, paths[i], query, &out, &err), ERR_USAGE);
        buf_done(&out);
    }
    ASSERT(rows < 30);
    kit_end(v);
}
