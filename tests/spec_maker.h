/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A spec out of any bytes: each choice that the language leaves is settled by the next of them, so
 * that a fuzzer's bytes or a generator's give specs of every shape, most of them good. */
#include "base/buf.h"

void spec_maker_make(struct buf *out, const unsigned char *bytes, size_t len);
