/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/json.h"
#include "protocol/wandb/wandb_record.h"
#include "tests/test.h"
#include "tests/unit/protocol/wandb_bytes.h"

static void begin(void)
{
    buf_init(&file, SIZE_MAX);
    buf_add(&file, ":W&B\xe1\xbe\0", 7);
}

static void add_row(int step, size_t padding)
{
    struct buf row, record, text;
    buf_init(&row, SIZE_MAX);
    buf_init(&record, SIZE_MAX);
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "%d", step);
    add_item(&row, "loss", NULL, buf_str(&text));
    add_item(&row, "deep", "a", "NaN");
    buf_clear(&text);
    buf_addc(&text, '"');
    for (size_t i = 0; i < padding; i++)
        buf_addc(&text, 'x');
    buf_addc(&text, '"');
    add_item(&row, "text", NULL, buf_str(&text));
    add_varint(&record, 1 << 3); /* its number */
    add_varint(&record, 300);
    add_field(&record, 2, buf_str(&row), row.len);
    add_record(buf_str(&record), record.len);
    buf_done(&row);
    buf_done(&record);
    buf_done(&text);
}

static struct arena arena;
static int rows;
static bool sound;

static void on_record(void *arg, const void *record, size_t len)
{
    const struct wandb_record r = wandb_record_read(record, len);
    (void)arg;
    sound = sound && r.kind == WANDB_RECORD_HISTORY;
    const struct value *row = wandb_record_row(&arena, &r);
    sound =
        sound && value_get_int(row, "loss", -1) == rows && value_get(value_get(row, "deep"), "a");
    rows++;
}

static bool read_file(size_t len)
{
    struct wandb_file f;
    rows = 0;
    sound = true;
    wandb_file_init(&f);
    for (size_t at = 0; at < len; at += WANDB_FILE_BLOCK_BYTES)
        wandb_file_block(&f, buf_str(&file) + at,
                         len - at < WANDB_FILE_BLOCK_BYTES ? len - at : WANDB_FILE_BLOCK_BYTES,
                         on_record, NULL);
    bool damaged = f.damaged;
    wandb_file_done(&f);
    arena_done(&arena);
    return !damaged && sound;
}

TEST(wandb_file_gives_its_rows)
{
    begin();
    for (int i = 0; i < 40; i++)
        add_row(i, (size_t)i * 300); /* some across the ends of blocks, at every place */
    ASSERT(file.len > 4 * WANDB_FILE_BLOCK_BYTES);
    ASSERT(read_file(file.len));
    ASSERT_EQ(rows, 40);
    buf_done(&file);
}

TEST(wandb_file_ends_where_it_was_cut)
{
    begin();
    for (int i = 0; i < 3; i++)
        add_row(i, 10);
    for (size_t len = 0; len < file.len; len++) {
        read_file(len);
        ASSERT(sound && rows < 3);
    }
    buf_done(&file);
}

TEST(wandb_file_is_not_read_beyond_damage)
{
    begin();
    for (int i = 0; i < 3; i++)
        add_row(i, 10);
    for (size_t i = 0; i < file.len; i++) {
        buf_str(&file)[i] ^= 0x10;
        read_file(file.len);
        ASSERT(sound && (rows < 3 || i < 7));
        buf_str(&file)[i] ^= 0x10;
    }
    buf_done(&file);
}

TEST(wandb_file_gives_the_summary)
{
    struct buf summary, record;
    struct value *root = value_dict(&arena);
    buf_init(&summary, SIZE_MAX);
    buf_init(&record, SIZE_MAX);
    add_item(&summary, "best", NULL, "7");
    add_item(&summary, "a", "b", "1");
    add_item(&summary, "a", "b", "2");
    add_item(&summary, "best", "inside", "3"); /* something else is there */
    add_item(&summary, "bad", NULL, "{");
    add_field(&record, 3, buf_str(&summary), summary.len);
    const struct wandb_record r = wandb_record_read(buf_str(&record), record.len);
    ASSERT_EQ(r.kind, WANDB_RECORD_SUMMARY);
    wandb_record_apply(&arena, &r, root, 100);
    ASSERT_STR(json_text(&arena, root, JSON_COMPACT), "{\"best\":7,\"a\":{\"b\":2}}");
    buf_done(&summary);
    buf_done(&record);
    arena_done(&arena);
}
