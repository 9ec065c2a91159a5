/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Dicts that come row by row, read from their JSON text without a tree. Rows nearly always have the same members in
 * the same order, so a member is first compared with the one at its place in the row before. */
#include "base/arena.h"
#include "base/json_span.h"
#include "base/map.h"

struct flat_member;

struct flat {
    struct arena arena;          /* of names */
    struct map members, names;   /* all that were seen, by their keys; what was found, by name */
    struct flat_member **places; /* those of the last row */
    size_t n, cap;
    void *(*find)(void *arg, const char *name);
    void *arg;
};

/* find: called once for each flattened name, which is valid until flat_done(): what the owner has for it; NULL:
 * nothing. */
void flat_init(struct flat *f, void *(*find)(void *arg, const char *name), void *arg);
void flat_done(struct flat *f);
/* What find() gave for a name that needs no flattening, the at-th of its row. */
void *flat_name(struct flat *f, size_t at, const char *name);
/* The dict of a row: take() gets each value below it for whose name find() gave something. An empty dict is a value. */
void flat_dict(struct flat *f, const char *text, size_t len,
               void (*take)(void *arg, void *found, struct json_span value));
