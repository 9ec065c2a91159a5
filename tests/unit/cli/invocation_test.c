/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/invocation.h"
#include "cli/subcommand/subcommand_table.h"
#include "tests/test.h"

static const struct subcommand_option options[] = {
    {"limit", 'n', "N", "", "BESOM_TEST_LIMIT", NULL},
    {"state", 0, "S", "", NULL, "pending running"},
    {"desc", 'd', NULL, "", NULL, NULL},
    {"follow", 'f', NULL, "", NULL, NULL},
    {NULL, 0, NULL, NULL, NULL, NULL},
};
static const struct subcommand sub = {"trials", "", "[SWEEP]", 0, 1, "", "", options, NULL};

enum { WORDS_MAX = 16 };
static struct invocation inv;
static struct err err;
static const char *words[WORDS_MAX];

/* Splits at spaces and parses. */
static int parse(const char *line)
{
    static char copy[256];
    snprintf(copy, sizeof copy, "%s", line);
    int n = 0;
    for (char *p = copy; *p;) {
        words[n++] = p;
        p += strcspn(p, " ");
        if (*p)
            *p++ = '\0';
    }
    words[n] = NULL;
    err = (struct err){0};
    return invocation_parse(&sub, n, words, &inv, &err);
}

TEST(options_may_stand_anywhere_and_the_last_one_counts)
{
    ASSERT_EQ(parse("--limit 5 abc --desc --limit=7"), 0);
    ASSERT_STR(invocation_option(&inv, "limit"), "7");
    ASSERT(invocation_flag(&inv, "desc"));
    ASSERT(!invocation_flag(&inv, "follow"));
    ASSERT_EQ(inv.n_args, 1);
    ASSERT_STR(invocation_arg(&inv, 0), "abc");
    ASSERT(invocation_arg(&inv, 1) == NULL);
}

TEST(letters_join_and_take_values)
{
    ASSERT_EQ(parse("-dfn5"), 0);
    ASSERT(invocation_flag(&inv, "desc") && invocation_flag(&inv, "follow"));
    ASSERT_STR(invocation_option(&inv, "limit"), "5");
    ASSERT_EQ(parse("-n 6 x"), 0);
    ASSERT_STR(invocation_option(&inv, "limit"), "6");
    ASSERT_EQ(parse("-z"), ERR_USAGE);
}

TEST(two_dashes_end_the_options)
{
    ASSERT_EQ(parse("-- --desc"), 0);
    ASSERT_STR(invocation_arg(&inv, 0), "--desc");
    ASSERT(!invocation_flag(&inv, "desc"));
}

TEST(a_misspelt_option_is_answered_with_the_nearest_one)
{
    ASSERT_EQ(parse("--limt 3"), ERR_USAGE);
    ASSERT_STR(err.text, "unknown option --limt: did you mean --limit?");
    ASSERT_EQ(parse("--colour"), ERR_USAGE);
    ASSERT_STR(err.text, "unknown option --colour: see besom trials --help");
}

TEST(mistakes_are_reported)
{
    ASSERT_EQ(parse("--limit"), ERR_USAGE);
    ASSERT_STR(err.text, "--limit needs a value: --limit N");
    ASSERT_EQ(parse("--desc=1"), ERR_USAGE);
    ASSERT_EQ(parse("a b"), ERR_USAGE);
    ASSERT_EQ(parse("--state runnin"), ERR_USAGE);
    ASSERT_STR(err.text, "--state: expected one of pending running; got 'runnin'");
    ASSERT_EQ(parse("--state running"), 0);
    ASSERT_EQ(parse("--state unning"), ERR_USAGE);
}

TEST(help_needs_no_arguments)
{
    static const struct subcommand one = {"run", "", "SPEC", 1, 1, "", "", options, NULL};
    const char *argv[] = {"--help", NULL};
    ASSERT_EQ(invocation_parse(&one, 1, argv, &inv, &err), 0);
    ASSERT(invocation_flag(&inv, "help"));
    ASSERT_EQ(invocation_parse(&one, 0, argv, &inv, &err), ERR_USAGE);
    ASSERT_STR(err.text, "SPEC is missing; usage: besom run SPEC");
}

TEST(numbers_are_whole_and_within_bounds)
{
    uint64_t n = 42;
    ASSERT_EQ(parse(""), 0);
    ASSERT_EQ(invocation_number(&inv, "limit", 1, 10, &n, &err), 0);
    ASSERT_EQ(n, 42);
    ASSERT_EQ(parse("--limit 10"), 0);
    ASSERT_EQ(invocation_number(&inv, "limit", 1, 10, &n, &err), 0);
    ASSERT_EQ(n, 10);
    const char *bad[] = {"--limit 11", "--limit 0", "--limit=-1",
                         "--limit 3x", "--limit=",  "--limit 99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ASSERT_EQ(parse(bad[i]), 0);
        ASSERT_EQ(invocation_number(&inv, "limit", 1, 10, &n, &err), ERR_USAGE);
    }
    ASSERT_EQ(n, 10);
}

TEST(a_variable_stands_in_for_its_option)
{
    ASSERT_EQ(setenv("BESOM_TEST_LIMIT", "9", 1), 0);
    ASSERT_EQ(parse(""), 0);
    ASSERT_STR(invocation_option(&inv, "limit"), "9");
    ASSERT_EQ(parse("--limit 8"), 0);
    ASSERT_STR(invocation_option(&inv, "limit"), "8");
    ASSERT_EQ(setenv("BESOM_TEST_LIMIT", "", 1), 0);
    ASSERT_EQ(parse(""), 0);
    ASSERT(invocation_option(&inv, "limit") == NULL);
}

TEST(commands_have_all_that_is_shown_of_them)
{
    for (const struct subcommand *const *at = subcommand_table; *at; at++) {
        const struct subcommand *s = *at;
        ASSERT(s->summary && s->description && s->example && s->run);
        ASSERT((s->arguments != NULL) == (s->max_args > 0));
        ASSERT(s->example[strlen(s->example) - 1] == '\n');
        ASSERT(strstr(s->example, s->name));
        ASSERT(subcommand_find(subcommand_table, s->name) == s);
        for (const struct subcommand_option *o = s->options; o && o->name; o++)
            ASSERT(o->help && strcmp(o->name, "help") != 0 && o->letter != 'h');
    }
    ASSERT(subcommand_find(subcommand_table, "nothing") == NULL);
}

TEST(near_commands_are_offered)
{
    ASSERT_STR(subcommand_nearest(subcommand_table, "rn"), "run");
    ASSERT_STR(subcommand_nearest(subcommand_table, "repotr"), "report");
    ASSERT_STR(subcommand_nearest(subcommand_table, "comp"), "completion");
    ASSERT(subcommand_nearest(subcommand_table, "xyzzy") == NULL);
}
