/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "orchestrator/runs/document/document_cloud.h"
#include "orchestrator/runs/document/document_order.h"
#include "orchestrator/runs/document/document_rows.h"
#include "orchestrator/runs/document/document_table.h"
#include "orchestrator/runs/files/files.h"
#include "orchestrator/runs/runs_file.h"
#include "orchestrator/runs/runs_lines.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

#define JOINED \
    "{\"_type\":\"joined-table\",\"table1\":\"left\",\"table2\":\"right\",\"join_key\":\"k\"}"
#define PLACE "wandb-artifact://41727469666163743a37/joined" /* "Artifact:7" */

enum { ARTIFACT = 7, LEFT = 100 };

static struct runs *runs;
static struct files *files;
static struct arena arena;
static struct buf out;
static struct err err;

static void file_put(const char *name, const char *text)
{
    static int last;
    char part[FILES_PATH_BYTES], hash[FILES_HASH_CHARS + 1];
    int fd = -1;
    snprintf(hash, sizeof hash, "%064d", ++last);
    ASSERT_EQ(files_begin(files, part, &fd, &err), 0);
    ASSERT_EQ(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    ASSERT_EQ(files_take(files, part, hash, strlen(text), &err), 0);
    struct runs_file f = {.kind = RUNS_FILE_ARTIFACT,
                          .owner = ARTIFACT,
                          .name = name,
                          .hash = hash,
                          .size = (int64_t)strlen(text)};
    ASSERT_EQ(runs_file_put(runs, &f, &err), 0);
}

/* One row of so many bytes. */
static void right_put(size_t bytes)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "{\"columns\":[\"k\",\"y\"],\"data\":[[1,\"");
    memset(buf_reserve(&text, bytes), 'a', bytes);
    buf_commit(&text, bytes);
    buf_adds(&text, "\"]]}");
    file_put("right", buf_str(&text));
    buf_done(&text);
}

/* LEFT rows, which all have the right one as their partner. */
static void tables_put(size_t right_bytes)
{
    struct buf left;
    scratch_clear(scratch_dir());
    arena_init(&arena);
    buf_init(&out, LIMIT_DOCUMENT_BYTES);
    files = files_new(scratch_dir(), 0);
    ASSERT_EQ(runs_open(scratch_dir(), &runs, &err), 0);
    buf_init(&left, SIZE_MAX);
    buf_adds(&left, "{\"columns\":[\"k\",\"x\"],\"data\":[");
    for (int i = 0; i < LEFT; i++)
        buf_addf(&left, "%s[1,%d]", i > 0 ? "," : "", i);
    buf_adds(&left, "]}");
    file_put("left", buf_str(&left));
    file_put("joined", JOINED);
    right_put(right_bytes);
    buf_done(&left);
}

static void tables_end(void)
{
    runs_close(runs, false);
    files_free(files);
    arena_done(&arena);
    buf_done(&out);
}

static int table_ask(const struct document_table *q, struct document_work *w)
{
    const struct runs_run run = {.n = 1};
    buf_clear(&out);
    return document_table_write(runs, &arena, scratch_dir(), &run, q, w, &out, JSON_COMPACT, &err);
}

TEST(rows_that_share_a_large_one_are_few_in_an_answer)
{
    enum { RIGHT = 1 << 20 };
    struct document_work w = {0};
    struct document_table q = {.path = "", .place = PLACE, .sort = "", .limit = LEFT};
    tables_put(RIGHT);
    size_t before = arena.bytes;
    int64_t shown = 0;
    for (int asked = 0; q.skip < LEFT && asked < LEFT; asked++) {
        struct value *v;
        ASSERT_EQ(table_ask(&q, &w), 0);
        ASSERT(!out.overflow && out.len < LIMIT_RUNS_TABLE_PAGE_BYTES + 10000);
        struct arena_mark mark = arena_mark(&arena);
        ASSERT_EQ(json_parse(&arena, buf_peek(&out), out.len, &v, &err), 0);
        const struct value *rows = value_get(v, "rows");
        ASSERT_EQ(value_get_int(v, "total", 0), LEFT);
        ASSERT_EQ(rows->list.items[0]->list.items[1]->i, (int64_t)q.skip);
        shown += (int64_t)rows->list.n;
        q.skip = (uint64_t)value_get_int(v, "next", LEFT);
        ASSERT_EQ(q.skip, shown);
        arena_rewind(&arena, &mark);
    }
    ASSERT_EQ(shown, LEFT);
    ASSERT(arena.bytes - before < RIGHT); /* no row is kept */
    tables_end();
}

