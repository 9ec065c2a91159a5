/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "base/limits.h"
#include "base/yaml/yaml.h"
#include "base/yaml/yaml_scalar.h"
#include "tests/test.h"

static struct arena arena;
static struct diags diags;

static struct yaml_node *read_text(const char *text, size_t len)
{
    arena_init(&arena);
    diags_init(&diags, &arena, "t.yaml");
    return yaml_read(&arena, text, len, &diags);
}

static void expect(const char *text, const char *json)
{
    struct yaml_node *n = read_text(text, strlen(text));
    if (!n)
        FAIL("%s: %s", text, diags.n ? diags.items[0].message : "no message");
    const char *got = json_text(&arena, n->value, JSON_PYTHON);
    if (strcmp(got, json) != 0)
        FAIL("%s:\n  got  %s\n  want %s", text, got, json);
    arena_done(&arena);
}

static void refuse_n(const char *text, size_t len, int line, int column, const char *part)
{
    if (read_text(text, len))
        FAIL("%.60s: was accepted", text);
    ASSERT(diags.errors > 0);
    struct diag *d = NULL;
    for (size_t i = 0; i < diags.n && !d; i++)
        if (diags.items[i].severity == DIAG_ERROR)
            d = &diags.items[i];
    if (d->line != line || d->column != column || !strstr(d->message, part))
        FAIL("%.60s:\n  got  %d:%d %s\n  want %d:%d %s", text, d->line, d->column, d->message, line,
             column, part);
    arena_done(&arena);
}

static void refuse(const char *text, int line, int column, const char *part)
{
    refuse_n(text, strlen(text), line, column, part);
}

