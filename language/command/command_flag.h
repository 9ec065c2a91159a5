/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The arguments that a parameter's `flag` gives for its values, as one value that agents get too:
 * [[path, [[value, [argument, …]], …]], …], where path is a list of names. Agents get it from
 * their controller and ignore parts that have another shape. */
#include "base/value.h"

/* A parameter of a trial with a flag, and the arguments that are passed in place of --name=value. */
struct command_flag {
    const struct value_entry *entry; /* within params */
    const struct value *arguments;   /* list of strings */
};

/* A new item for the list of all flags: a parameter without values yet. */
struct value *command_flag_new(struct arena *a, const char *const *path, size_t depth);
void command_flag_add(struct arena *a, struct value *item, const struct value *value,
                      struct value *arguments);
/* Those of params (nested, as the script gets them) whose value has arguments; returns how many. */
size_t command_flag_find(struct arena *a, const struct value *flags, const struct value *params,
                         struct command_flag **ret);
/* The i-th argument of all that flags may pass; NULL behind the last. */
const char *command_flag_text(const struct value *flags, size_t i);
