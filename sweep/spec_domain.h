/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What values a parameter can have at all: to say of a comparison that it can never hold. */
#include "sweep/space.h"
#include "sweep/spec_node.h"

/* No value of it is ever met exactly. */
bool spec_domain_continuous(const struct parameter *p);
/* False only where v is surely none of its values. */
bool spec_domain_has(const struct parameter *p, const struct value *v);
/* "it is 'adam' or 'sgd'", "it is an integer from 1 to 8"; NULL where there is nothing to say. */
const char *spec_domain_text(struct spec_reader *r, const struct parameter *p);
/* That of its values that v was probably meant to be, or NULL. */
const struct value *spec_domain_near(struct spec_reader *r, const struct parameter *p,
                                     const struct value *v);
