/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/command/view_command.h"

#include "language/command/command.h"
#include "orchestrator/view/view_row.h"

/* A variable may be a secret, and most are the agent's. */
static const char *variable_keep(void *arg, const char *name)
{
    return arena_printf(arg, "${envvar:%s}", name);
}

static void name_put(struct arena *a, struct value *names, const char *name,
                     const struct value *trial, const char *key)
{
    value_put(a, names, name,
              value_str(a, arena_printf(a, "%lld", (long long)value_get_int(trial, key, 0))));
}

static struct value *command_of(struct arena *a, const struct spec *spec, const char *sweep,
                                const struct value *trial)
{
    struct value *names = value_dict(a), *command;
    struct err none = {0};
    value_put(a, names, "${trial_id}", value_str(a, value_get_str(trial, "id", "")));
    value_put(a, names, "${sweep_id}", value_str(a, sweep));
    name_put(a, names, "${trial_number}", trial, "number");
    if (value_get_int(trial, "attempt", 0) > 0) {
        name_put(a, names, "${attempt}", trial, "attempt");
        name_put(a, names, "${slot}", trial, "slot");
    }
    const struct command_context ctx = {.interpreter = "python",
                                        .params_json = "${args_json_file}",
                                        .fill = {names, variable_keep, a}};
    return command_build(a, spec, value_get(trial, "params"), &ctx, &command, &none) == 0
               ? command
               : value_null(a);
}

int view_command_add(struct view *v, struct arena *a, const char *sweep, struct value *trial,
                     struct err *err)
{
    struct spec *spec;
    const char *fault;
    int rc = view_row_spec(v, a, sweep, &spec, &fault, err);
    value_put(a, trial, "command",
              spec && !fault ? command_of(a, spec, sweep, trial) : value_null(a));
    spec_free(spec);
    return rc;
}
