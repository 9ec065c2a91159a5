/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Runs a command that is to print its help, and reads what it prints: no input, a bounded output, a
 * bounded time, and nothing of it left running. */
#include "base/buf.h"
#include "base/value.h"

enum { ASK_HELP_SECONDS = 10, ASK_HELP_BYTES = 1 << 20 };

/* argv: list of texts. Appends stdout and stderr to out. ERR_* with a sentence where it cannot be
 * started, does not end in time, or ends otherwise than with 0. */
NODISCARD int ask_help(struct buf *out, const struct value *argv, const char *dir, struct err *err);
