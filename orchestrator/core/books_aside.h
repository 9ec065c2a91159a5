/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What an attempt aside had reported, as the store keeps it beside the attempt: JSON. Must not know
 * the attempt itself. */
#include "base/buf.h"
#include "orchestrator/core/books_trial.h"

void books_aside_print(struct buf *out, const struct book_aside *aside);
/* Reads all but the attempt. ERR_DAMAGED where the text is not one that was printed: then nothing
 * is allocated. */
NODISCARD int books_aside_read(struct arena *scratch, const char *text, struct book_aside *ret);
