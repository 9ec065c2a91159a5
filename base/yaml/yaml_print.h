/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A value as YAML that yaml_read() reads as the same value: mappings as blocks, lists of plain values
 * in one line, texts quoted where they would be something else. */
#include "base/buf.h"
#include "base/value.h"

void yaml_print(struct buf *out, const struct value *v);
