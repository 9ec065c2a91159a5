/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/help/help_text.h"
#include "tests/test.h"

static struct arena arena;
static struct help_text help;

static void read_text(const char *text)
{
    arena_init(&arena);
    help_text_read(&help, &arena, text, strlen(text));
}

static void expect(const char *name, bool value)
{
    const struct help_option *o = help_text_find(&help, name);
    if (!o || o->value != value)
        FAIL("%s: %s", name, o ? "of the other kind" : "not found");
}

TEST(help_of_argparse)
{
    read_text("usage: train.py [-h] --data DATA [--lr LR] [--opt {adam,sgd}] (--a A | --b B)\n"
              "                [--verbose]\n"
              "\n"
              "options:\n"
              "  -h, --help            show this help message and exit\n"
              "  --data DATA\n"
              "  -l LR, --lr LR        the rate, not --this\n"
              "  --opt {adam,sgd}\n"
              "  --verbose, --no-verbose\n"
              "                        -v --talk more\n"
              "  -q, --quiet QUIET\n");
    expect("--help", false);
    expect("--lr", true);
    expect("--data", true);
    expect("--opt", true);
    expect("--verbose", false);
    expect("--no-verbose", false);
    expect("--quiet", true);
    ASSERT(!help_text_find(&help, "--this"));
    ASSERT_EQ(help_text_find(&help, "--opt")->choices->list.n, 2);
    ASSERT_STR(help_text_find(&help, "--opt")->choices->list.items[1]->s.ptr, "sgd");
    ASSERT_EQ(help.required->list.n, 1);
    ASSERT_STR(help.required->list.items[0]->s.ptr, "--data");
    arena_done(&arena);
}

TEST(help_takes_a_beginning_for_the_only_option_that_begins_so)
{
    read_text("  --learning_rate LR\n  --learning_decay D\n  --lr_end L\n");
    ASSERT(!help_text_find(&help, "--learning"));
    ASSERT_STR(help_text_find(&help, "--learning_r")->name, "--learning_rate");
    ASSERT_STR(help_text_find(&help, "--lr")->name, "--lr_end");
    ASSERT(!help_text_find(&help, "--none"));
    arena_done(&arena);
}

TEST(help_of_click_and_of_absl)
{
    read_text("Usage: train.py [OPTIONS]\n\nOptions:\n"
              "  --lr FLOAT           The rate\n"
              "  --shout / --no-shout\n"
              "  --help               Show this message and exit.\n");
    expect("--lr", true);
    expect("--shout", false);
    expect("--no-shout", false);
    arena_done(&arena);
    read_text("train.py:\n  --[no]fast: Be fast\n    (default: 'false')\n  --rate: The rate\n");
    expect("--fast", true);
    expect("--rate", true);
    arena_done(&arena);
}

TEST(help_of_nothing)
{
    static const char *const texts[] = {
        "",      "\n",        "usage:",      "  -",      "  --",
        "  --a", "  --opt {", "usage: x --", "  --[no]", "\r\n  --x=\r\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        read_text(texts[i]);
        arena_done(&arena);
    }
}
