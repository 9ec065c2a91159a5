/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One call of besom: which subcommand, the options given to it, and what is left. Everything points
 * into argv, which must outlive it. Must not know what any subcommand does. */
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "cli/subcommand.h"

enum { INVOCATION_OPTIONS_MAX = 32 };

struct invocation {
    const struct subcommand *subcommand;
    const struct subcommand *table; /* all of them, for those that show them */
    struct {
        const struct subcommand_option *option;
        const char *value; /* "" of a switch */
    } options[INVOCATION_OPTIONS_MAX];
    size_t n_options;
    const char *const *args; /* what is no option, in order; ended by NULL */
    size_t n_args;
};

/* Reads argv[0..argc), the words behind the subcommand's name, moving those that are no option to
 * the front. Options may stand anywhere before "--". ERR_USAGE says what is wrong and what there
 * is. The number of arguments is not checked where --help is among the options. */
NODISCARD int invocation_parse(const struct subcommand *s, int argc, const char **argv,
                               struct invocation *ret, struct err *err);

/* The last value given, else that of the option's variable (an empty one counts as absent), else
 * NULL. The option must be one of the subcommand's. */
const char *invocation_option(const struct invocation *inv, const char *name);
bool invocation_flag(const struct invocation *inv, const char *name);
/* Leaves *ret where the option is absent. ERR_USAGE where it is no whole number in [min, max]. */
NODISCARD int invocation_number(const struct invocation *inv, const char *name, uint64_t min,
                                uint64_t max, uint64_t *ret, struct err *err);
/* The i-th argument, or NULL. */
const char *invocation_arg(const struct invocation *inv, size_t i);
