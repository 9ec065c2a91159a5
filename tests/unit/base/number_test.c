/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/number.h"
#include "base/number/shortest.h"
#include "tests/test.h"
#include "tests/unit/base/gen.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double parse(const char *s)
{
    double f = -77;
    if (!number_parse(s, strlen(s), &f))
        FAIL("%s was refused", s);
    return f;
}

static const char *format(double f)
{
    static char text[NUMBER_BYTES];
    number_format(text, f);
    return text;
}

TEST(number_formats_as_python)
{
    ASSERT_STR(format(0.1), "0.1");
    ASSERT_STR(format(1), "1.0");
    ASSERT_STR(format(0), "0.0");
    ASSERT_STR(format(-0.0), "-0.0");
    ASSERT_STR(format(-1.5), "-1.5");
    ASSERT_STR(format(1e-5), "1e-05");
    ASSERT_STR(format(1e-4), "0.0001");
    ASSERT_STR(format(0.00012345), "0.00012345");
    ASSERT_STR(format(1e15), "1000000000000000.0");
    ASSERT_STR(format(9007199254740992), "9007199254740992.0");
    ASSERT_STR(format(1e16), "1e+16");
    ASSERT_STR(format(1.25e16), "1.25e+16");
    ASSERT_STR(format(1e22), "1e+22");
    ASSERT_STR(format(1e100), "1e+100");
    ASSERT_STR(format(1234567.875), "1234567.875");
    ASSERT_STR(format(0.1 + 0.2), "0.30000000000000004");
    ASSERT_STR(format(1.7976931348623157e308), "1.7976931348623157e+308");
    ASSERT_STR(format(2.2250738585072014e-308), "2.2250738585072014e-308");
    ASSERT_STR(format(5e-324), "5e-324");
    ASSERT_STR(format(0x1p-44), "5.684341886080802e-14");
    ASSERT_STR(format(9.5367431640625e-07), "9.5367431640625e-07");
}

/* The digits of f with the fewest that read back, as printf() and strtod() find them. */
static int digits_expected(double f, char digits[32], int *exponent)
{
    char text[40];
    int n = 0;
    do
        snprintf(text, sizeof text, "%.*e", n, f);
    while (strtod(text, NULL) != f && ++n < 17);
    *exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
    digits[0] = text[0];
    memcpy(digits + 1, text + 2, (size_t)n);
    return n + 1;
}

TEST(number_finds_the_shortest_digits)
{
    struct rng r;
    int unsure = 0, all = 30000;
    rng_init(&r, 13, 0, RNG_TEST);
    for (int i = 0; i < all; i++) {
        char got[SHORTEST_DIGITS_MAX], want[32];
        int exponent, wanted, skipped;
        double f = fabs(gen_float(&r));
        bool power = f == 0 || frexp(f, &skipped) == 0.5; /* a longer text may be the nearest */
        int n = f == 0 ? 0 : shortest_find(f, got, &exponent);
        unsure += n == 0;
        if (n == 0 || power)
            continue;
        if (n != digits_expected(f, want, &wanted) || memcmp(got, want, (size_t)n) != 0 ||
            exponent != wanted)
            FAIL("%.17g became %.*s with exponent %d", f, n, got, exponent);
    }
    ASSERT(unsure < all / 50);
}

TEST(number_formats_integers)
{
    static const int64_t some[] = {0, 1, -1, 9, 10, -10, 99, 100, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        char got[NUMBER_BYTES], want[NUMBER_BYTES];
        number_format_int(got, some[i]);
        snprintf(want, sizeof want, "%" PRId64, some[i]);
        ASSERT_STR(got, want);
    }
}

TEST(number_reads_back_what_it_formats)
{
    struct rng r;
    rng_init(&r, 11, 0, RNG_TEST);
    for (int i = 0; i < 30000; i++) {
        double f = gen_float(&r);
        const char *text = format(f);
        ASSERT(strlen(text) < NUMBER_BYTES);
        if (parse(text) != f || strtod(text, NULL) != f)
            FAIL("%.17g printed as %s", f, text);
    }
}

TEST(number_parses_as_strtod)
{
    struct rng r;
    rng_init(&r, 12, 0, RNG_TEST);
    for (int i = 0; i < 30000; i++) {
        char text[80];
        int n = 0;
        uint64_t whole = rng_below(&r, 25), part = rng_below(&r, 25);
        for (uint64_t k = 0; k < whole + 1; k++)
            n += snprintf(text + n, sizeof text - (size_t)n, "%d", (int)rng_below(&r, 10));
        text[n++] = '.';
        for (uint64_t k = 0; k < part; k++)
            n += snprintf(text + n, sizeof text - (size_t)n, "%d", (int)rng_below(&r, 10));
        snprintf(text + n, sizeof text - (size_t)n, "e%d", (int)rng_below(&r, 700) - 350);
        if (parse(text) != strtod(text, NULL))
            FAIL("%s read as %.17g", text, parse(text));
    }
}

TEST(number_parses_long_texts_exactly)
{
    static char text[3000];
    /* Just above half way between 1 and the next double, decided by the last of 2000 digits. */
    snprintf(text, sizeof text, "1.00000000000000011102230246251565404236316680908203125");
    ASSERT(parse(text) == 1.0);
    size_t n = strlen(text);
    memset(text + n, '0', 2000);
    ASSERT(parse(text) == 1.0);
    text[n + 1999] = '1';
    ASSERT(parse(text) == nextafter(1, 2));
    memset(text, '9', 2999);
    ASSERT(isinf(parse(text)));
    memset(text, '0', 2999);
    memcpy(text + 2990, "1e-1", 5);
    ASSERT(parse(text) == 0.1);
    ASSERT(parse("0e999999999999999999999") == 0);
    ASSERT(parse("1e-999999999999999999999") == 0);
    ASSERT(isinf(parse("-1e400")));
}

TEST(number_refuses_other_texts)
{
    static const char *const bad[] = {"",   ".",     "e5",   "1e",  "1e+", "+",
                                      "-",  "1.2.3", "0x10", "nan", "in",  " 1",
                                      "1 ", "1_0",   "1e5.", "--1", "1,5", "."};
    double f;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (number_parse(bad[i], strlen(bad[i]), &f))
            FAIL("\"%s\" was read", bad[i]);
    ASSERT(parse(".5") == 0.5 && parse("5.") == 5 && parse("+5e0") == 5 && parse("-007") == -7);
}

TEST(number_ignores_the_locale)
{
    locale_t comma = newlocale(LC_ALL_MASK, "de_DE.UTF-8", NULL);
    if (!comma)
        test_skip("the locale de_DE.UTF-8 is not installed");
    uselocale(comma);
    ASSERT_STR(format(0.1 + 0.2), "0.30000000000000004");
    ASSERT(parse("0.30000000000000004") == 0.1 + 0.2);
}
