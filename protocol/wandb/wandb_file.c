/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_file.h"

#include <string.h>

#include "base/bytes/crc32.h"
#include "base/json.h"
#include "base/limits.h"

enum { FILE_HEAD_BYTES = 7, PIECE_HEAD_BYTES = 7, PATH_DEPTH_MAX = 16, NESTED_MAX = 4096 };
enum { PIECE_WHOLE = 1, PIECE_FIRST, PIECE_MIDDLE, PIECE_LAST };
/* Numbers of fields, of wandb_internal.proto. */
enum {
    RECORD_HISTORY = 2,
    RECORD_SUMMARY = 3,
    ITEMS = 1,
    ITEM_KEY = 1,
    ITEM_NESTED = 2,
    ITEM_JSON = 16
};

void wandb_file_init(struct wandb_file *f)
{
    *f = (struct wandb_file){0};
    buf_init(&f->record, LIMIT_WANDB_BODY_BYTES);
}

void wandb_file_done(struct wandb_file *f)
{
    buf_done(&f->record);
}

static uint32_t u32_read(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

void wandb_file_block(struct wandb_file *f, const void *bytes, size_t len,
                      void (*fn)(void *arg, const void *record, size_t len), void *arg)
{
    const unsigned char *at = bytes, *end = at + len;
    if (!f->begun) {
        f->damaged = len < FILE_HEAD_BYTES || memcmp(at, ":W&B", 4) != 0;
        at += FILE_HEAD_BYTES;
    }
    f->begun = true;
    while (!f->damaged && end - at >= PIECE_HEAD_BYTES) {
        size_t n = at[4] | (size_t)at[5] << 8;
        int type = at[6];
        const unsigned char *piece = at + PIECE_HEAD_BYTES;
        f->damaged = n > (size_t)(end - piece) || type < PIECE_WHOLE || type > PIECE_LAST ||
                     crc32_add(0, at + 6, n + 1) != u32_read(at);
        if (f->damaged)
            return;
        if (type == PIECE_WHOLE || type == PIECE_FIRST) {
            buf_clear(&f->record);
            f->record.overflow = false;
        }
        buf_add(&f->record, piece, n);
        if ((type == PIECE_WHOLE || type == PIECE_LAST) && !f->record.overflow)
            fn(arg, buf_peek(&f->record), f->record.len);
        at = piece + n;
    }
}

struct span {
    const unsigned char *at, *end;
};

static bool varint_read(struct span *s, uint64_t *ret)
{
    *ret = 0;
    for (unsigned shift = 0; s->at < s->end && shift < 64; shift += 7) {
        unsigned char byte = *s->at++;
        *ret |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

/* The next field, which is bytes: others are passed over. False at the end, or at what is malformed. */
static bool field_next(struct span *s, uint64_t *ret_number, struct span *ret)
{
    uint64_t tag, n;
    while (varint_read(s, &tag)) {
        unsigned wire = tag & 7;
        if (wire == 0) {
            if (!varint_read(s, &n))
                return false;
            continue;
        }
        if (wire == 1 || wire == 5)
            n = wire == 1 ? 8 : 4;
        else if (wire != 2 || !varint_read(s, &n))
            return false;
        if (n > (uint64_t)(s->end - s->at))
            return false;
        *ret_number = tag >> 3;
        *ret = (struct span){s->at, s->at + n};
        s->at += n;
        if (wire == 2)
            return true;
    }
    return false;
}

/* Puts it at a path of names, unless something else is there. */
static void path_put(struct arena *a, struct value *root, const char *const *path, size_t depth,
                     struct value *item)
{
    struct value *at = root;
    for (size_t i = 0; i + 1 < depth; i++) {
        struct value *next = (struct value *)(uintptr_t)value_get(at, path[i]);
        if (!next)
            value_put(a, at, path[i], next = value_dict(a));
        if (next->kind != VALUE_DICT)
            return;
        at = next;
    }
    value_put(a, at, path[depth - 1], item);
}

/* A name, or the names of a path, and a value as JSON. */
static void item_read(struct arena *a, struct span s, struct value *root, size_t *nested)
{
    const char *path[PATH_DEPTH_MAX];
    size_t depth = 0;
    struct value *item = NULL;
    struct span field;
    uint64_t number;
    while (field_next(&s, &number, &field)) {
        size_t len = (size_t)(field.end - field.at);
        if ((number == ITEM_KEY || number == ITEM_NESTED) && depth < PATH_DEPTH_MAX)
            path[depth++] = arena_strndup(a, (const char *)field.at, len);
        else if (number == ITEM_JSON &&
                 json_parse(a, (const char *)field.at, len, &item, NULL) != 0)
            item = NULL;
    }
    if (depth == 1 && item)
        value_put_new(root, path[0], item); /* a name that comes twice counts once as a metric */
    else if (depth > 0 && item && (*nested)++ < NESTED_MAX)
        path_put(a, root, path, depth, item);
}

static struct value *items_read(struct arena *a, struct span s)
{
    struct span field, counted = s;
    uint64_t number;
    size_t n = 0, nested = 0;
    while (field_next(&counted, &number, &field))
        n += number == ITEMS;
    /* Room for each: adding to it never looks through the others, however many a file has. */
    struct value *root = value_dict_with_room(a, n);
    while (field_next(&s, &number, &field))
        if (number == ITEMS)
            item_read(a, field, root, &nested);
    return root;
}

void wandb_file_read(struct arena *a, const void *record, size_t len, struct wandb_file_entry *ret)
{
    struct span s = {record, (const unsigned char *)record + len}, field;
    uint64_t number;
    *ret = (struct wandb_file_entry){0};
    while (field_next(&s, &number, &field)) {
        if (number == RECORD_HISTORY)
            ret->row = items_read(a, field);
        else if (number == RECORD_SUMMARY)
            ret->summary = items_read(a, field);
    }
}
