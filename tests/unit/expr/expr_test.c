/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/limits.h"
#include "tests/test.h"
#include "tests/unit/expr/expr_text.h"

struct row {
    const char *text, *answer;
};

/* x = 3, lr = 0.1, opt = 'adam', `num-heads` = 8, a.b = True */
static void check_rows(const struct row *rows, size_t n)
{
    struct arena a;
    arena_init(&a);
    struct value *dict = value_dict(&a);
    value_put(&a, dict, "x", value_int(&a, 3));
    value_put(&a, dict, "lr", value_float(&a, 0.1));
    value_put(&a, dict, "opt", value_str(&a, "adam"));
    value_put(&a, dict, "num-heads", value_int(&a, 8));
    value_put(&a, dict, "a.b", value_bool(&a, true));
    for (size_t i = 0; i < n; i++) {
        struct expr_text t;
        struct buf out;
        buf_init(&out, SIZE_MAX);
        expr_text_init(&t, dict, rows[i].text);
        expr_text_answer(&t, &out);
        if (strcmp(buf_str(&out), rows[i].answer) != 0)
            FAIL("%s\n  got  %s\n  want %s", rows[i].text, buf_str(&out), rows[i].answer);
        expr_text_done(&t);
        buf_done(&out);
    }
    arena_done(&a);
}

#define CHECK(rows) check_rows(rows, sizeof rows / sizeof *rows)

TEST(every_operator_and_function_has_pythons_value)
{
    static const struct row rows[] = {
        {"1 + 2 * 3", "7"},
        {"7 / 2", "3.5"},
        {"4 / 2", "2.0"},
        {"-7 // 2", "-4"},
        {"-7 % 3", "2"},
        {"7.5 // -2", "-4.0"},
        {"2 ** 3 ** 2", "512"},
        {"-2 ** 2", "-4"},
        {"2 ** -1", "0.5"},
        {"1e-5 * 1", "1e-05"},
        {"1_000 + .5", "1000.5"},
        {"+x", "3"},
        {"True + True", "2"},
        {"1 < x <= 3", "True"},
        {"1 == 1.0", "True"},
        {"1 == True", "False"},
        {"a.b", "True"},
        {"x in [1, 2, 3.0]", "True"},
        {"x not in [1, lr, x]", "False"},
        {"'da' in opt", "True"},
        {"opt is not None", "True"},
        {"opt == 'adam' and lr < 1", "True"},
        {"x or 5", "3"},
        {"not x", "False"},
        {"not x == 4", "True"},
        {"'a' if x > 5 else \"b\"", "'b'"},
        {"x == 0 or 1 / x > 0.3", "True"},
        {"x != 3 and 1 / 0", "False"},
        {"`num-heads` * 2", "16"},
        {"abs(-2) + abs(-0.5)", "2.5"},
        {"ceil(1.2) + floor(-1.2) + int(-1.7)", "-1"},
        {"round(2.5)", "2"},
        {"round(2.675, 2)", "2.67"},
        {"exp(0) + sqrt(4) + float(1)", "4.0"},
        {"log(8, 2) + log2(8) + log10(1000)", "9.0"},
        {"log(1)", "0.0"},
        {"max(1, 2.5, x) + min(1, 2)", "4"},
        {"max('a', 'b')", "'b'"},
        {"pow(2, 10)", "1024"},
        {"[64, -1, 'a', [2]]", "[64, -1, 'a', [2]]"},
        {"true == True and null == None and not false", "True"},
        {"'it\\'s'", "\"it's\""},
        {"9223372036854775807", "9223372036854775807"},
    };
    CHECK(rows);
}

TEST(what_has_no_value_says_why)
{
    static const struct row rows[] = {
        {"1 / 0", "undefined: this divides by zero"},
        {"1 % 0.0", "undefined: this divides by zero"},
        {"0 ** -1", "undefined: this divides by zero"},
        {"log(0)", "undefined: there is no logarithm of 0 or less"},
        {"log(5, 0)", "undefined: there is no logarithm of 0 or less"},
        {"sqrt(-1)", "undefined: there is no square root of less than 0"},
        {"exp(1000)", "undefined: the result is not a finite number"},
        {"(-8) ** 0.5", "undefined: the result is not a finite number"},
        {"2 ** 63", "undefined: the result is an integer of more than 64 bits"},
        {"9223372036854775807 + 1", "undefined: the result is an integer of more than 64 bits"},
        {"floor(1e300)", "undefined: the result is an integer of more than 64 bits"},
        {"(-9223372036854775807 - 1) // -1",
         "undefined: the result is an integer of more than 64 bits"},
        {"opt + 1", "undefined: arithmetic needs numbers, and one of these values is not a number"},
        {"opt < 1", "undefined: these two cannot be ordered: only two numbers or two texts can"},
        {"1 in 2", "undefined: `in` needs a list or a text to search"},
        {"round(1.5, 20)", "undefined: round() takes 0 to 15 digits"},
    };
    CHECK(rows);
}

