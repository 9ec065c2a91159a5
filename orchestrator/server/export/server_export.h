/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* All trials of a sweep as a file (orchestrator/view/table/view_export.h): a thread makes the next piece when the client
 * has read most of what was sent, so memory does not grow with the sweep. One client's piece is made at a time, in
 * turn. A client that reads too slowly is closed (net/http/http_service.h). */
#include "orchestrator/server/server_inside.h"

enum {
    SERVER_EXPORTS = 32,              /* of one credential half as many at once; then 503 */
    SERVER_EXPORT_UNSENT = 256 << 10, /* bytes: with more, no further piece is made */
};

void server_export_start(struct server *s);
void server_export_answer(struct server *s, const struct server_request *r);
void server_export_drained(struct server *s, uint64_t request);
void server_export_gone(struct server *s, uint64_t request);
void server_export_close(struct server *s); /* the loop must run on; then server_export_free */
void server_export_free(struct server *s);