TEST(scalars_are_pyyamls)
{
    /* Each line's right side is what PyYAML 6.0.3 gives, through json.dumps. */
    static const char *const cases[][2] = {
        {"yes", "true"},
        {"No", "false"},
        {"on", "true"},
        {"OFF", "false"},
        {"True", "true"},
        {"tRue", "\"tRue\""},
        {"y", "\"y\""},
        {"N", "\"N\""},
        {"~", "null"},
        {"null", "null"},
        {"NULL", "null"},
        {"None", "\"None\""},
        {"nil", "\"nil\""},
        {"012", "10"},
        {"-012", "-10"},
        {"08", "\"08\""},
        {"0o17", "\"0o17\""},
        {"0x1F", "31"},
        {"-0xff", "-255"},
        {"0b101", "5"},
        {"1_000", "1000"},
        {"1,000", "\"1,000\""},
        {"1:30", "90"},
        {"-1:30", "-90"},
        {"1:70", "\"1:70\""},
        {"190:20:30", "685230"},
        {"-0", "0"},
        {"0_1", "1"},
        {"+5", "5"},
        {"5.", "5.0"},
        {".5", "0.5"},
        {"1.0e-3", "0.001"},
        {"1.e-3", "0.001"},
        {"1.0E+3", "1000.0"},
        {"1_0.5", "10.5"},
        {"1:30.5", "90.5"},
        {".inf", "Infinity"},
        {"-.INF", "-Infinity"},
        {".NaN", "NaN"},
        {"inf", "\"inf\""},
        {"nan", "\"nan\""},
        {"1e", "\"1e\""},
        {"e5", "\"e5\""},
        {"1.2.3", "\"1.2.3\""},
        {"-", "[null]"},
        {"a:1", "\"a:1\""},
        {"8.5", "8.5"},
        {"1e5x", "\"1e5x\""},
        {"0x", "\"0x\""},
        {"._5", "\"._5\""},
        {"1__0", "10"},
        {"00", "0"},
        {"2.5:30", "\"2.5:30\""},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"+.inf", "Infinity"},
        {"2001-13", "\"2001-13\""},
        {"2001-1-1", "\"2001-1-1\""},
        {"1.5.", "\"1.5.\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(cases[i][0], cases[i][1]);
}

TEST(a_number_with_a_dot_or_an_exponent_is_a_float)
{
    static const char *const cases[][2] = {
        {"1e-5", "1e-05"},    {"1e3", "1000.0"},    {"1E3", "1000.0"},      {"1.5e5", "150000.0"},
        {"-1e-4", "-0.0001"}, {"12e03", "12000.0"}, {".1e3", "100.0"},      {"-.5", "-0.5"},
        {"+.5", "0.5"},       {"1e+5", "100000.0"}, {"1_0e3", "\"1_0e3\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(cases[i][0], cases[i][1]);
    expect("['1e-5', \"0.5\"]", "[\"1e-5\", \"0.5\"]");
}

TEST(tags)
{
    expect("!!float 1e-3", "0.001");
    expect("!!float 3", "3.0");
    expect("!!float '.5'", "0.5");
    expect("!!str 12", "\"12\"");
    expect("[! 12, ! '0x10', ! a]", "[12, 16, \"a\"]");
    expect("a: !", "{\"a\": null}");
    expect("!!int '0x10'", "16");
    expect("!!bool 'yes'", "true");
    expect("!!null whatever", "null");
    expect("!!seq [1]", "[1]");
    expect("!!map {a: 1}", "{\"a\": 1}");
    refuse("a: !!int x", 1, 4, "not an !!int");
    refuse("a: !!python/object:os.system {}", 1, 4, "tag");
    refuse("!local 1", 1, 1, "tag");
    refuse("!!binary aGk=", 1, 1, "tag");
    refuse("!!set {a}", 1, 1, "tag");
}

TEST(collections)
{
    expect("{a, b}", "{\"a\": null, \"b\": null}");
    expect("b: 1\na: [1, 2.0, 'x', null]\n", "{\"a\": [1, 2.0, \"x\", null], \"b\": 1}");
    expect("a:\r\n- 1\r\n- b: 2\r\n", "{\"a\": [1, {\"b\": 2}]}");
    expect("{=: 1}", "{\"=\": 1}");
    expect("a: |\n  x\n  y\nb: >\n  x\n  y\n", "{\"a\": \"x\\ny\\n\", \"b\": \"x y\\n\"}");
    expect("[qwen2.5:3b, cuda:0, gymnax::X]", "[\"qwen2.5:3b\", \"cuda:0\", \"gymnax::X\"]");
    expect("---\na: 1\n...\n", "{\"a\": 1}");
    expect("\xef\xbb\xbf"
           "a: 1\n",
           "{\"a\": 1}");
    expect("{1: a, 2.5: b, true: c, ~: d}",
           "{\"1\": \"a\", \"2.5\": \"b\", \"null\": \"d\", \"true\": \"c\"}");
}

TEST(anchors_and_merges)
{
    expect("a: &x {p: 1, q: 2}\nb: *x\n",
           "{\"a\": {\"p\": 1, \"q\": 2}, \"b\": {\"p\": 1, \"q\": 2}}");
    expect("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n",
           "{\"a\": {\"p\": 1, \"q\": 2}, \"b\": {\"p\": 1, \"q\": 3}}");
    expect("- &x {p: 1}\n- &y {p: 2, q: 2}\n- {<<: [*x, *y], r: 3}\n",
           "[{\"p\": 1}, {\"p\": 2, \"q\": 2}, {\"p\": 1, \"q\": 2, \"r\": 3}]");
    expect("{'<<': 1}", "{\"<<\": 1}");
    refuse("a: *x", 1, 4, "unknown alias");
    refuse("a: &x [*x]", 1, 8, "inside the value that it refers to");
    refuse("a: &x 1\nb: &x 2\n", 2, 4, "twice");
    refuse("a: {<<: 3}", 1, 5, "merges a mapping");
    refuse("a: <<", 1, 4, "a special meaning");
}

TEST(common_slips_are_named_where_they_were_made)
{
    refuse("a: [1, 2\nb: 3\n", 1, 4, "this [ is not closed");
    refuse("a: {b: [1, 2}\n", 1, 8, "the ] is missing");
    refuse("a: {b: 1\n", 1, 4, "the } is missing");
    refuse("a:\n  b: [\"x]\n  c: 1\n", 2, 7, "never closed");
    refuse("a: [x, ${program}, ${args}]", 1, 8, "a macro must be in quotes");
    refuse("a: 1\nb:{c: [1,2]}\n", 2, 1, "put a space after");
    refuse("a:grid\nb: 1\n", 1, 1, "put a space after");
    refuse("a:\n  lr\n    min: 1\n", 2, 3, "a ':' is missing");
    refuse("a: 1\nlr\nb: 2\n", 2, 1, "a ':' is missing");
    refuse("a: *\n", 1, 4, "that begins with *");
    refuse("a: !!python/object:os.x 1\n", 1, 4, "!!python/object:os.x");
}

TEST(aliases_do_not_explode)
{
    struct buf bomb;
    buf_init(&bomb, SIZE_MAX);
    buf_adds(&bomb, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
        buf_addf(&bomb, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            buf_addf(&bomb, "%s*a%d", k ? ", " : "", i - 1);
        buf_adds(&bomb, "]\n");
    }
    ASSERT(!read_text(buf_str(&bomb), bomb.len));
    ASSERT(strstr(diags.items[0].message, "aliases expand"));
    arena_done(&arena);
    buf_done(&bomb);
}

TEST(aliases_of_long_text_do_not_explode)
{
    struct buf bomb;
    buf_init(&bomb, SIZE_MAX);
    buf_adds(&bomb, "- &a ");
    for (int i = 0; i < 100000; i++)
        buf_addc(&bomb, 'x');
    for (int i = 0; i < 50; i++)
        buf_adds(&bomb, "\n- *a");
    ASSERT(!read_text(buf_str(&bomb), bomb.len));
    ASSERT(strstr(diags.items[0].message, "aliases expand"));
    arena_done(&arena);
    buf_done(&bomb);
}

TEST(depth_and_size_are_bounded)
{
    enum { DEEP = 1000000 };
    char *text = malloc(DEEP);
    ASSERT(text);
    memset(text, '[', DEEP);
    refuse_n(text, DEEP, 1, 65, "nested too deeply");
    memset(text, 'a', DEEP);
    ASSERT(read_text(text, DEEP));
    arena_done(&arena);
    free(text);
    char *big = calloc(1, LIMIT_SPEC_BYTES + 1);
    ASSERT(big);
    memset(big, ' ', LIMIT_SPEC_BYTES + 1);
    refuse_n(big, LIMIT_SPEC_BYTES + 1, 1, 1, "are allowed");
    free(big);
}

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void add_many(struct buf *out, const char *item, int n)
{
    buf_addc(out, '[');
    for (int i = 0; i < n; i++)
        buf_addf(out, item, i);
    buf_addc(out, ']');
}

TEST(a_list_of_ten_thousand_paths_is_read)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    add_many(&text, "/data/set-%080d,", 10000);
    struct yaml_node *list = read_text(buf_str(&text), text.len);
    ASSERT(list && list->n == 10000 && !text.overflow);
    arena_done(&arena);
    buf_done(&text);
}

TEST(values_and_anchors_are_counted)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    add_many(&text, "%d,", LIMIT_YAML_NODES - 1);
    ASSERT(read_text(buf_str(&text), text.len));
    arena_done(&arena);
    buf_clear(&text);
    add_many(&text, "%d,", LIMIT_YAML_NODES);
    ASSERT(!read_text(buf_str(&text), text.len));
    ASSERT(strstr(diags.items[0].message, "too many values"));
    arena_done(&arena);
    buf_clear(&text);
    add_many(&text, "&a%d 1,", LIMIT_YAML_ANCHORS);
    ASSERT(read_text(buf_str(&text), text.len));
    arena_done(&arena);
    buf_clear(&text);
    add_many(&text, "&a%d 1,", LIMIT_YAML_ANCHORS + 1);
    ASSERT(!read_text(buf_str(&text), text.len));
    ASSERT(strstr(diags.items[0].message, "4096 anchors"));
    arena_done(&arena);
    buf_done(&text);
}

TEST(keys_are_bounded)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "a:\n  ? %0*d\n  : 1\n", LIMIT_YAML_KEY_BYTES, 0);
    ASSERT(read_text(buf_str(&text), text.len));
    arena_done(&arena);
    buf_clear(&text);
    buf_addf(&text, "a:\n  ? \"%0*d\"\n  : 1\n", LIMIT_YAML_KEY_BYTES + 1, 0);
    refuse(buf_str(&text), 2, 5, "a key of more than 1024 bytes");
    buf_done(&text);
}