TEST(mistakes_are_named_at_their_place)
{
    static const struct row rows[] = {
        {"", "0:0 the expression is empty"},
        {"x &&  lr", "2:2 `&&` is not valid here: write `and` | and"},
        {"x || lr", "2:2 `||` is not valid here: write `or` | or"},
        {"!x", "0:1 `!` is not valid here: write `not` | not"},
        {"x = 3", "2:1 `=` is not valid here: write `==` | =="},
        {"x === 3", "2:3 `===` is not valid here: write `==` | =="},
        {"x ^ 2", "2:1 `^` is not valid here: write `**` | **"},
        {"x \xE2\x89\xA4 3", "2:3 `\xE2\x89\xA4` is not valid here: write `<=` | <="},
        {"x > 1 AND lr > 1", "6:3 `AND` is not an operator | and"},
        {"x > 1 lr", "6:2 an operator such as `and` is missing before this"},
        {"x ? 1 : 2", "2:1 write a choice as `a if b else c`"},
        {"(x", "2:0 a `)` is missing before this"},
        {"x)", "1:1 there is no opening bracket for this"},
        {"[1, 2", "5:0 a `,` or `]` is missing before this"},
        {"x in (1, 2)", "5:3 write a list in [ ], not in ( )"},
        {"x[0]", "1:1 an expression cannot take items of lists and mappings"},
        {"x +", "3:0 the expression ends too early"},
        {"2x", "0:2 there is no operator between a number and a name: is a `*` missing?"},
        {"012", "0:3 an integer must not begin with 0 | 12"},
        {"1e999", "0:5 the number is too large"},
        {"9223372036854775808", "0:19 the integer has more than 64 bits"},
        {"'adam", "0:5 the text has no closing quote"},
        {"'a\\q'", "2:1 a backslash must be followed by n, t, a quote or a backslash | \\\\"},
        {"sqr(x)", "0:3 unknown function sqr() | sqrt"},
        {"log()", "0:5 log() takes 1 or 2 arguments"},
        {"max(1)", "0:6 max() takes 2 or more arguments"},
        {"exp(1, 2)", "0:9 exp() takes 1 argument"},
        {"1 if x", "6:0 `else` is missing: write `a if b else c`"},
        {"x not 3", "6:1 `not` between two values needs `in`"},
        {"@x", "0:1 `@` does not belong here"},
    };
    CHECK(rows);
}

static void repeat(struct buf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_adds(out, text);
}

TEST(size_and_depth_are_bounded)
{
    struct buf deep, wide, again;
    struct value nothing = {.kind = VALUE_DICT};
    struct expr_text t;
    buf_init(&deep, SIZE_MAX);
    buf_init(&wide, SIZE_MAX);
    buf_init(&again, SIZE_MAX);
    repeat(&deep, "(", LIMIT_EXPR_DEPTH);
    buf_adds(&deep, "1");
    repeat(&deep, ")", LIMIT_EXPR_DEPTH);
    expr_text_init(&t, &nothing, buf_str(&deep));
    ASSERT(t.expr);
    expr_text_done(&t);
    buf_clear(&deep);
    repeat(&deep, "-", LIMIT_EXPR_DEPTH + 1);
    buf_adds(&deep, "1");
    expr_text_init(&t, &nothing, buf_str(&deep));
    ASSERT(!t.expr);
    ASSERT_STR(t.message, "the expression is nested too deeply");
    expr_text_done(&t);
    repeat(&wide, "1+", LIMIT_EXPR_BYTES / 2 - 1);
    buf_adds(&wide, "1");
    expr_text_init(&t, &nothing, buf_str(&wide));
    ASSERT(t.expr);
    expr_text_answer(&t, &again);
    ASSERT_STR(buf_str(&again), "2048");
    expr_text_done(&t);
    buf_adds(&wide, "+1");
    expr_text_init(&t, &nothing, buf_str(&wide));
    ASSERT_STR(t.message, "the expression is longer than 4096 bytes");
    expr_text_done(&t);
    buf_done(&deep);
    buf_done(&wide);
    buf_done(&again);
}

TEST(the_canonical_text_keeps_the_meaning)
{
    static const struct row rows[] = {
        {"( 1+2 )*3", "(1 + 2) * 3"},         {"1+(2*3)", "1 + 2 * 3"},
        {"1-(2-3)", "1 - (2 - 3)"},           {"(2**3)**2", "(2 ** 3) ** 2"},
        {"(-2)**-2", "(-2) ** -2"},           {"-(x+1)", "-(x + 1)"},
        {"not (x and lr)", "not (x and lr)"}, {"(x if lr else 1) + 1", "(x if lr else 1) + 1"},
        {"x is not none_", "x != none_"},     {"`num-heads`+`x`", "`num-heads` + x"},
        {"(1<x)<2", "(1 < x) < 2"},           {"x in[1,'a',[2]]", "x in [1, 'a', [2]]"},
        {"1e-5 + 1E3", "1e-05 + 1000.0"},
    };
    struct arena a;
    arena_init(&a);
    struct value *dict = value_dict(&a);
    static const char *const names[] = {"x", "lr", "none_", "num-heads"};
    for (size_t i = 0; i < 4; i++)
        value_put(&a, dict, names[i], value_null(&a));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct expr_text t;
        struct buf out;
        buf_init(&out, SIZE_MAX);
        expr_text_init(&t, dict, rows[i].text);
        ASSERT(t.expr);
        expr_text_print(&t, &out);
        ASSERT_STR(buf_str(&out), rows[i].answer);
        expr_text_done(&t);
        buf_done(&out);
    }
    arena_done(&a);
}
