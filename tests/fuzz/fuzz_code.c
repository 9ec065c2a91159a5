/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pack from anybody: it is refused, or its entries are such that they can be written below a
 * folder, and a pack made of them is the same text. The same bytes as a compressed pack are refused. */
#include <string.h>
#include <unistd.h>

#include "agent/code/code_unpack.h"
#include "base/check.h"
#include "base/compress/compress.h"
#include "base/mem.h"
#include "sweep/code/code_pack.h"
#include "sweep/code/code_path.h"
#include "tests/fuzz/fuzz.h"

static void entry_check(const struct code_pack *p, size_t i)
{
    const struct code_pack_entry *e = &p->entries[i];
    check(code_path_is_good(e->path) && e->path[0] != '/' && !strstr(e->path, "/../"));
    check(strncmp(e->path, "../", 3) != 0 && strcmp(e->path, "..") != 0);
    check(e->kind != 'l' || (strlen(e->bytes) == e->len && e->bytes[0] != '/'));
    for (size_t k = 0; k < p->n; k++)
        check(k == i || (strcmp(p->entries[k].path, e->path) != 0 &&
                         !code_path_is_below(p->entries[k].path, e->path)));
}

struct restored {
    char *bytes;
    uint64_t len, max;
};

static void restored_take(void *arg, const void *bytes, size_t len)
{
    struct restored *r = arg;
    if (len <= r->max && r->len <= r->max - len && len > 0)
        memcpy(r->bytes + r->len, bytes, len);
    r->len += len;
}

/* A frame that comes in pieces has the content that it has as a whole. */
static void frame_check(const uint8_t *data, size_t size)
{
    enum { CONTENT_MAX = 1 << 20 };
    struct compress *c = compress_new();
    struct restored pieces = {.bytes = mem_alloc(CONTENT_MAX), .max = CONTENT_MAX};
    char *whole = mem_alloc(CONTENT_MAX);
    uint64_t content;
    bool good = true;
    compress_begin(c);
    for (size_t at = 0, n; good && at < size && pieces.len <= CONTENT_MAX; at += n) {
        n = 1 + at % 7 < size - at ? 1 + at % 7 : size - at;
        good = compress_next(c, data + at, n, restored_take, &pieces);
    }
    good = good && compress_is_whole(c);
    bool sized = compress_size(data, size, &content) && content <= CONTENT_MAX;
    if (good && sized && compress_restore(c, data, size, whole, (size_t)content))
        check(pieces.len == content && memcmp(pieces.bytes, whole, (size_t)content) == 0);
    mem_free(whole);
    mem_free(pieces.bytes);
    compress_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct code_pack p;
    struct err err = {0};
    frame_check(data, size);
    int rc = code_pack_read((const char *)data, size, &p, &err);
    if (rc == 0) {
        struct buf again;
        buf_init(&again, SIZE_MAX);
        code_pack_begin(&again);
        for (size_t i = 0; i < p.n && i < 1000; i++)
            entry_check(&p, i);
        for (size_t i = 0; i < p.n; i++)
            code_pack_add(&again, &p.entries[i]);
        check(again.len == size && memcmp(buf_str(&again), data, size) == 0);
        buf_done(&again);
    } else {
        check((rc == ERR_DAMAGED || rc == ERR_LIMIT) && err.text[0]);
    }
    code_pack_done(&p);
    check(code_unpack((const char *)data, size, "", "/nowhere/at/all", &err) != 0);
    check(access("/nowhere", F_OK) != 0);
    return 0;
}
