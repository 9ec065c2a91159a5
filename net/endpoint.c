/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "net/address.h"
#include "net/socket.h"
#include "net/tls/tls.h"

#define HTTP "http://"
#define HTTPS "https://"
#define PIN "sha256:"

enum { PIN_CHARS = 64 };

bool endpoint_is_text(const char *text)
{
    return strncmp(text, HTTP, strlen(HTTP)) == 0 || strncmp(text, HTTPS, strlen(HTTPS)) == 0;
}

static int endpoint_wrong(const char *text, const char *why, struct err *err)
{
    return err_set(err, ERR_USAGE,
                   "%s in '%.100s': an address is https://HOST:PORT#sha256:FINGERPRINT, or "
                   "http://127.0.0.1:PORT on this machine",
                   why, text);
}

bool endpoint_host_is_here(const char *host)
{
    struct in_addr v4;
    if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 || strcmp(host, "::1") == 0)
        return true;
    return inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

static int pin_parse(const char *text, const char *pin, struct endpoint *e, struct err *err)
{
    if (strncmp(pin, PIN, strlen(PIN)) != 0 || strlen(pin) != strlen(PIN) + PIN_CHARS ||
        pin[strlen(PIN) + strspn(pin + strlen(PIN), "0123456789abcdef")] != '\0')
        return endpoint_wrong(text, "the fingerprint is not sha256: and 64 hexadecimal digits",
                              err);
    snprintf(e->pin, sizeof e->pin, "%s", pin + strlen(PIN));
    return e->tls ? 0 : endpoint_wrong(text, "there is a fingerprint without https", err);
}

/* HOST or HOST:PORT, up to `len`. */
static int place_parse(const char *text, const char *place, size_t len, struct endpoint *e,
                       struct err *err)
{
    struct address address;
    struct err none = {0};
    char port[16];
    snprintf(port, sizeof port, ":%d", ENDPOINT_PORT);
    if (len == 0 || len >= sizeof e->host ||
        snprintf(e->address, sizeof e->address, "%.*s%s", (int)len, place,
                 address_has_port(place, len) ? "" : port) >= (int)sizeof e->address)
        return endpoint_wrong(text, "the host is missing or too long", err);
    if (strncmp(e->address, "unix:", 5) == 0 || address_parse(e->address, &address, &none) != 0 ||
        strpbrk(address.host, "/?#@ \t\r\n"))
        return endpoint_wrong(text, "the host and port are malformed", err);
    snprintf(e->host, sizeof e->host, "%.*s", (int)(strrchr(e->address, ':') - e->address),
             e->address);
    if (!e->tls && !endpoint_host_is_here(e->host))
        return endpoint_wrong(text, "plain http is for this machine alone", err);
    return 0;
}

int endpoint_parse(const char *text, struct endpoint *ret, struct err *err)
{
    struct endpoint e = {.tls = strncmp(text, HTTPS, strlen(HTTPS)) == 0};
    if (!endpoint_is_text(text))
        return endpoint_wrong(text, "neither http:// nor https:// begins it", err);
    const char *place = text + (e.tls ? strlen(HTTPS) : strlen(HTTP));
    const char *hash = strchr(place, '#'), *end = hash ? hash : place + strlen(place);
    if (end > place && end[-1] == '/')
        end--;
    int rc = place_parse(text, place, (size_t)(end - place), &e, err);
    if (rc == 0 && hash)
        rc = pin_parse(text, hash + 1, &e, err);
    if (rc == 0)
        *ret = e;
    return rc;
}

void endpoint_print(const struct endpoint *e, char out[ENDPOINT_BYTES])
{
    snprintf(out, ENDPOINT_BYTES, "%s%s%s%s", e->tls ? HTTPS : HTTP, e->address,
             e->pin[0] ? "#" PIN : "", e->pin);
}

void endpoint_page(const struct endpoint *e, char out[ENDPOINT_BYTES])
{
    snprintf(out, ENDPOINT_BYTES, "%s%s", e->tls ? HTTPS : HTTP, e->address);
}

int endpoint_connect(const struct endpoint *e, uv_loop_t *loop, const struct identity *identity,
                     const struct stream_handler *handler, struct stream **ret, struct err *err)
{
    const struct tls_trust trust = {.pin = e->pin[0] ? e->pin : NULL, .identity = identity};
    return e->tls ? tls_connect(loop, e->address, &trust, handler, ret, err)
                  : socket_connect(loop, e->address, handler, ret, err);
}
