/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One call of besom: the subcommand, its options, and its arguments. Everything points into argv,
 * which must outlive it. Must not know what any subcommand does. */
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "cli/subcommand/subcommand.h"

enum { INVOCATION_OPTIONS_MAX = 32 };

struct invocation {
    const struct subcommand *subcommand;
    const struct subcommand *const *table; /* all subcommands, for those that list them */
    struct {
        const struct subcommand_option *option;
        const char *value; /* "" of a switch */
    } options[INVOCATION_OPTIONS_MAX];
    size_t n_options;
    const char *const *args; /* the arguments that are not options, in order; ended by NULL */
    size_t n_args;
};

/* Reads argv[0..argc), the words after the subcommand's name, and moves those that are not options
 * to the front. Options may be anywhere before "--". ERR_USAGE has the mistake and what is valid.
 * The number of arguments is not checked if --help is among the options. */
NODISCARD int invocation_parse(const struct subcommand *s, int argc, const char **argv,
                               struct invocation *ret, struct err *err);

/* The last value given, else that of the option's variable (an empty one counts as absent), else
 * NULL. The option must be one of the subcommand's. */
const char *invocation_option(const struct invocation *inv, const char *name);
bool invocation_flag(const struct invocation *inv, const char *name);
/* Leaves *ret unchanged if the option is absent. ERR_USAGE if it is not a whole number in [min,
 * max]. */
NODISCARD int invocation_number(const struct invocation *inv, const char *name, uint64_t min,
                                uint64_t max, uint64_t *ret, struct err *err);
/* The i-th argument, or NULL. */
const char *invocation_arg(const struct invocation *inv, size_t i);
