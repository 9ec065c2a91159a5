/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom plan: what would run, without running it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/launch/interpreter.h"
#include "agent/launch/launch.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path_text.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/earlier/prior_find.h"
#include "cli/gpus/gpu_options.h"
#include "cli/invocation.h"
#include "cli/lint/lint_program.h"
#include "cli/place.h"
#include "cli/plan/plan_found.h"
#include "cli/plan/plan_json.h"
#include "cli/plan/plan_params.h"
#include "cli/plan/plan_text.h"
#include "cli/spec_file.h"
#include "cli/store_path.h"
#include "cli/print/terminal.h"
#include "strategies/strategy.h"
#include "language/command/command.h"
#include "language/obeyed.h"

/* A sample of very many parameters or arguments fills more than a screen. */
enum { SAMPLES_DEFAULT = 3, MANY = 1000, SAMPLES_MAX = 10000 };

/* A sweep's id is unknown before it begins. */
static struct agent_key key_of(uint64_t trial)
{
    return (struct agent_key){.sweep = "SWEEP", .trial = trial, .attempt = 1};
}

static int find_store(const struct invocation *inv, struct plan *p, struct err *err)
{
    int rc = store_path_choose(invocation_option(inv, "store"), p->store, &p->store_new, err);
    return rc == 0 ? place_bin(p->bin, err) : rc;
}

static struct launch_context launch_context_of(const struct plan *p)
{
    struct launch_context ctx = {.dir = p->store, .bin = p->bin, .interpreter = interpreter_find()};
    cpu_share_init(&ctx.cpus, (uint32_t)p->at_once);
    return ctx;
}

/* The argv for one configuration, whether the sweep could propose it or not. */
static int print_params(const struct invocation *inv, struct plan *p, struct err *err)
{
    struct arena *a = &p->arena;
    struct value *given, *params, *argv;
    int rc = plan_params_read(a, invocation_option(inv, "params"), &given, err);
    if (rc == 0)
        rc = spec_file_read_command(p->file, invocation_option(inv, "root"), a, &p->spec, err);
    if (rc == 0)
        rc = plan_params_nest(a, &p->spec->space, given, &params, err);
    if (rc == 0)
        rc = find_store(inv, p, err);
    if (rc != 0)
        return rc;
    struct launch_context ctx = launch_context_of(p);
    struct launch_attempt attempt = {.key = key_of(0)};
    struct environment environment = environment_of(a, &ctx, &attempt, p->spec->env);
    if (launch_command(a, &ctx, &attempt, p->spec, params, &environment, &argv, err) != 0)
        return err_wrap(err, "%s", p->file);
    if (invocation_flag(inv, "json")) {
        struct value *v = value_dict(a);
        value_put(a, v, "argv", argv);
        puts(json_text(a, v, JSON_COMPACT));
    } else {
        puts(plan_shell(a, argv));
    }
    return 0;
}

static void plan_refuse(struct plan *p, const struct err *why)
{
    value_push(&p->arena, p->refused, value_str(&p->arena, why->text));
    p->wrong = true;
}

static void plan_refuse_all(struct plan *p, const struct diags *diags)
{
    for (size_t i = 0; i < diags->n; i++)
        if (diags->items[i].severity == DIAG_ERROR)
            value_push(&p->arena, p->refused,
                       value_str(&p->arena, arena_printf(&p->arena, "%s: %s", diags->items[i].path,
                                                         diags->items[i].message)));
}

/* The plan includes the reasons why `besom run` would refuse the spec. */
static void look_for_trouble(struct plan *p, const struct launch_context *ctx, const char *path)
{
    struct err why = {0};
    struct diags unobeyed, missing;
    p->refused = value_list(&p->arena);
    diags_init(&unobeyed, &p->arena, p->file);
    (void)obeyed_check(p->spec, OBEYED_RUN, &unobeyed);
    plan_refuse_all(p, &unobeyed);
    diags_init(&missing, &p->arena, p->file);
    lint_program_check(&missing, p->file, p->spec, true);
    plan_refuse_all(p, &missing);
    p->wrong = missing.errors > 0;
    if (command_check(p->spec, &why) != 0)
        plan_refuse(p, &why);
    why = (struct err){0};
    if (environment_check_spec(ctx, p->spec, &why) != 0)
        plan_refuse(p, &why);
    why = (struct err){0};
    if (place_check_memory(p->spec, &why) != 0)
        plan_refuse(p, &why);
    why = (struct err){0};
    if (place_workdir(p->spec, p->file, path, p->workdir, &why) != 0)
        plan_refuse(p, &why);
}

/* Adds the next configuration that the strategy proposes; ERR_EXHAUSTED if it has no more. */
static int plan_sample_add(struct plan *p, struct strategy *strategy, struct err *err)
{
    struct arena *a = &p->arena;
    struct launch_context ctx = launch_context_of(p);
    struct launch_attempt attempt = {.key = key_of(p->n_samples)};
    struct plan_sample *s = &p->samples[p->n_samples];
    struct proposal proposal;
    struct value *argv = NULL;
    int rc = strategy_propose(strategy, a, &proposal, err);
    if (rc == ERR_LIMIT) {
        p->cut = arena_strdup(a, err->text);
        return ERR_EXHAUSTED;
    }
    if (rc == 0 && command_check(p->spec, NULL) == 0) {
        struct environment environment = environment_of(a, &ctx, &attempt, p->spec->env);
        rc = launch_command(a, &ctx, &attempt, p->spec, proposal.params, &environment, &argv, err);
    }
    if (rc == 0) {
        *s = (struct plan_sample){.params = proposal.params, .argv = argv};
        p->n_samples++;
    }
    return rc;
}

