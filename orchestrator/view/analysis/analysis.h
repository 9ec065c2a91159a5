/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The documents that take a controller longer than a moment (docs/openapi.yaml):
 *   sweeps/ID/importance?metric=&goal=&method=&at=   matters.h
 *   sweeps/ID/luck                                   luck.h
 *   sweeps/ID/surface?x=&y=&metric=&goal=&at=        surface.h
 * They depend on the sweep's finished trials, values at rungs and the states of all alone: analysis_mark() tells whether
 * these have changed, so that an answer can be kept. Knows no HTTP and no threads. */
#include "base/buf.h"
#include "orchestrator/view/view.h"

enum { ANALYSIS_MARK_BYTES = 220 };

/* The sweep that the path names, and a text that differs if the document may. ERR_NOT_FOUND: there is
 * no such sweep or document. */
NODISCARD int analysis_mark(struct view *v, const char *path, char id[16],
                            char ret[ANALYSIS_MARK_BYTES], struct err *err);
/* Appends the document of this sweep. query: a dict of strings. */
NODISCARD int analysis_answer(struct view *v, const char *path, const char *id,
                              const struct value *query, struct buf *out, struct err *err);
