/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What OpenSSL reads and writes, for net/tls/ alone: it reads the bytes that have just arrived, and
 * writes to a stream, without buffers between. */
#include <stddef.h>
#include "net/stream.h"
#include "net/tls/openssl.h"

struct channel {
    const char *input; /* what OpenSSL may read */
    size_t input_len;
    struct stream *output;
};

/* The SSL reads and writes c from now on. */
void channel_join(struct channel *c, SSL *ssl);
