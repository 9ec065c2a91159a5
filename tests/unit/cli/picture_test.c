/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Axes and SVG elements as pure functions. */
#include "cli/picture/scale.h"
#include "cli/picture/svg.h"
#include "tests/test.h"

static const char *ticks_text(const struct scale *s, size_t most)
{
    static char text[SCALE_TICKS * SCALE_LABEL_BYTES];
    struct scale_tick ticks[SCALE_TICKS];
    size_t n = scale_ticks(s, most, ticks), len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        len +=
            (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? " " : "", ticks[i].label);
    return text;
}

static const char *linear(double low, double high, size_t most)
{
    return ticks_text(&(struct scale){.low = low, .high = high}, most);
}

static const char *logarithmic(double low, double high, size_t most)
{
    return ticks_text(&(struct scale){.log = true, .low = low, .high = high}, most);
}

TEST(linear_ticks_are_round)
{
    ASSERT_STR(linear(0, 1, 6), "0.0 0.2 0.4 0.6 0.8 1.0");
    ASSERT_STR(linear(0.13, 1.77, 4), "0.5 1.0 1.5");
    ASSERT_STR(linear(-3, 3, 4), "-2 0 2");
    ASSERT_STR(linear(0, 0.5, 3), "0.0 0.2 0.4");
    ASSERT_STR(linear(0, 100000, 3), "0 50000 100000");
    ASSERT_STR(linear(0, 4e6, 5), "0 1e6 2e6 3e6 4e6");
    ASSERT_STR(linear(0, 4e-6, 3), "0 2e-6 4e-6");
    ASSERT_STR(ticks_text(&(struct scale){.whole = true, .low = 1, .high = 3}, 8), "1 2 3");
}

TEST(logarithmic_ticks_are_powers_of_ten)
{
    ASSERT_STR(logarithmic(1e-5, 1e-1, 6), "1e-5 0.0001 0.001 0.01 0.1");
    ASSERT_STR(logarithmic(1e-5, 1e-1, 4), "0.0001 0.01");
    ASSERT_STR(logarithmic(3, 80, 8), "5 10 20 50");
    ASSERT_STR(logarithmic(1, 1e9, 20), "1 10 100 1000 10000 100000 1e6 1e7 1e8 1e9");
    ASSERT_STR(logarithmic(2.1, 2.9, 4), "2.2 2.4 2.6 2.8");
}

TEST(ticks_of_any_range_are_few_and_inside)
{
    static const double ends[] = {-1e307, -1e100, -7, -1e-300, 0,    1e-307, 1e-20,
                                  0.3,    0.31,   1,  1e6,     1e20, 1e300,  1e307};
    enum { N = sizeof ends / sizeof *ends };
    struct scale_tick ticks[SCALE_TICKS];
    for (size_t i = 0; i < N; i++)
        for (size_t j = i; j < N; j++)
            for (size_t most = 0; most < 40; most += 3)
                for (int log = 0; log < 2; log++) {
                    if (log && ends[i] <= 0)
                        continue;
                    struct scale s = {.log = log, .low = ends[i], .high = ends[j], .to = 100};
                    scale_open(&s);
                    ASSERT(s.low < s.high);
                    size_t n = scale_ticks(&s, most, ticks);
                    ASSERT(n <= SCALE_TICKS && n <= (most < 2 ? 2 : most));
                    for (size_t k = 0; k < n; k++) {
                        double at = scale_at(&s, ticks[k].x);
                        if (!(at >= -0.01 && at <= 100.01))
                            FAIL("[%g, %g]: tick %g at %g", s.low, s.high, ticks[k].x, at);
                    }
                }
}

TEST(values_have_places)
{
    struct scale s = {.low = 10, .high = 20, .from = 100, .to = 0};
    ASSERT_NEAR(scale_at(&s, 12.5), 75, 1e-12);
    struct scale l = {.log = true, .low = 1e-4, .high = 1, .to = 8};
    ASSERT_NEAR(scale_at(&l, 1e-2), 4, 1e-12);
}

static struct scale fit_of(const double *values, size_t n, bool larger_is_better)
{
    struct scale s;
    double copy[32];
    if (n > 0)
        memcpy(copy, values, n * sizeof *values);
    scale_fit(&s, copy, n, larger_is_better);
    return s;
}

TEST(outliers_do_not_spoil_a_range)
{
    static const double some[] = {0.3, 0.35, 0.4, 0.42, 0.5, 0.55, 0.6, 1e20};
    struct scale s = fit_of(some, 8, false);
    ASSERT(!s.log && s.low < 0.3 && s.low > 0.2 && s.high < 1 && s.high > 0.6);
    /* The better end is never cut. */
    static const double best[] = {-50, 0.35, 0.4, 0.42, 0.5, 0.55, 0.6, 0.61};
    s = fit_of(best, 8, false);
    ASSERT(s.low < -50);
    s = fit_of(best, 8, true);
    ASSERT(s.low > 0 && s.high > 0.61);
    static const double decades[] = {1e-4, 1e-3, 1e-2, 1e-1, 1, 10};
    s = fit_of(decades, 6, false);
    ASSERT(s.log && s.low < 1e-4 && s.high > 10);
    s = fit_of(decades, 1, false);
    ASSERT(s.low < 1e-4 && s.high > 1e-4);
    s = fit_of(NULL, 0, false);
    ASSERT(s.low < s.high);
    static const double huge[] = {-1.7e308, 1.7e308};
    s = fit_of(huge, 2, false);
    ASSERT(s.low < s.high && isfinite(scale_at(&s, 0)));
}

static const char *escaped(const char *text)
{
    static char copy[2048];
    struct buf out;
    buf_init(&out, SIZE_MAX);
    svg_escape(&out, text);
    snprintf(copy, sizeof copy, "%s", buf_str(&out));
    buf_done(&out);
    return copy;
}

TEST(text_is_escaped)
{
    ASSERT_STR(escaped("<script>\"a\" & 'b'</script>"),
               "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;");
    ASSERT_STR(escaped("naïve 学習"), "naïve 学習");
    ASSERT_STR(escaped("a\xff\xfe z"), "a?? z");
    ASSERT_STR(escaped("\xef\xbf\xbe"), "?"); /* U+FFFE is not a character of XML */
    ASSERT(strstr(escaped("a\x1b[31mb\x01\n"), "\x1b") == NULL);
}

TEST(long_text_is_cut_and_kept_as_tooltip)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    svg_text(&out, 1.25, -2, SVG_END, "m", 5, "<abcdefgh>");
    ASSERT_STR(buf_str(&out), "<text x=\"1.3\" y=\"-2\" text-anchor=\"end\" class=\"m\">"
                              "<title>&lt;abcdefgh&gt;</title>&lt;abc…</text>\n");
    buf_done(&out);
}

TEST(numbers_are_short)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    static const double some[] = {0, 1.04, -0.04, 12.96, -3.5, NAN, INFINITY};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        svg_number(&out, some[i]);
        buf_addc(&out, ' ');
    }
    ASSERT_STR(buf_str(&out), "0 1 0 13 -3.5 0 1000000 ");
    buf_done(&out);
}
