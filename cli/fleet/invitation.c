/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fleet/invitation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/small_file.h"

#define NAME "address"

int invitation_leave(const char *dir, const struct endpoint *e, struct err *err)
{
    char text[ENDPOINT_BYTES];
    endpoint_print(e, text);
    return small_file_write(dir, NAME, text, err);
}

void invitation_make(const struct endpoint *e, const char *token, char ret[JOIN_TEXT_BYTES])
{
    struct join_text j = {.tls = e->tls};
    size_t len = strlen(e->host);
    bool brackets = e->host[0] == '[';
    snprintf(j.host, sizeof j.host, "%.*s", (int)(brackets ? len - 2 : len), e->host + brackets);
    j.port = (uint16_t)strtoul(strrchr(e->address, ':') + 1, NULL, 10);
    snprintf(j.fingerprint, sizeof j.fingerprint, "%s", e->pin);
    snprintf(j.token, sizeof j.token, "%s", token);
    join_text_make(&j, ret);
}

void invitation_endpoint(const struct join_text *join, struct endpoint *ret)
{
    const char *form = strchr(join->host, ':') ? "[%s]" : "%s";
    *ret = (struct endpoint){.tls = join->tls};
    snprintf(ret->host, sizeof ret->host, form, join->host);
    snprintf(ret->address, sizeof ret->address, "%s:%u", ret->host, join->port);
    snprintf(ret->pin, sizeof ret->pin, "%s", join->fingerprint);
}

static bool endpoint_find(const char *place, struct endpoint *ret)
{
    char text[ENDPOINT_BYTES];
    struct err none = {0};
    bool address = endpoint_is_text(place);
    if (!address && small_file_read(place, NAME, text, sizeof text, &none) != 0)
        return false;
    return endpoint_parse(address ? place : text, ret, &none) == 0;
}

bool invitation_page(const char *place, char ret[ENDPOINT_BYTES])
{
    struct endpoint e;
    if (!endpoint_find(place, &e))
        return false;
    endpoint_page(&e, ret);
    return true;
}

bool invitation_find(const char *place, const char *token, char ret[JOIN_TEXT_BYTES])
{
    struct endpoint e;
    if (!endpoint_find(place, &e) || (e.tls && !e.pin[0]))
        return false;
    invitation_make(&e, token, ret);
    return true;
}
