/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a peer, split where the first of them says: whole or in pieces the decoder gives the
 * same frames, and refuses the same streams. */
#include <string.h>

#include "base/check.h"
#include "net/frame.h"
#include "tests/fuzz/fuzz.h"

/* Frames, each behind its header again; how it ended. */
static int decode(const uint8_t *data, size_t size, size_t piece, struct buf *out)
{
    struct frame_decoder d;
    int rc = 0;
    frame_decoder_init(&d);
    for (size_t at = 0; rc == 0 && at < size; at += piece) {
        const char *frame;
        size_t len;
        unsigned char header[FRAME_HEADER_BYTES];
        rc = frame_decoder_feed(&d, data + at, piece < size - at ? piece : size - at, NULL);
        while (rc == 0 && frame_decoder_next(&d, &frame, &len)) {
            frame_header(header, len);
            buf_add(out, header, sizeof header);
            buf_add(out, frame, len);
        }
    }
    frame_decoder_done(&d);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole, pieces;
    if (size < 2)
        return 0;
    buf_init(&whole, SIZE_MAX);
    buf_init(&pieces, SIZE_MAX);
    int rc = decode(data + 1, size - 1, size, &whole);
    check(decode(data + 1, size - 1, 1 + data[0] % 16, &pieces) == rc);
    /* What stood before the frame that was refused may have been handed out. */
    check(whole.len <= pieces.len && memcmp(buf_str(&whole), buf_str(&pieces), whole.len) == 0);
    check(rc != 0 || whole.len == pieces.len);
    check(pieces.len <= size && memcmp(buf_str(&pieces), data + 1, pieces.len) == 0);
    buf_done(&whole);
    buf_done(&pieces);
    return 0;
}
