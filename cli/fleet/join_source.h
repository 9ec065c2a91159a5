/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where --join has its string: a file, "-" for standard input, or the string itself, which begins
 * with http. In a file or on standard input others cannot see it in the list of processes. */
#include "sweep/trust/join_text.h"

NODISCARD int join_source_read(const char *given, struct join_text *ret, struct err *err);
