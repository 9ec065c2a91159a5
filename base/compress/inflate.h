/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The content of gzip bytes (RFC 1952) that come in pieces, as pieces in memory of a fixed size. A few
 * bytes can expand to a thousand times their size: the caller must bound the content. */
#include <stdbool.h>
#include <stddef.h>

struct inflate;
/* Takes a piece of the content; false to stop. */
typedef bool (*inflate_fn)(void *arg, const void *bytes, size_t len);

struct inflate *inflate_new(void);
void inflate_free(struct inflate *z); /* takes NULL */
/* False if the bytes are not gzip, or `take` returned false. */
bool inflate_next(struct inflate *z, const void *piece, size_t len, inflate_fn take, void *arg);
bool inflate_is_whole(const struct inflate *z); /* it may end here */
