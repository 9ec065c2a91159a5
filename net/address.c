/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/address.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static int address_wrong(const char *text, struct err *err)
{
    return err_set(err, ERR_USAGE, "expected HOST:PORT or unix:PATH, got '%.100s'", text);
}

static bool port_is_sound(const char *s)
{
    size_t n = strspn(s, "0123456789");
    unsigned port = 0;
    if (n == 0 || n > 5 || s[n])
        return false;
    for (; *s; s++)
        port = port * 10 + (unsigned)(*s - '0');
    return port <= 65535;
}

static int address_parse_unix(const char *path, struct address *ret, struct err *err)
{
    size_t most = sizeof((struct sockaddr_un *)0)->sun_path - 1;
    if (strlen(path) > most)
        return err_set(err, ERR_USAGE,
                       "the path of a unix socket may have at most %zu bytes: %.100s", most, path);
    ret->unix_socket = true;
    snprintf(ret->host, sizeof ret->host, "%s", path);
    return 0;
}

int address_parse(const char *text, struct address *ret, struct err *err)
{
    struct address a = {0};
    const char *host = text, *colon = strrchr(text, ':');
    if (strncmp(text, "unix:", 5) == 0 && text[5]) {
        int rc = address_parse_unix(text + 5, &a, err);
        if (rc == 0)
            *ret = a;
        return rc;
    }
    size_t len = colon ? (size_t)(colon - text) : 0;
    if (!colon || !port_is_sound(colon + 1))
        return address_wrong(text, err);
    bool brackets = len > 2 && host[0] == '[' && host[len - 1] == ']';
    if (brackets) {
        host++;
        len -= 2;
    }
    if (len == 0 || len >= sizeof a.host)
        return address_wrong(text, err);
    memcpy(a.host, host, len);
    /* A bare IPv6 address contains colons, so the one before the port cannot be identified. */
    if (!brackets && strpbrk(a.host, ":[]"))
        return address_wrong(text, err);
    snprintf(a.port, sizeof a.port, "%s", colon + 1);
    *ret = a;
    return 0;
}

bool address_has_port(const char *place, size_t len)
{
    if (len > 0 && memchr(place, ']', len))
        return place[len - 1] != ']';
    return memchr(place, ':', len) != NULL;
}
