/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An expression in a spec: looks up its names, and reports each mistake at its place within the
 * text. */
#include "expr/expr.h"
#include "language/reader/condition/spec_domains.h"
#include "language/reader/condition/spec_names.h"

struct spec_expr {
    struct spec_reader *r;
    const struct spec_names *names;
    size_t nodes_left; /* for all expressions of the spec together */
    bool full;         /* they were not enough, which was reported */
    struct spec_domains domains;
};

/* Reads the text n; names are looked up from group. False, and reported, if it is wrong. */
bool spec_expr_read(struct spec_expr *x, const char *group, const struct spec_node *n,
                    struct condition *ret);
/* The condition of a tree that was not made from text. */
struct condition spec_expr_condition(struct arena *a, const struct expr *e, const char *text);
/* Adds a diagnostic about the part of the text n that f names. */
struct diag *spec_expr_error(struct spec_reader *r, const struct spec_node *n,
                             const struct spec_finding *f, const char *message);
void spec_expr_warn(struct spec_reader *r, const struct spec_node *n, const struct spec_finding *f,
                    const char *message);
/* The place in the file of a part of the text; false if the text in the file has escapes or line
 * breaks, that is, if it is not as long as the text, or longer by just two quotes. */
bool spec_expr_span(const struct spec_node *n, size_t offset, size_t len, struct diag_span *ret);
/* The name of a group's parameters, some of them, for a message. */
const char *spec_expr_members(const struct spec_expr *x, const char *group);
