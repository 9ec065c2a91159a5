/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/language/spec_dump.h"

#include <string.h>
#include "base/json.h"
#include "base/number/python.h"
#include "language/command/command.h"
#include "sweep/condition.h"
#include "expr/expr.h"
#include "tests/test.h"
#include "language/spec_read.h"

static void add_value(struct buf *out, const char *name, const struct value *v)
{
    if (!v)
        return;
    buf_addf(out, " %s=", name);
    python_repr(out, v);
}

static void add_float(struct buf *out, const char *name, double f)
{
    char text[PYTHON_FLOAT_BYTES];
    python_float(text, f);
    buf_addf(out, " %s=%s", name, text);
}

static const char *name_of(void *arg, size_t index)
{
    const struct space *space = arg;
    return space->parameters[index].name;
}

static void dump_condition(struct buf *out, const struct space *space, const char *word,
                           const struct condition *c)
{
    buf_adds(out, word);
    expr_print(out, c->expr, name_of, (void *)space);
}

static void dump_when(struct buf *out, const struct space *space, const struct when *w)
{
    if (w->condition) {
        dump_condition(out, space, " when ", w->condition);
        return;
    }
    buf_addf(out, " when %s in ", space->parameters[w->parent].name);
    python_repr(out, w->values);
}

static void dump_parameter(struct buf *out, const struct space *space, const struct parameter *p)
{
    buf_addf(out, "parameter %s %s", p->name, space_kind_name(p->kind));
    if (p->depth > 1)
        buf_addf(out, " depth=%zu", p->depth);
    if (p->kind == SPACE_INT_UNIFORM)
        buf_addf(out, " min=%" PRId64 " max=%" PRId64, p->int_min, p->int_max);
    if (p->min != 0 || p->max != 0) {
        add_float(out, "min", p->min);
        add_float(out, "max", p->max);
    }
    if (p->a > 0 && (p->kind == SPACE_BETA || p->kind == SPACE_Q_BETA)) {
        add_float(out, "a", p->a);
        add_float(out, "b", p->b);
    }
    if (p->sigma > 0 && (p->kind == SPACE_NORMAL || p->kind == SPACE_Q_NORMAL ||
                         p->kind == SPACE_LOG_NORMAL || p->kind == SPACE_Q_LOG_NORMAL)) {
        add_float(out, "mu", p->mu);
        add_float(out, "sigma", p->sigma);
    }
    if (p->q > 0) {
        add_float(out, "q", p->q);
        buf_adds(out, p->q_int ? " (int)" : "");
    }
    add_value(out, "value", p->value);
    add_value(out, "values", p->values);
    if (p->distinct && p->distinct->list.n < p->values->list.n)
        add_value(out, "distinct", p->distinct);
    for (size_t i = 0; p->probabilities && i < p->values->list.n; i++)
        add_float(out, "p", p->probabilities[i]);
    for (size_t i = 0; i < p->when_n; i++)
        dump_when(out, space, &p->when[i]);
    if (p->expr)
        dump_condition(out, space, " expr ", p->expr);
    buf_addc(out, '\n');
}

static void dump_running(struct buf *out, const struct spec *s)
{
    if (s->resources.cpus > 0)
        buf_addf(out, "cpus %" PRId64 "\n", s->resources.cpus);
    if (s->resources.gpus >= 0)
        buf_addf(out, "gpus %" PRId64 "\n", s->resources.gpus);
    if (s->resources.memory_bytes > 0)
        buf_addf(out, "memory %" PRIu64 "\n", s->resources.memory_bytes);
    for (size_t i = 0; s->resources.labels && i < s->resources.labels->list.n; i++)
        buf_addf(out, "label %s\n", s->resources.labels->list.items[i]->s.ptr);
    if (s->budget.wall_s > 0 || s->budget.gpu_hours > 0 || s->budget.until)
        buf_addf(out, "budget wall=%.9g gpu_hours=%.9g until=%s\n", s->budget.wall_s,
                 s->budget.gpu_hours, s->budget.until ? s->budget.until : "");
    if (s->resources.time_s > 0)
        buf_addf(out, "time %.9g s\n", s->resources.time_s);
    if (s->retry.failed != 0 || s->retry.host != 3)
        buf_addf(out, "retry failed=%" PRId64 " host=%" PRId64 "\n", s->retry.failed,
                 s->retry.host);
    if (s->priority)
        buf_addf(out, "priority %" PRId64 "\n", s->priority);
    if (s->weight != 1)
        buf_addf(out, "weight %g\n", s->weight);
    if (s->max_parallel)
        buf_addf(out, "max_parallel %" PRId64 "\n", s->max_parallel);
    if (s->workdir)
        buf_addf(out, "workdir %s\n", s->workdir);
    if (s->env) {
        buf_adds(out, "env ");
        json_print(out, s->env, JSON_PYTHON);
        buf_addc(out, '\n');
    }
    if (s->report) {
        buf_adds(out, "report ");
        json_print(out, s->report, JSON_PYTHON);
        buf_addc(out, '\n');
    }
}

