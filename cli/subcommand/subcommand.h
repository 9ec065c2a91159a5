/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The description of a subcommand: parsing, --help, the man pages and the shells' completion all
 * read one table of them (cli/subcommand/subcommand_table.h), so that they cannot differ. Their callers pass
 * the table to them; they must not include it, because it refers to the functions of all
 * subcommands. */
#include <stddef.h>
#include "base/buf.h"

struct invocation;

struct subcommand_option {
    const char *name;     /* without its dashes */
    char letter;          /* '\0': none */
    const char *argument; /* "DIR"; NULL: a switch */
    const char *help;
    const char *env;     /* the variable that is used if the option is absent; NULL: none */
    const char *choices; /* the allowed words, separated by spaces; NULL: anything */
};

enum { SUBCOMMAND_ANY = 1 << 20, SUBCOMMANDS_MAX = 100 };

struct subcommand {
    const char *name;
    const char *summary;                     /* one line */
    const char *arguments;                   /* "SPEC", "[SWEEP]"; NULL: takes none */
    int min_args, max_args;                  /* SUBCOMMAND_ANY: no bound */
    const char *description;                 /* whole sentences; '\n' between paragraphs */
    const char *example;                     /* lines to type, each with its newline */
    const struct subcommand_option *options; /* ended by one without a name; NULL: none */
    int (*run)(struct invocation *inv);      /* returns the exit code */
};

/* Finds a subcommand in a table that ends with NULL. NULL if there is none. */
const struct subcommand *subcommand_find(const struct subcommand *const *table, const char *name);
/* The name that is nearest to a misspelt `name`; NULL if none is near. */
const char *subcommand_nearest(const struct subcommand *const *table, const char *name);

const struct subcommand_option *subcommand_option_find(const struct subcommand *s, const char *name,
                                                       size_t len);
const struct subcommand_option *subcommand_option_letter(const struct subcommand *s, char letter);
const char *subcommand_option_nearest(const struct subcommand *s, const char *name);
/* Appends "-s, --slots N", or "--slots N" if the option has no letter. */
void subcommand_option_print(struct buf *out, const struct subcommand_option *o);
/* --help, which every subcommand takes. */
extern const struct subcommand_option subcommand_option_help;