TEST(directives_by_the_thousand_are_not_read_to_their_end)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    for (int i = 0; i < 50000; i++)
        buf_addf(&text, "%%TAG !a%d! b\n", i);
    buf_adds(&text, "---\n1\n");
    ASSERT(!read_text(buf_str(&text), text.len));
    ASSERT_EQ(diags.n, 1);
    ASSERT(strstr(diags.items[0].message, "directives"));
    arena_done(&arena);
    buf_done(&text);
    expect("%TAG ! tag:yaml.org,2002:\n---\n!str 1\n", "\"1\"");
}

TEST(a_full_list_of_diagnostics_ends_the_reading)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    add_many(&text, "2%03d-01-01,", 1000);
    ASSERT(!read_text(buf_str(&text), text.len));
    ASSERT_EQ(diags.errors, LIMIT_DIAGS + 1);
    ASSERT_EQ(diags.n, LIMIT_DIAGS + 1);
    arena_done(&arena);
    buf_clear(&text);
    add_many(&text, "010,", 10000); /* octal: warnings do not end it */
    ASSERT(read_text(buf_str(&text), text.len));
    ASSERT_EQ(diags.n, LIMIT_DIAGS + 1);
    ASSERT_EQ(diags.items[LIMIT_DIAGS].severity, DIAG_WARNING);
    arena_done(&arena);
    buf_done(&text);
}

