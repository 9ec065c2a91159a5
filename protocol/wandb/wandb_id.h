/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Ids of things in answers to wandb's clients, which only pass them back: base64 of "KIND:NUMBER". */
#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"

/* kind: "Run", "Artifact", … */
char *wandb_id_print(struct arena *a, const char *kind, int64_t number);
/* False where the text is not an id of that kind; takes NULL. */
bool wandb_id_parse(const char *text, const char *kind, int64_t *ret);
