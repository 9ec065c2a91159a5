/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads what makes a space conditional (`when`, `expr`, `forbid`) once all names are known. */
#include "language/spec.h"
#include "language/spec_names.h"

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

/* What stands beside a parameter, kept until all names are known. */
struct spec_claim {
    struct spec_scope *scope;
    const struct spec_node *node, *when, *expr; /* when, expr: NULL where absent */
};

/* Fills in when and expr of the space's parameters, its order and forbid. The items are those of
 * s->space, claims[i] belongs to items[i]; forbid may be NULL. */
void spec_condition_read(struct spec_reader *r, struct spec *s, struct parameter *items,
                         struct spec_claim *claims, const struct spec_names *names,
                         const struct spec_node *forbid);