TEST(what_is_refused_names_its_place)
{
    refuse("", 1, 1, "empty");
    refuse("# nothing\n", 1, 1, "empty");
    refuse("a: 2024-01-01", 1, 4, "date");
    refuse("a: 2001-12-14t21:59:43.10-05:00", 1, 4, "date");
    refuse("a: 9223372036854775808", 1, 4, "64 bits");
    refuse("a: =", 1, 4, "a special meaning");
    refuse("a: 1\n\tb: 2\n", 2, 1, "tab");
    refuse("a: 1\n---\nb: 2\n", 2, 1, "second document");
    refuse("a: b: c", 1, 5, "second ': '");
    refuse("a: [1 {2}]", 1, 7, "comma is missing");
    refuse("? [a]\n: 1\n", 1, 3, "cannot be a key");
    refuse("a: \"x\\0y\"", 1, 4, "NUL");
    refuse_n("a: x\0y", 6, 1, 5, "NUL");
    refuse("a: 1\nb: \xff\xfe\n", 2, 4, "UTF-8");
    refuse("a: @x", 1, 4, "cannot begin");
    refuse("a: 'x", 1, 4, "never closed");
}

TEST(tabs_are_refused_where_pyyaml_refuses_them)
{
    refuse("a: \tb", 1, 4, "tab");
    refuse("a:\tb", 1, 3, "tab");
    refuse("a: 1\nb: 2\t\n", 2, 5, "tab");
    refuse("a: 'x\ty'\nb: 2\t# c\n", 2, 5, "tab");
    refuse("a: [1,\t2]", 1, 7, "tab");
    expect("a: 'x\ty' # c\tc\n#\t\nb: |\n  x\ty\n  # \t\nc: 1#2 # \t'\nd: \"\t\"\n",
           "{\"a\": \"x\\ty\", \"b\": \"x\\ty\\n# \\t\\n\", \"c\": \"1#2\", \"d\": \"\\t\"}");
}

TEST(utf16_is_read)
{
    static const char text[] = "\xff\xfe"
                               "a\0:\0 \0"
                               "1\0\n";
    struct yaml_node *n = read_text(text, sizeof text);
    ASSERT(n);
    ASSERT_STR(json_text(&arena, n->value, JSON_PYTHON), "{\"a\": 1}");
    arena_done(&arena);
}

TEST(the_last_of_two_keys_wins_with_a_warning)
{
    static const char text[] = "a: 1\nb: {c: 2}\na: 3\n";
    struct yaml_node *n = read_text(text, strlen(text));
    ASSERT(n);
    ASSERT_STR(json_text(&arena, n->value, JSON_PYTHON), "{\"a\": 3, \"b\": {\"c\": 2}}");
    ASSERT_EQ(diags.n, 1);
    ASSERT_EQ(diags.items[0].line, 3);
    ASSERT_STR(diags.items[0].path, "a");
    ASSERT(strstr(diags.items[0].message, "line 1"));
    const struct yaml_entry *b = yaml_tree_find(n, "b");
    ASSERT(b);
    ASSERT_EQ(b->line, 2);
    ASSERT_EQ(b->node->column, 4);
    ASSERT(!yaml_tree_find(n, "c"));
    arena_done(&arena);
}

TEST(octal_and_base_60_are_warned_of)
{
    ASSERT(read_text("a: 012", 6));
    ASSERT_EQ(diags.n, 1);
    ASSERT(strstr(diags.items[0].message, "octal"));
    arena_done(&arena);
    ASSERT(read_text("[1:30]", 6));
    ASSERT_STR(diags.items[0].path, "[0]");
    ASSERT(strstr(diags.items[0].message, "base 60"));
    arena_done(&arena);
    ASSERT(read_text("[0, 00, 12, 1.5]", 16));
    ASSERT_EQ(diags.n, 1);
    arena_done(&arena);
}

TEST(a_tree_of_a_value_is_the_tree_of_its_text)
{
    struct arena a;
    arena_init(&a);
    struct yaml_node *n = read_text("{b: [1, 2.0, x], a: {d: null, c: true}}", 39);
    struct yaml_node *again = yaml_tree_of_value(&a, n->value);
    ASSERT_STR(json_text(&a, n->value, JSON_PYTHON), json_text(&a, again->value, JSON_PYTHON));
    ASSERT_EQ(n->nodes, again->nodes);
    ASSERT_EQ(n->height, 3);
    arena_done(&a);
    arena_done(&arena);
}
