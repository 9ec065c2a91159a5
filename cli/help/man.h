/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The man pages as roff, made from the table of subcommands: besom(1), and besom-run(1) for each.
 * Pure. */
#include "base/buf.h"

struct subcommand;

void man_all(struct buf *out, const struct subcommand *const *table);
void man_one(struct buf *out, const struct subcommand *s);
