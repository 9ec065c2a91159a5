/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/identity.h"

#include <dirent.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/test.h"

static char folder[] = "/tmp/besom-identity-XXXXXX";
static char path[64];

static void folder_make(void)
{
    ASSERT(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/key.pem", folder);
}

static size_t folder_remove(void)
{
    size_t files = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] == '.')
            continue;
        files++;
        ASSERT_EQ(unlinkat(dirfd(d), e->d_name, 0), 0);
    }
    closedir(d);
    ASSERT_EQ(rmdir(folder), 0);
    return files;
}

static struct identity *identity_new(const char *name, int days)
{
    struct identity *id = NULL;
    struct err err = {0};
    if (identity_make(name, days, &id, &err) != 0)
        FAIL("%s", err.text);
    return id;
}

static void write_text(const char *text)
{
    FILE *f = fopen(path, "w");
    ASSERT(f && fputs(text, f) >= 0);
    fclose(f);
    ASSERT_EQ(chmod(path, 0600), 0);
}

TEST(identity_is_written_and_read)
{
    struct identity *id = identity_new("gpu0.example.org", IDENTITY_SERVER_DAYS), *again = NULL;
    struct stat st;
    folder_make();
    ASSERT_EQ(strlen(identity_fingerprint(id)), 64);
    ASSERT_EQ(identity_write(id, path, NULL), 0);
    ASSERT_EQ(stat(path, &st), 0);
    ASSERT_EQ(st.st_mode & 0777, 0600);
    ASSERT_EQ(identity_read(path, &again, NULL), 0);
    ASSERT_STR(identity_fingerprint(again), identity_fingerprint(id));
    ASSERT_EQ(identity_expires_s(again), identity_expires_s(id));
    int64_t left_s = identity_expires_s(id) - time(NULL);
    ASSERT(left_s > 3649 * 86400ll && left_s <= 3650 * 86400ll);
    identity_free(id);
    identity_free(again);
    ASSERT_EQ(folder_remove(), 1);
}

TEST(identity_keeps_its_key_in_a_new_certificate)
{
    struct identity *id = identity_new("agent", 1), *later = NULL,
                    *other = identity_new("agent", 1);
    ASSERT_EQ(identity_renew(id, "agent", (const char *const[]){"agent", NULL}, 30, &later, NULL),
              0);
    ASSERT_STR(identity_fingerprint(later), identity_fingerprint(id));
    ASSERT(identity_expires_s(later) - identity_expires_s(id) > 28 * 86400);
    ASSERT(strcmp(identity_fingerprint(other), identity_fingerprint(id)) != 0);
    folder_make();
    ASSERT_EQ(identity_write(id, path, NULL), 0);
    ASSERT_EQ(identity_write(later, path, NULL), 0); /* over the first */
    identity_free(id);
    ASSERT_EQ(identity_read(path, &id, NULL), 0);
    ASSERT_EQ(identity_expires_s(id), identity_expires_s(later));
    ASSERT_EQ(folder_remove(), 1);
    identity_free(id);
    identity_free(later);
    identity_free(other);
}

TEST(identity_is_for_the_hosts_of_its_certificate)
{
    static const char *const hosts[] = {"localhost", "gpu0.example.org", "10.0.0.7",
                                        "127.0.0.1", "fd00::7",          NULL};
    static const char *const others[] = {
        "besom controller", "gpu1.example.org", "example.org", "10.0.0.8", "::1", ""};
    struct identity *id = identity_new("besom controller", 1), *named = NULL;
    ASSERT(identity_is_own(id));
    ASSERT(!identity_is_for(id, "localhost"));
    ASSERT_EQ(identity_renew(id, "besom controller", hosts, IDENTITY_SERVER_DAYS, &named, NULL), 0);
    ASSERT_STR(identity_fingerprint(named), identity_fingerprint(id));
    ASSERT(identity_is_own(named));
    for (size_t i = 0; hosts[i]; i++)
        if (!identity_is_for(named, hosts[i]))
            FAIL("not for %s", hosts[i]);
    ASSERT(identity_is_for(named, "GPU0.example.org"));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (identity_is_for(named, others[i]))
            FAIL("for '%s'", others[i]);
    identity_free(id);
    identity_free(named);
}

