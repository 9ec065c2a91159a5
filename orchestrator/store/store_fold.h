/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Merges small chunks of an attempt into one. For the thread that writes; knows no books and no
 * facts. */
#include <stdbool.h>
#include "base/err.h"

struct store;
struct store_grown;

void store_fold_init(struct store *s);
void store_fold_done(struct store *s);
/* An attempt was launched, got a chunk, or has ended. */
void store_fold_note(struct store *s, const struct store_grown *grown);
/* One step; 1 if there is more. */
NODISCARD int store_fold_step(struct store *s, struct err *err);
