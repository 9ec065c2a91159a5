/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom explain: why a trial has its configuration, and why it was stopped, waits or failed. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/diag/display.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "orchestrator/view/pace/causes.h"
#include "cli/look/looking.h"
#include "cli/print/stop_text.h"
#include "cli/print/cell.h"

enum { LABEL = 10, LENGTHS_SHOWN = 5 };

static void line_text(struct buf *out, const char *label, const char *text)
{
    buf_addf(out, "%-*s", LABEL, label);
    display_clean(out, text, strlen(text));
    buf_addc(out, '\n');
}

/* "11 results", "1 result" */
static const char *count_text(struct arena *a, int64_t n, const char *noun)
{
    return arena_printf(a, "%" PRId64 " %s%s", n, noun, n == 1 ? "" : "s");
}

/* How a method that does not learn chose the configuration. */
static const char *place_text(struct arena *a, const struct value *why)
{
    const char *strategy = value_get_str(why, "strategy", "?");
    int64_t points = value_get_int(why, "points", 0);
    if (strcmp(strategy, "import") == 0)
        return arena_printf(
            a, "imported, from line %" PRId64 " of the file, or the trial of that number",
            value_get_int(why, "line", 0));
    if (strcmp(strategy, "enqueue") == 0) {
        const char *by = value_get_str(why, "by", NULL);
        const char *text = arena_printf(a, "by %s: besom enqueue", by ? by : "somebody");
        return value_get(why, "repeats") ? arena_printf(a, "%s; it repeats trial %" PRId64, text,
                                                        value_get_int(why, "repeats", 0))
                                         : text;
    }
    if (strcmp(strategy, "initial") == 0)
        return arena_printf(a,
                            "by the sweep file: configuration %" PRId64 " of %" PRId64
                            " in `initial`, counted from 0",
                            value_get_int(why, "index", 0),
                            value_get_int(why, "configurations", 0));
    if (value_get(why, "draw"))
        return arena_printf(a, "by %s: draw %" PRId64, strategy, value_get_int(why, "draw", 0));
    if (value_get(why, "sequence"))
        return arena_printf(a, "by sobol: point %" PRId64 " of the %s sequence",
                            value_get_int(why, "index", 0), value_get_str(why, "sequence", ""));
    if (points > 0)
        return arena_printf(a, "by %s: point %" PRId64 " of %" PRId64 ", counted from 0", strategy,
                            value_get_int(why, "index", 0), points);
    return arena_printf(a, "by %s", strategy);
}

/* Of a method whose trials come in generations. */
static const char *generation_text(struct arena *a, const struct value *why)
{
    int64_t restarts = value_get_int(why, "restart", 0);
    return arena_printf(a, "in generation %s (of %s) with the step size %s%s%s",
                        cell_value(a, value_get(why, "generation")),
                        count_text(a, value_get_int(why, "population", 0), "trial"),
                        cell_value(a, value_get(why, "sigma")), restarts ? ", after " : "",
                        restarts ? count_text(a, restarts, "restart") : "");
}

static const char *phase_text(struct arena *a, const struct value *why)
{
    const char *strategy = value_get_str(why, "strategy", "?");
    const char *phase = value_get_str(why, "phase", NULL);
    const char *reason = value_get_str(why, "reason", NULL);
    if (!phase)
        return place_text(a, why);
    if (strcmp(phase, "prior") == 0)
        return arena_printf(a, "from sweep %s, where it was number %" PRId64 " of %" PRId64 " (%s)",
                            value_get_str(why, "source", ""), value_get_int(why, "rank", 0) + 1,
                            value_get_int(why, "of", 0),
                            cell_value(a, value_get(why, "objective")));
    if (strcmp(phase, "model") == 0)
        return arena_printf(a, "by the model of %s, from %s and %s", strategy,
                            count_text(a, value_get_int(why, "results", 0), "result"),
                            count_text(a, value_get_int(why, "pending", 0), "running trial"));
    return arena_printf(a, "by %s, %s%s%s", strategy,
                        strcmp(phase, "design") == 0 ? "spread over the space" : "at random",
                        reason ? ": " : "", reason ? reason : "");
}

static const char *nearest_text(struct looking *l, const char *sweep, const struct value *nearest,
                                struct err *err)
{
    struct arena *a = &l->arena;
    const char *text = "";
    for (size_t i = 0; i < nearest->list.n; i++) {
        struct value *trial = NULL;
        const struct value *number = nearest->list.items[i];
        if (number->kind != VALUE_INT || number->i < 0 ||
            view_trial(l->view, a, sweep, (uint64_t)number->i, &trial, err) != 0)
            continue;
        const char *state = value_get_str(trial, "state", "");
        bool ended = strcmp(state, "stopped") != 0 && strcmp(state, "running") != 0;
        text = arena_printf(a, "%s%s%" PRId64 " (%s%s%s)", text, *text ? ", " : "", number->i,
                            cell_value(a, value_get(trial, "objective")), ended ? "" : ", ",
                            ended ? "" : state);
    }
    return text;
}

