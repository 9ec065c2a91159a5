/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom best: the configuration that won, and how to run it again. */
#include "cli/look/best.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/front/front.h"
#include "base/number/cell.h"
#include "cli/cmd.h"
#include "cli/print/configuration.h"
#include "cli/print/counts.h"
#include "base/diag/display.h"
#include "cli/print/elapsed.h"
#include "cli/remote/remote.h"
#include "cli/store_path.h"
#include "cli/invocation.h"
#include "cli/look/best_by.h"
#include "cli/look/looking.h"
#include "orchestrator/view/analysis/luck.h"
#include "strategies/bayes/explain.h"

/* Text from outside may hold control characters, so each line is cleaned on its own. */
static void add_clean(struct buf *out, const struct buf *text, const char *indent)
{
    for (const char *line = buf_str(text); *line;) {
        size_t len = strcspn(line, "\n");
        buf_adds(out, indent);
        display_clean(out, line, len);
        buf_addc(out, '\n');
        line += len + (line[len] == '\n');
    }
}

static void print_headline(struct buf *out, struct arena *a, const struct value *sweep,
                           const struct value *trial)
{
    char span[ELAPSED_BYTES];
    const char *metric = value_get_str(value_get(sweep, "metric"), "name", "objective");
    const char *name = value_get_str(sweep, "name", "");
    buf_addf(out, "best: trial %" PRId64 " of sweep ", value_get_int(trial, "number", 0));
    display_clean(out, value_get_str(trial, "sweep", ""),
                  strlen(value_get_str(trial, "sweep", "")));
    if (*name) {
        buf_adds(out, " (");
        display_clean(out, name, strlen(name));
        buf_adds(out, ")");
    }
    const struct value *by = value_get(trial, "by"), *objective = value_get(trial, "objective");
    metric = value_get_str(by, "metric", metric);
    buf_adds(out, ", ");
    display_clean(out, metric, strlen(metric));
    elapsed_format(span, looking_span(trial));
    buf_addf(out, " %s, %s, %s\n", cell_value(a, by ? value_get(by, "value") : objective),
             looking_trial_state(a, trial), span);
}

void best_print(struct buf *out, const char *store, const struct value *sweep,
                const struct value *trial)
{
    struct arena a;
    struct buf text;
    arena_init(&a);
    buf_init(&text, SIZE_MAX);
    print_headline(out, &a, sweep, trial);
    configuration_yaml(&text, value_get(trial, "params"), 0);
    add_clean(out, &text, "  ");
    const char *dir = looking_trial_dir(&a, store, trial);
    if (access(dir, F_OK) == 0) {
        buf_adds(out, "its folder: ");
        display_clean(out, dir, strlen(dir));
        buf_addc(out, '\n');
    }
    buf_clear(&text);
    if (remote_is_address(store)) { /* besom rerun needs the store */
        buf_done(&text);
        arena_done(&a);
        return;
    }
    buf_addf(&text, "besom rerun %s-%lld", value_get_str(sweep, "id", ""),
             (long long)value_get_int(trial, "number", 0));
    store_path_option(&text, store);
    buf_adds(out, "run it again: ");
    add_clean(out, &text, "");
    buf_done(&text);
    arena_done(&a);
}

/* named: another metric than the sweep's, or NULL. */
static int print_none(struct looking *l, const struct value *sweep, const char *named,
                      struct err *err)
{
    const char *id = value_get_str(sweep, "id", "");
    const char *metric = named ? named : value_get_str(value_get(sweep, "metric"), "name", NULL);
    bool ended = value_get_float(sweep, "ended", -1) >= 0;
    struct counts counts = {0};
    int rc = named ? 0 : counts_read(l->view, &l->arena, sweep, &counts, err);
    if (rc)
        return rc;
    if (!metric) {
        buf_addf(&l->out, "sweep %s has no best trial: its spec names no metric\n", id);
    } else if (counts.instead) {
        buf_addf(&l->out, "sweep %s has no best trial: ", id);
        counts_print_unmeasured(&l->out, &counts);
    } else {
        buf_addf(&l->out, "sweep %s has no best trial%s: none has reported ", id,
                 ended ? "" : " yet");
        display_clean(&l->out, metric, strlen(metric));
        buf_addc(&l->out, '\n');
    }
    return 0;
}

/* --metric; NULL: none, or the sweep's own. */
static const char *best_named(const struct invocation *inv, const struct value *sweep)
{
    const char *named = invocation_option(inv, "metric");
    const char *own = value_get_str(value_get(sweep, "metric"), "name", NULL);
    return named && own && strcmp(named, own) == 0 ? NULL : named;
}

