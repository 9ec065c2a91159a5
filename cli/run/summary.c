/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/front/front.h"
#include "cli/look/best.h"
#include "cli/print/counts.h"
#include "cli/look/looking.h"
#include "cli/look/failures.h"
#include "cli/look/losses.h"
#include "cli/store_path.h"
#include "cli/print/terminal.h"
#include "cli/look/trial_table.h"

enum { TOP = 10 };

struct gathering {
    struct arena *arena;
    struct value *list;
    bool with_objective;
};

static int gather_trial(void *arg, const struct value *trial)
{
    struct gathering *g = arg;
    const struct value *objective = value_get(trial, "objective");
    bool failed = strcmp(value_get_str(trial, "state", ""), "failed") == 0;
    if (!g->with_objective || (!failed && objective && objective->kind != VALUE_NULL))
        value_push(g->arena, g->list, value_copy(g->arena, trial));
    return g->list->list.n == TOP;
}

/* Finds the last trial in this state; NULL if there is none. */
static int find_last(struct view *view, struct arena *a, const char *id, const char *state,
                     const struct value **ret, struct err *err)
{
    struct view_query q = {.state = state, .descending = true, .limit = 1};
    struct gathering g = {a, value_list(a), false};
    int rc = view_trials(view, id, &q, gather_trial, &g, err);
    *ret = rc == 0 && g.list->list.n > 0 ? g.list->list.items[0] : NULL;
    return rc;
}

struct ended {
    struct value *sweep, *best;
    struct value *top;          /* the best trials */
    const struct value *failed; /* the last one; NULL: none */
    struct counts counts;
};

static int top_read(struct view *view, struct arena *a, const char *id, struct ended *e,
                    struct err *err)
{
    const struct value *metric = value_get(e->sweep, "metric");
    struct gathering g = {a, value_list(a), true};
    struct view_query q = {
        .sort = value_get_str(metric, "name", NULL) ? "objective" : NULL,
        .descending = strcmp(value_get_str(metric, "goal", ""), "maximize") == 0,
    };
    e->top = g.list;
    return e->best ? view_trials(view, id, &q, gather_trial, &g, err) : 0;
}

static int ended_read(struct view *view, struct arena *a, const char *id, struct ended *e,
                      struct err *err)
{
    int rc = view_sweep(view, a, id, &e->sweep, err);
    if (!rc)
        rc = view_best(view, a, id, &e->best, err);
    if (!rc)
        rc = find_last(view, a, id, "failed", &e->failed, err);
    if (!rc)
        rc = counts_read(view, a, e->sweep, &e->counts, err);
    return rc ? rc : top_read(view, a, id, e, err);
}

static void print_next(struct buf *out, const char *dir, const char *sweep, const struct ended *e)
{
    struct buf store;
    buf_init(&store, SIZE_MAX);
    store_path_option(&store, dir);
    buf_addf(out, "look closer:\n  besom show %s%s\n", sweep, buf_str(&store));
    buf_addf(out, "  besom trials %s%s%s\n", sweep, e->counts.metric ? " --sort objective" : "",
             buf_str(&store));
    if (e->best) {
        int64_t n = value_get_int(e->best, "number", 0);
        buf_addf(out, "  besom metrics %s-%" PRId64 "%s\n", sweep, n, buf_str(&store));
        buf_addf(out, "  besom logs %s-%" PRId64 "%s\n", sweep, n, buf_str(&store));
        buf_addf(out, "  besom best %s --json%s\n", sweep, buf_str(&store));
    }
    if (e->failed)
        buf_addf(out, "  besom trials %s --state failed%s\n", sweep, buf_str(&store));
    counts_print_retry(out, &e->counts, buf_str(&store));
    buf_done(&store);
}

static int print_losses(struct buf *out, struct view *view, struct arena *a, const char *id,
                        struct err *err)
{
    struct value *losses;
    int rc = view_losses(view, a, id, &losses, err);
    if (rc != 0 || !losses)
        return rc;
    int64_t n = value_get_int(losses, "trials", 0);
    buf_adds(out, "lost metrics: ");
    losses_print(out, losses);
    buf_addf(out, ", in %" PRId64 " trial%s, most recently %s-%" PRId64 "\n\n", n,
             n == 1 ? "" : "s", id, value_get_int(losses, "trial", 0));
    return 0;
}

static int print_top(FILE *to, struct view *view, struct arena *a, struct buf *out, const char *id,
                     const char *metric, const struct value *trials, struct err *err)
{
    struct value *known;
    struct columns c;
    int rc = view_columns(view, a, id, &known, err);
    if (rc)
        return rc;
    columns_init(&c, a, known, metric);
    rc = columns_choose(&c, &(struct columns_choice){0}, err);
    if (rc == 0)
        trial_table_print(out, a, trials, &c, terminal_table_columns(to), terminal_colour(to));
    buf_addc(out, '\n');
    columns_done(&c);
    return rc;
}

static int print_front(FILE *to, struct view *view, struct arena *a, struct buf *out,
                       const struct value *sweep, struct err *err)
{
    struct front f;
    int rc = front_read(&f, view, a, sweep, err);
    return rc ? rc : front_print(out, a, &f, terminal_table_columns(to), terminal_colour(to), err);
}

static int print_best(FILE *to, struct view *view, struct arena *a, struct buf *out,
                      const char *dir, const char *id, const struct ended *e, struct err *err)
{
    const char *metric = value_get_str(value_get(e->sweep, "metric"), "name", NULL);
    bool several = front_objectives(a, e->sweep) != NULL;
    int rc = 0;
    if (e->top->list.n > 0 && !several)
        rc = print_top(to, view, a, out, id, metric, e->top, err);
    if (rc)
        return rc;
    if (e->best && several)
        rc = print_front(to, view, a, out, e->sweep, err);
    else if (e->best)
        best_print(out, dir, e->sweep, e->best);
    else
        counts_print_unmeasured(out, &e->counts);
    buf_adds(out, e->best || e->counts.instead ? "\n" : "");
    return rc;
}

static int print_summary(FILE *to, struct view *view, struct arena *a, struct buf *out,
                         const char *dir, const char *id, struct err *err)
{
    struct ended e = {0};
    int rc = ended_read(view, a, id, &e, err);
    if (rc)
        return rc;
    buf_addf(out, "sweep %s is %s: ", id, looking_state(a, e.sweep));
    size_t at = out->len;
    counts_print(out, &e.counts);
    buf_adds(out, out->len > at ? "" : "no trial");
    buf_adds(out, "\n\n");
    rc = print_best(to, view, a, out, dir, id, &e, err);
    if (rc == 0)
        rc = print_losses(out, view, a, id, err);
    at = out->len;
    if (rc == 0)
        rc = failures_print(out, view, NULL, dir, id, terminal_columns(to), err);
    buf_adds(out, out->len > at ? "\n" : "");
    print_next(out, dir, id, &e);
    return rc;
}

int summary_print(FILE *out, const char *store_dir, const char *sweep, struct err *err)
{
    struct view *view;
    struct arena a;
    struct buf text;
    int rc = view_open(store_dir, &view, err);
    if (rc)
        return rc;
    arena_init(&a);
    buf_init(&text, SIZE_MAX);
    rc = print_summary(out, view, &a, &text, store_dir, sweep, err);
    if (!rc)
        fwrite(buf_str(&text), 1, text.len, out);
    buf_done(&text);
    arena_done(&a);
    view_close(view);
    return rc;
}