TEST(a_row_larger_than_an_answer_is_refused)
{
    struct document_work w = {0};
    const struct document_table q = {.path = "", .place = PLACE, .sort = "", .limit = 1};
    tables_put(LIMIT_RUNS_TABLE_PAGE_BYTES);
    ASSERT_EQ(table_ask(&q, &w), ERR_LIMIT);
    tables_end();
}

/* However many rows have the same partner, it is looked at as often as it is there. */
TEST(the_work_of_sorting_grows_with_the_files_alone)
{
    enum { RIGHT = 1 << 20 };
    struct document_work w = {0};
    const struct document_table q = {.path = "", .place = PLACE, .sort = "y", .limit = 1};
    tables_put(RIGHT);
    ASSERT_EQ(table_ask(&q, &w), 0);
    ASSERT(w.bytes > RIGHT && w.bytes < 6 * RIGHT);
    tables_end();
}

TEST(work_ends_when_nobody_waits_or_it_is_too_much)
{
    atomic_bool gone;
    atomic_init(&gone, true);
    struct document_work w = {.gone = &gone}, much = {.bytes = LIMIT_RUNS_WORK_BYTES};
    const struct document_table q = {.path = "", .place = PLACE, .sort = "", .limit = 1};
    struct json_span cloud = json_span_of("[[1,2,3]]", 9);
    struct value *v;
    tables_put(1);
    ASSERT_EQ(table_ask(&q, &w), ERR_STALE);
    ASSERT_EQ(table_ask(&q, &much), ERR_LIMIT);
    ASSERT_EQ(document_cloud_make(&arena, cloud, &w, &v, &err), ERR_STALE);
    ASSERT_EQ(document_cloud_make(&arena, cloud, &much, &v, &err), ERR_LIMIT);
    atomic_store(&gone, false);
    ASSERT_EQ(table_ask(&q, &w), 0);
    ASSERT_EQ(document_cloud_make(&arena, cloud, &w, &v, &err), 0);
    tables_end();
}

TEST(rows_are_not_read_when_nobody_waits)
{
    static const char row[] = "{\"_step\":0,\"loss\":1.5}";
    atomic_bool gone;
    atomic_init(&gone, true);
    const struct document_work w = {.gone = &gone};
    struct runs_run run = {.n = 1};
    struct value *v;
    tables_put(1);
    struct value *keys = value_list(&arena);
    const struct document_curves q = {RUNS_HISTORY, keys, "", 10};
    value_push(&arena, keys, value_str(&arena, "loss"));
    ASSERT_EQ(runs_lines_put(runs, 1, RUNS_HISTORY, 0, 1, row, strlen(row), &run.lines[0], &err),
              0);
    for (int i = 0; i < 2; i++) {
        int expected = i == 0 ? ERR_STALE : 0;
        ASSERT_EQ(document_rows_keys(runs, &arena, &run, RUNS_HISTORY, &w, &v, &err), expected);
        ASSERT_EQ(document_rows_curves(runs, &arena, &run, &q, &w, &v, &err), expected);
        atomic_store(&gone, false);
    }
    ASSERT_EQ(value_get_int(value_get(v, "curves")->list.items[0], "of", 0), 1);
    tables_end();
}

/* Numbers before texts, then nothing, in both directions; equal ones stay as they are. */
TEST(pairs_are_in_the_order_of_the_cells_of_one_side)
{
    static const char *const texts[] = {"[\"b\"]", "[2]", "[NaN]", "[\"a\"]", "[1]", "[2]"};
    enum { ROWS = sizeof texts / sizeof *texts, PAIRS = 2 * ROWS + 1 };
    static const size_t orders[2][PAIRS] = {{4, 11, 1, 5, 8, 12, 3, 10, 0, 7, 2, 6, 9},
                                            {1, 5, 8, 12, 4, 11, 0, 7, 3, 10, 2, 6, 9}};
    struct json_span rows[ROWS];
    struct document_pair pairs[PAIRS] = {0};
    for (size_t i = 0; i < ROWS; i++) {
        rows[i] = json_span_of(texts[i], strlen(texts[i]));
        pairs[i].side[1] = pairs[i + ROWS + 1].side[1] = &rows[i]; /* that between has no partner */
    }
    const struct document_side of = {.rows = rows, .n = ROWS};
    for (size_t descending = 0; descending < 2; descending++) {
        struct document_work w = {0};
        size_t places[PAIRS];
        const struct document_order o = {pairs, PAIRS, 1, descending == 1};
        ASSERT_EQ(document_order(&o, &of, &w, places, &err), 0);
        for (size_t i = 0; i < PAIRS; i++)
            ASSERT_EQ(places[i], orders[descending][i]);
        ASSERT(w.bytes < 40);
    }
}
