/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_ask.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/tls/secret.h"
#include "orchestrator/control_request.h"
#include "orchestrator/server/route/server_match.h"
#include "orchestrator/server/route/server_query.h"
#include "orchestrator/server/server_events.h"
#include "orchestrator/server/reply/server_reply.h"
#include "orchestrator/server/server_spec.h"

struct asking {
    struct server *server;
    uint64_t request;
    char key[REPEATS_KEY_BYTES + 1]; /* of an action that may be sent again; "": none */
};

static void action_reply(struct server *s, uint64_t request, int code, const char *text)
{
    struct arena a;
    if (code != 0) {
        server_reply_error(s, request, 0, code, text);
        return;
    }
    arena_init(&a);
    struct value *v = value_dict(&a);
    value_put(&a, v, "ok", value_bool(&a, true));
    value_put(&a, v, "message", value_str(&a, text));
    server_reply_value(s, request, v);
    arena_done(&a);
}

/* An answer has "ok", and a message or what was asked for. */
static void asking_answered(void *arg, int code, const char *text, const struct value *answer)
{
    struct asking *q = arg;
    struct server *s = q->server;
    uint64_t waiting[REPEATS_WAITING_MAX];
    size_t n = q->key[0] ? repeats_answer(&s->repeats, q->key, code, text ? text : "", waiting) : 0;
    for (size_t i = 0; i < n; i++)
        if (waiting[i] != q->request)
            action_reply(s, waiting[i], code, text ? text : "");
    if (code == 0 && answer)
        server_reply_value(s, q->request, answer);
    else
        action_reply(s, q->request, code, text ? text : "");
    mem_free(q);
}

/* Whether the request is to be done: a new one is, and *ret has its key where it has one. Another
 * has its answer, or will have that of the first. */
static bool repeat_is_new(const struct server_request *r, struct server *s,
                          char ret[REPEATS_KEY_BYTES + 1])
{
    const char *key = http_head_find(r->http->head, "idempotency-key");
    char content[SECRET_HASH_TEXT_BYTES + LIMIT_HTTP_URL_BYTES];
    const struct repeat *one;
    uint64_t request = r->http->id;
    int len = key ? snprintf(ret, REPEATS_KEY_BYTES + 1, "%s %s", r->by, key) : 0;
    if (!key)
        return true;
    if (len > REPEATS_KEY_BYTES || key[0] == '\0') {
        server_reply_error(s, request, 400, ERR_USAGE, "Idempotency-Key has 1 to 100 characters");
        return false;
    }
    secret_hash_text(r->http->body, r->http->body_len, content);
    snprintf(content + strlen(content), LIMIT_HTTP_URL_BYTES, " %s", r->http->head->path);
    switch (repeats_look(&s->repeats, ret, content, request, &one)) {
    case REPEATS_NEW:
        return true;
    case REPEATS_WAIT:
        return false;
    case REPEATS_DONE:
        action_reply(s, request, one->code, one->text);
        return false;
    case REPEATS_ANOTHER:
        server_reply_error(s, request, 422, ERR_USAGE,
                           "this Idempotency-Key was used for another request");
        return false;
    case REPEATS_CROWDED:
        server_reply_error(s, request, 503, ERR_BUSY, "the same request is being done");
        return false;
    }
    return false;
}

static void request_give(struct server *s, const struct server_request *r, struct arena *a,
                         const struct value *asked)
{
    const char *line = json_text(a, asked, JSON_PYTHON);
    struct control_request request;
    struct err err = {0};
    if (control_request_parse(a, line, strlen(line), &request, &err) != 0) {
        server_reply_error(s, r->http->id, 0, err.code, err.text);
        return;
    }
    request.sender = r->sender;
    struct asking *q = mem_alloc(sizeof *q);
    *q = (struct asking){.server = s, .request = r->http->id};
    if (r->route->method == HTTP_METHOD_POST && !request.event.dry &&
        !repeat_is_new(r, s, q->key)) {
        mem_free(q);
        return;
    }
    driver_request(s->config.driver, &request,
                   &(struct driver_asker){r->by, r->http->peer->address, asking_answered, q});
}

