/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/bytes/crc32.h"
#include "base/json.h"
#include "protocol/wandb/wandb_file.h"
#include "tests/test.h"

/* A file as wandb 0.31.0 writes it. */
static struct buf file;

static void add_piece(int type, const void *bytes, size_t len)
{
    struct buf piece;
    buf_init(&piece, SIZE_MAX);
    buf_addc(&piece, (char)type);
    buf_add(&piece, bytes, len);
    uint32_t crc = crc32_add(0, buf_str(&piece), piece.len);
    for (int i = 0; i < 4; i++)
        buf_addc(&file, (char)(crc >> 8 * i));
    buf_addc(&file, (char)len);
    buf_addc(&file, (char)(len >> 8));
    buf_add(&file, buf_str(&piece), piece.len);
    buf_done(&piece);
}

/* LevelDB's writer: where a block has no room for a head, zeros fill it. */
static void add_record(const void *bytes, size_t len)
{
    const char *at = bytes;
    bool first = true;
    do {
        size_t left = WANDB_FILE_BLOCK_BYTES - file.len % WANDB_FILE_BLOCK_BYTES;
        for (; left<7; left = left> 1 ? left - 1 : WANDB_FILE_BLOCK_BYTES)
            buf_addc(&file, '\0');
        size_t n = len < left - 7 ? len : left - 7;
        bool last = n == len;
        add_piece(first ? (last ? 1 : 2) : (last ? 4 : 3), at, n);
        first = false;
        at += n;
        len -= n;
    } while (len > 0);
}

static void add_varint(struct buf *out, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        buf_addc(out, (char)(n | 0x80));
    buf_addc(out, (char)n);
}

static void add_field(struct buf *out, unsigned number, const void *bytes, size_t len)
{
    add_varint(out, number << 3 | 2);
    add_varint(out, len);
    buf_add(out, bytes, len);
}

static void add_item(struct buf *out, const char *first, const char *second, const char *json)
{
    struct buf item;
    buf_init(&item, SIZE_MAX);
    add_field(&item, 2, first, strlen(first));
    if (second)
        add_field(&item, 2, second, strlen(second));
    add_field(&item, 16, json, strlen(json));
    add_field(out, 1, buf_str(&item), item.len);
    buf_done(&item);
}

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
    struct wandb_file_entry e;
    (void)arg;
    wandb_file_read(&arena, record, len, &e);
    sound = sound && e.row && !e.summary && value_get_int(e.row, "loss", -1) == rows &&
            value_get(value_get(e.row, "deep"), "a");
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
    struct wandb_file_entry e;
    buf_init(&summary, SIZE_MAX);
    buf_init(&record, SIZE_MAX);
    add_item(&summary, "best", NULL, "7");
    add_item(&summary, "a", "b", "1");
    add_item(&summary, "a", "b", "2");
    add_item(&summary, "best", "inside", "3"); /* something else is there */
    add_item(&summary, "bad", NULL, "{");
    add_field(&record, 3, buf_str(&summary), summary.len);
    wandb_file_read(&arena, buf_str(&record), record.len, &e);
    ASSERT(!e.row);
    ASSERT_STR(json_text(&arena, e.summary, JSON_COMPACT), "{\"best\":7,\"a\":{\"b\":2}}");
    buf_done(&summary);
    buf_done(&record);
    arena_done(&arena);
}
