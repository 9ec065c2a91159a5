/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/secret.h"

#include <ctype.h>

#include "tests/test.h"

TEST(secret_hash_is_sha256)
{
    char text[SECRET_HASH_TEXT_BYTES];
    secret_hash_text("abc", 3, text);
    ASSERT_STR(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    secret_hash_text("", 0, text);
    ASSERT_STR(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(secret_text_is_base62_and_even)
{
    static char text[62000 + 1];
    size_t count[256] = {0};
    secret_text(text, sizeof text - 1);
    ASSERT_EQ(strlen(text), sizeof text - 1);
    for (size_t i = 0; text[i]; i++)
        count[(unsigned char)text[i]]++;
    for (int c = 0; c < 256; c++) /* 1000 expected; 8 standard deviations are 251 */
        ASSERT(isalnum(c) && c < 128 ? count[c] > 740 && count[c] < 1260 : count[c] == 0);
    char one[SECRET_CHARS + 1], other[SECRET_CHARS + 1];
    secret_text(one, SECRET_CHARS);
    secret_text(other, SECRET_CHARS);
    ASSERT_EQ(strlen(one), 43);
    ASSERT(strcmp(one, other) != 0);
    secret_text(one, 0);
    ASSERT_STR(one, "");
}

TEST(secret_equal_compares_all_bytes)
{
    ASSERT(secret_equal("abcd", "abcd", 4));
    ASSERT(secret_equal("abcd", "abce", 3));
    ASSERT(!secret_equal("abcd", "abce", 4));
    ASSERT(!secret_equal("abcd", "bbcd", 4));
    ASSERT(secret_equal("", "x", 0));
}

TEST(secret_wipe_overwrites)
{
    char text[] = "secret";
    secret_wipe(text, sizeof text);
    for (size_t i = 0; i < sizeof text; i++)
        ASSERT_EQ(text[i], 0);
}
