/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Answers compressed by zstd, for clients that accept it. Whether one does depends on the head of its request, so every
 * answer that may be compressed has SERVER_PACK_VARY among its headers. */
#include "base/buf.h"

struct http_head;

#define SERVER_PACK_VARY "Vary: Accept-Encoding\r\n"
#define SERVER_PACK_CODING "Content-Encoding: zstd\r\n"

enum {
    SERVER_PACK_BYTES_MIN = 1024,      /* a shorter answer gains nothing */
    SERVER_PACK_LOOP_BYTES = 64 << 10, /* the loop compresses no more than this: 0.3 ms */
};

bool server_pack_wants(const struct http_head *head);
/* Compresses what is in `out`. False, and it stays, where that makes it no shorter. For any thread. */
bool server_pack(struct buf *out);