/* Earlier sweeps that cannot be found are a reason why `besom run` would refuse the spec. */
static void plan_tell_prior(struct plan *p, struct strategy *strategy)
{
    struct view *view = NULL;
    struct value *prior = NULL;
    struct err why = {0};
    if (!p->spec->prior)
        return;
    int rc = view_open(p->store, &view, &why);
    if (rc == 0)
        rc = prior_find(view, p->spec, &p->arena, &prior, &why);
    if (rc == 0)
        strategy_set_prior(strategy, prior);
    else
        plan_refuse(p, &why);
    view_close(view);
}

static int plan_propose(const struct invocation *inv, struct plan *p, struct err *err)
{
    struct strategy *strategy = NULL;
    struct spec shown = *p->spec; /* its program proposes: shows random points */
    const struct spec *spec = &shown;
    bool many = spec->space.n > MANY || (spec->command && spec->command->list.n > MANY);
    uint64_t samples = many ? 1 : SAMPLES_DEFAULT, cap = (uint64_t)spec->run_cap;
    p->stand_in = shown.method == SPEC_CUSTOM;
    if (p->stand_in)
        shown.method = SPEC_RANDOM;
    p->seed = spec->has_seed ? spec->seed : 0;
    p->seed_given = spec->has_seed || invocation_option(inv, "seed");
    int rc = invocation_number(inv, "seed", 0, UINT64_MAX, &p->seed, err);
    if (rc == 0)
        rc = invocation_number(inv, "samples", 0, SAMPLES_MAX, &samples, err);
    if (rc == 0)
        rc = strategy_new(spec, p->seed, &strategy, err);
    if (rc != 0)
        return rc;
    plan_tell_prior(p, strategy);
    strategy_hurry(strategy);
    p->total = p->points = strategy_total(strategy);
    /* The total is 0 if the sweep repeats points or has infinitely many of them. */
    if (p->points == 0 && (rc = strategy_points(spec, &p->points, err)) != 0) {
        strategy_free(strategy);
        return rc;
    }
    if (p->total == 0 || (cap > 0 && cap < p->total))
        p->total = cap;
    if (p->total > 0 && samples > p->total)
        samples = p->total;
    p->samples = arena_alloc(&p->arena, (samples + 1) * sizeof *p->samples);
    while (rc == 0 && p->n_samples < samples)
        rc = plan_sample_add(p, strategy, err);
    strategy_free(strategy);
    return rc == ERR_EXHAUSTED ? 0 : rc;
}

/* As besom run, and the variables by which a trial sees its GPU. */
static int plan_slots(const struct invocation *inv, struct plan *p, uint64_t *ret, struct err *err)
{
    struct gpu_host *host = NULL;
    int rc = gpu_options_look(inv, p->spec, &host, err);
    if (rc == ERR_SPEC) { /* other hosts may have them */
        p->no_gpus = arena_strdup(&p->arena, err->text);
        *err = (struct err){0};
        rc = 0;
    }
    if (rc == 0)
        rc = gpu_options_slots(inv, p->spec, host, ret, err);
    if (rc == 0 && host)
        p->grant = gpu_host_grant(host, &p->arena);
    gpu_host_free(host);
    return rc;
}

static int plan_make(const struct invocation *inv, struct plan *p, struct err *err)
{
    char path[PATH_MAX];
    int rc = spec_file_read(p->file, invocation_option(inv, "root"), &p->spec, err);
    if (rc == 0 && !realpath(p->file, path))
        rc = err_set(err, ERR_IO, "%s: %s", p->file, strerror(errno));
    if (rc == 0)
        rc = find_store(inv, p, err);
    uint64_t slots = 0;
    if (rc == 0)
        rc = plan_slots(inv, p, &slots, err);
    if (rc != 0)
        return rc;
    p->at_once = place_at_once(p->spec, slots);
    struct launch_context ctx = launch_context_of(p);
    look_for_trouble(p, &ctx, path);
    if (p->no_gpus)
        value_push(&p->arena, p->refused, value_str(&p->arena, p->no_gpus));
    struct launch_attempt attempt = {.key = key_of(0), .grant = p->grant};
    p->env = environment_of(&p->arena, &ctx, &attempt, p->spec->env).variables;
    rc = plan_propose(inv, p, err);
    if (rc != 0)
        return err_wrap(err, "%s", p->file);
    char path_text[PATH_TEXT_BYTES], workdir_text[PATH_TEXT_BYTES];
    path_text_print(path_text, path);
    path_text_print(workdir_text, p->workdir);
    struct plan_like like = {path_text, workdir_text, p->spec->program};
    return plan_cost_find(p->store, &like, &p->cost, err);
}

static void plan_print(const struct invocation *inv, struct plan *p)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    if (invocation_flag(inv, "json")) {
        json_print(&out, plan_json(p), JSON_COMPACT);
        buf_addc(&out, '\n');
    } else {
        plan_text(&out, p, terminal_table_columns(stdout), terminal_colour(stdout));
    }
    fwrite(buf_str(&out), 1, out.len, stdout);
    buf_done(&out);
}

int cmd_plan(struct invocation *inv)
{
    struct plan *p = mem_alloc(sizeof *p);
    struct err err = {0};
    bool refused = false;
    int rc;
    arena_init(&p->arena);
    p->file = invocation_arg(inv, 0);
    if (invocation_option(inv, "params")) {
        rc = print_params(inv, p, &err);
    } else {
        rc = plan_make(inv, p, &err);
        if (rc == 0)
            plan_print(inv, p);
        refused = rc == 0 && p->wrong;
    }
    spec_free(p->spec);
    arena_done(&p->arena);
    mem_free(p);
    return rc != 0 ? complain(&err) : refused ? COMPLAIN_USAGE : COMPLAIN_DONE;
}