/* The parameters with the shortest lengths, which change the objective most. */
static const char *matter_text(struct arena *a, const struct value *lengths)
{
    const char *text = "";
    double above = 0;
    for (size_t shown = 0; shown < LENGTHS_SHOWN; shown++) {
        const struct value_entry *next = NULL;
        for (size_t i = 0; i < lengths->dict.n; i++) {
            const struct value_entry *e = &lengths->dict.entries[i];
            double length = value_is_number(e->value) ? value_number(e->value) : 0;
            if (length > above && length < 1 && (!next || length < value_number(next->value)))
                next = e;
        }
        if (!next)
            break;
        above = value_number(next->value);
        text = arena_printf(a, "%s%s%s", text, *text ? ", " : "", next->key);
    }
    return text;
}

static void explain_nearest(struct looking *l, const struct value *trial, const struct value *why,
                            const char *noun, struct err *err)
{
    const struct value *nearest = value_get(why, "nearest");
    if (nearest && nearest->kind == VALUE_LIST && nearest->list.n > 0)
        line_text(&l->out, "nearest",
                  arena_printf(&l->arena, "%s %s", noun,
                               nearest_text(l, value_get_str(trial, "sweep", ""), nearest, err)));
}

/* The results of trials that did not train to the end. */
static void explain_resource(struct looking *l, const struct value *why)
{
    const struct value *resource = value_get(why, "resource");
    if (!resource || resource->kind != VALUE_DICT)
        return;
    line_text(&l->out, "partial",
              arena_printf(&l->arena,
                           "%s of fewer than %" PRId64 " iterations, %" PRId64 " of running trials",
                           count_text(&l->arena, value_get_int(resource, "partial", 0), "result"),
                           value_get_int(resource, "full", 0),
                           value_get_int(resource, "running", 0)));
}

/* Explains a method that compares the density of good results with that of the others. */
static void explain_densities(struct looking *l, const struct value *trial, const struct value *why,
                              struct err *err)
{
    struct arena *a = &l->arena;
    explain_resource(l, why);
    double times = exp(value_get_float(why, "log_ratio", 0));
    line_text(&l->out, "chosen",
              arena_printf(a,
                           "because good results (%s of %s) are %.3g times as dense there as "
                           "others",
                           cell_value(a, value_get(why, "good")),
                           cell_value(a, value_get(why, "results")), times));
    explain_nearest(l, trial, why, "good trials", err);
}

static void explain_weights(struct looking *l, const struct value *weights)
{
    const char *text = "";
    for (size_t i = 0; i < weights->list.n; i++)
        text = arena_printf(&l->arena, "%s%s%s", text, i ? " : " : "",
                            cell_value(&l->arena, weights->list.items[i]));
    line_text(&l->out, "weights",
              arena_printf(&l->arena, "%s, of the objectives in the spec's order", text));
}

static void explain_model(struct looking *l, const struct value *trial, const struct value *why,
                          struct err *err)
{
    struct arena *a = &l->arena;
    const struct value *lengths = value_get(why, "lengths");
    bool bound = strcmp(value_get_str(why, "acquisition", ""), "lcb") == 0;
    const struct value *weights = value_get(why, "weights");
    explain_resource(l, why);
    if (!weights)
        line_text(&l->out, "expected",
                  arena_printf(a, "%s, between %s and %s%s; it has %s",
                               cell_value(a, value_get(why, "predicted")),
                               cell_value(a, value_get(why, "low")),
                               cell_value(a, value_get(why, "high")),
                               value_get_bool(why, "noisy", false) ? ", by noisy results" : "",
                               cell_value(a, value_get(trial, "objective"))));
    line_text(&l->out, "chosen",
              bound ? "for the best bound of what is plausible there"
                    : "for the greatest expected improvement");
    explain_nearest(l, trial, why, "trials", err);
    const char *matter = lengths && lengths->kind == VALUE_DICT ? matter_text(a, lengths) : "";
    if (*matter)
        line_text(&l->out, "depends",
                  arena_printf(a, "most on %s, as far as the model knew", matter));
}

