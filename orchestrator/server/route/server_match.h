/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The header If-Match: the revision that the sender has seen of what it asks to change. */
#include "base/err.h"
#include "net/http/http_head.h"

/* *ret: that revision; 0 where the header is missing or "*". ERR_USAGE: it is not a number from 1 on. */
NODISCARD int server_match_read(const struct http_head *head, uint64_t *ret, struct err *err);
