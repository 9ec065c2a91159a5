/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/counts.h"

#include <inttypes.h>
#include <string.h>

#include "base/diag/display.h"
#include "orchestrator/view/view_retry.h"

static int64_t count_of(const struct counts *c, const char *state)
{
    return value_get_int(value_get(c->sweep, "counts"), state, 0);
}

int counts_read(struct view *v, const struct value *sweep, struct counts *ret, struct err *err)
{
    *ret = (struct counts){.sweep = sweep,
                           .metric = value_get_str(value_get(sweep, "metric"), "name", NULL)};
    if (!ret->metric || count_of(ret, "finished") == 0)
        return 0;
    return view_retry_count(v, value_get_str(sweep, "id", ""), &ret->unmeasured, err);
}

static void metric_print(struct buf *out, const struct counts *c)
{
    buf_adds(out, "without ");
    display_clean(out, c->metric, strlen(c->metric));
}

void counts_print(struct buf *out, const struct counts *c)
{
    const struct value *counts = value_get(c->sweep, "counts");
    const char *comma = "";
    for (size_t i = 0; counts && i < counts->dict.n; i++) {
        const char *state = counts->dict.entries[i].key;
        int64_t n = count_of(c, state);
        if (n == 0)
            continue;
        buf_addf(out, "%s%" PRId64 " %s", comma, n, state);
        comma = ", ";
        if (c->unmeasured == 0 || strcmp(state, "finished") != 0)
            continue;
        buf_addf(out, ", %" PRIu64 " of them ", c->unmeasured);
        metric_print(out, c);
    }
}

void counts_print_retry(struct buf *out, const struct counts *c, const char *store)
{
    bool failed = count_of(c, "failed") > 0, lost = count_of(c, "lost") > 0;
    if (strcmp(value_get_str(c->sweep, "state", ""), "paused") == 0 ||
        !(failed || lost || c->unmeasured > 0))
        return;
    buf_adds(out, "run the ");
    buf_adds(out, failed && lost ? "failed and lost trials" : failed ? "failed trials" : "");
    buf_adds(out, lost && !failed ? "lost trials" : "");
    if (c->unmeasured > 0) {
        buf_adds(out, failed || lost ? " and those " : "trials ");
        metric_print(out, c);
    }
    buf_addf(out, " again:\n  besom retry %s%s\n", value_get_str(c->sweep, "id", ""), store);
}
