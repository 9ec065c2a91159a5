/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The output of `besom run` at its end: the best trials, the best configuration, and what to type
 * next. Reads the store through its views. */
#include <stdio.h>
#include "base/err.h"

NODISCARD int summary_print(FILE *out, const char *store_dir, const char *sweep, struct err *err);
