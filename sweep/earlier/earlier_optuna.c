/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal of Optuna's JournalStorage: operations, one JSON object a line
 * (optuna/storages/journal/_storage.py). */
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sweep/earlier/earlier.h"
#include "sweep/trial.h"

enum { OP_CREATE_STUDY = 0, OP_CREATE_TRIAL = 4, OP_PARAM = 5, OP_STATE = 6, OP_VALUE = 7 };
enum { OPTUNA_COMPLETE = 1, OPTUNA_PRUNED = 2, OPTUNA_FAIL = 3 };
enum { STUDIES_SHOWN = 5 };

struct optuna_param {
    const struct earlier_range *range;
    double number;
};

struct optuna_trial {
    struct optuna_param *params;
    size_t params_n, params_cap;
    const char *why; /* it cannot be used; NULL: it can */
    int64_t state, last_step;
    double value, last; /* last: of its intermediate values */
    size_t number;      /* in its study */
    bool ours, has_value, has_last;
};

struct optuna {
    struct earlier *e;
    const char *wanted; /* NULL: the only one */
    int64_t study;      /* its number; -1: not seen */
    int64_t studies;
    const char *names; /* of the studies, for a message */
    struct optuna_trial *trials;
    size_t n, cap, ours_n;
};

static int study_add(struct optuna *o, const struct value *op, size_t line, struct err *err)
{
    const char *name = value_get_str(op, "study_name", "");
    const struct value *directions = value_get(op, "directions");
    int64_t number = o->studies++;
    if (number < STUDIES_SHOWN)
        o->names = arena_printf(o->e->arena, "%s%s%.100s", o->names, *o->names ? ", " : "", name);
    if (o->wanted && strcmp(o->wanted, name) != 0)
        return 0;
    if (!directions || directions->kind != VALUE_LIST || directions->list.n == 0)
        return err_set(err, ERR_SYNTAX, "line %zu: a study without directions", line);
    if (directions->list.n > 1)
        return err_set(err, ERR_UNSUPPORTED, "study %.100s has %zu objectives; import supports one",
                       name, directions->list.n);
    const struct value *direction = directions->list.items[0];
    o->study = number;
    o->e->name = arena_strdup(o->e->arena, name);
    o->e->maximize = direction->kind == VALUE_INT && direction->i == 2;
    return 0;
}

static void param_set(struct optuna *o, struct optuna_trial *t, const char *name,
                      const struct value *number, const char *distribution)
{
    const char *why = "has no number";
    const struct earlier_range *range =
        number && value_is_number(number)
            ? earlier_range_read(&o->e->ranges, name, distribution, &why)
            : NULL;
    size_t i = 0;
    if (!range && !t->why)
        t->why = arena_printf(o->e->arena, "%.100s %s", name, why);
    if (!range)
        return;
    while (i < t->params_n && t->params[i].range != range)
        i++;
    if (i == t->params_n) {
        t->params = mem_grow(t->params, &t->params_cap, i + 1, sizeof *t->params);
        t->params_n++;
    }
    t->params[i] = (struct optuna_param){range, value_number(number)};
}

static void value_set(struct optuna_trial *t, const struct value *value)
{
    t->has_value = value && value_is_number(value);
    if (t->has_value)
        t->value = value_number(value);
}

static void values_set(struct optuna_trial *t, const struct value *values)
{
    if (values && values->kind == VALUE_LIST && values->list.n > 0)
        value_set(t, values->list.items[0]);
}

/* add_trial() and copy_study() create a trial with everything. */
static int trial_add(struct optuna *o, const struct value *op, struct err *err)
{
    if (o->n >= LIMIT_IMPORT_ROWS)
        return err_set(err, ERR_LIMIT,
                       "more than %d trials are not supported: copy the study into a file of its "
                       "own, or export the best trials",
                       LIMIT_IMPORT_ROWS);
    o->trials = mem_grow(o->trials, &o->cap, o->n + 1, sizeof *o->trials);
    struct optuna_trial *t = &o->trials[o->n++];
    *t = (struct optuna_trial){.ours = value_get_int(op, "study_id", -1) == o->study};
    if (!t->ours)
        return 0;
    t->number = o->ours_n++;
    t->state = value_get_int(op, "state", 0);
    value_set(t, value_get(op, "value"));
    values_set(t, value_get(op, "values"));
    const struct value *params = value_get(op, "params"),
                       *distributions = value_get(op, "distributions");
    for (size_t i = 0; params && params->kind == VALUE_DICT && i < params->dict.n; i++) {
        const struct value_entry *p = &params->dict.entries[i];
        param_set(o, t, p->key, p->value, value_get_str(distributions, p->key, ""));
    }
    return 0;
}

