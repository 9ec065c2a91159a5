/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/web_socket_handshake.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/bytes/base64.h"
#include "net/http/http_head.h"
#include "net/tls/sha1.h"

#define ACCEPT_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

static void handshake_print(const void *bytes, size_t len, char *out, size_t out_bytes)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    base64_print(&text, bytes, len);
    snprintf(out, out_bytes, "%s", buf_str(&text));
    buf_done(&text);
}

void web_socket_handshake_key(const unsigned char random[16],
                              char out[WEB_SOCKET_HANDSHAKE_KEY_BYTES])
{
    handshake_print(random, 16, out, WEB_SOCKET_HANDSHAKE_KEY_BYTES);
}

void web_socket_handshake_accept(const char *key, char out[WEB_SOCKET_HANDSHAKE_ACCEPT_BYTES])
{
    char text[WEB_SOCKET_HANDSHAKE_KEY_BYTES + sizeof ACCEPT_GUID];
    unsigned char hash[SHA1_BYTES];
    int len = snprintf(text, sizeof text, "%s" ACCEPT_GUID, key);
    sha1_hash(text, (size_t)len, hash);
    handshake_print(hash, sizeof hash, out, WEB_SOCKET_HANDSHAKE_ACCEPT_BYTES);
}

/* Sixteen bytes in base64. */
static bool handshake_is_key(const char *key)
{
    struct buf bytes;
    buf_init(&bytes, SIZE_MAX);
    bool valid = strlen(key) == WEB_SOCKET_HANDSHAKE_KEY_BYTES - 1 &&
                 base64_parse(&bytes, key, strlen(key)) && bytes.len == 16;
    buf_done(&bytes);
    return valid;
}

static int handshake_refuse(int status, const char **why, const char *text)
{
    *why = text;
    return status;
}

int web_socket_handshake_check(const struct http_head *request, const char **why)
{
    const char *version = http_head_find(request, "sec-websocket-version"),
               *key = http_head_find(request, "sec-websocket-key");
    if (request->method != HTTP_METHOD_GET)
        return handshake_refuse(405, why, "a WebSocket begins with GET");
    if (!request->upgrade || !http_head_lists(request, "upgrade", "websocket"))
        return handshake_refuse(426, why, "this URL is for WebSocket only");
    if (!version || strcmp(version, "13") != 0)
        return handshake_refuse(426, why, "only version 13 of WebSocket is supported");
    if (!key || !handshake_is_key(key) || request->chunked || request->length > 0)
        return handshake_refuse(400, why, "the WebSocket handshake is malformed");
    return 0;
}

void web_socket_handshake_answer(const struct http_head *request, struct buf *out)
{
    char accept[WEB_SOCKET_HANDSHAKE_ACCEPT_BYTES];
    web_socket_handshake_accept(http_head_find(request, "sec-websocket-key"), accept);
    buf_addf(out, "Upgrade: websocket\r\nSec-WebSocket-Accept: %s\r\n", accept);
}

void web_socket_handshake_request(struct buf *out, const char *host, const char *path,
                                  const char *token, const char *key)
{
    buf_addf(out,
             "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n",
             path, host, key);
    if (token)
        buf_addf(out, "Authorization: Bearer %s\r\n", token);
    buf_adds(out, "\r\n");
}

bool web_socket_handshake_verify(const struct http_head *response, const char *key)
{
    const char *accept = http_head_find(response, "sec-websocket-accept");
    char expected[WEB_SOCKET_HANDSHAKE_ACCEPT_BYTES];
    web_socket_handshake_accept(key, expected);
    return response->upgrade && http_head_lists(response, "upgrade", "websocket") && accept &&
           strcmp(accept, expected) == 0 && !http_head_find(response, "sec-websocket-extensions") &&
           !http_head_find(response, "sec-websocket-protocol");
}
