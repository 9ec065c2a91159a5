/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fleet/controller_key.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/tls/identity.h"

#define NAME "besom controller"
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

/* Clients accept at most 16 KiB of certificates. */
enum { NAMES_MAX = 128, NAME_BYTES = 256, RENEW_DAYS = 366, DAY_S = 24 * 60 * 60 };

struct names {
    char text[NAMES_MAX][NAME_BYTES];
    const char *list[NAMES_MAX + 1];
    size_t n;
};

static void names_add(struct names *names, const char *name)
{
    if (names->n == NAMES_MAX || !*name || strlen(name) >= NAME_BYTES)
        return;
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->list[i], name) == 0)
            return;
    snprintf(names->text[names->n], NAME_BYTES, "%s", name);
    names->list[names->n] = names->text[names->n];
    names->list[++names->n] = NULL;
}

/* IPv6 addresses are left out: many hosts have a new one each day. */
static void names_add_interfaces(struct names *names)
{
    struct ifaddrs *all;
    char text[INET_ADDRSTRLEN];
    if (getifaddrs(&all) != 0)
        return;
    for (struct ifaddrs *i = all; i; i = i->ifa_next) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)i->ifa_addr;
        if (v4 && v4->sin_family == AF_INET && inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text))
            names_add(names, text);
    }
    freeifaddrs(all);
}

/* What the server accepts in the Host header (orchestrator/server/server_judge.c), except addresses that
 * this machine does not know of. */
static void names_find(struct names *names, const char *listen, const char *const *hosts)
{
    char self[NAME_BYTES] = "";
    names_add(names, "localhost");
    names_add(names, "127.0.0.1");
    names_add(names, "::1");
    for (; hosts && *hosts; hosts++)
        names_add(names, *hosts);
    if (gethostname(self, sizeof self - 1) == 0 && self[strspn(self, NAME_CHARS)] == '\0')
        names_add(names, self);
    if (strcmp(listen, "0.0.0.0") == 0 || strcmp(listen, "::") == 0)
        names_add_interfaces(names);
    else
        names_add(names, listen);
}

static bool certificate_is_good(const struct identity *id, const struct names *names)
{
    if (identity_expires_s(id) - (int64_t)time(NULL) < (int64_t)RENEW_DAYS * DAY_S)
        return false;
    for (size_t i = 0; i < names->n; i++)
        if (!identity_is_for(id, names->list[i]))
            return false;
    return true;
}

/* Replaces *id. Without need it stays: programs that are running know this certificate. */
static int certificate_renew(struct identity **id, const char *path, const char *listen,
                             const char *const *hosts, struct err *err)
{
    struct names *names = mem_alloc(sizeof *names);
    struct identity *renewed;
    int rc = 0;
    names->n = 0;
    names_find(names, listen, hosts);
    if (!certificate_is_good(*id, names)) {
        rc = identity_renew(*id, NAME, names->list, IDENTITY_SERVER_DAYS, &renewed, err);
        if (rc == 0) {
            identity_free(*id);
            *id = renewed;
            rc = identity_write(renewed, path, err);
        }
    }
    mem_free(names);
    return rc;
}

int controller_key_find(const char *dir, const char *listen, const char *const *hosts,
                        struct identity **ret, struct err *err)
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/controller.pem", dir);
    int rc = access(path, F_OK) == 0 ? identity_read(path, ret, err)
                                     : identity_make(NAME, IDENTITY_SERVER_DAYS, ret, err);
    if (rc == 0 && identity_is_own(*ret))
        rc = certificate_renew(ret, path, listen, hosts, err);
    return rc;
}
