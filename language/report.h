/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What `report:` of a sweep file may hold for stdout or stderr: `json`, the name of a ready-made
 * reader, a pattern with named groups, a mapping from metrics to patterns, or a list of such. One
 * table lists the ready-made readers. Knows nothing of lines (agent/metrics/pattern.h). */
#include "base/regex.h"
#include "base/value.h"

#define REPORT_JSON "json"
#define REPORT_STEP "step" /* the name of the group that is the step, not a metric */

enum { REPORT_RULES_MAX = 3 };

/* A line that `line` matches is one of the tool's; its named groups are metrics. In the rest of
 * the line, each match of `pairs` is a metric: its groups are `name` and `value`. */
struct report_rule {
    const char *line, *pairs; /* pairs NULL: the line gives the step of the next line alone */
};

struct report_reader {
    const char *name;
    const char *of; /* "the progress bars of Keras" */
    struct report_rule rules[REPORT_RULES_MAX];
};

const struct report_reader *report_readers(size_t *ret_n);
const struct report_reader *report_reader_find(const char *name); /* NULL: there is none */
/* Compiles a pattern. It needs named groups; a pattern for one metric needs at least one group.
 * ERR_SYNTAX, or ERR_SPEC if it has no groups, has the message. */
NODISCARD int report_pattern(const char *text, bool beside_a_name, struct regex **ret,
                             struct err *err);
/* Whether the text is a pattern, not the name of a reader. */
bool report_is_pattern(const char *text);
/* Adds the metrics that a report, {"stdout":…,"stderr":…}, can find, as keys; true if there may be
 * others too. */
bool report_gives(struct arena *a, const struct value *report, struct value *names);
