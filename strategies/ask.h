/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The strategy of a spec as a conversation: a line of JSON in, one or more lines out (docs/ask.md).
 * The same spec, seed and lines give the same answers, byte for byte. Pure; must not know where
 * lines come from or go to. */
#include "language/spec.h"

enum { ASK_AT_ONCE_MAX = 100000 };

struct ask;

/* Takes one answer, without its newline. */
typedef void (*ask_answer_fn)(void *to, const char *line, size_t len);

/* spec must outlive it. */
NODISCARD int ask_new(const struct spec *spec, uint64_t seed, struct ask **ret, struct err *err);
/* As strategy_set_prior(), before the first line. */
void ask_set_prior(struct ask *ask, const struct value *prior);
void ask_free(struct ask *ask);
/* Makes the next proposal ahead, so that an ask that comes next is answered in microseconds. Changes
 * no answer. */
void ask_prepare(struct ask *ask);
/* Answers one line; answers an invalid line with {"error":…}, which changes nothing. */
void ask_line(struct ask *ask, const char *line, size_t len, ask_answer_fn answer, void *to);
