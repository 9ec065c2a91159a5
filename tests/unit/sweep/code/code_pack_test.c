/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/code/code_pack.h"

#include "tests/test.h"

static void entry_add(struct buf *out, char kind, const char *path, const char *bytes)
{
    buf_addc(out, kind);
    buf_add(out, path, strlen(path) + 1);
    for (size_t i = 0, len = strlen(bytes); i < 8; i++)
        buf_addc(out, (char)(len >> 8 * i));
    buf_add(out, bytes, strlen(bytes) + 1);
}

/* A pack of two entries, written by hand. */
static int read_two(const char *one, const char *one_bytes, const char *two, const char *two_bytes)
{
    struct buf text;
    struct code_pack p;
    struct err err = {0};
    buf_init(&text, SIZE_MAX);
    code_pack_begin(&text);
    entry_add(&text, one[0], one + 1, one_bytes);
    entry_add(&text, two[0], two + 1, two_bytes);
    int rc = code_pack_read(buf_str(&text), text.len, &p, &err);
    ASSERT((rc == 0) == (p.n == 2) && (rc != 0) == (err.text[0] != '\0'));
    code_pack_done(&p);
    buf_done(&text);
    return rc;
}

TEST(pack_reads_as_it_was_written)
{
    static const struct code_pack_entry entries[] = {{'f', "a", "one", 3},
                                                     {'x', "b/run", "\0\n", 2},
                                                     {'l', "b/up", "../a", 4},
                                                     {'f', "c", "", 0}};
    struct buf text;
    struct code_pack p;
    struct err err = {0};
    buf_init(&text, SIZE_MAX);
    code_pack_begin(&text);
    for (size_t i = 0; i < 4; i++)
        code_pack_add(&text, &entries[i]);
    ASSERT_EQ(code_pack_read(buf_str(&text), text.len, &p, &err), 0);
    ASSERT_EQ(p.n, 4);
    for (size_t i = 0; i < 4; i++) {
        ASSERT_EQ(p.entries[i].kind, entries[i].kind);
        ASSERT_STR(p.entries[i].path, entries[i].path);
        ASSERT(p.entries[i].len == entries[i].len &&
               memcmp(p.entries[i].bytes, entries[i].bytes, entries[i].len) == 0);
    }
    code_pack_done(&p);
    for (size_t len = 0; len < text.len;
         len++) { /* each of its beginnings is refused, or ends at an entry */
        int rc = code_pack_read(buf_str(&text), len, &p, &err);
        ASSERT(rc == ERR_DAMAGED || (rc == 0 && p.n < 4));
        code_pack_done(&p);
    }
    buf_done(&text);
}

TEST(hostile_pack_is_refused)
{
    ASSERT_EQ(read_two("fa", "1", "fb", "2"), 0);
    ASSERT_EQ(read_two("fa", "1", "f../b", "2"), ERR_DAMAGED);
    ASSERT_EQ(read_two("fa", "1", "f/etc/b", "2"), ERR_DAMAGED);
    ASSERT_EQ(read_two("fa", "1", "fb/../../c", "2"), ERR_DAMAGED);
    ASSERT_EQ(read_two("fa", "1", "fa", "2"), ERR_DAMAGED);
    ASSERT_EQ(read_two("fb", "1", "fa", "2"), ERR_DAMAGED);
    ASSERT_EQ(read_two("fa", "1", "fa/b", "2"), ERR_DAMAGED);
    ASSERT_EQ(read_two("la", "b", "fa/b", "2"), ERR_DAMAGED); /* through a link */
    ASSERT_EQ(read_two("la", "/etc", "fb", "2"), ERR_DAMAGED);
    ASSERT_EQ(read_two("la", "../etc", "fb", "2"), ERR_DAMAGED);
    ASSERT_EQ(read_two("la", "", "fb", "2"), ERR_DAMAGED);
    ASSERT_EQ(read_two("da", "1", "fb", "2"), ERR_DAMAGED);
    ASSERT_EQ(read_two("fa", "1", "f", "2"), ERR_DAMAGED);
}

TEST(sizes_of_a_hostile_pack_are_not_believed)
{
    struct code_pack p;
    struct err err = {0};
    struct buf text;
    for (int byte = 0; byte < 256; byte += 15) {
        buf_init(&text, SIZE_MAX);
        code_pack_begin(&text);
        buf_add(&text, "fa", 3);
        for (int i = 0; i < 8; i++)
            buf_addc(&text, (char)(byte + 2));
        buf_add(&text, "x", 2);
        ASSERT_EQ(code_pack_read(buf_str(&text), text.len, &p, &err), ERR_DAMAGED);
        code_pack_done(&p);
        buf_done(&text);
    }
}
