/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The sentences about a trial as a list of [label, text], as a controller sends them. */
#include "base/err.h"
#include "base/value.h"

struct view;

/* Of a view of another machine's controller, in its own words. ERR_PROTOCOL: it sent none. */
NODISCARD int explain_line_ask(struct view *v, struct arena *a, const struct value *trial,
                               struct value **ret, struct err *err);
/* The text with this label; NULL if there is none. */
const char *explain_line_find(const struct value *lines, const char *label);
