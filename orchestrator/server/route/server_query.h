/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The query of a request, by the names that its route takes (server_routes.h). No other is ignored:
 * a filter whose name has a typo would otherwise be no filter. */
#include "base/err.h"
#include "base/value.h"
#include "orchestrator/server/route/server_route.h"

/* ERR_USAGE where it has a name that the route does not take, a name twice, a value that is not text,
 * or another text where a whole number is due. */
NODISCARD int server_query_check(const struct server_route *r, const char *query, struct err *err);
/* The parameters as a dict of texts; with `typed`, those of whole numbers as such. */
struct value *server_query_read(const struct server_route *r, const char *query, bool typed,
                                struct arena *a);
/* A whole number; `otherwise` where it is missing. */
uint64_t server_query_number(const char *query, const char *name, uint64_t otherwise);
