/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The join string of --join: in a file, on standard input ("-"), or the string itself, which begins
 * with http. In a file or on standard input, it does not appear in the list of processes. */
#include "sweep/trust/join_text.h"

NODISCARD int join_source_read(const char *given, struct join_text *ret, struct err *err);
