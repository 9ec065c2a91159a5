/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "orchestrator/runs/document/document_media.h"
#include "orchestrator/runs/runs_lines.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static struct runs *runs;
static struct arena arena;
static struct buf rows, out;
static struct err err;

static void media_begin(void)
{
    scratch_clear(scratch_dir());
    arena_init(&arena);
    buf_init(&rows, SIZE_MAX);
    buf_init(&out, LIMIT_DOCUMENT_BYTES);
    ASSERT_EQ(runs_open(scratch_dir(), &runs, &err), 0);
}

static void media_end(void)
{
    runs_close(runs, false);
    buf_done(&rows);
    buf_done(&out);
    arena_done(&arena);
}

/* Stores the lines that are in `rows`, n of them from `first` on. */
static void rows_put(int64_t first, int64_t n)
{
    int64_t count = first;
    ASSERT_EQ(
        runs_lines_put(runs, 1, RUNS_HISTORY, first, n, buf_str(&rows), rows.len, &count, &err), 0);
    buf_clear(&rows);
}

static int media_ask(const char *cols, atomic_bool *gone, const struct value **ret)
{
    const struct runs_run run = {.n = 1};
    struct value *keys, *v;
    ASSERT_EQ(json_parse(&arena, cols, strlen(cols), &keys, &err), 0);
    const struct document_work w = {.gone = gone};
    buf_clear(&out);
    int rc = document_media_write(runs, &run, keys, &w, &out, JSON_COMPACT, &err);
    if (rc != 0)
        return rc;
    ASSERT(!out.overflow);
    ASSERT_EQ(json_parse(&arena, buf_peek(&out), out.len, &v, &err), 0);
    *ret = value_get(v, "media");
    return 0;
}

static const struct value *item_of(const struct value *media, size_t key, size_t at)
{
    return value_get(media->list.items[key], "items")->list.items[at];
}

/* An even choice, the first and the last among them; nested keys, and none of null. */
TEST(of_many_steps_some_are_chosen)
{
    enum { ROWS = 2000 };
    const struct value *media;
    media_begin();
    for (int i = 0; i < ROWS; i++)
        buf_addf(&rows, "%s{\"_step\":%d,\"a\":{\"b\":{\"_type\":\"x\",\"n\":%d}},\"c\":%s}",
                 i ? "\n" : "", 2 * i, i, i % 2 ? "null" : "1");
    rows_put(0, ROWS);
    ASSERT_EQ(media_ask("[\"a.b\",\"c\",\"d\"]", NULL, &media), 0);
    ASSERT_EQ(value_get_int(media->list.items[0], "of", 0), ROWS);
    ASSERT_EQ(value_get_int(media->list.items[1], "of", 0), ROWS / 2);
    ASSERT_EQ(value_get_int(media->list.items[2], "of", -1), 0);
    size_t n = value_get(media->list.items[0], "items")->list.n;
    ASSERT(n > DOCUMENT_MEDIA_ITEMS / 2 && n <= DOCUMENT_MEDIA_ITEMS);
    double every = value_get_float(item_of(media, 0, 1), "step", 0);
    ASSERT(every == 16);
    for (size_t i = 0; i < n; i++) {
        double step = value_get_float(item_of(media, 0, i), "step", -1);
        ASSERT(step == (i + 1 < n ? every * (double)i : 2.0 * (ROWS - 1)));
        ASSERT_EQ(value_get_int(value_get(item_of(media, 0, i), "value"), "n", -1),
                  (int64_t)step / 2);
    }
    media_end();
}

/* However large they are, an answer has its limit. */
TEST(large_items_are_fewer_and_the_largest_are_only_told)
{
    enum { ROWS = 40, LARGE = 200 << 10 };
    const struct value *media;
    media_begin();
    for (int i = 0; i <= ROWS; i++) {
        size_t bytes = i < ROWS ? LARGE : DOCUMENT_MEDIA_VALUE_BYTES;
        buf_adds(&rows, "{\"a\":\"");
        memset(buf_reserve(&rows, bytes), 'a', bytes);
        buf_commit(&rows, bytes);
        buf_adds(&rows, "\",\"b\":1}");
        rows_put(i, 1);
    }
    ASSERT_EQ(media_ask("[\"a\"]", NULL, &media), 0);
    ASSERT(out.len > DOCUMENT_MEDIA_BYTES / 3 && out.len < DOCUMENT_MEDIA_BYTES + LARGE);
    ASSERT_EQ(media_ask("[\"b\",\"a\",\"c\",\"d\"]", NULL, &media), 0);
    ASSERT(out.len > LARGE && out.len < DOCUMENT_MEDIA_BYTES / 4 + LARGE);
    ASSERT_EQ(value_get(media->list.items[0], "items")->list.n, ROWS + 1);
    size_t n = value_get(media->list.items[1], "items")->list.n;
    const struct value *last = item_of(media, 1, n - 1);
    ASSERT(value_get_float(last, "step", 0) == ROWS);
    ASSERT_EQ(value_get_int(last, "bytes", 0), DOCUMENT_MEDIA_VALUE_BYTES + 2);
    ASSERT(!value_get(last, "value"));
    media_end();
}

TEST(malformed_rows_and_questions_do_no_harm)
{
    static const char *const bad[] = {"{",
                                      "[]",
                                      "5",
                                      "{\"a\":tru}",
                                      "{\"a\":{\"_type\":}}",
                                      "{\"a\" 1}",
                                      "{\"a\":\"\xff\"}",
                                      "{\"_step\":\"x\",\"a\":[NaN]}"};
    const struct value *media;
    atomic_bool gone;
    atomic_init(&gone, true);
    media_begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        buf_adds(&rows, bad[i]);
        rows_put((int64_t)i, 1);
    }
    ASSERT_EQ(media_ask("[\"a\",\"a\",\"\",\"a..\"]", NULL, &media), 0);
    size_t n = value_get(media->list.items[0], "items")->list.n;
    ASSERT(n > 0);
    ASSERT(value_get_float(item_of(media, 0, n - 1), "step", 0) == sizeof bad / sizeof *bad - 1);
    ASSERT_STR(value_get(item_of(media, 1, n - 1), "value")->list.items[0]->s.ptr, "NaN");
    for (size_t i = 0; i + 1 < n; i++)
        ASSERT(!value_get(item_of(media, 0, i), "value"));
    ASSERT_EQ(media_ask("[\"a\",1]", NULL, &media), ERR_USAGE);
    ASSERT_EQ(media_ask("[0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4]", NULL, &media),
              ERR_LIMIT);
    ASSERT_EQ(media_ask("[\"a\"]", &gone, &media), ERR_STALE);
    ASSERT_EQ(media_ask("[]", NULL, &media), 0);
    media_end();
}
