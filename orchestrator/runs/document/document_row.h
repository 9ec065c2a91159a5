/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One row of a run's history as text: what it holds under the names that are asked for. Nested keys are joined by dots. */
#include <stdint.h>

#include "base/json_span.h"

enum { DOCUMENT_ROW_DEPTH = 8 }; /* of nested keys */

/* ret[i]: the value of keys[i], of the member "a.b.c" or below "a"; .at is NULL where there is none. The row is walked once. */
void document_row_pick(struct json_span row, const char *const *keys, size_t n,
                       struct json_span *ret);
/* Its _step, else its number. */
double document_row_step(struct json_span row, int64_t number);
