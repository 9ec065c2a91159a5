/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Failed authentication: after ten failures from one address in a minute, further ones are answered
 * late, by 1 s, doubling up to 30 s. Only failures wait: a valid credential from the same address is
 * served at once. Memory is bounded: addresses beyond the table's size share one counter, and if too
 * many answers wait, the next gets 429 immediately. */
#include "orchestrator/server/server_inside.h"

enum {
    SERVER_FAILURES_MAX = 10, /* of an address in a minute, answered at once */
    SERVER_LATE_MAX = 64,     /* answers that wait */
    SERVER_LATE_ADDRESSES = 1024,
};

void server_late_start(struct server *s);
/* Counts a failure of this address. Returns by how many ms its answer is to be late. */
uint64_t server_late_count(struct server *s, const char *address);
/* Refuses the request by 401 after that time. why: a constant. */
void server_late_answer(struct server *s, uint64_t request, uint64_t ms, const char *why);
void server_late_gone(struct server *s, uint64_t request);
void server_late_close(struct server *s); /* the loop must run on; then server_late_free */
void server_late_free(struct server *s);
