/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The help texts, made from the table of subcommands. Pure. */
#include "base/buf.h"

struct subcommand;

void help_all(struct buf *out, const struct subcommand *const *table);
void help_one(struct buf *out, const struct subcommand *s);
