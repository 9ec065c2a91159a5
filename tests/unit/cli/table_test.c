/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/cell.h"
#include "cli/print/table.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/test.h"

static struct arena arena;
static struct table table;
static struct buf out;

static void begin(void)
{
    arena_init(&arena);
    buf_init(&out, SIZE_MAX);
    table_init(&table, &arena);
}

static void end(void)
{
    table_done(&table);
    buf_done(&out);
    arena_done(&arena);
}

static void fill(void)
{
    table_column(&table, "trial", TABLE_RIGHT);
    table_column(&table, "name", TABLE_SHRINK);
    table_column(&table, "lr", TABLE_RIGHT | TABLE_DROP);
    table_column(&table, "width", TABLE_RIGHT | TABLE_DROP);
    const char *cells[] = {"0", "größe", "0.1", "8", "11", "a-rather-long-name", "0.0123", NULL};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        table_cell(&table, cells[i], TABLE_PLAIN);
}

TEST(columns_align_by_what_is_seen)
{
    begin();
    fill();
    table_print(&out, &table, 100, false);
    ASSERT_STR(buf_str(&out), "trial  name                    lr  width\n"
                              "    0  größe                  0.1      8\n"
                              "   11  a-rather-long-name  0.0123\n");
    end();
}

TEST(a_narrow_terminal_cuts_then_drops)
{
    begin();
    fill();
    table_print(&out, &table, 36, false);
    ASSERT_STR(buf_str(&out), "trial  name                lr  width\n"
                              "    0  größe              0.1      8\n"
                              "   11  a-rather-long…  0.0123\n");
    buf_clear(&out);
    table_print(&out, &table, 25, false);
    ASSERT_STR(buf_str(&out), "trial  name            lr\n"
                              "    0  größe          0.1\n"
                              "   11  a-rather-…  0.0123\n"
                              "no room for 1 column: wi…\n");
    end();
}

TEST(some_columns_go_later_than_others)
{
    begin();
    table_column(&table, "first", TABLE_DROP);
    table_column(&table, "second", TABLE_DROP_LATE);
    table_column(&table, "third", 0);
    for (size_t i = 0; i < 3; i++)
        table_cell(&table, "12345678", TABLE_PLAIN);
    table_print(&out, &table, 20, false);
    ASSERT_STR(buf_str(&out), "second    third\n12345678  12345678\nno room for 1 colum…\n");
    buf_clear(&out);
    table_print(&out, &table, 10, false);
    ASSERT_STR(buf_str(&out), "third\n12345678\nno room f…\n");
    end();
}

TEST(some_cells_are_cut_only_when_columns_are_left_out)
{
    begin();
    table_column(&table, "state", TABLE_SHRINK_LATE);
    table_column(&table, "name", TABLE_SHRINK | TABLE_DROP);
    const char *cells[] = {"finished (user)", "a-rather-long-name"};
    for (size_t i = 0; i < 2; i++)
        table_cell(&table, cells[i], TABLE_PLAIN);
    table_print(&out, &table, 25, false);
    ASSERT_STR(buf_str(&out), "state            name\nfinished (user)  a-rathe…\n");
    buf_clear(&out);
    table_print(&out, &table, 24, false);
    ASSERT_STR(buf_str(&out), "state\nfinished (user)\nno room for 1 column: n…\n");
    buf_clear(&out);
    table_print(&out, &table, 10, false);
    ASSERT_STR(buf_str(&out), "state\nfinished …\nno room f…\n");
    end();
}

TEST(names_are_cut_in_their_middle_and_values_never)
{
    begin();
    table_column(&table, "trial", TABLE_RIGHT);
    table_column(&table, "model.encoder.width", TABLE_RIGHT | TABLE_DROP);
    table_column(&table, "größenverhältnis", TABLE_RIGHT | TABLE_DROP);
    const char *cells[] = {"0", "2.512e-05", "0.1", "1", "1", "0.1"};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        table_cell(&table, cells[i], TABLE_PLAIN);
    ASSERT(table_is_whole(&table, 44) && !table_is_whole(&table, 43));
    table_print(&out, &table, 27, false);
    ASSERT_STR(buf_str(&out), "trial  mode…idth  größ…tnis\n"
                              "    0  2.512e-05        0.1\n"
                              "    1          1        0.1\n");
    buf_clear(&out);
    table_print(&out, &table, 24, false);
    ASSERT_STR(buf_str(&out), "trial  model.en…er.width\n    0          2.512e-05\n"
                              "    1                  1\nno room for 1 column: g…\n");
    end();
}

