/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal of Optuna's JournalStorage: operations, one JSON object a line
 * (optuna/storages/journal/_storage.py). */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "sweep/earlier/earlier.h"
#include "sweep/trial.h"

enum { OP_CREATE_STUDY = 0, OP_CREATE_TRIAL = 4, OP_PARAM = 5, OP_STATE = 6, OP_VALUE = 7 };
enum { OPTUNA_COMPLETE = 1, OPTUNA_PRUNED = 2, OPTUNA_FAIL = 3 };
enum { STUDIES_SHOWN = 5 };

struct optuna_trial {
    struct value *params;
    int64_t state;
    const struct value *value, *last; /* last: of its intermediate values */
    size_t number;                    /* in its study */
    bool ours;
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

struct value *earlier_optuna_value(struct arena *a, const struct value *internal,
                                   const char *distribution)
{
    struct value *d;
    if (!internal || !value_is_number(internal) ||
        json_parse(a, distribution, strlen(distribution), &d, NULL) != 0)
        return NULL;
    const char *name = value_get_str(d, "name", "");
    const struct value *choices = value_get(value_get(d, "attributes"), "choices");
    double x = value_number(internal);
    if (choices && choices->kind == VALUE_LIST)
        return x >= 0 && x < (double)choices->list.n && x == floor(x)
                   ? choices->list.items[(size_t)x]
                   : NULL;
    if (strncmp(name, "Int", 3) == 0 && fabs(x) < 0x1p53 && x == floor(x))
        return value_int(a, (int64_t)x);
    return value_float(a, x);
}

static int study_add(struct optuna *o, const struct value *op, size_t line, struct err *err)
{
    const char *name = value_get_str(op, "study_name", "");
    const struct value *directions = value_get(op, "directions");
    int64_t number = o->studies++;
    if (number < STUDIES_SHOWN)
        o->names = arena_printf(o->e->arena, "%s%s%s", o->names, *o->names ? ", " : "", name);
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

/* add_trial() and copy_study() create a trial with everything. */
static int trial_add(struct optuna *o, const struct value *op, struct err *err)
{
    struct arena *a = o->e->arena;
    if (o->n >= LIMIT_IMPORT_ROWS)
        return err_set(err, ERR_LIMIT, "more than %d trials are not supported", LIMIT_IMPORT_ROWS);
    o->trials = mem_grow(o->trials, &o->cap, o->n + 1, sizeof *o->trials);
    struct optuna_trial *t = &o->trials[o->n++];
    *t = (struct optuna_trial){.params = value_dict(a),
                               .ours = value_get_int(op, "study_id", -1) == o->study};
    t->number = t->ours ? o->ours_n++ : 0;
    t->state = value_get_int(op, "state", 0);
    t->value = value_get(op, "value");
    const struct value *values = value_get(op, "values");
    if (values && values->kind == VALUE_LIST && values->list.n > 0)
        t->value = values->list.items[0];
    const struct value *params = value_get(op, "params"),
                       *distributions = value_get(op, "distributions");
    for (size_t i = 0; params && params->kind == VALUE_DICT && i < params->dict.n; i++) {
        const struct value_entry *p = &params->dict.entries[i];
        struct value *v =
            earlier_optuna_value(a, p->value, value_get_str(distributions, p->key, ""));
        if (v)
            value_put(a, t->params, p->key, v);
    }
    return 0;
}

static void param_set(struct optuna *o, struct optuna_trial *t, const struct value *op)
{
    const char *name = value_get_str(op, "param_name", NULL);
    struct value *v = earlier_optuna_value(o->e->arena, value_get(op, "param_value_internal"),
                                           value_get_str(op, "distribution", ""));
    if (name && v)
        value_put(o->e->arena, t->params, name, v);
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
    const struct value *values = value_get(op, "values");
    if (code == OP_PARAM)
        param_set(o, t, op);
    if (code == OP_STATE)
        t->state = value_get_int(op, "state", t->state);
    if (code == OP_STATE && values && values->kind == VALUE_LIST && values->list.n > 0)
        t->value = values->list.items[0];
    if (code == OP_VALUE)
        t->last = value_get(op, "intermediate_value");
    return 0;
}

static int trials_give(struct optuna *o, struct err *err)
{
    static const int states[] = {[OPTUNA_COMPLETE] = TRIAL_FINISHED,
                                 [OPTUNA_PRUNED] = TRIAL_STOPPED,
                                 [OPTUNA_FAIL] = TRIAL_FAILED};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < o->n; i++) {
        const struct optuna_trial *t = &o->trials[i];
        const struct value *v = t->value ? t->value : t->last;
        if (!t->ours)
            continue;
        if (t->state < OPTUNA_COMPLETE || t->state > OPTUNA_FAIL) {
            earlier_fault(o->e, t->number, "it has not ended");
            continue;
        }
        struct earlier_row row = {.line = t->number,
                                  .params = t->params,
                                  .metrics = value_dict(o->e->arena),
                                  .state = states[t->state]};
        if (v && value_is_number(v))
            value_put(o->e->arena, row.metrics, "objective", value_copy(o->e->arena, v));
        rc = earlier_add(o->e, &row, err);
    }
    return rc;
}

int earlier_optuna_read(struct earlier *e, const char *text, size_t len, const char *study,
                        struct err *err)
{
    struct optuna o = {.e = e, .wanted = study, .study = -1, .names = ""};
    const char *end = text + len;
    size_t line = 1;
    int rc = 0;
    for (const char *p = text; rc == 0 && p < end; line++) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((newline ? newline : end) - p);
        struct value *op;
        if (n > 0) {
            rc = json_parse(e->arena, p, n, &op, err);
            rc = rc == 0 ? op_take(&o, op, line, err) : err_wrap(err, "line %zu", line);
        }
        p += n + 1;
    }
    if (rc == 0 && !study && o.studies > 1)
        rc = err_set(err, ERR_USAGE, "it has %lld studies: name one with --study NAME (%s)",
                     (long long)o.studies, o.names);
    else if (rc == 0 && o.study < 0)
        rc = err_set(err, ERR_NOT_FOUND, "it has no study %s%s%s", study ? study : "",
                     *o.names ? "; its studies are " : "", o.names);
    if (rc == 0)
        rc = trials_give(&o, err);
    mem_free(o.trials);
    return rc;
}
