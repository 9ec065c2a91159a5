/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads what the screen of `besom watch` shows, from a store or a controller, and asks for what its user
 * wants done. May wait for answers: it is called on a thread of its own, one call at a time. */
#include "cli/look/looking.h"
#include "cli/watch/watch_lists.h"
#include "cli/watch/watch_state.h"

struct watch_reader {
    struct looking *l;
    double pace_at, pace_took, names_at, fleet_at; /* when these were read, and for how long */
    double suspect_at, suspect_took;
    struct watch_lists lists;
    int64_t names_of; /* trials that the names are of */
};

/* Makes new data from what is there; a part that needs no new reading is copied from `before`, which may
 * be NULL. ERR_UNREACHABLE and the like: the data has `trouble`, and the parts of before. */
struct watch_data *watch_read(struct watch_reader *r, const struct watch *w,
                              const struct watch_data *before);
void watch_read_free(struct watch_data *d); /* takes NULL */
/* What the action in w->op would do, or with `really` does: its message. False: it is not possible. */
bool watch_read_action(struct watch_reader *r, const struct watch *w, bool really,
                       int64_t *ret_revision, char message[WATCH_SAID]);
