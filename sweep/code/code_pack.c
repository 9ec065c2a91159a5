/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/code/code_pack.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sweep/code/code_path.h"

static const char magic[] = "besom code 1\n";
enum { MAGIC_BYTES = sizeof magic - 1, SIZE_BYTES = 8 };

bool code_pack_is_hash(const char *text)
{
    return strlen(text) == CODE_PACK_HASH_CHARS &&
           strspn(text, "0123456789abcdef") == CODE_PACK_HASH_CHARS;
}

void code_pack_begin(struct buf *out)
{
    buf_add(out, magic, MAGIC_BYTES);
}

void code_pack_add(struct buf *out, const struct code_pack_entry *e)
{
    PRE(code_path_is_good(e->path) && (e->kind == 'f' || e->kind == 'x' || e->kind == 'l'));
    buf_addc(out, e->kind);
    buf_add(out, e->path, strlen(e->path) + 1);
    for (int i = 0; i < SIZE_BYTES; i++)
        buf_addc(out, (char)((uint64_t)e->len >> 8 * i));
    buf_add(out, e->bytes, e->len);
    buf_addc(out, '\0');
}

static int pack_damaged(struct err *err, const char *why)
{
    return err_set(err, ERR_DAMAGED, "the snapshot is damaged: %s", why);
}

/* Takes the next entry from *at; its size was written by anybody. */
static int entry_take(const char **at, const char *end, struct code_pack_entry *e, struct err *err)
{
    uint64_t size = 0;
    e->kind = *(*at)++;
    e->path = *at;
    const char *nul = memchr(*at, '\0', (size_t)(end - *at));
    if (!nul || end - nul <= SIZE_BYTES)
        return pack_damaged(err, "it ends within an entry");
    const char *bytes = nul + 1;
    for (int i = 0; i < SIZE_BYTES; i++)
        size |= (uint64_t)(unsigned char)bytes[i] << 8 * i;
    bytes += SIZE_BYTES;
    if (size >= (uint64_t)(end - bytes))
        return pack_damaged(err, "it ends within a file");
    e->bytes = bytes;
    e->len = (size_t)size;
    *at = bytes + size + 1;
    return bytes[size] == '\0' ? 0 : pack_damaged(err, "a file does not end where it should");
}

static int entry_judge(const struct code_pack_entry *e, const struct code_pack_entry *before,
                       struct err *err)
{
    if (e->kind != 'f' && e->kind != 'x' && e->kind != 'l')
        return pack_damaged(err, "an entry is of an unknown kind");
    if (!code_path_is_good(e->path))
        return pack_damaged(err, "a path leads out of it");
    if (before && code_path_compare(before->path, e->path) >= 0)
        return pack_damaged(err, "its paths are not in order");
    if (before && code_path_is_below(e->path, before->path))
        return pack_damaged(err, "a path lies below a file");
    if (e->kind == 'l' &&
        (strlen(e->bytes) != e->len || !code_path_link_is_inside(e->path, e->bytes)))
        return pack_damaged(err, "a link leads out of it");
    return 0;
}

int code_pack_read(const char *bytes, size_t len, struct code_pack *ret, struct err *err)
{
    const char *at = bytes + MAGIC_BYTES, *end = bytes + len;
    int rc = 0;
    *ret = (struct code_pack){0};
    if (len < MAGIC_BYTES || memcmp(bytes, magic, MAGIC_BYTES) != 0)
        return pack_damaged(err, "it is not a snapshot of this version of besom");
    while (at < end) {
        struct code_pack_entry e;
        if (ret->n == LIMIT_CODE_FILES)
            return err_set(err, ERR_LIMIT, "the snapshot has more than %d files", LIMIT_CODE_FILES);
        rc = entry_take(&at, end, &e, err);
        if (rc == 0)
            rc = entry_judge(&e, ret->n ? &ret->entries[ret->n - 1] : NULL, err);
        if (rc != 0)
            break;
        ret->entries = mem_grow(ret->entries, &ret->cap, ret->n + 1, sizeof *ret->entries);
        ret->entries[ret->n++] = e;
    }
    return rc;
}

void code_pack_done(struct code_pack *p)
{
    mem_free(p->entries);
    *p = (struct code_pack){0};
}
