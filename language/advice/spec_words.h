/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Command lines that people wrote for a shell, as the list that `command` is. Knows the words of
 * shells and the macros, and nothing of what is said about them. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/value.h"

/* Splits line as a shell does. False where only a shell can tell what it means: signs of its own,
 * variables, patterns, quotes that do not close. */
NODISCARD bool spec_words_split(struct arena *a, const char *line, struct value **ret);
/* One argument as YAML: behind a dash, or within brackets. */
const char *spec_words_item(struct arena *a, const char *word, bool in_brackets);
/* "command: [python, train.py, '${args}']"; NULL where that is longer than a line. */
const char *spec_words_line(struct arena *a, const struct value *words);
/* The same with a shell that reads line; macros become what they stand for. NULL where that cannot
 * be said in a line. */
const char *spec_words_shell_line(struct arena *a, const char *line, const char *program);
/* Appends word to a line for a shell, in quotes where it has to be; false where that takes
 * more than quotes. */
bool spec_words_quote(struct buf *out, const char *word);
/* Whether a word of this length is a sign of shells: &&, |, >, 2>&1 and the like. */
bool spec_words_is_sign(const char *word, size_t len);
/* By its name: what a command line begins with where a script is run. */
bool spec_words_is_script(const char *word);
bool spec_words_is_interpreter(const char *word);
