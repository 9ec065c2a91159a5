/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/api/api_best.h"

#include <inttypes.h>
#include <string.h>

#include "orchestrator/runs/runs_run.h"
#include "orchestrator/view/view.h"
#include "orchestrator/wandb/api/api_node.h"

struct best {
    struct desk_call *call;
    int64_t *numbers;
    size_t n;
    int rc;
    struct err *err;
};

static void number_to_front(struct best *b, size_t at)
{
    int64_t n = b->numbers[at];
    memmove(b->numbers + 1, b->numbers, at * sizeof *b->numbers);
    b->numbers[0] = n;
}

/* Nonzero: found, or failed. A trial that never opened a run has none. */
static int trial_take(void *arg, const struct value *trial)
{
    struct best *b = arg;
    struct runs_run run;
    struct desk_call *c = b->call;
    const struct value *objective = value_get(trial, "objective");
    if (!objective || !value_is_number(objective))
        return 1;
    const char *name = value_get_str(trial, "id", "");
    struct err none = {0};
    int rc = runs_run_find(c->runs, c->arena, api_node_entity(c), api_node_project(c), name, &run,
                           &none);
    if (rc == ERR_NOT_FOUND)
        return 0;
    b->rc = rc == 0 ? 0 : err_set(b->err, rc, "%s", none.text);
    for (size_t i = 0; rc == 0 && i < b->n; i++) {
        if (b->numbers[i] == run.n) {
            number_to_front(b, i);
            return 1;
        }
    }
    return rc;
}

/* Whether the order is by the sweep's metric, best first. */
static bool order_is_objective(const struct wandb_order *order, const struct value *metric)
{
    bool descending = strcmp(value_get_str(metric, "goal", "minimize"), "maximize") == 0;
    return order->n == 1 && order->keys[0].field.part == WANDB_FIELD_SUMMARY &&
           order->keys[0].descending == descending &&
           strcmp(order->keys[0].field.name, value_get_str(metric, "name", "")) == 0;
}

int api_best_first(struct desk_call *c, const char *sweep, const struct wandb_order *order,
                   int64_t *numbers, size_t n, struct err *err)
{
    struct view *v;
    struct value *doc;
    char id[16];
    struct best b = {c, numbers, n, 0, err};
    if (view_open(c->dir, &v, NULL) != 0)
        return 0;
    if (view_find_sweep(v, sweep, id, NULL) == 0 && view_sweep(v, c->arena, id, &doc, NULL) == 0 &&
        order_is_objective(order, value_get(doc, "metric"))) {
        const struct view_query q = {.sort = "objective", .descending = order->keys[0].descending};
        int rc = view_trials(v, id, &q, trial_take, &b, err);
        b.rc = b.rc ? b.rc : rc;
    }
    view_close(v);
    return b.rc;
}
