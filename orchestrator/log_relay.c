/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/log_relay.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "base/mem.h"
#include "orchestrator/core/log_requests.h"
#include "orchestrator/log_tail.h"

struct log_relay {
    const struct controller *core;
    struct peers *peers;
    const char *dir;
    struct log_relay_handler handler;
    struct log_requests requests;
    uv_timer_t timer;
};

struct log_relay *log_relay_new(struct uv_loop_s *loop, const struct controller *core,
                                struct peers *peers, const char *dir,
                                const struct log_relay_handler *handler, int64_t wait_ms)
{
    struct log_relay *r = mem_alloc(sizeof *r);
    *r = (struct log_relay){.core = core, .peers = peers, .dir = dir, .handler = *handler};
    r->requests.wait_ms = wait_ms ? wait_ms : LOG_RELAY_MS;
    uv_timer_init(loop, &r->timer);
    r->timer.data = r;
    return r;
}

/* A client that shows lines or files gets an error as part of the document: a log whose agent is away is
 * nothing wrong with the request. */
static void client_fail(struct log_relay *r, uint64_t client, bool fold, int code, const char *why)
{
    struct arena a;
    if (!fold) {
        r->handler.answered(r->handler.arg, client, code, why, NULL);
        return;
    }
    arena_init(&a);
    struct value *v = value_dict(&a);
    value_put(&a, v, "ok", value_bool(&a, false));
    value_put(&a, v, "code", value_str(&a, err_name(code)));
    value_put(&a, v, "error", value_str(&a, why));
    r->handler.answered(r->handler.arg, client, 0, NULL, v);
    arena_done(&a);
}

static const char *asked_name(bool files)
{
    return files ? "files" : "log";
}

static void request_fail(struct log_relay *r, const struct log_request *request, const char *why)
{
    char text[160];
    snprintf(text, sizeof text, "the %s with the %s %s", request->link ? "agent" : "disk",
             asked_name(request->files), why);
    client_fail(r, request->client, request->fold, ERR_UNREACHABLE, text);
}

static void relay_on_due(uv_timer_t *timer)
{
    struct log_relay *r = timer->data;
    struct log_request request;
    char why[100];
    snprintf(why, sizeof why, "did not answer within %lld ms", (long long)r->requests.wait_ms);
    while (log_requests_due(&r->requests, (int64_t)uv_now(timer->loop), &request))
        request_fail(r, &request, why);
    if (r->requests.n > 0)
        uv_timer_start(timer, relay_on_due,
                       (uint64_t)log_requests_deadline(&r->requests) - uv_now(timer->loop), 0);
}

static void client_answer(struct log_relay *r, uint64_t client, const struct message *answer)
{
    struct arena a;
    arena_init(&a);
    struct value *v = value_dict(&a);
    bool list = answer->rows && answer->rows->kind == VALUE_LIST;
    value_put(&a, v, "ok", value_bool(&a, true));
    if (answer->type == MESSAGE_FILES && list)
        value_put(&a, v, "left_out", value_int(&a, (int64_t)answer->left_out));
    value_put(&a, v, "from", value_int(&a, (int64_t)answer->from));
    value_put(&a, v, "to", value_int(&a, (int64_t)answer->to));
    value_put(&a, v, "end", value_bool(&a, answer->end != 0));
    value_put(&a, v, "size", value_int(&a, (int64_t)answer->size));
    if (list)
        value_put(&a, v, "rows", value_copy(&a, answer->rows));
    else
        value_put(&a, v, "bytes", value_str(&a, answer->bytes));
    r->handler.answered(r->handler.arg, client, 0, NULL, v);
    arena_done(&a);
}

static void relay_answer_found(struct log_relay *r, uint64_t client, bool fold,
                               const struct message *answer)
{
    int code = answer->error && answer->error[0] ? err_find(answer->error) : 0;
    if (answer->error && answer->error[0])
        client_fail(r, client, fold, code ? code : ERR_STATE, answer->text);
    else
        client_answer(r, client, answer);
}

/* Without the agent: from the whole log, or else from its end. */
static bool relay_answer_kept(struct log_relay *r, uint64_t client, const struct message *ask)
{
    struct message here = *ask, kept = {.type = MESSAGE_LOG};
    struct arena a;
    arena_init(&a);
    here.type = MESSAGE_LOG;
    bool is_here = r->handler.here && r->handler.here(r->handler.here_arg, &a, &here);
    bool is_kept = !is_here && log_tail_answer(&a, r->dir, ask, &kept);
    if (is_here || is_kept)
        relay_answer_found(r, client, ask->fold != 0, is_here ? &here : &kept);
    arena_done(&a);
    return is_here || is_kept;
}

void log_relay_ask(struct log_relay *r, uint64_t client, uint64_t sender, const struct message *ask)
{
    const struct fleet_agent *agent = fleet_find(&r->core->fleet, ask->agent);
    struct message m = *ask;
    const uint32_t link = agent ? agent->link : 0;
    bool files = ask->type == MESSAGE_FILES_READ, fold = files || ask->fold != 0;
    bool here = files && r->handler.here_name && strcmp(ask->agent, r->handler.here_name) == 0;
    if (!link && !here) {
        char why[200];
        if (!files && relay_answer_kept(r, client, ask))
            return;
        snprintf(why, sizeof why, "agent %.64s has the %s, but is not connected", ask->agent,
                 asked_name(files));
        client_fail(r, client, fold, ERR_UNREACHABLE, why);
        return;
    }
    m.store = r->core->store;
    m.epoch = r->core->epoch;
    const struct log_request request = {
        .client = client, .sender = sender, .link = link, .fold = fold, .files = files};
    m.request = log_requests_add(&r->requests, &request, (int64_t)uv_now(r->timer.loop));
    if (m.request == 0) {
        client_fail(r, client, fold, ERR_BUSY,
                    "too many questions about logs and files are not answered yet");
        return;
    }
    if (!uv_is_active((uv_handle_t *)&r->timer))
        uv_timer_start(&r->timer, relay_on_due, (uint64_t)r->requests.wait_ms, 0);
    if (!link)
        r->handler.files_here(r->handler.here_arg, &m);
    else if (peers_send(r->peers, link, &m) != 0)
        log_relay_link_down(r, link);
}

void log_relay_answer(struct log_relay *r, uint32_t link, const struct message *answer)
{
    struct log_request request;
    if (answer->request == 0 && answer->type == MESSAGE_LOG) {
        log_tail_keep(r->dir, r->core, link, answer);
        return;
    }
    if (!log_requests_answered(&r->requests, answer->request, link, &request))
        return; /* too late */
    if (request.files != (answer->type == MESSAGE_FILES))
        request_fail(r, &request, "sent the wrong kind of answer");
    else
        relay_answer_found(r, request.client, request.fold, answer);
}

void log_relay_link_down(struct log_relay *r, uint32_t link)
{
    struct log_request request;
    while (log_requests_link_down(&r->requests, link, &request))
        request_fail(r, &request, "is no longer connected");
}

static void relay_on_closed(uv_handle_t *handle)
{
    mem_free(handle->data);
}

void log_relay_close(struct log_relay *r)
{
    if (r)
        uv_close((uv_handle_t *)&r->timer, relay_on_closed);
}
