/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/ask.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "strategies/stopper.h"
#include "strategies/strategy.h"
#include "sweep/point.h"

enum trial_phase { PHASE_PENDING, PHASE_TOLD };

struct metric {
    char *name;
    double value;
};

struct trial {
    enum trial_phase phase;
    struct objective objective;
    uint64_t reports;
    int64_t next_step; /* the step of a report that names none */
    char *params;      /* JSON; NULL after the trial's tell */
    struct metric *metrics;
    size_t n_metrics, metrics_cap;
};

struct ask {
    const struct spec *spec;
    struct strategy *strategy;
    struct stopper *stopper; /* NULL: no trial is stopped early */
    struct trial *trials;
    size_t n, cap;
    bool target_met;
    struct objective_rule rule;
    struct objective_best best;
    char *best_text; /* JSON */
    /* With several objectives: the trials that no other one dominates, and their values. */
    uint64_t *front;
    double *front_rows;
    size_t front_n, front_cap;
    struct arena scratch; /* of the line being read */
    ask_answer_fn answer;
    void *to;
};

int ask_new(const struct spec *spec, uint64_t seed, struct ask **ret, struct err *err)
{
    struct strategy *strategy;
    int rc = strategy_new(spec, seed, &strategy, err);
    if (rc)
        return rc;
    struct ask *ask = mem_alloc(sizeof *ask);
    ask->spec = spec;
    ask->rule = spec_objective_rule(spec);
    ask->strategy = strategy;
    ask->stopper = stopper_new(spec);
    arena_init(&ask->scratch);
    *ret = ask;
    return 0;
}

static void forget_details(struct trial *t)
{
    for (size_t i = 0; i < t->n_metrics; i++)
        mem_free(t->metrics[i].name);
    mem_free(t->metrics);
    mem_free(t->params);
    t->metrics = NULL;
    t->params = NULL;
    t->n_metrics = t->metrics_cap = 0;
}

void ask_set_prior(struct ask *ask, const struct value *prior)
{
    strategy_set_prior(ask->strategy, prior);
}

void ask_free(struct ask *ask)
{
    if (!ask)
        return;
    for (size_t i = 0; i < ask->n; i++)
        forget_details(&ask->trials[i]);
    mem_free(ask->trials);
    mem_free(ask->front);
    mem_free(ask->front_rows);
    mem_free(ask->best_text);
    arena_done(&ask->scratch);
    stopper_free(ask->stopper);
    strategy_free(ask->strategy);
    mem_free(ask);
}

static void answer_value(struct ask *ask, const struct value *v)
{
    struct buf line;
    buf_init(&line, SIZE_MAX);
    json_print(&line, v, JSON_COMPACT);
    ask->answer(ask->to, buf_str(&line), line.len);
    buf_done(&line);
}

static void answer_text(struct ask *ask, const char *key, const char *text)
{
    struct value *v = value_dict(&ask->scratch);
    /* A message that quotes its input may have been cut within a character. */
    size_t len = utf8_valid_prefix(text, strlen(text));
    value_put(&ask->scratch, v, key, value_strn(&ask->scratch, text, len));
    answer_value(ask, v);
}

/* Why no more trials can be asked for, or NULL. */
static const char *end_of(const struct ask *ask)
{
    uint64_t total = strategy_total(ask->strategy);
    if (total > 0 && ask->n >= total)
        return "exhausted";
    if (ask->spec->run_cap > 0 && ask->n >= (uint64_t)ask->spec->run_cap)
        return "run_cap";
    return ask->target_met ? "target" : NULL;
}

void ask_prepare(struct ask *ask)
{
    if (!end_of(ask))
        strategy_prepare(ask->strategy);
}

