/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Specs as the text that a person writes in the page: checked as `besom lint` does, and as the new
 * spec of a sweep, in place of the fact that `besom edit` sends. */
#include "base/value.h"
#include "orchestrator/server/server_inside.h"

/* {"yaml":TEXT} is answered with {"findings":[{"severity","line","column","path","message","fix"}]}. */
void server_spec_lint(struct server *s, const struct server_request *r);
/* The fact sweep_edited for a sweep of the store from the text. ERR_SPEC with the first error; a warning that the
 * sweep's spec does not have is one. */
NODISCARD int server_spec_edit(struct server *s, const char *sweep, const char *yaml,
                               struct arena *a, struct value **ret, struct err *err);
