/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/code/snapshots.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compress/compress.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/number/rng.h"
#include "net/tls/secret.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

/* A pack of bytes that do not compress; its name. Any bytes do: only an agent looks into a pack. */
static void pack_make(size_t len, struct buf *out, char hash[SECRET_HASH_TEXT_BYTES])
{
    unsigned char *text = mem_alloc(len + 1);
    struct compress *c = compress_new();
    secret_random(text, len);
    buf_init(out, SIZE_MAX);
    compress_add(c, 3, text, len, out);
    secret_hash_text(text, len, hash);
    compress_free(c);
    mem_free(text);
}

static int piece_add(const char *hash, const struct buf *pack, size_t from, size_t len,
                     uint64_t *have, bool *whole)
{
    struct err err = {0};
    const struct snapshots_piece p = {scratch_dir(),         hash, from, pack->len,
                                      buf_peek(pack) + from, len};
    return snapshots_add(&p, have, whole, &err);
}

static size_t files_count(void)
{
    char path[4096];
    size_t n = 0;
    snprintf(path, sizeof path, "%s/code", scratch_dir());
    DIR *folder = opendir(path);
    for (const struct dirent *e; folder && (e = readdir(folder));)
        n += e->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return n;
}

TEST(snapshots_arrive_in_pieces)
{
    char hash[SECRET_HASH_TEXT_BYTES], read[1000];
    struct buf pack;
    struct err err = {0};
    uint64_t have = 0, size = 0;
    size_t len = 0;
    bool whole = false;
    pack_make(5000, &pack, hash);
    while (!whole) {
        size_t n = pack.len - have < 700 ? pack.len - have : 700;
        ASSERT_EQ(piece_add(hash, &pack, (size_t)have, n, &have, &whole), 0);
        ASSERT_EQ(snapshots_has(scratch_dir(), hash), whole);
    }
    ASSERT_EQ(files_count(), 1);
    ASSERT_EQ(piece_add(hash, &pack, 0, 700, &have, &whole), 0); /* it is there already */
    ASSERT(whole && have == pack.len);
    for (uint64_t at = 0; at < pack.len; at += len) {
        ASSERT_EQ(snapshots_read(scratch_dir(), hash, at, sizeof read, read, &len, &size, &err), 0);
        ASSERT_EQ(size, pack.len);
        ASSERT(len > 0 && memcmp(read, buf_peek(&pack) + at, len) == 0);
    }
    ASSERT_EQ(snapshots_read(scratch_dir(), hash, pack.len, sizeof read, read, &len, &size, &err),
              0);
    ASSERT_EQ(len, 0);
    hash[0] = hash[0] == 'a' ? 'b' : 'a';
    ASSERT_EQ(snapshots_read(scratch_dir(), hash, 0, sizeof read, read, &len, &size, &err),
              ERR_NOT_FOUND);
    buf_done(&pack);
}

TEST(snapshots_add_only_what_follows)
{
    char hash[SECRET_HASH_TEXT_BYTES];
    struct buf pack;
    uint64_t have = 0;
    bool whole = false;
    pack_make(5000, &pack, hash);
    ASSERT_EQ(piece_add(hash, &pack, 1000, 100, &have, &whole), 0);
    ASSERT_EQ(have, 0);
    ASSERT_EQ(piece_add(hash, &pack, 0, 1000, &have, &whole), 0);
    ASSERT_EQ(piece_add(hash, &pack, 500, 1000, &have, &whole), 0);
    ASSERT_EQ(have, 1000);
    ASSERT_EQ(piece_add(hash, &pack, 0, 0, &have, &whole), ERR_USAGE);
    ASSERT_EQ(files_count(), 0);
    ASSERT_EQ(piece_add(hash, &pack, 0, 1000, &have, &whole), 0);
    ASSERT_EQ(files_count(), 1);
    snapshots_drop_parts(scratch_dir());
    ASSERT_EQ(files_count(), 0);
    buf_done(&pack);
}

