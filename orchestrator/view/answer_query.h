/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Values of a question's query, which is a dict of texts. ERR_USAGE names the one that is malformed. */
#include "base/err.h"
#include "base/value.h"

/* A whole number up to max; *ret stays where it is missing. */
NODISCARD int answer_query_number(const struct value *query, const char *name, uint64_t max,
                                  uint64_t *ret, struct err *err);
/* A finite number; NaN where it is missing. */
NODISCARD int answer_query_float(const struct value *query, const char *name, double *ret,
                                 struct err *err);
/* Whole numbers with commas between, in the arena; NULL where they are missing. ERR_LIMIT: more than `most`. */
NODISCARD int answer_query_list(const struct value *query, struct arena *a, const char *name,
                                size_t most, const uint64_t **ret, size_t *ret_n, struct err *err);
