/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Frames on a byte stream: four bytes of length, big end first, then that many bytes of JSON. The
 * decoder takes bytes as they come, split anywhere. Knows no socket and no message. */
#include "base/buf.h"

struct frame_decoder {
    struct buf pending;
    size_t taken; /* bytes at its front that were returned already: dropped at the next feed */
};

void frame_decoder_init(struct frame_decoder *d);
void frame_decoder_done(struct frame_decoder *d);
/* Adds bytes. ERR_LIMIT for a frame over LIMIT_FRAME_BYTES, before memory is allocated for it. */
NODISCARD int frame_decoder_feed(struct frame_decoder *d, const void *bytes, size_t len,
                                 struct err *err);
/* The next complete frame, valid until the next call on d; false if none is complete yet. */
bool frame_decoder_next(struct frame_decoder *d, const char **ret, size_t *ret_len);

enum { FRAME_HEADER_BYTES = 4 };
void frame_header(unsigned char out[FRAME_HEADER_BYTES], size_t len);
