/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Metrics out of lines of output, as `report:` of the sweep file says (language/report.h). The
 * result is JSON lines as in a metrics file. Pure. */
#include "base/buf.h"
#include "base/value.h"

struct patterns;

enum patterns_stream { PATTERNS_STDOUT, PATTERNS_STDERR, PATTERNS_STREAMS };
extern const char *const patterns_streams[PATTERNS_STREAMS]; /* as `report:` calls them */

/* ERR_SPEC names the pattern and what is wrong with it. report: {"stdout":…,"stderr":…} */
NODISCARD int patterns_new(const struct value *report, struct patterns **ret, struct err *err);
void patterns_free(struct patterns *p); /* takes NULL */
/* Appends the result for one line of output, given without its newline: a JSON line, or nothing. A
 * group whose text is not a number adds a line that says so, which counts as a bad line. */
void patterns_apply(const struct patterns *p, enum patterns_stream stream, const char *line,
                    size_t len, struct buf *out);
