/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The options --log-level and --log-file of commands that run a shell. */
#include "base/err.h"

struct invocation;

/* Opens the log (net/log.h) as the options say: warnings and errors to stderr without them. */
NODISCARD int logging_open(const struct invocation *inv, struct err *err);
