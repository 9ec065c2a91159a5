/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Documents about runs and artifacts, and the content of their files, on a thread of their own: a long
 * history does not hold up those about sweeps. */
#include "orchestrator/server/server_inside.h"

void server_runs_start(struct server *s);
void server_runs_answer(struct server *s, const struct server_request *r);
void server_runs_file(struct server *s, const struct server_request *r);
/* What waits is still done; the loop must run on until then. Then free it. */
void server_runs_close(struct server *s);
void server_runs_free(struct server *s);
