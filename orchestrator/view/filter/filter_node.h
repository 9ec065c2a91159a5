/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A filter as a tree: what filter_parse.c makes, and filter.c asks. */
#include <stdbool.h>
#include <stddef.h>

enum filter_kind {
    FILTER_EVERY,
    FILTER_ANY,
    FILTER_NOT,
    FILTER_SEARCH, /* texts[0] */
    FILTER_HAS,    /* one of the names */
    FILTER_AMONG,  /* names[0] is one of the texts */
    FILTER_SAYS,   /* one of the texts is in names[0], a cause */
    FILTER_LESS,
    FILTER_AT_MOST,
    FILTER_MORE,
    FILTER_AT_LEAST,
    FILTER_DIFFERS
};

struct filter_text {
    const char *text;
    bool is_number;
    double number;
};

struct filter_name {
    const char *name;
    size_t column; /* SIZE_MAX: no trial has a value */
    bool several;  /* texts with commas between: each is one */
};

struct filter {
    enum filter_kind kind;
    struct filter *parts,
        *next; /* parts: of EVERY, ANY and NOT; next: among those of the same parent */
    struct filter_name *names;
    size_t names_n;
    struct filter_text *texts;
    size_t texts_n;
};
