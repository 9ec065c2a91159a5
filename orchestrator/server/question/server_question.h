/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Questions that a thread answers, for those who push them: what nobody waits for any more is not
 * worked on, and one sender has a bounded number of them. All but server_question_is_open() is
 * for the loop. */
#include <stdatomic.h>
#include "orchestrator/server/server_inside.h"

enum { SERVER_QUESTIONS_OF_ONE = 32 }; /* that wait, of one credential; then 503 */

/* Part of a question; it stays where it is until server_question_end(). */
struct server_question {
    struct server_question *next;
    uint64_t request, sender;
    atomic_bool gone;
};

/* False if its sender has too many: then the request is answered. */
bool server_question_begin(struct server *s, struct server_question *q,
                           const struct server_request *r);
void server_question_end(struct server *s, struct server_question *q);
/* Whether somebody waits for the answer. */
bool server_question_is_open(const struct server_question *q);
void server_question_gone(struct server *s, uint64_t request);
/* The server ends: nobody waits any more. */
void server_questions_close(struct server *s);
