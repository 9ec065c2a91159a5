/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/framing.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "net/stream.h"
#include "net/tls/secret.h"

void framing_init(struct framing *f, enum framing_kind kind)
{
    f->kind = kind;
    frame_decoder_init(&f->decoder);
    web_socket_init(&f->socket, kind == FRAMING_WEB_CLIENT);
}

void framing_done(struct framing *f)
{
    frame_decoder_done(&f->decoder);
    web_socket_done(&f->socket);
}

int framing_feed(struct framing *f, const void *bytes, size_t len, struct err *err)
{
    if (f->kind == FRAMING_LENGTH)
        return frame_decoder_feed(&f->decoder, bytes, len, err);
    web_socket_feed(&f->socket, bytes, len);
    return 0;
}

static void framing_send_web(struct framing *f, struct stream *s, enum web_socket_kind kind,
                             const char *text, size_t len)
{
    unsigned char header[WEB_SOCKET_HEADER_BYTES], mask[4];
    if (f->kind == FRAMING_WEB_SERVER) {
        stream_write(s, header, web_socket_header(header, kind, len, NULL), text, len);
        return;
    }
    secret_random(mask, sizeof mask);
    char *masked = mem_resize(NULL, len + 1);
    memcpy(masked, text, len);
    web_socket_mask(masked, len, mask);
    stream_write(s, header, web_socket_header(header, kind, len, mask), masked, len);
    mem_free(masked);
}

static void framing_send_close(struct framing *f, struct stream *s, unsigned code, const char *why)
{
    char text[WEB_SOCKET_CONTROL_BYTES];
    size_t len = strlen(why), most = sizeof text - 2;
    len = utf8_valid_prefix(why, len < most ? len : most);
    text[0] = (char)(code >> 8);
    text[1] = (char)(code & 0xff);
    memcpy(text + 2, why, len);
    framing_send_web(f, s, WEB_SOCKET_CLOSE, text, len + 2);
}

static int framing_next_web(struct framing *f, struct stream *s, const char **text, size_t *len,
                            struct err *err)
{
    while (true) {
        switch (web_socket_next(&f->socket, text, len, err)) {
        case WEB_SOCKET_TEXT:
            return 1;
        case WEB_SOCKET_MORE:
            return 0;
        case WEB_SOCKET_PING:
            framing_send_web(f, s, WEB_SOCKET_PONG, *text, *len);
            break;
        case WEB_SOCKET_PONG:
            break;
        case WEB_SOCKET_CLOSE:
            framing_send_close(f, s, WEB_SOCKET_CLOSE_NORMAL, "");
            return *len > 0
                       ? err_set(err, ERR_UNREACHABLE, "the peer closed it: %.*s", (int)*len, *text)
                       : err_set(err, ERR_UNREACHABLE, "the peer closed it");
        case WEB_SOCKET_BAD:
            framing_send_close(f, s, f->socket.close_code, err->text);
            return err->code;
        }
    }
}

int framing_next(struct framing *f, struct stream *s, const char **text, size_t *len,
                 struct err *err)
{
    if (f->kind == FRAMING_LENGTH)
        return frame_decoder_next(&f->decoder, text, len);
    return framing_next_web(f, s, text, len, err);
}

void framing_send(struct framing *f, struct stream *s, const char *text, size_t len)
{
    unsigned char header[FRAME_HEADER_BYTES];
    if (f->kind != FRAMING_LENGTH) {
        framing_send_web(f, s, WEB_SOCKET_TEXT, text, len);
        return;
    }
    frame_header(header, len);
    stream_write(s, header, sizeof header, text, len);
}

void framing_end(struct framing *f, struct stream *s, const char *why)
{
    if (f->kind != FRAMING_LENGTH && !f->socket.bad)
        framing_send_close(f, s, WEB_SOCKET_CLOSE_NORMAL, why);
}
