/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/spec_words.h"

#include "base/number/python.h"
#include "base/yaml/yaml.h"
#include "tests/test.h"

static const char *list_of(struct arena *a, const char *line)
{
    struct value *words;
    return spec_words_split(a, line, &words) ? spec_words_line(a, words) : "unsure";
}

TEST(a_line_is_split_where_that_is_certain)
{
    static const struct {
        const char *line, *list;
    } cases[] = {
        {"python train.py ${args}", "[python, train.py, '${args}']"},
        {"  ${interpreter}\t-u  train.py ", "['${interpreter}', -u, train.py]"},
        {"A=1 b \"c d\" 'e f' g' 'h \"${args}\"",
         "['${env}', A=1, b, 'c d', 'e f', 'g h', '${args}']"},
        {"run 20 1e-5 yes 012 no.py -1 .5 - --",
         "[run, 20, '1e-5', 'yes', '012', no.py, '-1', '.5', '-', '--']"},
        {"run x=${args_json_file} ${envvar:HOME}/d a:b '' 'it''s'",
         "[run, 'x=${args_json_file}', '${envvar:HOME}/d', 'a:b', '', its]"},
        {"run 'a|b' \"it's\" 'x > y' '$HOME'", "[run, 'a|b', 'it''s', 'x > y', '$HOME']"},
    };
    static const char *const unsure[] = {
        "",
        "  ",
        "a && b",
        "a | b",
        "a > b",
        "a; b",
        "a $HOME",
        "a ${HOME}",
        "a $(date)",
        "a `date`",
        "a ~/b",
        "a *.py",
        "a [x]",
        "a {b,c}",
        "a \\b",
        "a 'b",
        "a \"b",
        "a \"$b\"",
        "a # b",
        "a\nb",
        "cd src",
        "source env.sh",
        "bash -c \"python train.py ${args}\"",
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *line = list_of(&a, cases[i].line);
        ASSERT_STR(line, arena_printf(&a, "command: %s", cases[i].list));
    }
    for (size_t i = 0; i < sizeof unsure / sizeof *unsure; i++)
        ASSERT_STR(list_of(&a, unsure[i]), "unsure");
    arena_done(&a);
}

static const struct value *read_list(struct arena *a, const char *line)
{
    struct diags d;
    diags_init(&d, a, "");
    const struct yaml_node *tree = yaml_look(a, line, strlen(line), &d);
    ASSERT(tree && d.n == 0);
    return value_get(tree->value, "command");
}

/* As the reader makes an argument of an item. */
static const char *printed(struct arena *a, const struct value *item)
{
    struct buf text;
    buf_init(&text, 100);
    python_str(&text, item);
    const char *copy = arena_strndup(a, text.data, text.len);
    buf_done(&text);
    return copy;
}

/* Whatever the words are, YAML gives them back from both ways of writing. */
TEST(what_is_written_reads_back)
{
    static const char *const words[] = {
        "a",    "",     " ",          "a b",  "it's",  "\"",  "'",   "- a",
        "-",    "a: b", "a:",         "#",    "a #b",  "[a",  "{a}", "*a",
        "&a",   "!a",   "|",          ">",    "%a",    "@a",  "`a`", "null",
        "~",    "yes",  "1",          "1.0",  "0",     "10",  "007", "99999999999999999999",
        "1e5",  "0x1",  "1:30",       "a\tb", "a\nb",  "=",   "<<",  "\x01",
        "${a}", "${a",  "2024-01-01", "-x",   "--x=1", "./a", "a,b", "é",
        "?",    "? a",  "-.inf",      ".nan", "a\\b",  "/",
    };
    struct arena a;
    arena_init(&a);
    struct value *all = value_list(&a);
    struct buf block;
    buf_init(&block, 1 << 16);
    buf_adds(&block, "command:\n");
    size_t n = sizeof words / sizeof *words;
    for (size_t i = 0; i < n; i++) {
        value_push(&a, all, value_str(&a, words[i]));
        buf_addf(&block, "- %s\n", spec_words_item(&a, words[i], false));
    }
    const char *line = spec_words_line(&a, all);
    ASSERT(line);
    const struct value *in_brackets = read_list(&a, line), *dashed = read_list(&a, block.data);
    ASSERT_EQ(in_brackets->list.n, n);
    ASSERT_EQ(dashed->list.n, n);
    for (size_t i = 0; i < n; i++) {
        ASSERT_STR(printed(&a, in_brackets->list.items[i]), words[i]);
        ASSERT_STR(printed(&a, dashed->list.items[i]), words[i]);
    }
    buf_done(&block);
    arena_done(&a);
}

TEST(a_line_for_a_shell)
{
    static const struct {
        const char *line, *list;
    } cases[] = {
        {"python a.py ${args} > log", "[sh, -c, 'python a.py \"$@\" > log', sh, '${args}']"},
        {"python a.py > log\n", "[sh, -c, 'python a.py > log']"},
        {"${env} A=1 ${interpreter} ${program} \"${args_flags}\"",
         "[sh, -c, 'A=1 python main.py \"$@\"', sh, '${args_flags}']"},
        {"echo 'hi' && python a.py ${args};",
         "[sh, -c, 'echo ''hi'' && python a.py \"$@\";', sh, '${args}']"},
        {"cd ${envvar:HOME}/x && run $A ${B}", "[sh, -c, 'cd ${envvar:HOME}/x && run $A ${B}']"},
        {"run ${args} | tee ${args}", "[sh, -c, 'run \"$@\" | tee \"$@\"', sh, '${args}']"},
        {"run ${args} ${args_json}", NULL},
        {"run x${args}", NULL},
        {"run ${lr} > log", NULL},
        {"bash -c \"run ${args}\"", NULL},
        {"a\nb", NULL},
        {"", NULL},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *line = spec_words_shell_line(&a, cases[i].line, "main.py");
        if (cases[i].list)
            ASSERT_STR(line ? line : "none", arena_printf(&a, "command: %s", cases[i].list));
        else
            ASSERT(!line);
    }
    ASSERT(!spec_words_shell_line(&a, "${program} > log", NULL));
    ASSERT(!spec_words_shell_line(&a, "${program} > log", "my file.py"));
    char long_line[1000];
    memset(long_line, 'a', sizeof long_line);
    long_line[sizeof long_line - 1] = '\0';
    ASSERT(!spec_words_shell_line(&a, long_line, NULL));
    ASSERT_STR(list_of(&a, long_line), "unsure");
    arena_done(&a);
}
