/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server.h"

#include <string.h>
#include <uv.h>

#include "base/limits.h"
#include "base/mem.h"
#include "net/log.h"
#include "orchestrator/server/export/server_export.h"
#include "orchestrator/server/page/page_assets.h"
#include "orchestrator/server/page/page_plain.h"
#include "orchestrator/server/page/page_session.h"
#include "orchestrator/server/question/server_question.h"
#include "orchestrator/server/route/server_query.h"
#include "orchestrator/server/server_agent.h"
#include "orchestrator/server/server_analysis.h"
#include "orchestrator/server/server_ask.h"
#include "orchestrator/server/server_code.h"
#include "orchestrator/server/server_door.h"
#include "orchestrator/server/server_events.h"
#include "orchestrator/server/server_inside.h"
#include "orchestrator/server/server_judge.h"
#include "orchestrator/server/server_late.h"
#include "orchestrator/server/server_metrics.h"
#include "orchestrator/server/server_read.h"
#include "orchestrator/server/runs/server_runs.h"
#include "orchestrator/server/reply/server_reply.h"
#include "orchestrator/server/server_spec.h"
#include "orchestrator/server/wandb/server_upload.h"
#include "orchestrator/server/wandb/server_wandb.h"
#include "orchestrator/server/wandb/server_wandb_agent.h"

/* Finds the route and checks the sender. Called for the head and again for the whole request, since
 * the credential may be revoked while the body arrives. False if the request was refused. */
static bool request_admit(struct server *s, struct http_request *http, struct server_request *r)
{
    const char *why = NULL;
    bool known = false, whole = http->body;
    struct err err = {0};
    *r = (struct server_request){.http = http};
    r->route = server_route_find(http->head->method, http->head->path, r->name, &known);
    if (!r->route) {
        server_reply_error(s, http->id, known ? 405 : 404, ERR_NOT_FOUND,
                           known ? "this path is for another method" : "there is no such path");
        return false;
    }
    int status = server_judge(s, r, &why);
    http->sender = r->sender;
    if (status == 0 && r->by[0] && !s->config.key)
        driver_token_used(s->config.driver, r->by);
    if (status == 0 && server_query_check(r->route, http->head->query, &err) == 0)
        return true;
    if (status == 0) {
        server_reply_error(s, http->id, 0, err.code, err.text);
        return false;
    }
    if (r->by[0]) {
        const struct driver_asker asker = {.by = r->by, .from = http->peer->address};
        driver_record(s->config.driver, r->route->path, r->name, ERR_PERMISSION, why, &asker);
    }
    if (status == 401 && r->route->part == SERVER_PLAIN && !r->bearer[0]) {
        page_plain_ask(s, http->id, NULL);
        return false;
    }
    uint64_t late_ms = http->tag;
    if (status == 401 && late_ms == 0)
        late_ms = http->tag = server_late_count(s, http->peer->address);
    if (late_ms > 0) { /* its body is read first, for which strangers have little room */
        if (whole)
            server_late_answer(s, http->id, late_ms, why);
        return false;
    }
    LOG(LOG_INFO, "server.refused", log_text("path", r->route->path), log_int("status", status),
        log_text("from", http->peer->address), log_text("by", r->by));
    server_reply_error(s, http->id, status, ERR_PERMISSION, why);
    return false;
}

static void server_on_head(void *arg, struct http_request *http)
{
    struct server *s = arg;
    struct server_request r;
    if (!request_admit(s, http, &r))
        return;
    http->trusted = r.route->need >= 0 && r.route->need != CREDENTIAL_JOIN;
    if (r.route->part == SERVER_ASK || r.route->part == SERVER_LINT)
        http->body_limit = LIMIT_REQUEST_BYTES;
    else if (r.route->part == SERVER_CODE)
        http->body_limit = LIMIT_CODE_PIECE_BYTES;
    else if (r.route->part == SERVER_WANDB || r.route->part == SERVER_RELAY)
        server_wandb_head(s, http);
    else if (r.route->part == SERVER_UPLOAD)
        server_upload_head(s, http);
}

