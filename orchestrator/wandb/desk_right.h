/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The right to send or fetch one file, as a URL that carries it: wandb's clients send files without a
 * credential. It names the file and when it ends, and is signed by a key of the store, DIR/files/key. */
#include "base/arena.h"
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

#define DESK_RIGHT_PUT "/storage/put"
#define DESK_RIGHT_GET "/storage/get"
enum { DESK_RIGHT_KEY_BYTES = 32, DESK_RIGHT_MS = 6 * 3600 * 1000 };

struct desk_right {
    bool put;
    const char *kind; /* "run", "artifact", "manifest": whose file */
    int64_t n;        /* the number of that */
    const char *name; /* of the file */
    int64_t until_ms; /* since 1970 */
};

/* Reads the key, and makes it if it is missing. */
NODISCARD int desk_right_key(const char *dir, unsigned char key[DESK_RIGHT_KEY_BYTES],
                             struct err *err);
/* base: "https://HOST:PORT". */
char *desk_right_url(struct arena *a, const unsigned char key[DESK_RIGHT_KEY_BYTES],
                     const char *base, const struct desk_right *right);
/* Reads the query of such a URL. ERR_PERMISSION: its signature is wrong, or its time is over. */
NODISCARD int desk_right_read(struct arena *a, const unsigned char key[DESK_RIGHT_KEY_BYTES],
                              const char *query, bool put, int64_t now_ms, struct desk_right *ret,
                              struct err *err);
