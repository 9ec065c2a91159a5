/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/machine.h"

#include <string.h>

#include "base/check.h"

bool machine_may_move(const struct machine_state *table, int from, int to)
{
    PRE(from >= 0 && from < 32 && to >= 0 && to < 32);
    return (table[from].allowed & MACHINE_TO(to)) != 0;
}

void machine_move(const struct machine_state *table, int *state, int to)
{
    check(machine_may_move(table, *state, to));
    *state = to;
}

int machine_find(const struct machine_state *table, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (table[i].name && strcmp(table[i].name, name) == 0)
            return (int)i;
    return -1;
}
