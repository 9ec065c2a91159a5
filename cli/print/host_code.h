/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the folders of agents hold, as text for people: "COMMIT" or "COMMIT+HASH"
 * (agent/code/code_tree.h), and whether agents hold the same. */
#include "base/value.h"

/* "3f2a1b9c01d2", "3f2a1b9c01d2 with changes" */
const char *host_code_short(struct arena *a, const char *code);
/* "a has 3f2a1b9c01d2, b has 9a8b7c6d5e4f with changes" if the dicts of the list differ in `code`; NULL if
 * they do not. name: the key of an agent's name. Those without a code are left out. */
const char *host_code_differs(struct arena *a, const struct value *list, const char *name);
