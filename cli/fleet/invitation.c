/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fleet/invitation.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/endpoint.h"

#define NAME "address"

int invitation_leave(const char *dir, const struct endpoint *e, struct err *err)
{
    char path[PATH_MAX + 16], fresh[PATH_MAX + 24], text[ENDPOINT_BYTES];
    snprintf(path, sizeof path, "%s/" NAME, dir);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    endpoint_print(e, text);
    FILE *file = fopen(fresh, "we");
    if (!file)
        return err_set(err, ERR_IO, "%s: %s", fresh, strerror(errno));
    bool written = fprintf(file, "%s\n", text) > 0;
    written = fclose(file) == 0 && written;
    if (!written || rename(fresh, path) != 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    return 0;
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

static bool address_read(const char *dir, char out[ENDPOINT_BYTES])
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/" NAME, dir);
    FILE *file = fopen(path, "re");
    bool found = file && fgets(out, ENDPOINT_BYTES, file);
    if (file)
        fclose(file);
    if (found)
        out[strcspn(out, "\r\n")] = '\0';
    return found;
}

bool invitation_find(const char *place, const char *token, char ret[JOIN_TEXT_BYTES])
{
    char text[ENDPOINT_BYTES];
    struct endpoint e;
    struct err none = {0};
    bool address = endpoint_is_text(place);
    if (!address && !address_read(place, text))
        return false;
    if (endpoint_parse(address ? place : text, &e, &none) != 0 || (e.tls && !e.pin[0]))
        return false;
    invitation_make(&e, token, ret);
    return true;
}
