/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/code/code_path.h"

#include "tests/test.h"

TEST(path_that_leads_out_is_not_good)
{
    static const char *const bad[] = {"",     ".",    "..",   "/",     "/etc/passwd",
                                      "../x", "a/..", "a//b", "a/./b", "a/../b",
                                      "a/b/", "./a",  "a/.",  "..//"};
    static const char *const good[] = {"a",  "a/b",      "...",  "..a/b", "a/..b",
                                       ".x", "%2e%2e/x", "a\nb", "a b"};
    char name[CODE_PATH_NAME_BYTES + 1];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (code_path_is_good(bad[i]))
            FAIL("'%s' is good", bad[i]);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!code_path_is_good(good[i]))
            FAIL("'%s' is not good", good[i]);
    memset(name, 'a', sizeof name);
    name[CODE_PATH_NAME_BYTES - 1] = '\0';
    ASSERT(code_path_is_good(name));
    name[CODE_PATH_NAME_BYTES - 1] = 'a';
    name[CODE_PATH_NAME_BYTES] = '\0';
    ASSERT(!code_path_is_good(name));
}

TEST(what_lies_in_a_folder_follows_its_name)
{
    static const char *const order[] = {"A",  "a",   "a/b", "a/b/c", "a/b-",
                                        "a!", "a-b", "ab",  "\xff"};
    size_t n = sizeof order / sizeof *order;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            ASSERT_EQ(code_path_compare(order[i], order[k]), (i > k) - (i < k));
    ASSERT(code_path_is_below("a/b", "a") && !code_path_is_below("ab", "a") &&
           !code_path_is_below("a", "a"));
}

TEST(link_stays_inside_whatever_other_links_do)
{
    static const struct {
        const char *path, *target;
        bool inside;
    } cases[] = {
        {"l", "x", true},          {"l", ".", true},
        {"l", "./x", true},        {"l", "..", false},
        {"l", "../x", false},      {"l", "/x", false},
        {"l", "", false},          {"a/l", "..", true},
        {"a/l", "../x", true},     {"a/l", "../..", false},
        {"a/l", "../../x", false}, {"a/b/l", "../../x", true},
        {"a/l", "b/../x", false},  {"a/l", "../b/..", false},
        {"a/l", "x//y", false},    {"a/b/l", "../../..", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (code_path_link_is_inside(cases[i].path, cases[i].target) != cases[i].inside)
            FAIL("%s -> %s", cases[i].path, cases[i].target);
}

TEST(secrets_are_known_by_name)
{
    static const char *const secret[] = {
        ".env",       "a/.env.local",   "KEY.PEM",          "a/id_rsa",    "id_ed25519.pub",
        ".netrc",     "Credentials",    "credentials.json", ".aws/config", "a/.ssh/known_hosts",
        "server.key", "wandb/settings", "a/wandb/settings", ".NPMRC",      "secrets.yaml"};
    static const char *const plain[] = {"env",        "environment.yml", "pem",
                                        "train.py",   "key.py",          "a.env",
                                        "aws/config", "awandb/settings", "wandb/settings.py",
                                        "ssh",        "keys/x"};
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
        if (!code_path_is_secret(secret[i]))
            FAIL("'%s' is not secret", secret[i]);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (code_path_is_secret(plain[i]))
            FAIL("'%s' is secret", plain[i]);
}
