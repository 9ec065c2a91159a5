/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a WebSocket peer, split where the first of them says: whole or in pieces, the reader
 * makes the same of them. Its first byte also says which side reads. */
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "net/web_socket.h"
#include "tests/fuzz/fuzz.h"

static void fuzz_read(const uint8_t *data, size_t size, size_t piece, bool client, struct buf *out)
{
    struct web_socket w;
    web_socket_init(&w, client);
    for (size_t at = 0; at < size; at += piece) {
        enum web_socket_kind kind;
        const char *text = "";
        size_t len = 0;
        struct err err = {0};
        web_socket_feed(&w, data + at, piece < size - at ? piece : size - at);
        while ((kind = web_socket_next(&w, &text, &len, &err)) != WEB_SOCKET_MORE) {
            buf_addf(out, "[%d %d ", kind, w.close_code);
            if (kind == WEB_SOCKET_BAD) {
                check(err.code != 0 && w.close_code >= 1002);
                continue;
            }
            check(len <= LIMIT_FRAME_BYTES);
            check(kind == WEB_SOCKET_PING || kind == WEB_SOCKET_PONG ||
                  utf8_valid_prefix(text, len) == len);
            buf_add(out, text, len);
        }
    }
    check(w.pending.len <= size && w.message.len <= size);
    web_socket_done(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole, pieces;
    if (size < 2)
        return 0;
    buf_init(&whole, SIZE_MAX);
    buf_init(&pieces, SIZE_MAX);
    bool client = data[0] & 1;
    fuzz_read(data + 1, size - 1, size, client, &whole);
    fuzz_read(data + 1, size - 1, 1 + data[0] % 64 / 2, client, &pieces);
    check(whole.len == pieces.len && memcmp(buf_str(&whole), buf_str(&pieces), whole.len) == 0);
    buf_done(&whole);
    buf_done(&pieces);
    return 0;
}
