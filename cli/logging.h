/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The options --log-level and --log-file of commands that run a shell. */
#include "base/err.h"

struct invocation;

/* Opens the log (net/log.h) from the options; without them, warnings and errors go to stderr. */
NODISCARD int logging_open(const struct invocation *inv, struct err *err);
