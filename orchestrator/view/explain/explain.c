/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/explain/explain.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/number/cell.h"
#include "orchestrator/view/explain/diverged.h"
#include "orchestrator/view/explain/stop_text.h"
#include "orchestrator/view/pace/causes.h"

enum { LENGTHS_SHOWN = 5 };

struct telling {
    struct arena *a;
    struct view *view;
    const struct value *trial;
    explain_fn fn;
    void *arg;
};

static void line_add(struct telling *t, const char *label, const char *text)
{
    t->fn(t->arg, label, text);
}

/* "11 results", "1 result" */
static const char *counted_text(struct arena *a, int64_t n, const char *noun)
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
                        counted_text(a, value_get_int(why, "population", 0), "trial"),
                        cell_value(a, value_get(why, "sigma")), restarts ? ", after " : "",
                        restarts ? counted_text(a, restarts, "restart") : "");
}

const char *explain_proposed(struct arena *a, const struct value *why)
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
                            counted_text(a, value_get_int(why, "results", 0), "result"),
                            counted_text(a, value_get_int(why, "pending", 0), "running trial"));
    return arena_printf(a, "by %s, %s%s%s", strategy,
                        strcmp(phase, "design") == 0 ? "spread over the space" : "at random",
                        reason ? ": " : "", reason ? reason : "");
}

static const char *numbers_text(struct arena *a, const struct value *numbers)
{
    const char *text = "";
    for (size_t i = 0; numbers && numbers->kind == VALUE_LIST && i < numbers->list.n; i++)
        if (numbers->list.items[i]->kind == VALUE_INT)
            text = arena_printf(a, "%s%s%" PRId64, text, *text ? ", " : "; nearest ",
                                numbers->list.items[i]->i);
    return text;
}

const char *explain_reasons(struct arena *a, const struct value *why)
{
    const char *value = "", *nearest = numbers_text(a, value_get(why, "nearest"));
    if (value_get(why, "log_ratio"))
        value = arena_printf(a, "; good results are %.3g times as dense there as others",
                             exp(value_get_float(why, "log_ratio", 0)));
    else if (value_get(why, "predicted"))
        value = arena_printf(
            a, "; expected %s, between %s and %s", cell_value(a, value_get(why, "predicted")),
            cell_value(a, value_get(why, "low")), cell_value(a, value_get(why, "high")));
    return arena_printf(a, "%s%s", value, nearest);
}

