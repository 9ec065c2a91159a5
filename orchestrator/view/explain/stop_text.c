/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/explain/stop_text.h"

#include <inttypes.h>

#include "base/number/cell.h"

const char *stop_text(struct arena *a, const struct value *why)
{
    const struct value *last = value_get(why, "last_step");
    const char *name = value_get_str(why, "stopper", "?");
    const char *value = cell_value(a, value_get(why, "value"));
    if (last)
        return last->kind == VALUE_INT
                   ? arena_printf(a,
                                  "by %s: its metric is %s, and was last finite at step %" PRId64,
                                  name, value, last->i)
                   : arena_printf(a, "by %s: its metric is %s, and was never finite", name, value);
    return arena_printf(a,
                        "by %s: %s at iteration %" PRId64 " is rank %" PRId64 " of %" PRId64
                        " trials; the worst that continues is %s",
                        name, value, value_get_int(why, "rung", 0), value_get_int(why, "rank", 0),
                        value_get_int(why, "of", 0), cell_value(a, value_get(why, "threshold")));
}
