/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/plan/plan_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag/display.h"
#include "base/number/cell.h"
#include "cli/print/elapsed.h"
#include "cli/print/parameter_text.h"
#include "cli/print/table.h"
#include "strategies/strategy.h"

enum { LABEL = 10 };

static void print_clean(struct buf *out, const char *text)
{
    display_clean(out, text, strlen(text));
}

static void print_line(struct buf *out, const char *label, const char *text)
{
    buf_addf(out, "%-*s", LABEL, label);
    print_clean(out, text);
    buf_addc(out, '\n');
}

static const char *count_text(struct arena *a, uint64_t n)
{
    return n == UINT64_MAX ? "more than can be counted" : arena_printf(a, "%" PRIu64, n);
}

static const char *points_text(struct arena *a, uint64_t n)
{
    return n == UINT64_MAX ? "more distinct points than can be counted"
                           : arena_printf(a, "%" PRIu64 " distinct points", n);
}

static const char *plural_ending(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static const char *size_text(struct plan *p)
{
    struct arena *a = &p->arena;
    uint64_t cap = (uint64_t)p->spec->run_cap;
    if (p->total == 0)
        return "no limit: add run_cap: 50 to the spec, or end the sweep with besom stop";
    if (p->total == cap && p->points == 0)
        return arena_printf(a, "%s, by run_cap", count_text(a, p->total));
    if (p->total == cap && p->points != cap)
        return arena_printf(a, "%s, by run_cap, of %s", count_text(a, cap),
                            points_text(a, p->points));
    return arena_printf(a, "%s, each distinct point once", count_text(a, p->total));
}

static const char *duration_text(struct plan *p)
{
    struct arena *a = &p->arena;
    char one[ELAPSED_BYTES], all[ELAPSED_BYTES];
    const struct plan_cost *c = &p->cost;
    if (c->trials == 0)
        return "not known: no trial of this spec or program has finished in the store";
    elapsed_format(one, c->median_s);
    const char *by =
        arena_printf(a, "%s a trial, the median of %" PRIu64 " finished trial%s of sweep %s (%s)",
                     one, c->trials, plural_ending(c->trials), c->sweep,
                     c->same_file ? "this spec" : "the same program");
    double seconds = plan_seconds(p);
    if (seconds < 0)
        return by;
    elapsed_format(all, seconds);
    return arena_printf(a, "about %s with %" PRIu64 " at once: %s", all, p->at_once, by);
}

/* besom run starts a second sweep of a file only with --new. */
static void print_earlier(struct buf *out, struct plan *p)
{
    const struct plan_cost *c = &p->cost;
    if (!*c->newest)
        return;
    bool over = strcmp(c->state, "finished") == 0 || strcmp(c->state, "cancelled") == 0;
    print_line(out, "earlier",
               arena_printf(&p->arena,
                            "sweep %s of this spec is %s: besom run %s; --new starts another",
                            c->newest, c->state,
                            over ? "shows it again, or continues it if the spec now allows more "
                                   "trials"
                                 : "continues it, with the changes of the spec that fit"));
}

static void print_head(struct buf *out, struct plan *p)
{
    struct arena *a = &p->arena;
    const struct spec *spec = p->spec;
    print_line(out, "spec", p->file);
    const char *method = spec_method_name(spec->method);
    if (spec_is_random(spec))
        method = arena_printf(
            a, "%s, seed %" PRIu64 "%s", method, p->seed,
            spec->has_seed ? "" : " for this plan (none in the spec: besom run draws one)");
    print_line(out, "method", method);
    if (spec->metric.name)
        print_line(out, "goal",
                   arena_printf(a, "%s %s", spec->metric.maximize ? "maximize" : "minimize",
                                spec->metric.name));
    print_line(out, "trials", size_text(p));
    print_line(out, "at once", arena_printf(a, "%" PRIu64, p->at_once));
    print_line(out, "time", duration_text(p));
    if (spec->resources.time_s > 0) {
        char limit[ELAPSED_BYTES];
        elapsed_format(limit, spec->resources.time_s);
        print_line(out, "limit",
                   arena_printf(a, "besom stops a trial that takes longer than %s", limit));
    }
    if (*p->workdir)
        print_line(out, "runs in", p->workdir);
    print_line(out, "results",
               p->store_new ? arena_printf(a, "%s (does not exist yet)", p->store) : p->store);
    print_earlier(out, p);
    for (size_t i = 0; i < p->refused->list.n; i++)
        print_line(out, "refused", p->refused->list.items[i]->s.ptr);
}

static void print_parameters(struct buf *out, struct plan *p, size_t columns, bool colour)
{
    struct arena *a = &p->arena;
    const struct space *space = &p->spec->space;
    struct table t;
    bool conditional = false;
    for (size_t i = 0; i < space->n; i++)
        conditional = conditional || space->parameters[i].when_n > 0;
    table_init(&t, a);
    table_column(&t, "parameter", 0);
    table_column(&t, "distribution", TABLE_DROP);
    table_column(&t, "values", TABLE_SHRINK);
    table_column(&t, "distinct", TABLE_RIGHT | TABLE_DROP);
    if (conditional)
        table_column(&t, "exists when", TABLE_SHRINK);
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *one = &space->parameters[i];
        uint64_t n = plan_points(one);
        table_cell(&t, one->name, TABLE_PLAIN);
        table_cell(&t, space_kind_name(one->kind), TABLE_PLAIN);
        table_cell(&t, parameter_text_values(a, one), TABLE_PLAIN);
        table_cell(&t, n > 0 ? count_text(a, n) : "", TABLE_PLAIN);
        if (conditional)
            table_cell(&t, parameter_text_when(a, space, one), TABLE_PLAIN);
    }
    buf_addc(out, '\n');
    table_print(out, &t, columns, colour);
    table_done(&t);
    for (size_t i = 0; i < space->forbid_n; i++) {
        buf_adds(out, "never if ");
        print_clean(out, space->forbid[i].text);
        buf_addc(out, '\n');
    }
}

