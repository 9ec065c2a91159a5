/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/screen/frame.h"

#include "base/number/rng.h"
#include "cli/screen/segments.h"
#include "tests/test.h"

/* A terminal that knows what frame_draw() writes. */
struct screen {
    struct frame f;
    size_t row, column;
};

static size_t number_read(const char **at)
{
    size_t n = 0;
    for (; **at >= '0' && **at <= '9'; ++*at)
        n = 10 * n + (size_t)(**at - '0');
    return n;
}

static void screen_sequence(struct screen *s, const char **at)
{
    ASSERT(**at == '[');
    ++*at;
    size_t n = number_read(at);
    switch (*(*at)++) {
    case 'A':
        ASSERT(s->row >= n);
        s->row -= n;
        break;
    case 'B':
        s->row += n;
        break;
    case 'G':
        s->column = n - 1;
        break;
    case 'K':
        for (size_t i = s->column; i < s->f.columns; i++)
            frame_put(&s->f, s->row, i, 1, FRAME_PLAIN, " ");
        break;
    case 'm':
        break;
    default:
        FAIL("an unknown sequence");
    }
}

static void screen_feed(struct screen *s, const char *bytes)
{
    while (*bytes) {
        if (*bytes == '\x1b') {
            bytes++;
            screen_sequence(s, &bytes);
        } else if (*bytes == '\r') {
            s->column = 0;
            bytes++;
        } else {
            char one[5] = {*bytes++};
            for (size_t n = 1; (*bytes & 0xc0) == 0x80 && n < 4; n++)
                one[n] = *bytes++;
            ASSERT(s->row < s->f.rows && s->column + frame_width(one) <= s->f.columns);
            s->column = frame_put(&s->f, s->row, s->column, 2, FRAME_PLAIN, one);
        }
    }
}

static const char *text_of(const struct frame *f, size_t row)
{
    static char text[4096];
    struct buf out;
    buf_init(&out, SIZE_MAX);
    frame_row_text(f, row, &out);
    snprintf(text, sizeof text, "%s", buf_str(&out));
    buf_done(&out);
    return text;
}

static void same_text(const struct frame *a, const struct frame *b)
{
    for (size_t i = 0; i < a->rows; i++) {
        char one[4096];
        snprintf(one, sizeof one, "%s", text_of(a, i));
        ASSERT_STR(one, text_of(b, i));
    }
}

static struct frame blank(size_t rows, size_t columns, bool ascii)
{
    struct frame f;
    frame_init(&f, ascii);
    frame_resize(&f, rows, columns);
    return f;
}

TEST(what_is_drawn_over_a_frame_makes_the_next)
{
    static const char *const words[] = {"loss", "▇▅▄", "日本", "a", "  ", "✓", "0.25", "e"};
    enum { ROWS = 5, COLUMNS = 24 };
    struct screen s = {.f = blank(ROWS, COLUMNS, false)};
    struct frame before = blank(ROWS, COLUMNS, false), after = blank(ROWS, COLUMNS, false);
    struct rng rng;
    struct buf out;
    rng_init(&rng, 7, 0, RNG_TEST);
    buf_init(&out, SIZE_MAX);
    frame_draw(NULL, &before, true, &out);
    for (int turn = 0; turn < 500; turn++) {
        buf_clear(&out);
        frame_resize(&after, ROWS, COLUMNS);
        for (size_t i = 0; i < ROWS; i++)
            frame_add(&after, i, 0, FRAME_PLAIN, turn % 2 ? "trial" : text_of(&before, i));
        for (int i = 0; i < 4; i++)
            frame_put(&after, rng_below(&rng, ROWS), rng_below(&rng, COLUMNS),
                      rng_below(&rng, COLUMNS), (enum frame_tone)rng_below(&rng, FRAME_CHOSEN),
                      words[rng_below(&rng, sizeof words / sizeof *words)]);
        frame_draw(turn == 100 ? NULL : &before, &after, turn % 3 > 0, &out);
        screen_feed(&s, buf_str(&out));
        same_text(&s.f, &after);
        ASSERT(s.row == 0 && s.column == 0);
        struct frame old = before;
        before = after;
        after = old;
    }
    buf_clear(&out);
    frame_draw(&before, &before, true, &out);
    ASSERT_EQ(out.len, 0);
    buf_done(&out);
    frame_done(&before);
    frame_done(&after);
    frame_done(&s.f);
}

