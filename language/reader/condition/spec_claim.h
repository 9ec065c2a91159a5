/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The groups and the conditions of parameters, kept until all names are known. */
#include "language/reader/spec_node.h"
#include "sweep/space.h"

/* A group around parameters, or the root; its `when` holds for all below it. */
struct spec_scope {
    struct spec_scope *up;
    const char *group;            /* "a.b"; NULL for the root */
    const struct spec_node *when; /* NULL where it has none */
    /* Read by spec_condition_read(). */
    bool read;
    struct when *own;
    size_t own_n;
};

/* The conditions of a parameter, kept until all names are known. */
struct spec_claim {
    struct spec_scope *scope;
    const struct spec_node *node, *when, *expr; /* when, expr: NULL where absent */
};