static const char *nearest_text(struct telling *t, const struct value *nearest)
{
    struct arena *a = t->a;
    const char *sweep = value_get_str(t->trial, "sweep", ""), *text = "";
    for (size_t i = 0; i < nearest->list.n; i++) {
        struct value *trial = NULL;
        const struct value *number = nearest->list.items[i];
        struct err err = {0};
        if (number->kind != VALUE_INT || number->i < 0 ||
            view_trial(t->view, a, sweep, (uint64_t)number->i, &trial, &err) != 0)
            continue;
        const char *state = value_get_str(trial, "state", "");
        bool finished = strcmp(state, "finished") == 0;
        const char *has = cell_value(a, value_get(trial, "objective"));
        if (*has)
            has = finished ? has : arena_printf(a, "%s, %s", has, state);
        text = arena_printf(a, "%s%s%" PRId64 " (%s)", text, *text ? ", " : "", number->i,
                            *has ? has : state);
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

static void explain_nearest(struct telling *t, const struct value *why, const char *noun)
{
    const struct value *nearest = value_get(why, "nearest");
    if (nearest && nearest->kind == VALUE_LIST && nearest->list.n > 0)
        line_add(t, "nearest", arena_printf(t->a, "%s %s", noun, nearest_text(t, nearest)));
}

/* The results of trials that did not train to the end. */
static void explain_resource(struct telling *t, const struct value *why)
{
    const struct value *resource = value_get(why, "resource");
    if (!resource || resource->kind != VALUE_DICT)
        return;
    line_add(
        t, "partial",
        arena_printf(t->a, "%s of fewer than %" PRId64 " iterations, %" PRId64 " of running trials",
                     counted_text(t->a, value_get_int(resource, "partial", 0), "result"),
                     value_get_int(resource, "full", 0), value_get_int(resource, "running", 0)));
}

/* Explains a method that compares the density of good results with that of the others. */
static void explain_densities(struct telling *t, const struct value *why)
{
    struct arena *a = t->a;
    explain_resource(t, why);
    double times = exp(value_get_float(why, "log_ratio", 0));
    line_add(t, "chosen",
             arena_printf(a,
                          "because good results (%s of %s) are %.3g times as dense there as "
                          "others",
                          cell_value(a, value_get(why, "good")),
                          cell_value(a, value_get(why, "results")), times));
    explain_nearest(t, why, "good trials");
}

static void explain_weights(struct telling *t, const struct value *weights)
{
    const char *text = "";
    for (size_t i = 0; i < weights->list.n; i++)
        text = arena_printf(t->a, "%s%s%s", text, i ? " : " : "",
                            cell_value(t->a, weights->list.items[i]));
    line_add(t, "weights", arena_printf(t->a, "%s, of the objectives in the spec's order", text));
}

static void explain_model(struct telling *t, const struct value *why)
{
    struct arena *a = t->a;
    const struct value *lengths = value_get(why, "lengths");
    bool bound = strcmp(value_get_str(why, "acquisition", ""), "lcb") == 0;
    const struct value *weights = value_get(why, "weights");
    const char *has = cell_value(a, value_get(t->trial, "objective"));
    bool failed = strcmp(value_get_str(t->trial, "state", ""), "failed") == 0;
    has = !*has ? "it has no value"
                : arena_printf(a, failed ? "it failed, and last reported %s" : "it has %s", has);
    explain_resource(t, why);
    if (!weights)
        line_add(t, "expected",
                 arena_printf(
                     a, "%s, between %s and %s%s; %s", cell_value(a, value_get(why, "predicted")),
                     cell_value(a, value_get(why, "low")), cell_value(a, value_get(why, "high")),
                     value_get_bool(why, "noisy", false) ? ", from noisy results" : "", has));
    line_add(t, "chosen",
             bound ? "because the best that it may well reach is the best of all"
                   : "for the greatest expected improvement");
    explain_nearest(t, why, "trials");
    const char *matter = lengths && lengths->kind == VALUE_DICT ? matter_text(a, lengths) : "";
    if (*matter)
        line_add(t, "depends", arena_printf(a, "mostly on %s, by the model", matter));
}

/* Nobody has heard how it ended. */
static bool lost_may_return(const struct value *trial, const struct value *attempt)
{
    const char *reason = value_get_str(attempt, "reason", "");
    return strcmp(value_get_str(trial, "state", ""), "lost") == 0 &&
           (strcmp(reason, "host") == 0 || strcmp(reason, "poison") == 0) &&
           value_get_int(attempt, "code", -1) < 0 && value_get_int(attempt, "signal", 0) == 0;
}

const char *explain_failure(struct arena *a, const struct value *trial)
{
    const char *state = value_get_str(trial, "state", "");
    const struct value *attempt = view_trial_attempt(trial);
    if ((strcmp(state, "failed") != 0 && strcmp(state, "lost") != 0) || !attempt)
        return NULL;
    struct cause_end end = cause_of_attempt(attempt);
    const char *says = cause_says(a, &end), *text = cause_text(a, &end);
    const char *returns =
        lost_may_return(trial, attempt) ? "; it continues if its agent returns with it" : "";
    return arena_printf(a, "%s%s%s%s", text, *says ? ": " : "", says, returns);
}

/* "by ann (token t3), 2026-11-29 12:03:41 +0100: besom cancel k3f9" */
static const char *actor_text(struct arena *a, const struct value *actor)
{
    char at[64] = "";
    struct tm parts;
    time_t seconds = (time_t)value_get_float(actor, "time", 0);
    if (localtime_r(&seconds, &parts))
        (void)strftime(at, sizeof at, ", %F %T %z", &parts);
    return arena_printf(a, "by %s%s: besom %s %s", value_get_str(actor, "by", "?"), at,
                        value_get_str(actor, "what", ""), value_get_str(actor, "subject", ""));
}

/* "by the budget of its sweep: wall 2h" */
static const char *limit_text(struct view *view, struct arena *a, const struct value *trial,
                              const char *reason)
{
    static const char *const limits[] = {"wall", "until", "trials", "gpu_hours"};
    struct value *sweep = NULL;
    struct err err = {0};
    const char *text = "";
    if (view_sweep(view, a, value_get_str(trial, "sweep", ""), &sweep, &err) != 0)
        return arena_printf(a, "by the %s of its sweep", reason);
    const struct value *budget = value_get(value_get(sweep, "spec"), "budget");
    const struct value *metric = value_get(sweep, "metric");
    if (strcmp(reason, "target") == 0)
        return arena_printf(a, "by the target of its sweep: %s %s reached",
                            value_get_str(metric, "name", "the metric"),
                            cell_value(a, value_get(metric, "target")));
    for (size_t i = 0; budget && i < sizeof limits / sizeof *limits; i++)
        if (value_get(budget, limits[i]))
            text = arena_printf(a, "%s%s%s %s", text, *text ? ", " : ": ", limits[i],
                                cell_value(a, value_get(budget, limits[i])));
    return arena_printf(a, "by the budget of its sweep%s", text);
}

const char *explain_stopped(struct view *view, struct arena *a, const struct value *trial)
{
    const struct value *rule = value_get(trial, "stopped");
    const struct value *actor = value_get(trial, "stopped_by");
    const char *reason = value_get_str(trial, "reason", ""),
               *state = value_get_str(trial, "state", "");
    bool ended_first = strcmp(state, "finished") == 0 || strcmp(state, "failed") == 0;
    const char *late = ended_first ? arena_printf(a, "; it had %s before the signal", state) : "";
    if (rule && rule->kind == VALUE_DICT)
        return arena_printf(a, "%s%s", stop_text(a, rule), late);
    if (actor && actor->kind == VALUE_DICT)
        return arena_printf(a, "%s%s", actor_text(a, actor), late);
    if (strcmp(reason, "user") == 0)
        return "by somebody who is not recorded";
    return strcmp(reason, "budget") == 0 || strcmp(reason, "target") == 0
               ? limit_text(view, a, trial, reason)
               : NULL;
}

void explain_trial(struct view *view, struct arena *a, const struct value *trial, explain_fn fn,
                   void *arg)
{
    struct telling t = {a, view, trial, fn, arg};
    const struct value *why = value_get(trial, "why");
    if (value_get(why, "strategy"))
        line_add(&t, "proposed", explain_proposed(a, why));
    if (value_get(why, "predicted"))
        explain_model(&t, why);
    if (value_get(why, "generation"))
        line_add(&t, "drawn", generation_text(a, why));
    if (value_get(why, "log_ratio"))
        explain_densities(&t, why);
    if (value_get(why, "weights"))
        explain_weights(&t, value_get(why, "weights"));
    const char *stopped = explain_stopped(view, a, trial);
    if (stopped)
        line_add(&t,
                 strcmp(value_get_str(trial, "state", ""), "cancelled") == 0 ? "cancelled"
                                                                             : "stopped",
                 stopped);
    const char *diverged = diverged_text(view, a, trial);
    if (diverged)
        line_add(&t, "diverged", diverged);
}
