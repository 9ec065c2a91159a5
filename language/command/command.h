/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The argv of a trial: W&B's command macros, expanded as the wandb agent does, and a few of our
 * own. No shell. */
#include "language/command/command_fill.h"
#include "language/spec.h"

struct command_context {
    const char *interpreter;  /* what ${interpreter} gives */
    const char *params_json;  /* path that ${args_json_file} gives; the caller writes the file */
    struct command_fill fill; /* what is replaced anywhere in an item */
};

/* Fills *ret with a list of strings. params is nested, as the script gets them. Fails with
 * ERR_SPEC if there is nothing to execute. */
NODISCARD int command_build(struct arena *a, const struct spec *s, const struct value *params,
                            const struct command_context *ctx, struct value **ret, struct err *err);

/* Whether there is anything to execute: a command, and a program if the command names ${program}.
 * ERR_SPEC with a sentence if not; `ask` needs neither. */
NODISCARD int command_check(const struct spec *s, struct err *err);

/* About one item of a command: whether all of it is a macro, whether it passes the parameters, and
 * the macro nearest to an unknown one (NULL if none is near). */
bool command_is_macro(const char *word);
bool command_passes_parameters(const char *word);
enum command_passes {
    COMMAND_PASSES_NOTHING,
    COMMAND_PASSES_DATA,    /* JSON, or names */
    COMMAND_PASSES_GROUPS,  /* one argument for each parameter, and one for a whole group */
    COMMAND_PASSES_MEMBERS, /* one for each parameter, those of a group too */
};
enum command_passes command_passes(const char *word);
const char *command_macro_near(const char *word);
/* The i-th macro there is, NULL behind the last. */
const char *command_macro_name(size_t i);