TEST(only_changed_cells_are_drawn)
{
    struct frame before = blank(2, 80, false), after = blank(2, 80, false);
    struct buf out;
    buf_init(&out, SIZE_MAX);
    frame_add(&before, 1, 0, FRAME_PLAIN, "best 0.2143  trial 41");
    frame_add(&after, 1, 0, FRAME_PLAIN, "best 0.2142  trial 41");
    frame_draw(&before, &after, true, &out);
    ASSERT_STR(buf_str(&out), "\x1b[1B\x1b[11G2\x1b[1A\r");
    buf_done(&out);
    frame_done(&before);
    frame_done(&after);
}

/* Check 64: neither escapes, nor wide characters, nor what reorders text changes where things stand. */
TEST(no_text_breaks_the_layout)
{
    static const char *const hostile[] = {
        "\x1b[2J\x1b[Hgone",
        "\x1b]0;title\a",
        "a\nb\tc\rd",
        "日本語テキスト",
        "\u202egnp.exe",
        "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301",
        "👩‍👩‍👧‍👦 family",
        "\xff\xfe broken",
        "\u200b\ufeff",
        "\x9b"
        "2J",
        "🏳️‍🌈",
        "क्षि",
    };
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct frame f = blank(1, 20, false);
        frame_put(&f, 0, 0, 9, FRAME_PLAIN, hostile[i]);
        frame_add(&f, 0, 10, FRAME_PLAIN, "|");
        size_t columns = 0;
        for (size_t c = 0; c < 10; c++) {
            columns += f.cells[c].width;
            ASSERT(!strpbrk(f.cells[c].text, "\x1b\n\r\t\a"));
            ASSERT(!strstr(f.cells[c].text, "\u202e") && !strstr(f.cells[c].text, "\u200d"));
        }
        ASSERT_EQ(columns, 10);
        ASSERT_STR(f.cells[10].text, "|");
        frame_done(&f);
    }
}

TEST(a_wide_character_that_is_half_drawn_over_is_gone)
{
    struct frame f = blank(1, 8, false);
    frame_add(&f, 0, 0, FRAME_PLAIN, "日本x");
    frame_add(&f, 0, 1, FRAME_PLAIN, "ab");
    ASSERT_STR(text_of(&f, 0), " ab x");
    frame_put(&f, 0, 0, 3, FRAME_PLAIN, "日本語");
    ASSERT_STR(text_of(&f, 0), "日… x");
    frame_done(&f);
}

TEST(an_ascii_terminal_gets_ascii)
{
    struct frame f = blank(1, 40, true);
    frame_add(&f, 0, 0, FRAME_PLAIN, "✓12 ✗3 ▶4 ◆1 · größe 日 … ↓");
    ASSERT_STR(text_of(&f, 0), "+12 x3 >4 o1 . gr??e ?? ~ v");
    frame_done(&f);
}

TEST(what_does_not_fit_is_left_out_by_rank)
{
    const struct segment parts[] = {{"k3f9", "", FRAME_BOLD, 0, 0},
                                    {"a long name of a sweep", " ", FRAME_BOLD, 1, 10},
                                    {"tpe", " · ", FRAME_PLAIN, 3, 0},
                                    {NULL, " · ", FRAME_PLAIN, 3, 0},
                                    {"loss ↓", " · ", FRAME_PLAIN, 2, 0}};
    static const struct {
        size_t columns;
        const char *want;
    } cases[] = {{80, "k3f9 a long name of a sweep · tpe · loss ↓"},
                 {42, "k3f9 a long name of a sweep · tpe · loss ↓"},
                 {40, "k3f9 a long name of a sw… · tpe · loss ↓"},
                 {28, "k3f9 a long name o… · loss ↓"},
                 {20, "k3f9 a long name of…"},
                 {16, "k3f9 a long nam…"},
                 {14, "k3f9"},
                 {10, "k3f9"},
                 {3, "k3…"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct frame f = blank(1, 80, false);
        segments_put(&f, 0, 0, cases[i].columns, parts, 5);
        ASSERT_STR(text_of(&f, 0), cases[i].want);
        frame_done(&f);
    }
}
