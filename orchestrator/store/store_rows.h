/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The rows that a batch's facts changed, copied from the books when the batch is sealed. Touches
 * no file. */
#include "orchestrator/core/books.h"

struct store;

/* Adds them to the batch that is being filled. */
void store_rows_add(struct store *s, const struct books *b);
