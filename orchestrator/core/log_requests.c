/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/log_requests.h"

#include <string.h>

uint64_t log_requests_add(struct log_requests *r, uint64_t client, uint32_t link, bool fold,
                          int64_t now_ms)
{
    if (r->n == LOG_REQUESTS_MAX)
        return 0;
    r->items[r->n++] = (struct log_request){++r->last, client, link, fold, now_ms + r->wait_ms};
    return r->last;
}

static bool request_take(struct log_requests *r, size_t i, struct log_request *ret)
{
    if (i == r->n)
        return false;
    *ret = r->items[i];
    r->n--;
    memmove(&r->items[i], &r->items[i + 1], (r->n - i) * sizeof *r->items);
    return true;
}

bool log_requests_answered(struct log_requests *r, uint64_t id, uint32_t link,
                           struct log_request *ret)
{
    size_t i = 0;
    while (i < r->n && !(r->items[i].id == id && r->items[i].link == link))
        i++;
    return request_take(r, i, ret);
}

bool log_requests_link_down(struct log_requests *r, uint32_t link, struct log_request *ret)
{
    size_t i = 0;
    while (i < r->n && r->items[i].link != link)
        i++;
    return request_take(r, i, ret);
}

bool log_requests_due(struct log_requests *r, int64_t now_ms, struct log_request *ret)
{
    return log_requests_deadline(r) <= now_ms && request_take(r, 0, ret);
}

int64_t log_requests_deadline(const struct log_requests *r)
{
    return r->n > 0 ? r->items[0].due_ms : INT64_MAX;
}
