/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The arguments of a command as YAML. Knows how a macro is written, and no macro. */
#include "base/arena.h"
#include "base/value.h"

/* One argument: behind a dash, or within brackets. */
const char *spec_words_item(struct arena *a, const char *word, bool in_brackets);
/* "command: [python, train.py, '${args}']"; NULL where that is longer than a line. */
const char *spec_words_line(struct arena *a, const struct value *words);
