/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What is replaced anywhere in an item of a command and in a value of `env`: the names of the trial,
 * as ${trial_id}, and variables, as ${envvar:HOME}. */
#include "base/value.h"

struct spec;

/* A variable of the trial's environment; NULL where it is not set. */
typedef const char *(*command_fill_getenv)(void *arg, const char *name);

struct command_fill {
    const struct value *names;  /* a dict: ${trial_id} and its like, with their texts. One that is
                                  not there stays as it is written. May be NULL */
    command_fill_getenv getenv; /* a variable that is not set leaves its name; may be NULL */
    void *arg;
};

/* The text with all of it replaced, in the arena; *ret_len bytes, at most LIMIT_ARGV_BYTES: then
 * *ret_len is that, and the text is cut. */
const char *command_fill_text(struct arena *a, const char *text, const struct command_fill *f,
                              size_t *ret_len);
/* The text with something in the place of each name and variable: what is left of it is no name. */
const char *command_fill_sample(struct arena *a, const char *text);
/* The i-th name there is, as ${trial_id}; NULL behind the last. */
const char *command_fill_name(size_t i);
bool command_fill_is_name(const char *text);
/* Whether the name, as ${trial_id}, is in an item of the command, in an argument of a `flag`, or in a
 * value of env. */
bool command_fill_is_used(const struct spec *s, const char *name);
/* Whether getenv, which gives the variables of a trial, has all those that the command, each `flag` and
 * env name. ERR_SPEC names the first that it has not. */
NODISCARD int command_fill_check(const struct spec *s, command_fill_getenv getenv, void *arg,
                                 struct err *err);
