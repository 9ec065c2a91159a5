/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The keys that a terminal's bytes mean. Pure. */
#include <stddef.h>

enum keys_key { /* others are the byte itself */
                KEYS_UP = 256,
                KEYS_DOWN,
                KEYS_PAGE_UP,
                KEYS_PAGE_DOWN,
                KEYS_HOME,
                KEYS_END,
                KEYS_BACK_TAB,
                KEYS_ESCAPE,
                KEYS_NONE, /* a sequence that means nothing here */
};

/* The first key of the bytes, at least one; *ret_len: how many it takes. A lone escape is the key Esc. */
int keys_read(const char *bytes, size_t len, size_t *ret_len);
