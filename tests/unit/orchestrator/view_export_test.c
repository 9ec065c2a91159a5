/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All trials as a file, piece by piece, and filters that are applied to some trials at a time. */
#include <string.h>

#include "orchestrator/view/table/columns.h"
#include "orchestrator/view/table/trial_csv.h"
#include "orchestrator/view/table/view_export.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"
#include "tests/unit/orchestrator/view_kit.h"

enum { TRIALS = 2500 };

/* Each third trial has `odd`; loss is reported by every seventh. */
static struct view *view_of_many(void)
{
    static char text[400];
    struct view *v;
    struct err err = {0};
    const char *dir = scratch_dir();
    if (store_open(dir, true, &kit_store, &err) < 0)
        FAIL("%s", err.text);
    books_init(&kit_books);
    kit_create("abc123", "many");
    memset(text, 'x', sizeof text - 1);
    for (uint64_t i = 0; i < TRIALS; i++) {
        const char *params = arena_printf(&kit_arena, "{\"n\":%d,\"text\":\"%s\"%s}", (int)i, text,
                                          i % 3 == 0 ? ",\"odd\":true" : "");
        kit_put("abc123",
                (struct fact){.kind = FACT_PROPOSED, .trial = i, .params = kit_parsed(params)});
    }
    kit_commit();
    ASSERT_EQ(view_open(dir, &v, &err), 0);
    return v;
}

/* The whole file; *ret: in how many pieces. */
static void export_all(struct view *v, const char *format, const char *filter, struct buf *out,
                       size_t *ret)
{
    struct view_export *e;
    struct err err = {0};
    struct buf piece;
    buf_init(&piece, SIZE_MAX);
    buf_init(out, SIZE_MAX);
    if (view_export_new(v, "many", format, filter, &e, &err) != 0)
        FAIL("%s", err.text);
    ASSERT_STR(view_export_sweep(e), "abc123");
    for (*ret = 0;; ++*ret) {
        buf_clear(&piece);
        ASSERT_EQ(view_export_next(e, v, &piece, &err), 0);
        if (piece.len == 0)
            break;
        ASSERT(piece.len < VIEW_EXPORT_BYTES + 1024);
        buf_add(out, buf_peek(&piece), piece.len);
    }
    view_export_free(e);
    buf_done(&piece);
}

static size_t lines(const struct buf *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->len; i++)
        n += buf_peek(b)[i] == '\n';
    return n;
}

struct rows {
    struct buf out;
    struct columns columns;
    int64_t numbers[TRIALS];
    size_t n;
};

static int row_add(void *arg, const struct value *trial)
{
    struct rows *r = arg;
    trial_csv_row(&r->out, &kit_arena, &r->columns, trial);
    r->numbers[r->n++] = value_get_int(trial, "number", -1);
    return 0;
}

TEST(view_export_gives_all_trials_in_pieces)
{
    static struct rows all;
    struct view *v = view_of_many();
    struct columns_choice choice = {.metrics = true};
    struct value *known;
    struct err err = {0};
    struct buf out;
    size_t pieces;
    ASSERT_EQ(view_columns(v, &kit_arena, "abc123", &known, &err), 0);
    buf_init(&all.out, SIZE_MAX);
    columns_init(&all.columns, &kit_arena, known, NULL);
    ASSERT_EQ(columns_choose_all(&all.columns, &choice, &err), 0);
    trial_csv_head(&all.out, &all.columns);
    ASSERT_EQ(view_trials(v, "abc123", &(struct view_query){0}, row_add, &all, &err), 0);
    export_all(v, "csv", NULL, &out, &pieces);
    ASSERT_STR(buf_str(&out), buf_str(&all.out));
    ASSERT_EQ(lines(&out), TRIALS + 1);
    ASSERT(pieces > 5);
    buf_done(&out);
    export_all(v, "jsonl", "odd:True n>=1000", &out, &pieces);
    ASSERT_EQ(lines(&out), 500);
    ASSERT(strncmp(buf_str(&out), "{\"id\":\"abc123-1002\"", 19) == 0);
    buf_done(&out);
    export_all(v, "csv", "n<0", &out, &pieces);
    ASSERT_EQ(lines(&out), 1); /* the names */
    buf_done(&out);
    columns_done(&all.columns);
    buf_done(&all.out);
    kit_end(v);
}

TEST(view_export_refuses_what_it_does_not_understand)
{
    static const struct {
        const char *sweep, *format, *filter, *says;
        int rc;
    } cases[] = {
        {"many", "xml", NULL, "csv or jsonl", ERR_USAGE},
        {"none", "csv", NULL, "the controller's store", ERR_NOT_FOUND},
        {"many", "csv", "nope<3", "no trial has 'nope'", ERR_USAGE},
        {"many", "csv", "(", "not understood", ERR_USAGE},
    };
    struct view *v = view_of_many();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct view_export *e;
        struct err err = {0};
        ASSERT_EQ(view_export_new(v, cases[i].sweep, cases[i].format, cases[i].filter, &e, &err),
                  cases[i].rc);
        if (!strstr(err.text, cases[i].says))
            FAIL("no %s in %s", cases[i].says, err.text);
    }
    kit_end(v);
}

/* Some of the trials are looked at at a time: pages, limits and orders are those of all. */
TEST(view_filters_a_long_list_page_by_page)
{
    static struct rows some;
    struct view *v = view_of_many();
    struct value *known;
    struct err err = {0};
    ASSERT_EQ(view_columns(v, &kit_arena, "abc123", &known, &err), 0);
    columns_init(&some.columns, &kit_arena, known, NULL);
    buf_init(&some.out, SIZE_MAX);
    const struct view_query queries[] = {
        {.filter = "odd:True", .skip = 700, .limit = 100},
        {.filter = "odd:True", .skip = 33, .limit = 100, .descending = true},
        {.filter = "odd:True", .skip = 700, .limit = 100, .sort = "n"},
        {.filter = "odd:True OR objective<0", .from = 2100, .limit = 100},
    };
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        bool down = queries[i].descending;
        some.n = 0;
        if (view_trials(v, "abc123", &queries[i], row_add, &some, &err) != 0)
            FAIL("%s", err.text);
        ASSERT_EQ(some.n, 100);
        for (int64_t k = 0; k < 100; k++)
            ASSERT_EQ(some.numbers[k], down ? 3 * (833 - 33 - k) : 3 * (700 + k));
    }
    struct view_query unknown = {.filter = "nope:1"};
    ASSERT_EQ(view_trials(v, "abc123", &unknown, row_add, &some, &err), ERR_USAGE);
    columns_done(&some.columns);
    buf_done(&some.out);
    kit_end(v);
}
