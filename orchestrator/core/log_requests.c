/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/log_requests.h"

#include <string.h>

static size_t sender_count(const struct log_requests *r, uint64_t sender)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += r->items[i].sender == sender;
    return n;
}

uint64_t log_requests_add(struct log_requests *r, const struct log_request *request, int64_t now_ms)
{
    if (r->n == LOG_REQUESTS_MAX ||
        (request->sender && sender_count(r, request->sender) >= LOG_REQUESTS_OF_ONE))
        return 0;
    struct log_request *item = &r->items[r->n++];
    *item = *request;
    item->id = ++r->last;
    item->due_ms = now_ms + r->wait_ms;
    return item->id;
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
