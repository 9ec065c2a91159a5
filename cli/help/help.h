/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The help texts, made from the table of subcommands. Pure. */
#include "base/buf.h"

struct subcommand;
struct subcommand_option;

void help_all(struct buf *out);
void help_one(struct buf *out, const struct subcommand *s);
/* "-s, --slots N"; without the space in front of a missing letter's. */
void help_option_name(struct buf *out, const struct subcommand_option *o);
