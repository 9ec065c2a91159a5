/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The spec of imported trials, where the user names none: a space that just holds them. */
#include "language/spec.h"
#include "sweep/earlier/earlier.h"

/* Takes the metric out of the parameters first (import.c). */
NODISCARD int import_spec_make(const struct earlier *e, const char *metric, bool maximize,
                               struct spec **ret, struct err *err);
