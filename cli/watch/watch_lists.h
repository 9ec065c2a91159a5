/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads what lists of sweeps show on the screens of `besom watch` and `besom top`: the sweeps beside the one that is
 * watched, how each sweep goes, and who paused it. What takes long is read at several looks. */
#include "cli/look/looking.h"
#include "cli/watch/watch_state.h"

struct watch_lists {
    double read_at; /* when the other sweeps were read */
};

/* Gives a sweep that no process runs the state "interrupted", as besom show has it. Returns whether it is one. */
bool watch_lists_mark(struct looking *l, struct watch_data *d, struct value *sweep);
/* Fills in `told` of d->sweeps, of those on the screen and near it. */
void watch_lists_all(struct looking *l, const struct watch *w, struct watch_data *d,
                     const struct watch_data *before);
/* Fills in `others`, `sweeps_of` and `told`, for a wide screen of d->sweep. */
void watch_lists_others(struct watch_lists *lists, struct looking *l, const struct watch *w,
                        struct watch_data *d, const struct watch_data *before);
