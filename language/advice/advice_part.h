/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The parts that advice is made of, each on a part of the spec. */
#include "language/spec.h"
#include "language/reader/spec_finding.h"
#include "language/reader/spec_node.h"

void advice_on_metric(struct spec_reader *r, const struct spec *s, const struct spec_node *root);
void advice_on_command(struct spec_reader *r, const struct spec_node *root);
/* Numbers that only some YAML readers read as numbers: one note for all of them. */
void advice_on_numbers(struct spec_reader *r, const struct spec_node *root);
/* On one parameter that is no group. */
void advice_on_parameter(struct spec_reader *r, const struct spec *s,
                         const struct spec_node *parameter);
/* On what its `values` or `value` hold. */
void advice_on_values(struct spec_reader *r, const struct spec_node *values);
void advice_on_value(struct spec_reader *r, const struct spec_node *value);

/* Each on one kind of finding (language/reader/spec_finding.h). */
#define X(id, name) \
    void advice_on_##name(struct spec_reader *r, struct diag *said, const struct spec_finding *f);
SPEC_FINDINGS(X)
#undef X