/* Answers with one proposal, or the reason why none is left. *ret_ended: do not ask for more. */
static int ask_one(struct ask *ask, bool *ret_ended, struct err *err)
{
    const char *end = end_of(ask);
    struct proposal p;
    int rc = 0;
    if (!end) {
        rc = strategy_propose(ask->strategy, &ask->scratch, &p, err);
        end = rc == ERR_EXHAUSTED ? "exhausted" : NULL;
    }
    *ret_ended = end != NULL;
    if (end) {
        answer_text(ask, "done", end);
        return 0;
    }
    if (rc)
        return rc;
    struct value *v = value_dict(&ask->scratch);
    value_put(&ask->scratch, v, "trial", value_int(&ask->scratch, (int64_t)ask->n));
    value_put(&ask->scratch, v, "params", p.params);
    value_put(&ask->scratch, v, "why", p.why);
    ask->trials = mem_grow(ask->trials, &ask->cap, ask->n + 1, sizeof *ask->trials);
    ask->trials[ask->n++] = (struct trial){
        .params = mem_strdup(json_text(&ask->scratch, p.params, JSON_COMPACT)),
    };
    answer_value(ask, v);
    return 0;
}

static int take_ask(struct ask *ask, const struct value *line, struct err *err)
{
    const struct value *n = value_get(line, "n");
    if (n && (n->kind != VALUE_INT || n->i < 1 || n->i > ASK_AT_ONCE_MAX))
        return err_set(err, ERR_USAGE, "n must be a whole number from 1 to %d", ASK_AT_ONCE_MAX);
    int64_t wanted = n ? n->i : 1;
    bool ended = false;
    for (int64_t i = 0; i < wanted && !ended; i++) {
        int rc = ask_one(ask, &ended, err);
        if (rc)
            return rc;
        arena_clear(&ask->scratch); /* the line is not needed any more either */
    }
    return 0;
}

static int find_trial(struct ask *ask, const struct value *line, struct trial **ret,
                      struct err *err)
{
    const struct value *number = value_get(line, "trial");
    if (!number || number->kind != VALUE_INT)
        return err_set(err, ERR_USAGE, "trial must be the number of a proposed trial");
    if (number->i < 0 || (uint64_t)number->i >= ask->n)
        return err_set(err, ERR_NOT_FOUND, "no trial %lld was proposed", (long long)number->i);
    *ret = &ask->trials[number->i];
    if ((*ret)->phase == PHASE_TOLD)
        return err_set(err, ERR_STATE, "trial %lld has ended already", (long long)number->i);
    return 0;
}

/* Reads the line's metrics in the way of a metrics file, flattened; n is 0 if the line has none.
 * The line's own step wins over a step among the metrics. */
static int read_metrics(struct ask *ask, struct trial *t, const struct value *line,
                        struct point *ret, struct err *err)
{
    const struct value *step = value_get(line, "step");
    const struct value *metrics = value_get(line, "metrics");
    *ret = (struct point){0};
    if (step &&
        (step->kind != VALUE_INT || step->i > LIMIT_METRIC_STEP || step->i < -LIMIT_METRIC_STEP))
        return err_set(err, ERR_USAGE, "step must be a whole number of at most 18 digits");
    if (!metrics)
        return 0;
    if (metrics->kind != VALUE_DICT)
        return err_set(err, ERR_USAGE, "metrics must be an object, {\"loss\":0.5}");
    const char *text = json_text(&ask->scratch, metrics, JSON_COMPACT);
    struct points points;
    points_parse(&ask->scratch, text, strlen(text), 0, NULL, &t->next_step, &points);
    if (points.n == 0)
        return 0;
    *ret = points.items[0];
    if (step)
        ret->step = step->i;
    t->next_step = ret->step + 1;
    return 0;
}

static void keep_metric(struct trial *t, size_t guess, const char *name, double value)
{
    /* Reports mostly name their metrics in the same order. */
    size_t at = guess;
    if (at >= t->n_metrics || strcmp(t->metrics[at].name, name) != 0)
        for (at = 0; at < t->n_metrics && strcmp(t->metrics[at].name, name) != 0;)
            at++;
    if (at == t->n_metrics) {
        t->metrics = mem_grow(t->metrics, &t->metrics_cap, at + 1, sizeof *t->metrics);
        t->metrics[t->n_metrics++].name = mem_strdup(name);
    }
    t->metrics[at].value = value;
}

