/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A pack: the files of a project as one text, the same bytes for the same files. It has no times
 * and no owners, so its hash is the name of its content. Pure: knows no file and no compression.
 *
 *   "besom code 1\n", then each entry in the order of code_path_compare():
 *   its kind (f a file, x a file that may be executed, l a symbolic link), its path, a NUL,
 *   the bytes of its content as eight bytes, lowest first, its content, a NUL.
 *
 * Links are such that none leads out of the root (code_path_link_is_inside), no path lies below a
 * file or a link, and none comes twice. */
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"

struct code_pack_entry {
    char kind;         /* f, x, l */
    const char *path;  /* NUL-terminated, as is the target of a link */
    const char *bytes; /* of a link, its target */
    size_t len;
};

struct code_pack {
    struct code_pack_entry *entries;
    size_t n, cap;
};

enum { CODE_PACK_HASH_CHARS = 64 };
/* Whether a text can be the name of a pack: its SHA-256 in lower-case hexadecimal digits. */
bool code_pack_is_hash(const char *text);

void code_pack_begin(struct buf *out);
/* Entries are added in order. */
void code_pack_add(struct buf *out, const struct code_pack_entry *e);
/* Reads a pack whole, from anywhere: ERR_DAMAGED says what is wrong. Entries point into the text.
 * Release with code_pack_done(), after an error too. */
NODISCARD int code_pack_read(const char *bytes, size_t len, struct code_pack *ret, struct err *err);
void code_pack_done(struct code_pack *p);
