/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* State machines as tables: each state has a name and the set of states it may move to. */
#include <stdbool.h>
#include <stddef.h>

#define MACHINE_TO(state) (1u << (unsigned)(state))

struct machine_state {
    const char *name;
    unsigned allowed; /* MACHINE_TO(…) | … */
    bool final;
};

bool machine_may_move(const struct machine_state *table, int from, int to);
/* Moves *state; a move the table does not allow is a bug and ends the process. */
void machine_move(const struct machine_state *table, int *state, int to);
int machine_find(const struct machine_state *table, size_t n, const char *name); /* -1 if none */
