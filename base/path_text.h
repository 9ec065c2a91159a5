/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Paths as text: a path is bytes, but besom stores and sends text only. A path that is UTF-8 is
 * its own text. Any other is written as "bytes:" and then with %XX for each byte that is not
 * printable ASCII, and for '%'; so is one that begins with "bytes:" itself. */
#include <stdbool.h>

enum { PATH_TEXT_PATH_BYTES = 4096, PATH_TEXT_BYTES = 3 * PATH_TEXT_PATH_BYTES + 8 };

/* A path of PATH_TEXT_PATH_BYTES or more is cut. */
void path_text_print(char out[PATH_TEXT_BYTES], const char *path);
/* False where it is too long, or a % is not followed by two hexadecimal digits other than 00. */
bool path_text_parse(char out[PATH_TEXT_PATH_BYTES], const char *text);
