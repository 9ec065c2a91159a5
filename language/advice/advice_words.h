/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The arguments of a command as YAML. Knows how a macro is written, and no macro. */
#include "base/arena.h"
#include "base/value.h"
#include "language/reader/spec_node.h"

/* One argument: behind a dash, or within brackets. */
const char *advice_words_item(struct arena *a, const char *word, bool in_brackets);
/* "command: [python, train.py, '${args}']"; NULL where that is longer than a line. */
const char *advice_words_line(struct arena *a, const struct value *words);
/* Whether `command` is written in brackets. */
bool advice_words_in_brackets(const struct spec_node *list);
/* The words of "--out dir": split at the first space, since the others may be part of a value; at each
 * space if more than one word is an option. */
struct value *advice_words_split(struct arena *a, const char *text);
/* The line, or within brackets the item, to write in place of an item of `command`. */
const char *advice_words_argument(struct spec_reader *r, const struct spec_node *item,
                                  const char *word);