/* Only where it is not the order of the parameters themselves. */
static void dump_order(struct buf *out, const struct space *space)
{
    bool sorted = true;
    for (size_t i = 0; i < space->n; i++)
        sorted = sorted && space->order[i] == i;
    for (size_t i = 0; i < space->n && !sorted; i++)
        buf_addf(out, "%s %s", i ? "" : "order", space->parameters[space->order[i]].name);
    if (!sorted)
        buf_addc(out, '\n');
    for (size_t i = 0; i < space->forbid_n; i++) {
        dump_condition(out, space, "forbid ", &space->forbid[i]);
        buf_addc(out, '\n');
    }
}

static void dump_metric(struct buf *out, const char *what, const struct spec_metric *m)
{
    static const char *const imputes[] = {"latest", "best", "worst", "none"};
    buf_addf(out, "%s %s %s %s", what, m->name, m->maximize ? "maximize" : "minimize",
             m->reduce_last ? "last" : "best");
    if (m->has_target)
        add_float(out, "target", m->target);
    if (m->impute != SPEC_IMPUTE_WORST || m->impute_while_running != SPEC_IMPUTE_NONE)
        buf_addf(out, " impute=%s running=%s", imputes[m->impute],
                 imputes[m->impute_while_running]);
    buf_addc(out, '\n');
}

static void dump_stopper(struct buf *out, const struct spec *s)
{
    static const char *const types[] = {"hyperband", "asha", "median"};
    if (!s->early_terminate.on)
        return;
    buf_addf(out, "early_terminate %s", types[s->early_terminate.type]);
    if (s->early_terminate.stop_nan != (s->early_terminate.type != SPEC_STOPPER_HYPERBAND))
        buf_addf(out, " nan=%s", s->early_terminate.stop_nan ? "stop" : "keep");
    if (s->early_terminate.type != SPEC_STOPPER_MEDIAN) {
        add_float(out, "eta", s->early_terminate.eta);
        buf_addf(out, "%s %zu bands", s->early_terminate.strict ? " strict" : "",
                 s->early_terminate.bands_n);
        for (size_t i = 0; i < s->early_terminate.bands_n && i < 6; i++)
            buf_addf(out, " %" PRId64, s->early_terminate.bands[i]);
    } else {
        buf_addf(out, " min_iter=%" PRId64 " min_trials=%" PRId64, s->early_terminate.min_iter,
                 s->early_terminate.min_trials);
    }
    buf_addc(out, '\n');
}

