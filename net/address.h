/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The address of a listener in text: unix:PATH, HOST:PORT or [IPV6]:PORT. */
#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

struct address {
    bool unix_socket;
    char host[256]; /* or the path */
    char port[8];   /* digits */
};

NODISCARD int address_parse(const char *text, struct address *ret, struct err *err);
/* Whether the first `len` bytes, HOST or HOST:PORT, have a port; false of none. */
bool address_has_port(const char *place, size_t len);