/* What is not the content of its name is not kept: damaged, cut, longer, or far larger than it looks. */
TEST(snapshots_have_the_content_of_their_name)
{
    char hash[SECRET_HASH_TEXT_BYTES];
    struct buf pack;
    uint64_t have;
    bool whole;
    pack_make(5000, &pack, hash);
    for (int i = 0; i < 4; i++) {
        struct buf bad;
        buf_init(&bad, SIZE_MAX);
        buf_add(&bad, buf_peek(&pack), pack.len - (i == 1));
        if (i == 2)
            buf_addc(&bad, 'x');
        if (i == 0)
            buf_reserve(&bad, 0), ((char *)(uintptr_t)buf_peek(&bad))[2500] ^= 1;
        if (i == 3)
            hash[0] = hash[0] == 'a' ? 'b' : 'a';
        ASSERT_EQ(piece_add(hash, &bad, 0, bad.len, &have, &whole), ERR_DAMAGED);
        ASSERT_EQ(files_count(), 0);
        buf_done(&bad);
    }
    buf_done(&pack);
}

TEST(snapshots_that_grow_beyond_the_limit_are_refused)
{
    size_t len = (size_t)LIMIT_CODE_BYTES + 1;
    char *zeros = mem_alloc(len), hash[SECRET_HASH_TEXT_BYTES];
    struct compress *c = compress_new();
    struct buf bomb;
    struct err err = {0};
    uint64_t have;
    bool whole;
    buf_init(&bomb, SIZE_MAX);
    compress_add(c, 1, zeros, len, &bomb);
    secret_hash_text(zeros, len, hash);
    ASSERT(bomb.len < 100000);
    ASSERT_EQ(piece_add(hash, &bomb, 0, bomb.len, &have, &whole), ERR_DAMAGED);
    ASSERT_EQ(files_count(), 0);
    const struct snapshots_piece huge = {scratch_dir(), hash, 0, (uint64_t)LIMIT_CODE_BYTES + 1,
                                         "x",           1};
    ASSERT_EQ(snapshots_add(&huge, &have, &whole, &err), ERR_LIMIT);
    compress_free(c);
    buf_done(&bomb);
    mem_free(zeros);
}

/* A name is never a path. */
TEST(snapshots_names)
{
    static const char *const names[] = {
        "",
        "..",
        "../../etc/passwd",
        "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde/",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"};
    struct err err = {0};
    uint64_t have, size;
    size_t len;
    bool whole;
    char out[8];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct snapshots_piece p = {scratch_dir(), names[i], 0, 1, "x", 1};
        ASSERT_EQ(snapshots_add(&p, &have, &whole, &err), ERR_USAGE);
        ASSERT_EQ(snapshots_state(scratch_dir(), names[i], &have, &whole, &err), ERR_USAGE);
        ASSERT_EQ(snapshots_read(scratch_dir(), names[i], 0, 1, out, &len, &size, &err), ERR_USAGE);
        ASSERT(!snapshots_has(scratch_dir(), names[i]));
    }
}

/* Nothing that stands in the way of a part is written to: not what a link leads to, and no folder. */
TEST(snapshots_write_no_other_file)
{
    char hash[SECRET_HASH_TEXT_BYTES], path[4096], other[4096];
    struct buf pack;
    uint64_t have;
    bool whole;
    struct stat st;
    pack_make(5000, &pack, hash);
    snprintf(path, sizeof path, "%s/code", scratch_dir());
    ASSERT_EQ(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/code/%s.part", scratch_dir(), hash);
    snprintf(other, sizeof other, "%s/other", scratch_dir());
    ASSERT_EQ(symlink(other, path), 0);
    ASSERT(piece_add(hash, &pack, 0, 100, &have, &whole) != 0);
    ASSERT(stat(other, &st) != 0);
    buf_done(&pack);
}
