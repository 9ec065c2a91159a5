/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Tags of sweeps and trials, as texts: "a,b" in the order of bytes, NULL of none. */
#include "base/value.h"
#include "orchestrator/store/store_schema.h"
#include "orchestrator/view/view.h"

/* A column of a query: the tags of what has this id. */
#define VIEW_TAGS_OF(id) \
    "(SELECT group_concat(tag) FROM (SELECT tag FROM tag WHERE thing = " id " ORDER BY tag))"
#define VIEW_TAGS_OF_SWEEP(n) VIEW_TAGS_OF("(" n " << 40 | " STORE_TAG_SWEEP ")")

/* Of each of the trials that has any, its number as a text -> a list of its tags; with trials NULL, of the
 * sweep "" -> them. A dict in the arena. */
NODISCARD int view_tags_had(struct view *v, struct arena *a, const char *sweep,
                            const struct value *trials, const struct value **ret, struct err *err);
