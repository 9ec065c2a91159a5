/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fleet/controller_key.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "net/tls/identity.h"
#include "tests/test.h"

enum { DAY_S = 86400 };

static char folder[] = "/tmp/besom-key-XXXXXX";
static char path[64];
static const char *const none[] = {NULL};

static struct identity *key_find(const char *listen, const char *const *hosts)
{
    struct identity *id = NULL;
    struct err err = {0};
    if (controller_key_find(folder, listen, hosts, &id, &err) != 0)
        FAIL("%s", err.text);
    return id;
}

static void key_file_read(char out[8192])
{
    FILE *f = fopen(path, "r");
    ASSERT(f);
    out[fread(out, 1, 8191, f)] = '\0';
    fclose(f);
}

static void folder_make(void)
{
    ASSERT(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/controller.pem", folder);
}

static void folder_remove(void)
{
    ASSERT_EQ(unlink(path), 0);
    ASSERT_EQ(rmdir(folder), 0);
}

TEST(controller_key_stays_when_its_certificate_gets_names)
{
    static const char *const hosts[] = {"ctrl.example.org", "10.9.8.7", NULL};
    static const char *const always[] = {"localhost", "127.0.0.1", "::1"};
    char before[8192], after[8192];
    folder_make();
    struct identity *id = key_find("192.0.2.3", none), *named;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        ASSERT(identity_is_for(id, always[i]));
    ASSERT(identity_is_for(id, "192.0.2.3"));
    ASSERT(!identity_is_for(id, hosts[0]));
    key_file_read(before);
    identity_free(key_find("192.0.2.3", none)); /* again: programs that are running know it */
    key_file_read(after);
    ASSERT_STR(after, before);
    named = key_find("0.0.0.0", hosts);
    ASSERT_STR(identity_fingerprint(named), identity_fingerprint(id));
    for (size_t i = 0; hosts[i]; i++)
        ASSERT(identity_is_for(named, hosts[i]));
    key_file_read(before);
    identity_free(key_find("0.0.0.0", none)); /* a name too many does not hurt */
    key_file_read(after);
    ASSERT_STR(after, before);
    identity_free(id);
    identity_free(named);
    folder_remove();
}

TEST(controller_key_gets_another_certificate_before_it_expires)
{
    static const char *const hosts[] = {"localhost", "127.0.0.1", "::1", NULL};
    struct identity *made, *old, *now;
    char self[256] = "";
    folder_make();
    gethostname(self, sizeof self - 1);
    const char *const all[] = {hosts[0], hosts[1], hosts[2], self, NULL};
    ASSERT_EQ(identity_make("besom controller", 1, &made, NULL), 0);
    ASSERT_EQ(identity_renew(made, "besom controller", all, 100, &old, NULL), 0);
    ASSERT_EQ(identity_write(old, path, NULL), 0);
    now = key_find("127.0.0.1", none);
    ASSERT_STR(identity_fingerprint(now), identity_fingerprint(old));
    ASSERT(identity_expires_s(now) - time(NULL) > 3600ll * DAY_S);
    identity_free(made);
    identity_free(old);
    identity_free(now);
    folder_remove();
}
