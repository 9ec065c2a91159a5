/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What values a parameter can have at all: to say of a comparison that it can never hold. */
#include "sweep/space.h"
#include "language/reader/spec_node.h"

/* No value of it is ever met exactly. */
bool spec_domain_continuous(const struct parameter *p);
/* False only where v is surely none of its values; for one without a list of values
 * (language/reader/condition/spec_domains.h knows those). */
bool spec_domain_has(const struct parameter *p, const struct value *v);
/* "it is 'adam' or 'sgd'", "it is an integer from 1 to 8"; NULL where there is nothing to say. */
const char *spec_domain_text(struct spec_reader *r, const struct parameter *p);
/* Its least and greatest value, where it has them and all of its values are numbers. */
bool spec_domain_bounds(const struct parameter *p, double *ret_low, double *ret_high);
/* All of its values, NULL where they are more than most or cannot be listed. */
const struct value *spec_domain_values(struct arena *a, const struct parameter *p, size_t most);
/* The kinds of its values (expr/expr_type.h); any, for one that is computed. */
unsigned spec_domain_types(const struct parameter *p);
/* A value as Python prints it. */
const char *spec_domain_shown(struct spec_reader *r, const struct value *v);
/* That of its values that v was probably meant to be, or NULL. */
const struct value *spec_domain_near(struct spec_reader *r, const struct parameter *p,
                                     const struct value *v);
