/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Values in the grammar of Hydra's overrides, as in optimizer.lr=0.01: what Hydra 1.1 and later
 * reads back as the same value. */
#include "base/buf.h"
#include "base/value.h"

void hydra_text(struct buf *out, const struct value *v);
