/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Corrections for what the reader found: a line to write, and the edits whose meaning is certain. */
#include "language/reader/spec_finding.h"

/* For spec_reader.advise. */
void advice_finding(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                    const struct spec_finding *found);
