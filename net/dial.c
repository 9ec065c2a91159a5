/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dial.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/value.h"
#include "net/http/http_status.h"

enum { REFUSAL_BYTES = 16 << 10 };

void dial_init(struct dial *d, const char *host, const char *path, const char *token,
               const unsigned char *random)
{
    buf_init(&d->request, SIZE_MAX);
    buf_init(&d->body, SIZE_MAX);
    http_reader_init(&d->reader, true);
    web_socket_handshake_key(random, d->key);
    web_socket_handshake_request(&d->request, host, path, token, d->key);
}

void dial_done(struct dial *d)
{
    buf_done(&d->request);
    buf_done(&d->body);
    http_reader_done(&d->reader);
}

/* The error for a status: whether trying again can help. */
static int dial_code(int status)
{
    switch (status) {
    case 401:
    case 403:
        return ERR_PERMISSION;
    case 404:
    case 410:
        return ERR_NOT_FOUND;
    case 408:
    case 425:
    case 429:
        return ERR_UNREACHABLE;
    default:
        return status >= 500 ? ERR_UNREACHABLE : ERR_PROTOCOL;
    }
}

/* A refusal gives its reason in the body: {"error": …}. */
static int dial_refused(struct dial *d, int status, struct err *err)
{
    struct arena a;
    struct value *body = NULL;
    arena_init(&a);
    const char *why = NULL;
    if (json_parse(&a, buf_str(&d->body), d->body.len, &body, NULL) == 0 &&
        body->kind == VALUE_DICT)
        why = value_get_str(body, "error", NULL);
    err_set(err, dial_code(status), "the server refused the connection: %s (%d)",
            why ? why : http_status_text(status), status);
    arena_done(&a);
    return err->code;
}

static int dial_on_end(struct dial *d, int *status, struct err *err)
{
    int code = d->reader.head.status;
    if (code < 200 && code != 101) { /* interim: the real one follows */
        http_reader_clear(&d->reader);
        return 0;
    }
    *status = code;
    if (code != 101)
        return dial_refused(d, code, err);
    if (!web_socket_handshake_verify(&d->reader.head, d->key))
        return err_set(err, ERR_PROTOCOL, "the server does not speak WebSocket");
    return 1;
}

int dial_read(struct dial *d, const char **bytes, size_t *len, int *status, struct err *err)
{
    int rc = 0;
    *status = 0;
    while (rc == 0) {
        switch (http_reader_step(&d->reader, bytes, len)) {
        case HTTP_MORE:
            return 0;
        case HTTP_HEAD:
            d->reader.body_limit = REFUSAL_BYTES;
            break;
        case HTTP_PIECE:
            buf_add(&d->body, d->reader.piece, d->reader.piece_len);
            break;
        case HTTP_END:
            rc = dial_on_end(d, status, err);
            break;
        case HTTP_BAD:
            *status = d->reader.head.status;
            if (*status >= 400) /* only its reason cannot be read */
                return dial_refused(d, *status, err);
            return err_set(err, ERR_PROTOCOL, "the server does not speak HTTP: %s", d->reader.why);
        }
    }
    return rc;
}

int dial_close(struct dial *d, int *status, struct err *err)
{
    *status = 0;
    return !http_reader_is_clear(&d->reader) && http_reader_close(&d->reader) == HTTP_END
               ? dial_on_end(d, status, err)
               : 0;
}
