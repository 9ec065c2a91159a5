/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Writes a picture to a file, whole or not at all. */
#include "base/buf.h"

/* A comment of every picture, by which besom knows a file that it may replace. */
#define PICTURE_FILE_MARK "<!-- made by besom plot -->"

/* Replaces a file of that name. own: only if it is a picture of besom's; ERR_EXISTS if it is
 * another file. */
NODISCARD int picture_file_write(const char *path, const struct buf *content, bool own,
                                 struct err *err);