/* Prints the parameters that vary; the table and the command show the constants. */
static void print_configuration(struct buf *out, struct plan *p, const struct value *params)
{
    const struct space *space = &p->spec->space;
    const char *comma = "";
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *one = &space->parameters[i];
        const struct value *v = space_lookup(params, one);
        if (!v || one->kind == SPACE_CONSTANT)
            continue;
        buf_addf(out, "%s ", comma);
        print_clean(out, one->name);
        buf_addc(out, ' ');
        print_clean(out, v->kind == VALUE_NULL ? "null" : cell_value(&p->arena, v));
        comma = ",";
    }
}

static void print_samples(struct buf *out, struct plan *p)
{
    struct arena *a = &p->arena;
    if (p->cut) {
        buf_adds(out, p->n_samples ? "\nno more samples: " : "\nno configuration: ");
        print_clean(out, p->cut);
        buf_addc(out, '\n');
    }
    if (p->n_samples == 0)
        return;
    if (p->stand_in)
        buf_addf(out,
                 "\n%zu configuration%s of the space, drawn at random (%s depends on results):\n",
                 p->n_samples, plural_ending(p->n_samples), spec_method_name(p->spec->method));
    else if (strategy_learns(p->spec->method))
        buf_addf(out, "\nthe first %zu, as %s proposes them before any result%s:\n", p->n_samples,
                 spec_method_name(p->spec->method),
                 p->seed_given ? "" : " (besom run draws its own seed)");
    else if (spec_is_random(p->spec) && !p->seed_given)
        buf_addf(out,
                 "\nan example of the first %zu, with seed %" PRIu64
                 "; besom run draws its own seed, and its trials will differ:\n",
                 p->n_samples, p->seed);
    else
        buf_addf(out, "\nthe first %zu of them:\n", p->n_samples);
    for (size_t i = 0; i < p->n_samples; i++) {
        buf_addf(out, "%3zu ", i);
        print_configuration(out, p, p->samples[i].params);
        buf_addc(out, '\n');
        if (p->samples[i].argv) {
            buf_adds(out, "    $ ");
            print_clean(out, plan_shell(a, p->samples[i].argv));
            buf_addc(out, '\n');
        }
    }
}

/* Prints an inherited variable that decides which devices a trial sees. */
static void is_inherited(struct buf *out, const struct plan *p, const char *name)
{
    const char *value = getenv(name);
    if (!value_get(p->env, name) && value)
        buf_addf(out, "  %s=%s, set in the current environment\n", name, value);
}

static void print_environment(struct buf *out, struct plan *p)
{
    const char *path = getenv("PATH");
    size_t len = path ? strlen(path) : 0;
    buf_adds(out, "\nenvironment of trial 0, added to the current one (SWEEP: the sweep's id):\n");
    for (size_t i = 0; i < p->env->dict.n; i++) {
        const struct value_entry *e = &p->env->dict.entries[i];
        const char *value = e->value->s.ptr;
        bool longer = len > 0 && strcmp(e->key, "PATH") == 0 && strncmp(value, path, len) == 0;
        buf_adds(out, "  ");
        print_clean(out, e->key);
        buf_adds(out, longer ? "=$PATH" : "=");
        print_clean(out, longer ? value + len : value);
        buf_addc(out, '\n');
    }
    is_inherited(out, p, "CUDA_VISIBLE_DEVICES");
}

void plan_text(struct buf *out, struct plan *p, size_t columns, bool colour)
{
    print_head(out, p);
    print_parameters(out, p, columns, colour);
    print_samples(out, p);
    print_environment(out, p);
}
