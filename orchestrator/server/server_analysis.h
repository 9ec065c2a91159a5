/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Analyses of sweeps (orchestrator/view/analysis/analysis.h) on a thread of their own: one takes up to a
 * second or two, and must not delay documents, agents or the loop. An answer comes when it is ready: the
 * HTTP server holds any number of requests, so a question need not be asked again. Answers are kept
 * until the sweep's trials change; equal questions that wait for one another are computed once. An analysis that the end
 * of the server finds is left to itself: the process must then end by _exit() (worker_leave()). */
#include "orchestrator/server/server_inside.h"

enum {
    SERVER_ANALYSES_WAITING = 32, /* then 503 */
    SERVER_ANALYSES_KEPT = 32,
    SERVER_ANALYSES_KEPT_OF_ONE = 16,  /* that questions of one credential made */
    SERVER_ANALYSIS_BYTES = 256 << 10, /* of one that is kept */
};

void server_analysis_start(struct server *s);
void server_analysis_answer(struct server *s, const struct server_request *r);
void server_analysis_close(struct server *s); /* the loop must run on; then server_analysis_free */
void server_analysis_free(struct server *s);
