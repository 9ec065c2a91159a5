/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a program's --help says of its options, as argparse, click and absl print it. Pure; text
 * that says nothing gives nothing. */
#include <stdbool.h>
#include <stddef.h>
#include "base/value.h"

struct help_option {
    const char *name;            /* "--lr" */
    bool value;                  /* something stands behind it: a value is taken */
    const struct value *choices; /* list of texts, or NULL */
};

struct help_text {
    struct arena *arena;
    struct help_option *options;
    size_t n, cap;
    struct value *required; /* list: options that stand outside of brackets in the usage */
};

void help_text_read(struct help_text *h, struct arena *a, const char *text, size_t len);
/* The option of that name, or, as argparse does, the only one that begins so; else NULL. */
const struct help_option *help_text_find(const struct help_text *h, const char *name);