static double last_value(const struct trial *t, const char *name)
{
    for (size_t i = 0; i < t->n_metrics; i++)
        if (strcmp(t->metrics[i].name, name) == 0)
            return t->metrics[i].value;
    return NAN;
}

static uint64_t trial_number(const struct ask *ask, const struct trial *t)
{
    return (uint64_t)(t - ask->trials);
}

/* Metrics at a trial's end count as one more report only if the trial had reported none; otherwise
 * they summarise its reports. */
static void fold_point(struct ask *ask, struct trial *t, const struct point *p, bool end)
{
    const char *metric = ask->spec->metric.name;
    for (size_t i = 0; i < p->n; i++)
        keep_metric(t, i, p->keys[i], p->values[i]);
    double value;
    if (!metric || !point_find(p, metric, &value))
        return;
    bool reported = t->objective.known;
    if (objective_fold(&ask->rule, &t->objective, value, p->step) && ask->stopper &&
        !(end && reported))
        stopper_report(ask->stopper, trial_number(ask, t), t->objective.iterations, value,
                       t->objective.iteration_best);
    if (objective_meets_target(&ask->rule, &t->objective))
        ask->target_met = true;
}

static void tell_strategy(struct ask *ask, const struct trial *t, enum trial_state state)
{
    const struct objective *o = &t->objective;
    struct history_fate fate = {
        .state = state, .objective = o->known ? o->value : NAN, .iterations = o->iterations};
    for (size_t i = 1; i < ask->spec->metrics_n; i++)
        fate.others[i - 1] = last_value(t, ask->spec->metrics[i].name);
    strategy_report(ask->strategy, trial_number(ask, t), &fate);
}

/* After a report, at this step. */
static bool trial_is_stopped(const struct ask *ask, const struct trial *t, int64_t step,
                             struct stopper_why *ret)
{
    const char *metric = ask->spec->metric.name;
    if (!ask->stopper || !metric)
        return false;
    return (t->objective.known && stopper_lost(ask->stopper, &t->objective, last_value(t, metric),
                                               step, t->reports, ret)) ||
           stopper_judge(ask->stopper, trial_number(ask, t), t->objective.iteration_best, ret);
}

static int take_report(struct ask *ask, const struct value *line, struct err *err)
{
    struct trial *t;
    struct point p;
    int rc = find_trial(ask, line, &t, err);
    if (rc)
        return rc;
    if (!value_get(line, "metrics"))
        return err_set(err, ERR_USAGE, "metrics is missing: {\"metrics\":{\"loss\":0.5}}");
    if ((rc = read_metrics(ask, t, line, &p, err)))
        return rc;
    t->reports++;
    fold_point(ask, t, &p, false);
    tell_strategy(ask, t, TRIAL_RUNNING);
    struct stopper_why why;
    bool stop = trial_is_stopped(ask, t, p.step, &why);
    struct value *v = value_dict(&ask->scratch);
    value_put(&ask->scratch, v, "stop", value_bool(&ask->scratch, stop));
    if (stop)
        value_put(&ask->scratch, v, "why", stopper_why_value(&ask->scratch, &why));
    answer_value(ask, v);
    return 0;
}

static void keep_best(struct ask *ask, const struct trial *t)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    struct value *metrics = value_dict(&ask->scratch);
    for (size_t i = 0; i < t->n_metrics; i++)
        value_put(&ask->scratch, metrics, t->metrics[i].name,
                  value_float(&ask->scratch, t->metrics[i].value));
    buf_addf(&text, "{\"trial\":%zu,\"objective\":", (size_t)(t - ask->trials));
    json_print(&text, value_float(&ask->scratch, t->objective.value), JSON_COMPACT);
    buf_addf(&text, ",\"params\":%s,\"metrics\":", t->params);
    json_print(&text, metrics, JSON_COMPACT);
    buf_addc(&text, '}');
    mem_free(ask->best_text);
    ask->best_text = mem_strdup(buf_str(&text));
    buf_done(&text);
}

