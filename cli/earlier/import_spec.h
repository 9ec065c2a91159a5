/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The spec of imported trials, where the user names none: their space is what the study declares,
 * or just holds the values. */
#include "language/spec.h"
#include "sweep/earlier/earlier.h"

struct import_spec {
    struct arena *a;
    struct map columns; /* name -> struct column * */
    size_t names_n;     /* different ones, also those beyond the limit */
};

/* The arena must outlive the spec that is made. */
void import_spec_init(struct import_spec *s, struct arena *a);
void import_spec_done(struct import_spec *s);
/* Adds the params of one trial. scratch: for the call. */
void import_spec_add(struct import_spec *s, const struct earlier_ranges *ranges,
                     struct arena *scratch, const struct value *params);
/* Parameters that no space can have are noted in e. */
NODISCARD int import_spec_make(struct import_spec *s, struct earlier *e, const char *metric,
                               bool maximize, struct spec **ret, struct err *err);
/* The params that are in the space. */
struct value *import_spec_params(const struct import_spec *s, struct arena *scratch,
                                 struct value *params);
