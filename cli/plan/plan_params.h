/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The configuration that --params gives: flattened names, as people write and copy them, to nested
 * values, as the script gets them. Pure. */
#include "base/value.h"
#include "sweep/space.h"

/* What the option says: JSON, "@FILE", or "-" for stdin. */
NODISCARD int plan_params_read(struct arena *a, const char *option, struct value **ret,
                               struct err *err);
/* A name of the space goes to its place in the space's groups; any other stays as it is given, as
 * do all values. Names are sorted at each level, as in a proposal. */
NODISCARD int plan_params_nest(struct arena *a, const struct space *space,
                               const struct value *given, struct value **ret, struct err *err);
