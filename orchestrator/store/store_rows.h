/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The rows of what a batch's facts touched, as the books have them when the batch is sealed. Touches
 * no file. */
#include "orchestrator/core/books.h"

struct store;

/* Adds them to the batch that is being filled. */
void store_rows_add(struct store *s, const struct books *b);