/* The body is an object, or empty. Where a key is duplicate, the sender may mean the first one. */
static int body_parse(const struct server_request *r, struct arena *a, struct value **ret,
                      struct err *err)
{
    *ret = value_dict(a);
    if (r->http->body_len == 0)
        return 0;
    bool twice = false;
    int rc = json_parse_noting(a, r->http->body, r->http->body_len, CONTROL_REQUEST_VALUES, ret,
                               &twice, err);
    if (rc == 0 && (*ret)->kind != VALUE_DICT)
        rc = err_set(err, ERR_USAGE, "the body is not a JSON object");
    if (rc == 0 && twice)
        rc = err_set(err, ERR_USAGE, "the body has a key twice: remove one of them");
    return rc;
}

/* What the request says in two places must agree: a dry run in one of them alone would act, or would
 * not, against what the other says. */
static int caution_put(struct arena *a, struct value *asked, const char *name, struct value *said,
                       struct err *err)
{
    const struct value *body = value_get(asked, name);
    if (body && !value_same(body, said))
        return err_set(err, ERR_USAGE, "\"%s\" in the body differs from %s", name,
                       strcmp(name, "revision") == 0 ? "the header If-Match" : "the query");
    value_put(a, asked, name, said);
    return 0;
}

/* ?dry_run=1, and If-Match: "N". */
static int caution_read(struct arena *a, struct value *asked, const struct http_head *head,
                        struct err *err)
{
    uint64_t seen, none = UINT64_MAX, dry = server_query_number(head->query, "dry_run", none);
    int rc = server_match_read(head, &seen, err);
    if (rc == 0 && dry != none && dry > 1)
        rc = err_set(err, ERR_USAGE, "dry_run must be 0 or 1");
    if (rc == 0 && dry != none)
        rc = caution_put(a, asked, "dry_run", value_bool(a, dry == 1), err);
    if (rc == 0 && seen > 0)
        rc = caution_put(a, asked, "revision", value_int(a, (int64_t)seen), err);
    return rc;
}

/* The text of a spec, in place of the fact. */
static int edit_read(struct server *s, const struct server_request *r, struct arena *a,
                     struct value *asked, struct err *err)
{
    const char *yaml = value_get_str(asked, "yaml", NULL);
    struct value *fact = NULL;
    int rc = yaml ? server_spec_edit(s, r->name, yaml, a, &fact, err) : 0;
    if (fact) {
        value_put(a, asked, "fact", fact);
        value_put(a, asked, "yaml", value_null(a));
    }
    return rc;
}

static int ask_read(struct server *s, const struct server_request *r, struct arena *a,
                    struct value **ret, struct err *err)
{
    const struct http_head *head = r->http->head;
    int rc = 0;
    if (r->route->method == HTTP_METHOD_GET)
        *ret = server_query_read(r->route, head->query, true, a);
    else
        rc = body_parse(r, a, ret, err);
    if (rc == 0 && r->route->method != HTTP_METHOD_GET)
        rc = caution_read(a, *ret, head, err);
    if (rc != 0)
        return err->code = ERR_USAGE;
    value_put(a, *ret, "op", value_str(a, r->route->op));
    if (r->route->key)
        value_put(a, *ret, r->route->key, value_str(a, r->name));
    return strcmp(r->route->op, "edit") == 0 ? edit_read(s, r, a, *ret, err) : 0;
}

void server_ask(struct server *s, const struct server_request *r)
{
    struct arena a;
    struct value *asked = NULL;
    struct err err = {0};
    if (server_events_have_ended(s)) { /* nobody would answer it */
        server_reply_error(s, r->http->id, 503, ERR_BUSY, "besom run is ending");
        return;
    }
    arena_init(&a);
    if (ask_read(s, r, &a, &asked, &err) == 0)
        request_give(s, r, &a, asked);
    else
        server_reply_error(s, r->http->id, 0, err.code, err.text);
    arena_done(&a);
}
