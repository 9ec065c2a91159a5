/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The values that a parameter can have, to report comparisons that can never hold. */
#include "sweep/space.h"
#include "language/reader/spec_node.h"

/* No value of it is ever met exactly. */
bool spec_domain_continuous(const struct parameter *p);
/* False only if v is certainly not one of its values; for a parameter without a list of values
 * (language/reader/condition/spec_domains.h knows those). */
bool spec_domain_has(const struct parameter *p, const struct value *v);
/* "it is 'adam' or 'sgd'", "it is an integer from 1 to 8"; NULL if nothing is known. */
const char *spec_domain_text(struct spec_reader *r, const struct parameter *p);
/* Its least and greatest value, if it has them and all of its values are numbers. */
bool spec_domain_bounds(const struct parameter *p, double *ret_low, double *ret_high);
/* All of its values, NULL if there are more than `most` or they cannot be listed. */
const struct value *spec_domain_values(struct arena *a, const struct parameter *p, size_t most);
/* The kinds of its values (expr/expr_type.h); any, for one that is computed. */
unsigned spec_domain_types(const struct parameter *p);
/* A value as Python prints it. */
const char *spec_domain_shown(struct spec_reader *r, const struct value *v);
/* The one of its values that was probably intended instead of v, or NULL. */
const struct value *spec_domain_near(struct spec_reader *r, const struct parameter *p,
                                     const struct value *v);
