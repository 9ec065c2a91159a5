/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Questions about logs and files that wait for an agent's answer: who asked, over which link, and the
 * deadline. Each is removed once, by its answer, its deadline or the end of its link. Knows no
 * clock and no message. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LOG_REQUESTS_MAX = 256,
    LOG_REQUESTS_OF_ONE = 4 /* of one sender: nobody keeps an agent busy */
};

struct log_request {
    uint64_t id;     /* from 1, never used twice */
    uint64_t client; /* who is to have the answer */
    uint64_t sender; /* of whom only some may wait, also after their client is gone; 0: no bound */
    uint32_t link;
    bool fold;  /* the client shows errors in the place of what it asked for */
    bool files; /* of a trial, and not its log */
    int64_t due_ms;
};

struct log_requests {
    struct log_request items[LOG_REQUESTS_MAX]; /* the oldest first */
    size_t n;
    uint64_t last;
    int64_t wait_ms; /* the same for all, so that the oldest is due first */
};

/* Adds one, whose client, sender, link and fold are given. Its id; 0 if too many wait. */
uint64_t log_requests_add(struct log_requests *r, const struct log_request *request,
                          int64_t now_ms);
/* Each of these removes one request, and returns false if there is none. An answer is accepted
 * only from the link that was asked. */
bool log_requests_answered(struct log_requests *r, uint64_t id, uint32_t link,
                           struct log_request *ret);
bool log_requests_link_down(struct log_requests *r, uint32_t link, struct log_request *ret);
bool log_requests_due(struct log_requests *r, int64_t now_ms, struct log_request *ret);
int64_t log_requests_deadline(const struct log_requests *r); /* INT64_MAX: never */
