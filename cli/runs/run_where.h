/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The tests of besom runs --where, as a filter of protocol/wandb/wandb_filter.h: "lr < 0.01 and state = finished". Pure. */
#include "base/err.h"
#include "base/value.h"

/* FIELD OP VALUE, joined by `and` and `or`; OP is one of = != < <= > >= ~ !~ (a regular expression). A name that is not a field
 * of a run is one in its configuration or its summary. A text that begins with { is such a filter already. ERR_USAGE says
 * what is wrong. */
NODISCARD int run_where_parse(struct arena *a, const char *text, struct value **ret,
                              struct err *err);
/* The order by a field, or by a name in the summary or the configuration, as of protocol/wandb/wandb_order.h. */
const char *run_where_order(struct arena *a, const char *name, bool descending);
