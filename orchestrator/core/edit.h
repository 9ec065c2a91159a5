/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The differences between two specs of a sweep, and whether a sweep with trials can continue with
 * them: a key that no proposal depends on, or a list of values that only grew. Pure. */
#include "base/value.h"

enum edit_kind {
    EDIT_FREE,    /* no proposal depends on it */
    EDIT_GROWN,   /* values or initial configurations were added, and none was removed */
    EDIT_REFUSED, /* later trials could not be compared with earlier ones */
};

/* old or new is NULL where the key is absent. */
typedef void (*edit_fn)(void *arg, enum edit_kind kind, const char *path, const struct value *old,
                        const struct value *new);
/* Calls fn, which may be NULL, for each key that differs; returns how many there are, and in
 * *ret_refused how many of them are EDIT_REFUSED. */
size_t edit_compare(const struct value *old, const struct value *new, edit_fn fn, void *arg,
                    size_t *ret_refused);
