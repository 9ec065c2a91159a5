/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Who ended a trial, from the record of actions. */
#include "orchestrator/view/view_row.h"

/* A name with the id of its token, where `by` is one; in the arena. */
const char *view_actor_name(struct view *v, struct arena *a, const char *by);
/* The action that ended a trial with the reason `user`, as {"by","what","subject","time"}: that of the trial, or that of
 * its sweep. trial has "state", "attempts", "created", "ended". *ret: null where none is recorded. */
NODISCARD int view_actor_find(struct view *v, struct arena *a, const char *sweep, uint64_t number,
                              struct value **ret, struct err *err);