static int best_of_sweep(struct looking *l, const struct invocation *inv, const char *id,
                         const struct value *sweep, struct value **ret, struct err *err)
{
    const char *goal = invocation_option(inv, "goal");
    const char *own = value_get_str(value_get(sweep, "metric"), "name", NULL);
    struct best_by by = {.metric = invocation_option(inv, "metric"),
                         .last = invocation_flag(inv, "last")};
    bool is_own = !by.metric || (own && strcmp(by.metric, own) == 0);
    if (goal && is_own)
        return err_set(err, ERR_USAGE,
                       "--goal needs --metric with another metric than the sweep's");
    if (is_own && !by.last)
        return view_best(l->view, &l->arena, id, ret, err);
    if (is_own && !own)
        return 0;
    if (!is_own && !goal)
        return err_set(err, ERR_USAGE, "--metric %.80s: add --goal minimize or --goal maximize",
                       by.metric);
    by.own = is_own;
    by.metric = is_own ? own : by.metric;
    goal = goal ? goal : value_get_str(value_get(sweep, "metric"), "goal", "");
    by.maximize = strcmp(goal, "maximize") == 0;
    return best_by_find(l, id, &by, ret, err);
}

static const char *luck_number(struct arena *a, double x)
{
    return cell_value(a, explain_number(a, x));
}

static const char *luck_chance(struct arena *a, double p)
{
    return p < 0.01 ? "under 1%" : arena_printf(a, "%.0f%%", 100 * p);
}

static void print_recommended(struct buf *out, struct arena *a, const struct luck *l)
{
    const struct recommend_trial *own = &l->model.observed;
    const struct recommend_trial *t = l->verdict == RECOMMEND_OPEN ? own : &l->model.top[0];
    buf_adds(out, "the results are noisy; a model of them ");
    switch (l->verdict) {
    case RECOMMEND_BEST:
        buf_adds(out, "recommends this trial too");
        break;
    case RECOMMEND_LUCK:
        buf_addf(out, "recommends trial %" PRIu64 " instead", t->trial);
        break;
    case RECOMMEND_TIE:
        buf_addf(out, "finds trial %" PRIu64 " about as good", t->trial);
        break;
    default:
        buf_adds(out, "cannot tell which trial is the best; of this one");
    }
    buf_addf(out, ": %s expected, between %s and %s, P(best) %s", luck_number(a, t->expected),
             luck_number(a, t->low), luck_number(a, t->high), luck_chance(a, t->chance));
    if (t->trial != own->trial)
        buf_addf(out, " (trial %" PRIu64 ": %s expected, P(best) %s)", own->trial,
                 luck_number(a, own->expected), luck_chance(a, own->chance));
    buf_addc(out, '\n');
}

static void print_group(struct buf *out, struct arena *a, const struct repeated_group *g)
{
    buf_addf(out, "mean %s ± %s of %zu (%s to %s)\n", luck_number(a, g->mean),
             luck_number(a, g->sd), g->n, luck_number(a, g->low), luck_number(a, g->high));
}

static void print_luck(struct buf *out, struct arena *a, const struct luck *l)
{
    if (l->repeats.own.n > 1) {
        buf_adds(out, "repeats: ");
        print_group(out, a, &l->repeats.own);
    }
    if (l->repeats.better.n > 0) {
        buf_addf(out, "trial %" PRIu64 " has better repeats: ", l->repeats.better.trial);
        print_group(out, a, &l->repeats.better);
    }
    if (l->model.n > 0)
        print_recommended(out, a, l);
}

static int show_front(struct looking *l, const struct invocation *inv, const struct value *sweep,
                      struct err *err)
{
    struct front f;
    if (invocation_flag(inv, "last") || invocation_option(inv, "goal"))
        return err_set(err, ERR_USAGE, "sweep %s has several objectives: name one with --metric",
                       value_get_str(sweep, "id", ""));
    int rc = front_read(&f, l->view, &l->arena, sweep, err);
    if (rc)
        return rc;
    l->none = f.n == 0;
    if (!l->json)
        return front_print(&l->out, &l->arena, &f, l->table_columns, l->colour, err);
    looking_json(l, front_value(&l->arena, &f));
    return 0;
}

static int show_best(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16];
    const struct value *sweep;
    struct value *trial = NULL;
    int rc = looking_sweep(l, invocation_arg(inv, 0), id, &sweep, err);
    if (!rc && front_objectives(&l->arena, sweep) && !invocation_option(inv, "metric"))
        return show_front(l, inv, sweep, err);
    if (!rc)
        rc = best_of_sweep(l, inv, id, sweep, &trial, err);
    struct luck luck = {0};
    if (rc == 0 && trial && !value_get(trial, "by"))
        rc = luck_find(l->view, &l->arena, id, sweep, &luck, err);
    if (rc)
        return rc;
    l->none = trial == NULL;
    if (l->json) {
        if (trial)
            luck_put(&l->arena, trial, &luck);
        looking_json(l, trial ? looking_with_dir(l, &l->arena, trial) : value_null(&l->arena));
    } else if (trial) {
        const char *name = looking_trial_id(l, trial), *store = looking_store_option(l);
        best_print(&l->out, l->dir, sweep, trial);
        print_luck(&l->out, &l->arena, &luck);
        buf_addf(&l->out, "look at it:\n  besom metrics %s%s\n  besom logs %s%s\n", name, store,
                 name, store);
    } else {
        return print_none(l, sweep, best_named(inv, sweep), err);
    }
    return 0;
}

int cmd_best(struct invocation *inv)
{
    return looking_run(inv, show_best);
}
