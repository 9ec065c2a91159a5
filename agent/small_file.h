/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Files of one line in the folder of a controller or an agent. */
#include <stddef.h>
#include "base/err.h"

/* Replaces the file atomically and durably; only its owner may read it. */
NODISCARD int small_file_write(const char *dir, const char *name, const char *text,
                               struct err *err);
/* Replaces the file `to`, durably. */
NODISCARD int small_file_rename(const char *dir, const char *from, const char *to, struct err *err);
/* Its first line, cut at the size. ERR_NOT_FOUND: there is no such file. */
NODISCARD int small_file_read(const char *dir, const char *name, char *out, size_t size,
                              struct err *err);
