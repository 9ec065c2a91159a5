/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/alert/alert_url.h"

#include <stdio.h>
#include <string.h>

#include "net/address.h"

#define HTTP "http://"
#define HTTPS "https://"

static bool url_is_printable(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

int alert_url_parse(const char *text, struct alert_url *ret, struct err *err)
{
    struct address address;
    struct err none = {0};
    struct alert_url url = {.tls = strncmp(text, HTTPS, strlen(HTTPS)) == 0};
    const char *host = text + strlen(url.tls ? HTTPS : HTTP);
    size_t len = strcspn(host, "/?#");
    if (strlen(text) > ALERT_URL_BYTES || !url_is_printable(text) || strchr(text, '#') ||
        len == 0 || len >= 256 || memchr(host, '@', len) || (host[len] && host[len] != '/'))
        return err_set(err, ERR_USAGE,
                       "--alert: expected a URL such as https://HOST[:PORT]/PATH, of at most %d "
                       "ASCII characters, without a user and without #",
                       ALERT_URL_BYTES);
    snprintf(url.host, sizeof url.host, "%.*s", (int)len, host);
    snprintf(url.address, sizeof url.address, "%s%s", url.host,
             address_has_port(host, len) ? ""
             : url.tls                   ? ":443"
                                         : ":80");
    if (address_parse(url.address, &address, &none) != 0 || address.unix_socket)
        return err_set(err, ERR_USAGE, "--alert: the host and port of the URL are malformed");
    url.target = host[len] ? host + len : "/";
    *ret = url;
    return 0;
}
