/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/counts.h"

#include <inttypes.h>
#include <string.h>

#include "base/diag/display.h"
#include "orchestrator/view/view_retry.h"
#include "sweep/missing_metric.h"

static int64_t count_of(const struct counts *c, const char *state)
{
    return value_get_int(value_get(c->sweep, "counts"), state, 0);
}

static int keep_metrics(void *arg, const struct value *trial)
{
    struct counts *c = arg;
    c->instead = value_copy(c->arena, value_get(trial, "metrics"));
    return 0;
}

int counts_read(struct view *v, struct arena *a, const struct value *sweep, struct counts *ret,
                struct err *err)
{
    const struct view_query finished = {.state = "finished", .limit = 1};
    const char *id = value_get_str(sweep, "id", "");
    *ret = (struct counts){.arena = a,
                           .sweep = sweep,
                           .metric = value_get_str(value_get(sweep, "metric"), "name", NULL)};
    if (!ret->metric || count_of(ret, "finished") == 0)
        return 0;
    int rc = view_retry_count(v, id, &ret->unmeasured, err);
    if (rc == 0 && ret->unmeasured == (uint64_t)count_of(ret, "finished"))
        rc = view_trials(v, id, &finished, keep_metrics, ret, err);
    return rc;
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

/* The spec names another metric than the script: to run the trials again does not help. */
static bool metric_misnamed(const struct counts *c)
{
    return c->instead && c->instead->kind == VALUE_DICT && c->instead->dict.n > 0 &&
           !value_get(c->instead, c->metric);
}

void counts_print_unmeasured(struct buf *out, const struct counts *c)
{
    if (!c->instead)
        return;
    size_t n = c->instead->kind == VALUE_DICT ? c->instead->dict.n : 0;
    const char **names = arena_alloc(c->arena, (n + 1) * sizeof *names);
    struct buf said;
    buf_init(&said, SIZE_MAX);
    buf_adds(out, "no trial has reported the metric ");
    display_clean(out, c->metric, strlen(c->metric));
    for (size_t i = 0; i < n; i++)
        names[i] = c->instead->dict.entries[i].key;
    missing_metric_print(&said, c->metric, names, n);
    buf_adds(out, ": the first ");
    display_clean(out, buf_peek(&said), said.len);
    buf_adds(out, "\n");
    if (metric_misnamed(c)) {
        buf_adds(out, "Report ");
        display_clean(out, c->metric, strlen(c->metric));
        buf_adds(out, " in the script, or start a new sweep with one of them as metric.name.\n");
    }
    /* A paused sweep has already said this. */
    if (n == 0 && !value_get(value_get(c->sweep, "spec"), "report") &&
        strcmp(value_get_str(c->sweep, "state", ""), "paused") != 0)
        buf_addf(out, "%s\n", missing_metric_no_report());
    buf_done(&said);
}

void counts_print_retry(struct buf *out, const struct counts *c, const char *store)
{
    bool failed = count_of(c, "failed") > 0, lost = count_of(c, "lost") > 0;
    bool unmeasured = c->unmeasured > 0 && !metric_misnamed(c);
    if (strcmp(value_get_str(c->sweep, "state", ""), "paused") == 0 ||
        !(failed || lost || unmeasured))
        return;
    buf_adds(out, "run the ");
    buf_adds(out, failed && lost ? "failed and lost trials" : failed ? "failed trials" : "");
    buf_adds(out, lost && !failed ? "lost trials" : "");
    if (unmeasured) {
        buf_adds(out, failed || lost ? " and those " : "trials ");
        metric_print(out, c);
    }
    buf_addf(out, " again:\n  besom retry %s%s\n", value_get_str(c->sweep, "id", ""), store);
}
