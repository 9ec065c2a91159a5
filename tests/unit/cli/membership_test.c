/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fleet/membership.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/small_file.h"
#include "tests/test.h"

static struct err err;
static char dir[] = "/tmp/besom-membership-XXXXXX";

static struct membership begin(bool tls)
{
    struct membership m = {.endpoint = {.tls = tls}};
    ASSERT(mkdtemp(dir));
    snprintf(m.endpoint.host, sizeof m.endpoint.host, "127.0.0.1");
    snprintf(m.endpoint.address, sizeof m.endpoint.address, "127.0.0.1:1");
    memset(m.endpoint.pin, tls ? 'a' : 0, tls ? CREDENTIAL_HASH_CHARS : 0);
    char text[ENDPOINT_BYTES];
    endpoint_print(&m.endpoint, text);
    ASSERT_EQ(small_file_write(dir, "controller", text, &err), 0);
    return m;
}

static void end(struct membership *m)
{
    DIR *folder = opendir(dir);
    membership_done(m);
    for (struct dirent *e; (e = readdir(folder)) != NULL;)
        unlinkat(dirfd(folder), e->d_name, 0);
    closedir(folder);
    ASSERT_EQ(rmdir(dir), 0);
}

struct offer {
    char id[CREDENTIAL_ID_CHARS + 1], hash[CREDENTIAL_HASH_CHARS + 1];
};

static struct offer renew(const struct membership *m)
{
    struct offer o;
    ASSERT_EQ(membership_renew(dir, "box", m, o.id, o.hash, &err), 0);
    ASSERT(credential_id_is_valid(o.id) && credential_hash_is_valid(o.hash));
    return o;
}

static bool is_mine(const char *hash)
{
    struct membership now;
    char own[SECRET_HASH_TEXT_BYTES];
    if (membership_read(dir, &now, &err) != 0)
        return false;
    if (now.identity)
        snprintf(own, sizeof own, "%s", identity_fingerprint(now.identity));
    else
        secret_hash_text(now.token, strlen(now.token), own);
    membership_done(&now);
    return strcmp(own, hash) == 0;
}

/* A process that is killed anywhere between making a key and having it taken offers the same one
 * again, and has the old one until then. */
static void renews(bool tls)
{
    struct membership m = begin(tls);
    struct offer first = renew(&m);
    ASSERT(!is_mine(first.hash));
    ASSERT_EQ(membership_renewed(dir, &m, &err), 0);
    ASSERT(is_mine(first.hash));
    ASSERT_EQ(membership_renewed(dir, &m, &err), ERR_NOT_FOUND); /* a word that was not asked for */
    struct offer second = renew(&m), again = renew(&m);
    ASSERT_STR(second.hash, again.hash);
    ASSERT(strcmp(second.hash, first.hash) != 0);
    ASSERT(is_mine(first.hash));
    membership_forget_renewal(dir, &m); /* it was refused */
    struct offer third = renew(&m);
    ASSERT(strcmp(third.hash, second.hash) != 0);
    ASSERT_EQ(membership_renewed(dir, &m, &err), 0);
    ASSERT(is_mine(third.hash));
    end(&m);
}

TEST(membership_renews_a_key)
{
    renews(true);
}

TEST(membership_renews_a_token)
{
    renews(false);
}
