/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom plan: what would run, without running it. */
#include <stdio.h>
#include <string.h>

#include "agent/interpreter.h"
#include "agent/launch.h"
#include "base/json.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/place.h"
#include "cli/plan_params.h"
#include "cli/shell_word.h"
#include "cli/spec_file.h"
#include "cli/store_path.h"
#include "strategies/strategy.h"

/* Trial 0 of the sweep that there would be: its id is not known before it is begun. */
static const struct agent_key first_trial = {.sweep = "SWEEP", .trial = 0, .attempt = 1};

static int context(const struct invocation *inv, char store[PATH_MAX], char bin[PATH_MAX],
                   struct launch_context *ret, struct err *err)
{
    bool made;
    int rc = store_path_choose(invocation_option(inv, "store"), store, &made, err);
    if (rc == 0)
        rc = place_bin(bin, err);
    *ret = (struct launch_context){.dir = store, .bin = bin, .interpreter = interpreter_find()};
    return rc;
}

static void print_shell(const struct value *argv)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < argv->list.n; i++) {
        buf_adds(&out, i ? " " : "");
        shell_word(&out, argv->list.items[i]->s.ptr);
    }
    puts(out.data);
    buf_done(&out);
}

/* The argv for one configuration, whether the sweep could propose it or not. */
static int plan_params(const struct invocation *inv, struct arena *a, const char *option,
                       struct err *err)
{
    char store[PATH_MAX], bin[PATH_MAX];
    struct launch_context ctx;
    struct spec *spec = NULL;
    struct value *given, *params, *argv;
    int rc = plan_params_read(a, option, &given, err);
    if (rc == 0)
        rc = spec_file_read_command(invocation_arg(inv, 0), a, &spec, err);
    if (rc == 0)
        rc = plan_params_nest(a, &spec->space, given, &params, err);
    if (rc == 0)
        rc = context(inv, store, bin, &ctx, err);
    if (rc == 0 && launch_command(a, &ctx, &first_trial, spec, params, &argv, err) != 0)
        rc = err_wrap(err, "%s", invocation_arg(inv, 0));
    if (rc == 0 && invocation_flag(inv, "json")) {
        struct value *v = value_dict(a);
        value_put(a, v, "argv", argv);
        puts(json_text(a, v, JSON_COMPACT));
    } else if (rc == 0) {
        print_shell(argv);
    }
    spec_free(spec);
    return rc;
}

/* The first configurations that the sweep would propose. */
static int plan_samples(const struct invocation *inv, struct arena *a, struct err *err)
{
    char store[PATH_MAX], bin[PATH_MAX];
    struct launch_context ctx;
    struct spec *spec = NULL;
    struct strategy *strategy = NULL;
    uint64_t samples = 3, seed = 0;
    int rc = spec_file_read(invocation_arg(inv, 0), &spec, err);
    if (rc == 0 && spec->has_seed)
        seed = spec->seed;
    if (rc == 0)
        rc = invocation_number(inv, "seed", 0, UINT64_MAX, &seed, err);
    if (rc == 0)
        rc = invocation_number(inv, "samples", 0, 10000, &samples, err);
    if (rc == 0)
        rc = context(inv, store, bin, &ctx, err);
    if (rc == 0)
        rc = strategy_new(spec, seed, &strategy, err);
    for (uint64_t i = 0; rc == 0 && i < samples; i++) {
        struct proposal p;
        struct value *argv = NULL;
        rc = strategy_propose(strategy, a, &p, err);
        if (rc == 0)
            rc = launch_command(a, &ctx, &first_trial, spec, p.params, &argv, err);
        if (rc == 0)
            print_shell(argv);
    }
    strategy_free(strategy);
    spec_free(spec);
    return rc == ERR_EXHAUSTED ? 0 : rc;
}

int cmd_plan(struct invocation *inv)
{
    struct arena a;
    struct err err = {0};
    arena_init(&a);
    const char *params = invocation_option(inv, "params");
    int rc = params ? plan_params(inv, &a, params, &err) : plan_samples(inv, &a, &err);
    arena_done(&a);
    return rc != 0 ? complain(&err) : COMPLAIN_DONE;
}
