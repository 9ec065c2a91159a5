/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Answers of one thread that are kept until what they tell of changes. Bounded in number and bytes: an answer takes the
 * place of those that were used longest ago, first of the same sender. For that thread alone. */
#include "base/buf.h"
#include "orchestrator/server/question/server_question.h"

enum { SERVER_KEPT_MARK_BYTES = 220 };

struct server_kept_limits {
    size_t answers, of_one;  /* of_one: that questions of one credential made */
    size_t bytes, bytes_all; /* of one answer; of all */
};

struct server_kept;

struct server_kept *server_kept_new(const struct server_kept_limits *limits);
void server_kept_free(struct server_kept *k); /* takes NULL */
/* Fills in q->out. False: there is no answer to this question with this mark, which differs if the answer may.
 * question: a text. */
bool server_kept_find(struct server_kept *k, const char *question, const char *mark,
                      struct server_question *q);
void server_kept_add(struct server_kept *k, const char *question, const char *mark,
                     const struct server_question *q);
