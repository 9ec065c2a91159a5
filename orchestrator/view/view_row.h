/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The columns of a row as values, and one moment of the store for what needs several statements. */
#include "base/value.h"
#include "language/spec.h"
#include "orchestrator/view/view_inside.h"

NODISCARD int view_row_begin(struct view *v, struct err *err);
void view_row_end(struct view *v);
/* A count of a sweep, where another process serves the store: a document of view_answer.h. */
NODISCARD int view_row_remote_count(struct view *v, const char *sweep, const char *part,
                                    uint64_t *ret, struct err *err);
/* A column as a value: null where it is NULL. */
struct value *view_row_text(struct arena *a, sqlite3_stmt *st, int at);
struct value *view_row_int(struct arena *a, sqlite3_stmt *st, int at);
struct value *view_row_time(struct arena *a, sqlite3_stmt *st, int at); /* ms as seconds */
struct value *view_row_json(struct arena *a, sqlite3_stmt *st, int at); /* JSON text */
/* The spec of a sweep, which the caller frees, with *ret_fault as spec_read_stored() has it; NULL: there is no
 * such sweep. */
NODISCARD int view_row_spec(struct view *v, struct arena *a, const char *sweep, struct spec **ret,
                            const char **ret_fault, struct err *err);
/* The name of the sweep's metric, in the arena; NULL: it has none. */
NODISCARD int view_row_metric(struct view *v, struct arena *a, const char *sweep, const char **ret,
                              bool *ret_maximize, struct err *err);
