/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/table/columns.h"
#include "orchestrator/view/table/trial_csv.h"

#include <string.h>

#include "base/buf.h"
#include "cli/look/trial_table.h"
#include "tests/test.h"

static struct arena arena;
static struct columns columns;
static struct buf out;
static struct err err;

static struct value *words(const char *text)
{
    struct value *list = value_list(&arena);
    for (const char *at = text; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        value_push(&arena, list, value_str(&arena, arena_strndup(&arena, at, len)));
        at += len;
    }
    return list;
}

/* A sweep of these parameters and metrics, with spaces between. */
static void begin(const char *params, const char *metrics)
{
    arena_init(&arena);
    buf_init(&out, SIZE_MAX);
    err = (struct err){0};
    struct value *known = value_dict(&arena);
    value_put(&arena, known, "params", words(params));
    value_put(&arena, known, "metrics", words(metrics));
    columns_init(&columns, &arena, known, NULL);
}

static void end(void)
{
    columns_done(&columns);
    buf_done(&out);
    arena_done(&arena);
}

/* The header of a file, after the fields. */
static const char *header(void)
{
    static const struct columns_choice all = {.metrics = true};
    ASSERT_EQ(columns_choose_all(&columns, &all, &err), 0);
    trial_csv_head(&out, &columns);
    return strstr(buf_str(&out), ",tags,") + strlen(",tags,");
}

/* The column that is chosen by its name alone. */
static const struct column *named(const char *name)
{
    const struct columns_choice one = {.named = name};
    ASSERT_EQ(columns_choose_all(&columns, &one, &err), 0);
    return &columns.items[columns.n - 1];
}

TEST(a_header_names_no_two_columns_alike)
{
    static const struct {
        const char *params, *metrics, *want;
    } cases[] = {
        {"lr", "lr", "lr,metrics.lr\n"},
        {"state params.state", "", "params.state,params.params.state\n"},
        {"params.state state", "", "params.params.state,params.state\n"},
        {"state params.state params.params.state", "state metrics.state params.state",
         "params.state,params.params.state,params.params.params.state,metrics.state,"
         "metrics.metrics.state,metrics.params.state\n"},
        {"params.lr metrics.lr", "", "params.lr,metrics.lr\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(cases[i].params, cases[i].metrics);
        ASSERT_STR(header(), cases[i].want);
        end();
    }
}

TEST(a_name_with_a_prefix_says_which_column_is_meant)
{
    begin("state params.state params.lr", "metrics.state params.state");
    static const struct {
        const char *name;
        enum column_of of;
        const char *means;
    } cases[] = {{"state", COLUMN_FIELD, "state"},
                 {"params.state", COLUMN_PARAM, "state"},
                 {"params.params.state", COLUMN_PARAM, "params.state"},
                 {"params.lr", COLUMN_PARAM, "params.lr"},
                 {"metrics.params.state", COLUMN_METRIC, "params.state"},
                 {"metrics.state", COLUMN_METRIC, "metrics.state"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct column *c = named(cases[i].name);
        ASSERT_EQ(c->of, cases[i].of);
        ASSERT_STR(c->name, cases[i].means);
    }
    end();
}

TEST(a_name_with_a_comma_is_quoted_as_in_csv)
{
    begin("lr", "");
    value_push(&arena, (struct value *)value_get(columns.known, "metrics"),
               value_str(&arena, "a,b"));
    value_push(&arena, (struct value *)value_get(columns.known, "metrics"),
               value_str(&arena, "say \"x\""));
    const struct columns_choice some = {.named = "\"a,b\",lr,\"say \"\"x\"\"\",\"state\""};
    ASSERT_EQ(columns_choose_all(&columns, &some, &err), 0);
    trial_csv_head(&out, &columns);
    ASSERT_STR(buf_str(&out), "\"a,b\",lr,\"say \"\"x\"\"\",state\n");
    static const char *const wrong[] = {"\"a,b", "lr,\"a,b\"x", "\""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct columns_choice none = {.named = wrong[i]};
        ASSERT_EQ(columns_choose_all(&columns, &none, &err), ERR_USAGE);
        ASSERT(strstr(err.text, "--columns: "));
        ASSERT(strstr(err.text, "quote"));
    }
    end();
}

TEST(names_that_are_listed_cannot_break_out)
{
    begin("x\ny\x1b[2J", "lr\n");
    const struct columns_choice none = {.named = "l\nr"};
    ASSERT_EQ(columns_choose_all(&columns, &none, &err), ERR_USAGE);
    ASSERT(strstr(err.text, "'l^Jr' is unknown: did you mean 'lr^J'?\nknown: number, state"));
    ASSERT(strstr(err.text, ", lr^J, x^Jy"));
    ASSERT(!strchr(err.text, '\x1b'));
    ASSERT(!strchr(strchr(err.text, '\n') + 1, '\n'));
    end();
}
