/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What bash, zsh and fish read to complete besom's words, made from the table of subcommands. Pure.
 */
#include "base/buf.h"

void completion_bash(struct buf *out);
void completion_zsh(struct buf *out);
void completion_fish(struct buf *out);