static void server_on_request(void *arg, struct http_request *http)
{
    struct server *s = arg;
    struct server_request r;
    uint64_t id = http->id; /* an answer clears it */
    if (!request_admit(s, http, &r)) {
        server_wandb_gone(s, id);
        return;
    }
    switch (r.route->part) {
    case SERVER_HEALTH:
        server_reply_text(s, http->id, "text/plain", "ok\n");
        return;
    case SERVER_METRICS:
        server_metrics_answer(s, &r);
        return;
    case SERVER_READ:
        server_read_answer(s, &r);
        return;
    case SERVER_EXPORT:
        server_export_answer(s, &r);
        return;
    case SERVER_ANALYSIS:
        server_analysis_answer(s, &r);
        return;
    case SERVER_LINT:
        server_spec_lint(s, &r);
        break;
    case SERVER_RUNS:
        server_runs_answer(s, &r);
        return;
    case SERVER_FILE:
        server_runs_file(s, &r);
        return;
    case SERVER_ASK:
        server_ask(s, &r);
        return;
    case SERVER_EVENTS:
        server_events_begin(s, &r);
        return;
    case SERVER_JOIN:
        server_agent_join(s, &r);
        return;
    case SERVER_AGENT:
        server_agent_link(s, &r);
        return;
    case SERVER_CODE:
        server_code_answer(s, &r);
        return;
    case SERVER_WANDB:
        server_wandb_answer(s, &r);
        return;
    case SERVER_PAGE:
        page_assets_answer(s, &r);
        return;
    case SERVER_PLAIN:
        if (r.route->need == SERVER_ANYBODY)
            page_plain_sign_in(s, &r);
        else
            server_read_plain(s, &r);
        return;
    case SERVER_SESSION:
        page_session_answer(s, &r);
        return;
    case SERVER_RELAY:
        server_wandb_agent_answer(s, &r);
        return;
    case SERVER_UPLOAD:
        server_upload_answer(s, &r);
        return;
    case SERVER_SWALLOW:
        server_reply_text(s, http->id, "application/json", "{}");
        return;
    }
}

static void server_on_gone(void *arg, uint64_t request)
{
    struct server *s = arg;
    if (!s->closing)
        server_events_gone(s, request);
    server_question_gone(s, request);
    server_export_gone(s, request);
    server_late_gone(s, request);
    server_wandb_gone(s, request);
    server_upload_gone(s, request);
}

static void server_on_drained(void *arg, uint64_t request)
{
    struct server *s = arg;
    if (s->closing)
        return;
    driver_follow_on(s->config.driver);
    server_export_drained(s, request);
}

int server_start(const struct server_config *config, struct server **ret, struct err *err)
{
    struct server *s = mem_alloc(sizeof *s);
    const struct http_config limits = {0};
    const struct http_handler handler = {.head = server_on_head,
                                         .request = server_on_request,
                                         .gone = server_on_gone,
                                         .arg = s,
                                         .drained = server_on_drained};
    s->config = *config;
    repeats_init(&s->repeats);
    server_judge_start(s);
    s->http = http_server_new(config->loop, &limits, &handler);
    server_events_start(s);
    server_late_start(s);
    server_wandb_start(s);
    server_upload_start(s);
    server_read_start(s);
    server_export_start(s);
    server_runs_start(s);
    server_code_start(s);
    server_analysis_start(s);
    int rc = page_session_start(s, err);
    if (rc == 0)
        rc = server_door_open(s, err);
    *ret = s;
    return rc;
}

void server_revoked(struct server *s, const struct trust_credential *c)
{
    if (!s->closing)
        http_server_drop(s->http, c->n, "its credential was revoked or has expired");
}

int server_port(const struct server *s)
{
    return server_door_port(s);
}

bool server_is_followed(const struct server *s)
{
    return server_events_watchers(s) > 0;
}

static void bye_on_late(uv_timer_t *timer)
{
    (void)timer; /* it is active no more */
}

static void bye_on_closed(uv_handle_t *timer)
{
    *(bool *)timer->data = true;
}

void server_bye(struct server *s, const char *text, size_t len, uint64_t most_ms)
{
    uv_timer_t late;
    bool closed = false;
    server_events_bye(s, text, len);
    uv_update_time(s->config.loop);
    uv_timer_init(s->config.loop, &late);
    uv_timer_start(&late, bye_on_late, most_ms, 0);
    while (http_server_unsent(s->http) > 0 && uv_is_active((uv_handle_t *)&late))
        uv_run(s->config.loop, UV_RUN_ONCE);
    late.data = &closed;
    uv_close((uv_handle_t *)&late, bye_on_closed);
    while (!closed)
        uv_run(s->config.loop, UV_RUN_NOWAIT);
}

void server_close(struct server *s)
{
    if (!s || s->closing)
        return;
    s->closing = true;
    server_door_close(s);
    http_server_close(s->http);
    server_events_close(s);
    server_questions_close(s);
    server_read_close(s);
    server_export_close(s);
    server_analysis_close(s);
    server_runs_close(s);
    server_code_close(s);
    server_late_close(s);
}

void server_free(struct server *s)
{
    if (!s)
        return;
    repeats_done(&s->repeats);
    server_read_free(s);
    server_export_free(s);
    server_analysis_free(s);
    server_runs_free(s);
    server_code_free(s);
    server_door_free(s);
    server_late_free(s);
    server_wandb_free(s);
    page_session_free(s);
    server_wandb_agent_free(s);
    server_upload_free(s);
    mem_free(s);
}