TEST(identity_of_any_name)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "::1", "a, O=b/CN=c+d",
                                        "a-host-whose-name-has-more-than-sixty-four-characters."
                                        "department.university.example.org"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        identity_free(identity_new(names[i], 1));
}

TEST(identity_file_that_others_can_read_is_refused)
{
    static const mode_t modes[] = {0604, 0640, 0620, 0602, 0666};
    struct identity *id = identity_new("x", 1);
    folder_make();
    ASSERT_EQ(identity_write(id, path, NULL), 0);
    identity_free(id);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct err err = {0};
        ASSERT_EQ(chmod(path, modes[i]), 0);
        ASSERT_EQ(identity_read(path, &id, &err), ERR_PERMISSION);
        ASSERT(strstr(err.text, "others can access it: chmod 600 "));
    }
    folder_remove();
}

static void refused(const char *text, const char *why, int code)
{
    struct identity *id = NULL;
    struct err err = {0};
    write_text(text);
    ASSERT_EQ(identity_read(path, &id, &err), code);
    if (!strstr(err.text, why))
        FAIL("got \"%s\", want \"%s\"", err.text, why);
}

TEST(identity_file_that_is_wrong_says_why)
{
    static char pem[2][8192], mixed[16384];
    struct identity *id = NULL;
    struct err err = {0};
    folder_make();
    ASSERT_EQ(identity_read(path, &id, &err), ERR_NOT_FOUND);
    ASSERT_EQ(identity_read(folder, &id, &err), ERR_USAGE);
    refused("", "holds no private key", ERR_SYNTAX);
    refused("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "holds no private key", ERR_SYNTAX);
    for (size_t i = 0; i < 2; i++) {
        id = identity_new("x", 1);
        ASSERT_EQ(identity_write(id, path, NULL), 0);
        identity_free(id);
        FILE *f = fopen(path, "r");
        pem[i][fread(pem[i], 1, sizeof pem[i] - 1, f)] = '\0';
        fclose(f);
    }
    char *certificate = strstr(pem[1], "-----BEGIN CERTIFICATE");
    ASSERT(certificate);
    refused(certificate, "holds no private key", ERR_SYNTAX);
    char *own = strstr(pem[0], "-----BEGIN CERTIFICATE");
    snprintf(mixed, sizeof mixed, "%.*s%s", (int)(own - pem[0]), pem[0], certificate);
    refused(mixed, "the first certificate is not that of the key", ERR_SYNTAX);
    *own = '\0';
    refused(pem[0], "holds no certificate", ERR_SYNTAX);
    /* The order does not matter. */
    snprintf(mixed, sizeof mixed, "%s%.*s", certificate, (int)(certificate - pem[1]), pem[1]);
    write_text(mixed);
    ASSERT_EQ(identity_read(path, &id, NULL), 0);
    identity_free(id);
    static char large[70 << 10];
    memset(large, 'x', sizeof large - 1);
    refused(large, "is larger than 64 KiB", ERR_LIMIT);
    folder_remove();
}

TEST(identity_file_whose_key_has_a_password)
{
    folder_make();
    refused("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "holds no private key", ERR_SYNTAX);
    folder_remove();
}

TEST(identity_is_not_written_where_it_cannot_be)
{
    struct identity *id = identity_new("x", 1);
    struct err err = {0};
    ASSERT_EQ(identity_write(id, "/nowhere/key.pem", &err), ERR_NOT_FOUND);
    ASSERT(strstr(err.text, "cannot create /nowhere/key.pem"));
    identity_free(id);
    identity_free(NULL);
}
