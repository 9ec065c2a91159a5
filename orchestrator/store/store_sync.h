/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/err.h"

/* Makes a file, or the names in a folder, durable. */
NODISCARD int store_sync(const char *path, struct err *err);