/* The newest attempt's error text, for a trial that failed or was lost. */
static const struct value *failure_of(struct arena *a, const struct value *trial)
{
    const char *state = value_get_str(trial, "state", "");
    const struct value *attempts = value_get(trial, "attempts_list");
    if ((strcmp(state, "failed") != 0 && strcmp(state, "lost") != 0) || !attempts ||
        attempts->list.n == 0)
        return value_null(a);
    const struct value *last = attempts->list.items[attempts->list.n - 1];
    const char *text = value_get_str(last, "text", "");
    int reason = trial_reason_find(value_get_str(last, "reason", ""));
    const char *ended =
        cause_how(a, reason < 0 ? REASON_NONE : (enum trial_reason)reason,
                  (int)value_get_int(last, "code", -1), (int)value_get_int(last, "signal", 0));
    return value_str(a, *text ? arena_printf(a, "%s: %s", ended, text) : ended);
}

static const struct value *wait_of(struct looking *l, const struct value *trial, struct err *err)
{
    char id[16];
    const struct value *sweep = NULL;
    const char *of = value_get_str(trial, "state", "");
    bool runs = strcmp(of, "running") == 0;
    if ((!runs && strcmp(of, "pending") != 0) ||
        looking_sweep(l, value_get_str(trial, "sweep", ""), id, &sweep, err) != 0)
        return value_null(&l->arena);
    const char *state = value_get_str(sweep, "state", "");
    if (runs) { /* its agent may not have the snapshot yet */
        bool fetches = value_get_str(value_get(sweep, "code"), "snapshot", NULL) != NULL;
        const char *text = fetches && !looking_is_left(l, sweep)
                               ? looking_waits(l, &l->arena, id, value_get_int(trial, "number", 0))
                               : NULL;
        return text ? value_str(&l->arena, text) : value_null(&l->arena);
    }
    if (looking_is_left(l, sweep))
        return value_str(&l->arena, "no besom process runs its sweep: continue it with besom run");
    if (strcmp(state, "running") != 0)
        return value_str(&l->arena, arena_printf(&l->arena, "its sweep is %s", state));
    const char *text = looking_waits(l, &l->arena, id, value_get_int(trial, "number", 0));
    return value_str(&l->arena, text ? text : "for a free slot");
}

static void explain_text(struct looking *l, const struct value *trial, const struct value *why,
                         const struct value *of, struct err *err)
{
    const struct value *stopped = value_get(of, "stopped");
    line_text(&l->out, "trial", looking_trial_id(l, trial));
    line_text(&l->out, "state", looking_state(&l->arena, trial));
    if (value_get(why, "strategy"))
        line_text(&l->out, "proposed", phase_text(&l->arena, why));
    if (value_get(why, "predicted"))
        explain_model(l, trial, why, err);
    if (value_get(why, "generation"))
        line_text(&l->out, "drawn", generation_text(&l->arena, why));
    if (value_get(why, "log_ratio"))
        explain_densities(l, trial, why, err);
    if (value_get(why, "weights"))
        explain_weights(l, value_get(why, "weights"));
    if (stopped->kind == VALUE_DICT)
        line_text(&l->out, "stopped", stop_text(&l->arena, stopped));
    static const char *const labels[] = {"waits", "failed"};
    for (size_t i = 0; i < 2; i++)
        if (value_get(of, labels[i])->kind == VALUE_STR)
            line_text(&l->out, labels[i], value_get_str(of, labels[i], ""));
}

static int explain_trial(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16];
    uint64_t number;
    bool is_trial = false;
    struct value *trial = NULL;
    struct arena *a = &l->arena;
    int rc = view_find(l->view, invocation_arg(inv, 0), id, &is_trial, &number, err);
    if (rc == 0 && !is_trial)
        return err_set(err, ERR_USAGE, "%s is a sweep: name a trial, such as %s-0",
                       invocation_arg(inv, 0), id);
    if (rc == 0)
        rc = view_trial(l->view, a, id, number, &trial, err);
    if (rc)
        return rc;
    struct value *of = value_dict(a), *none = value_null(a);
    const struct value *why = value_get(trial, "why"), *stopped = value_get(trial, "stopped");
    bool known = why && why->kind == VALUE_DICT;
    value_put(a, of, "trial", value_str(a, looking_trial_id(l, trial)));
    value_put(a, of, "proposed", known ? value_copy(a, why) : none);
    value_put(a, of, "stopped", stopped ? value_copy(a, stopped) : none);
    value_put(a, of, "waits", value_copy(a, wait_of(l, trial, err)));
    value_put(a, of, "failed", value_copy(a, failure_of(a, trial)));
    if (l->json) {
        looking_json(l, of);
    } else {
        explain_text(l, trial, known ? why : value_dict(a), of, err);
    }
    return 0;
}

int cmd_explain(struct invocation *inv)
{
    return looking_run(inv, explain_trial);
}
