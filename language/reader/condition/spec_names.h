/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The names of a spec's parameters and groups, flattened ("optimizer.lr"), as conditions and
 * expressions look them up: from a parameter's own group outwards to the root. */
#include "base/map.h"
#include "language/reader/spec_node.h"

enum spec_name_kind {
    SPEC_NAME_PARAMETER,
    SPEC_NAME_GROUP,
    SPEC_NAME_BROKEN /* a mistake in it is reported already */
};

struct spec_name {
    const char *name;
    enum spec_name_kind kind;
    size_t index; /* of a parameter: in the space */
};

struct spec_names {
    struct map map;
    struct spec_name *items;
    size_t n, cap;
};

void spec_names_init(struct spec_names *names);
void spec_names_done(struct spec_names *names);
/* The name itself is not copied. Of equal names the first stays. */
void spec_names_add(struct spec_names *names, struct arena *a, const char *name,
                    enum spec_name_kind kind, size_t index);
/* In group ("a.b", or NULL for the root), then in those around it; NULL where it is nowhere. */
const struct spec_name *spec_names_find(const struct spec_names *names, const char *group,
                                        const char *name, size_t len);
/* The parameter nearest to an unknown name, as it is written in that group; or NULL. */
const char *spec_names_near(const struct spec_names *names, const struct spec_reader *r,
                            const char *group, const char *name, size_t len);
/* For a name that is unknown there: the members of groups that have it as their short name, as
 * words, "`a.x` and `b.x`"; NULL if there is none. *ret_only: the only one, if there is just
 * one. */
const char *spec_names_elsewhere(const struct spec_names *names, const struct spec_reader *r,
                                 const char *name, const char **ret_only);