/* Takes the trial into the front, in place of those that it dominates, unless one dominates it. */
static void keep_front(struct ask *ask, const struct trial *t)
{
    const struct spec *spec = ask->spec;
    size_t m = spec->metrics_n, kept = 0;
    double row[PARETO_OBJECTIVES_MAX];
    bool maximize[PARETO_OBJECTIVES_MAX];
    for (size_t j = 0; j < m; j++) {
        row[j] = last_value(t, spec->metrics[j].name);
        maximize[j] = spec->metrics[j].maximize;
        if (!isfinite(row[j]))
            return;
    }
    for (size_t i = 0; i < ask->front_n; i++)
        if (pareto_dominates(ask->front_rows + i * m, row, m, maximize))
            return;
    for (size_t i = 0; i < ask->front_n; i++) {
        const double *other = ask->front_rows + i * m;
        if (pareto_dominates(row, other, m, maximize))
            continue;
        memmove(ask->front_rows + kept * m, other, m * sizeof *other);
        ask->front[kept++] = ask->front[i];
    }
    ask->front = mem_grow(ask->front, &ask->front_cap, kept + 1, sizeof *ask->front);
    ask->front_rows = mem_resize(ask->front_rows, ask->front_cap * m * sizeof *row);
    memcpy(ask->front_rows + kept * m, row, m * sizeof *row);
    ask->front[kept] = trial_number(ask, t);
    ask->front_n = kept + 1;
}

static void add_front(struct buf *out, const struct ask *ask)
{
    buf_adds(out, ",\"front\":[");
    for (size_t i = 0; i < ask->front_n; i++)
        buf_addf(out, "%s%llu", i ? "," : "", (unsigned long long)ask->front[i]);
    buf_addc(out, ']');
}

static int take_tell(struct ask *ask, const struct value *line, struct err *err)
{
    struct trial *t;
    struct point p;
    const char *state = value_get_str(line, "state", "");
    int rc = find_trial(ask, line, &t, err);
    if (rc)
        return rc;
    int told = machine_find(trial_states, TRIAL_STATES, state);
    if (told != TRIAL_FINISHED && told != TRIAL_FAILED && told != TRIAL_STOPPED)
        return err_set(err, ERR_USAGE, "state must be finished, failed or stopped");
    if ((rc = read_metrics(ask, t, line, &p, err)))
        return rc;
    fold_point(ask, t, &p, true);
    tell_strategy(ask, t, (enum trial_state)told);
    if (ask->stopper)
        stopper_forget(ask->stopper, trial_number(ask, t));
    if (told != TRIAL_FAILED &&
        objective_fold_best(&ask->rule, &ask->best, trial_number(ask, t), &t->objective))
        keep_best(ask, t);
    if (told != TRIAL_FAILED && ask->spec->metrics_n)
        keep_front(ask, t);
    t->phase = PHASE_TOLD;
    forget_details(t);
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "{\"ok\":true,\"best\":%s", ask->best.known ? ask->best_text : "null");
    if (ask->spec->metrics_n)
        add_front(&text, ask);
    buf_addc(&text, '}');
    ask->answer(ask->to, buf_str(&text), text.len);
    buf_done(&text);
    return 0;
}

static int take_line(struct ask *ask, const char *text, size_t len, struct err *err)
{
    static const struct {
        const char *op;
        int (*take)(struct ask *ask, const struct value *line, struct err *err);
    } ops[] = {{"ask", take_ask}, {"report", take_report}, {"tell", take_tell}};
    struct value *line;
    int rc = json_parse(&ask->scratch, text, len, &line, err);
    if (rc)
        return rc;
    if (line->kind != VALUE_DICT)
        return err_set(err, ERR_USAGE, "a line must be a JSON object, {\"op\":\"ask\"}");
    const char *op = value_get_str(line, "op", "");
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strcmp(op, ops[i].op) == 0)
            return ops[i].take(ask, line, err);
    return err_set(err, ERR_USAGE, "op must be ask, report or tell");
}

void ask_line(struct ask *ask, const char *line, size_t len, ask_answer_fn answer, void *to)
{
    struct err err = {0};
    ask->answer = answer;
    ask->to = to;
    if (take_line(ask, line, len, &err) != 0)
        answer_text(ask, "error", err.text);
    arena_clear(&ask->scratch);
}