void spec_dump(struct buf *out, const struct spec *s)
{
    buf_addf(out, "method %s\n", spec_method_name(s->method));
    if (s->name)
        buf_addf(out, "name %s\n", s->name);
    if (s->description)
        buf_addf(out, "description %s\n", s->description);
    if (s->program)
        buf_addf(out, "program %s\n", s->program);
    if (s->metric.name)
        dump_metric(out, "metric", &s->metric);
    for (size_t i = 0; i < s->metrics_n; i++)
        dump_metric(out, "objective", &s->metrics[i]);
    dump_stopper(out, s);
    if (s->strategy) {
        buf_adds(out, "strategy ");
        json_print(out, s->strategy, JSON_PYTHON);
        buf_addc(out, '\n');
    }
    if (s->scheduler)
        buf_adds(out, "scheduler\n");
    if (s->flags) {
        buf_adds(out, "flags ");
        json_print(out, s->flags, JSON_PYTHON);
        buf_addc(out, '\n');
    }
    if (s->run_cap)
        buf_addf(out, "run_cap %" PRId64 "\n", s->run_cap);
    if (s->has_seed)
        buf_addf(out, "seed %" PRIu64 "\n", s->seed);
    if (s->unique != SPEC_UNIQUE_DEFAULT)
        buf_addf(out, "unique %s\n", s->unique == SPEC_UNIQUE_YES ? "yes" : "no");
    if (s->order_random)
        buf_adds(out, "order random\n");
    dump_running(out, s);
    for (size_t i = 0; i < s->space.n; i++)
        dump_parameter(out, &s->space, &s->space.parameters[i]);
    dump_order(out, &s->space);
}

void spec_dump_diags(struct buf *out, const struct diags *d)
{
    static const char *const names[] = {"note", "warning", "error"};
    for (size_t i = 0; i < d->n; i++) {
        const struct diag *item = &d->items[i];
        buf_addf(out, "%d:%d %s %s: %s", item->line, item->column, names[item->severity],
                 item->path, item->message);
        if (item->fix)
            buf_addf(out, " | %s", item->fix);
        buf_addc(out, '\n');
    }
}

static struct value *probe_one(struct arena *a, const struct parameter *p)
{
    if (p->value)
        return value_copy(a, p->value);
    if (p->values)
        return value_copy(a, p->values->list.items[0]);
    if (p->kind == SPACE_INT_UNIFORM)
        return value_int(a, p->int_min);
    return value_float(a, p->max > p->min ? p->min : 0.5);
}

struct value *spec_dump_probe(struct arena *a, const struct space *space)
{
    struct value **values = arena_alloc(a, (space->n + 1) * sizeof *values);
    for (size_t i = 0; i < space->n; i++)
        values[i] = probe_one(a, &space->parameters[i]);
    /* A probe is a draw like any other, forbidden or not. */
    (void)condition_settle(a, space, values);
    return space_nest(a, space, values);
}

static const char *get_variable(void *arg, const char *name)
{
    (void)arg;
    return strcmp(name, "SET") == 0 ? "set value" : NULL;
}

void spec_dump_argv(struct buf *out, const struct spec *s, const struct value *params)
{
    struct command_context ctx = {.interpreter = "python",
                                  .params_json = "/trial/params.json",
                                  .fill = {.getenv = get_variable}};
    struct arena a;
    struct value *argv, *names;
    struct err err = {0};
    arena_init(&a);
    ctx.fill.names = names = value_dict(&a);
    value_put(&a, names, "${params_file}", value_str(&a, "/trial/BESOM_PARAMS.json"));
    if (command_build(&a, s, params, &ctx, &argv, &err) == 0) {
        json_print(out, argv, JSON_PYTHON);
    } else {
        buf_addf(out, "%s: %s", err_name(err.code), err.text);
    }
    buf_addc(out, '\n');
    arena_done(&a);
}

void spec_dump_check_content(const struct spec *s)
{
    struct arena a;
    struct diags d;
    struct buf before, after;
    struct value *content;
    struct err err = {0};
    arena_init(&a);
    diags_init(&d, &a, NULL);
    buf_init(&before, SIZE_MAX);
    buf_init(&after, SIZE_MAX);
    const char *text = spec_content_text(&a, s);
    if (json_parse(&a, text, strlen(text), &content, &err) != 0)
        FAIL("%s: %s", text, err.text);
    struct spec *again = spec_read_content(content, &d);
    ASSERT(again);
    spec_dump(&before, s);
    spec_dump(&after, again);
    ASSERT_STR(buf_str(&before), buf_str(&after));
    ASSERT_STR(text, spec_content_text(&a, again));
    spec_free(again);
    buf_done(&before);
    buf_done(&after);
    arena_done(&a);
}
