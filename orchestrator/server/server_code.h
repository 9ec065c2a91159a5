/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Snapshots over HTTP, piece by piece: the creator of a sweep sends them, agents fetch them. Files are
 * read and written on a thread of its own. What has not arrived whole is removed a minute after its
 * last piece. Bounded: how many arrive at once, and how many connections fetch. */
#include "orchestrator/server/server_inside.h"

void server_code_start(struct server *s);
void server_code_answer(struct server *s, const struct server_request *r);
void server_code_close(struct server *s); /* the loop must run on; then server_code_free */
void server_code_free(struct server *s);
