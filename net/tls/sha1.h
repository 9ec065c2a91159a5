/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* SHA-1, which the WebSocket handshake requires. It protects nothing there; do not use it for
 * anything else. */
#include <stddef.h>

enum { SHA1_BYTES = 20 };
void sha1_hash(const void *bytes, size_t len, unsigned char out[SHA1_BYTES]);
