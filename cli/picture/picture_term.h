/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A sweep's history and importances in characters. Pure. */
#include "orchestrator/view/analysis/evidence.h"
#include "orchestrator/view/analysis/matters.h"

/* Appends lines of at most `columns`: braille and blocks, or ASCII without utf8. */
void picture_term(struct buf *out, struct arena *a, const struct evidence *e,
                  const struct matters *m, size_t columns, bool utf8, bool colour);