TEST(names_cut_alike_are_told_in_full)
{
    begin();
    table_column(&table, "model.encoder.width", TABLE_RIGHT);
    table_column(&table, "model.decoder.width", TABLE_RIGHT);
    table_column(&table, "lr", TABLE_RIGHT);
    const char *cells[] = {"1", "2", "0.1"};
    for (size_t i = 0; i < 3; i++)
        table_cell(&table, cells[i], TABLE_PLAIN);
    table_print(&out, &table, 31, false);
    ASSERT_STR(buf_str(&out), "model.…width  model.…width   lr\n"
                              "           1             2  0.1\n"
                              "model.…width: model.encoder.width\n"
                              "model.…width: model.decoder.width\n");
    end();
}

TEST(every_width_holds)
{
    begin();
    fill();
    for (size_t columns = 15; columns < 60; columns++) {
        buf_clear(&out);
        table_print(&out, &table, columns, false);
        for (const char *line = buf_str(&out); *line; line += strcspn(line, "\n") + 1) {
            size_t shown = 0;
            for (size_t i = 0; i < strcspn(line, "\n"); i++)
                shown += ((unsigned char)line[i] & 0xc0) != 0x80;
            if (shown > columns)
                FAIL("%zu columns in %zu: %s", shown, columns, line);
        }
    }
    end();
}

TEST(cells_cannot_break_out)
{
    begin();
    table_column(&table, "a", 0);
    table_column(&table, "b", 0);
    table_cell(&table, "x\ny\x1b[2J", TABLE_BAD);
    table_cell(&table, "z", TABLE_PLAIN);
    table_print(&out, &table, 80, false);
    ASSERT_STR(buf_str(&out), "a     b\nx^Jy  z\n");
    buf_clear(&out);
    table_print(&out, &table, 80, true);
    ASSERT_STR(buf_str(&out), "\x1b[1ma\x1b[0m     \x1b[1mb\x1b[0m\n\x1b[31mx^Jy\x1b[0m  z\n");
    end();
}

TEST(values_are_short_in_cells)
{
    begin();
    ASSERT_STR(cell_value(&arena, value_float(&arena, 0.123456789)), "0.123457");
    ASSERT_STR(cell_value(&arena, value_int(&arena, 1234567890)), "1234567890");
    ASSERT_STR(cell_value(&arena, value_str(&arena, "NaN")), "NaN");
    ASSERT_STR(cell_value(&arena, value_bool(&arena, true)), "true");
    ASSERT_STR(cell_value(&arena, value_float(&arena, NAN)), "NaN");
    ASSERT_STR(cell_value(&arena, value_float(&arena, -INFINITY)), "-Infinity");
    static const struct {
        double f;
        const char *want;
    } narrow[] = {
        {2.5e-05, "2.5e-05"}, {2.51239e-05, "2.512e-05"}, {0.123456, "0.1235"}, {16384.5, "16384"},
        {1234567, "1234567"}, {12345678, "1.235e+07"},    {-0.1, "-0.1"},       {512, "512"}};
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++)
        ASSERT_STR(cell_number(&arena, narrow[i].f, CELL_DIGITS_NARROW), narrow[i].want);
    ASSERT_STR(cell_value(&arena, NULL), "");
    ASSERT_STR(cell_value(&arena, value_null(&arena)), "");
    end();
}

/* A training may report thousands of names of up to 1 KiB. This test times nothing: with a layout
 * that takes off a column at a time it needs some 10^10 steps, and does not end in time. */
TEST(thousands_of_long_names_are_laid_out)
{
    begin();
    table_column(&table, "trial", TABLE_RIGHT);
    table_column(&table, "loss", TABLE_RIGHT | TABLE_KEEP);
    char title[901];
    memset(title, 'n', sizeof title - 1);
    for (int i = 0; i < 5000; i++) {
        snprintf(title + sizeof title - 6, 6, "%05d", i);
        table_column(&table, title, TABLE_RIGHT | TABLE_DROP);
    }
    for (int i = 0; i < 2 * 5002; i++)
        table_cell(&table, "0.1", TABLE_PLAIN);
    ASSERT(!table_is_whole(&table, 100));
    table_print(&out, &table, 30, false);
    ASSERT_STR(buf_str(&out), "trial  loss  nnnn…000  nnn…001\n"
                              "  0.1   0.1       0.1      0.1\n"
                              "  0.1   0.1       0.1      0.1\n"
                              "no room for 4998 columns: nnn…\n");
    buf_clear(&out);
    table_print(&out, &table, 10000, false); /* the most that a terminal has */
    end();
}

TEST(a_column_without_a_name_stays)
{
    begin();
    table_column(&table, "", 0);
    table_column(&table, "name", 0);
    table_cell(&table, "", TABLE_PLAIN);
    table_cell(&table, "123456789", TABLE_PLAIN);
    table_print(&out, &table, 5, false);
    ASSERT_STR(buf_str(&out), "   name\n   123456789\n");
    end();
}