static void last_set(struct optuna_trial *t, const struct value *op)
{
    const struct value *value = value_get(op, "intermediate_value");
    int64_t step = value_get_int(op, "step", 0);
    if (!value || !value_is_number(value) || (t->has_last && step < t->last_step))
        return;
    t->has_last = true;
    t->last_step = step;
    t->last = value_number(value);
}

static int op_take(struct optuna *o, const struct value *op, size_t line, struct err *err)
{
    int64_t code = value_get_int(op, "op_code", -1), id = value_get_int(op, "trial_id", -1);
    if (code < 0)
        return err_set(err, ERR_SYNTAX, "line %zu: not an operation of an Optuna journal", line);
    if (code == OP_CREATE_STUDY)
        return study_add(o, op, line, err);
    if (code == OP_CREATE_TRIAL)
        return trial_add(o, op, err);
    if (id < 0 || (uint64_t)id >= o->n)
        return 0;
    struct optuna_trial *t = &o->trials[id];
    const char *name = value_get_str(op, "param_name", NULL);
    if (!t->ours)
        return 0;
    if (code == OP_PARAM && name)
        param_set(o, t, name, value_get(op, "param_value_internal"),
                  value_get_str(op, "distribution", ""));
    if (code == OP_STATE)
        t->state = value_get_int(op, "state", t->state);
    if (code == OP_STATE)
        values_set(t, value_get(op, "values"));
    if (code == OP_VALUE)
        last_set(t, op);
    return 0;
}

static int trial_give(struct optuna *o, const struct optuna_trial *t, struct err *err)
{
    static const int states[] = {[OPTUNA_COMPLETE] = TRIAL_FINISHED,
                                 [OPTUNA_PRUNED] = TRIAL_STOPPED,
                                 [OPTUNA_FAIL] = TRIAL_FAILED};
    struct arena *a = &o->e->scratch;
    arena_clear(a);
    const char *why = t->why;
    struct earlier_row row = {.line = t->number, .params = value_dict(a), .metrics = value_dict(a)};
    for (size_t i = 0; !why && i < t->params_n; i++) {
        const struct optuna_param *p = &t->params[i];
        struct value *v = earlier_range_value(p->range, a, p->number);
        if (v)
            value_put(a, row.params, p->range->name, v);
        else
            why = arena_printf(a, "%.100s is none of its choices", p->range->name);
    }
    if (t->state < OPTUNA_COMPLETE || t->state > OPTUNA_FAIL)
        why = "it has not ended";
    if (why) {
        earlier_fault(o->e, t->number, "%s", why);
        return 0;
    }
    row.state = states[t->state];
    if (t->has_value || t->has_last)
        value_put(a, row.metrics, "objective", value_float(a, t->has_value ? t->value : t->last));
    return earlier_give(o->e, &row, err);
}

int earlier_optuna_read(struct earlier *e, const char *text, size_t len, const char *study,
                        struct err *err)
{
    struct optuna o = {.e = e, .wanted = study, .study = -1, .names = ""};
    const char *at = text, *p;
    size_t line = 1, n;
    int rc = 0;
    for (; rc == 0 && earlier_line(&at, text + len, &p, &n); line++) {
        const struct value *op = n > 0 ? earlier_json(e, p, n, line) : NULL;
        rc = op ? op_take(&o, op, line, err) : 0;
    }
    if (rc == 0 && !study && o.studies > 1)
        rc = err_set(err, ERR_USAGE, "it has %lld studies: name one with --study NAME (%s)",
                     (long long)o.studies, o.names);
    else if (rc == 0 && o.studies == 0 && e->faults_n > 0)
        rc = err_set(err, ERR_SYNTAX, "line %zu: %s", e->faults[0].line, e->faults[0].text);
    else if (rc == 0 && o.study < 0)
        rc = err_set(err, ERR_NOT_FOUND, "it has no study %s%s%s", study ? study : "",
                     *o.names ? "; its studies are " : "", o.names);
    for (size_t i = 0; i < o.n; i++) {
        if (rc == 0 && o.trials[i].ours)
            rc = trial_give(&o, &o.trials[i], err);
        mem_free(o.trials[i].params);
    }
    mem_free(o.trials);
    return rc;
}
