/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The sweeps and trials that a command names, by sweep: one request has those of one. */
#include "cli/look/looking.h"

struct named {
    char sweep[16];
    bool itself;       /* the sweep is named */
    uint64_t *numbers; /* of its trials that are named */
    size_t n, cap;
};

struct named_list { /* in the order of their first names */
    struct named *items;
    size_t n, cap;
};

/* Adds what a person typed. Fails if there is no such thing, or with more than `most` trials of a sweep. */
NODISCARD int named_add(struct looking *l, const char *what, size_t most, struct named_list *list,
                        struct err *err);
void named_done(struct named_list *list);
