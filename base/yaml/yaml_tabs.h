/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Tabs that libyaml accepts, but that PyYAML, and so W&B, refuses: anywhere except in comments,
 * quotes and blocks. Knows only text. */
#include <stdbool.h>
#include "base/arena.h"

/* A quoted or block scalar, counted in characters from the start of the text. */
struct yaml_tabs_span {
    size_t start, end;
};
struct yaml_tabs {
    struct yaml_tabs_span *spans;
    size_t n, cap;
};

/* Spans are added in the order of the text. */
void yaml_tabs_add(struct arena *a, struct yaml_tabs *t, size_t start, size_t end);
/* The first misplaced tab, line and column from 0; false where there is none. */
bool yaml_tabs_find(const struct yaml_tabs *t, const char *text, size_t len, size_t *ret_line,
                    size_t *ret_column);
