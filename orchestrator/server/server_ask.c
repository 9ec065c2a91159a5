/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/http/http_target.h"
#include "orchestrator/control_request.h"
#include "orchestrator/server/server_reply.h"

enum { NUMBER_CHARS = 20 };

struct asking {
    struct server *server;
    uint64_t request;
};

/* An answer has "ok", and a message or what was asked for. */
static void asking_answered(void *arg, int code, const char *text, const struct value *answer)
{
    struct asking *q = arg;
    struct arena a;
    arena_init(&a);
    if (code != 0) {
        server_reply_error(q->server, q->request, 0, code, text ? text : "");
    } else if (answer) {
        server_reply_value(q->server, q->request, answer);
    } else {
        struct value *v = value_dict(&a);
        value_put(&a, v, "ok", value_bool(&a, true));
        value_put(&a, v, "message", value_str(&a, text ? text : ""));
        server_reply_value(q->server, q->request, v);
    }
    arena_done(&a);
    mem_free(q);
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
    struct asking *q = mem_alloc(sizeof *q);
    *q = (struct asking){s, r->http->id};
    driver_request(s->config.driver, &request,
                   &(struct driver_asker){r->by, r->http->peer->address, asking_answered, q});
}

/* The body is an object, or empty. */
static int body_parse(const struct server_request *r, struct arena *a, struct value **ret,
                      struct err *err)
{
    *ret = value_dict(a);
    if (r->http->body_len == 0)
        return 0;
    int rc = json_parse(a, r->http->body, r->http->body_len, ret, err);
    if (rc == 0 && (*ret)->kind != VALUE_DICT)
        rc = err_set(err, ERR_USAGE, "the body is not a JSON object");
    return rc;
}

/* A whole number. Other text stays text, and is refused as the field's value. */
static struct value *query_number(struct arena *a, const struct buf *text)
{
    const char *digits = arena_strndup(a, buf_peek(text), text->len);
    char *end;
    errno = 0;
    long long number = strtoll(digits, &end, 10);
    return *end == '\0' && errno == 0 ? value_int(a, number) : value_str(a, digits);
}

/* Reads the query of a question. These names have numbers as values. */
static void query_put(struct arena *a, struct value *asked, const char *query)
{
    static const char *const numbers[] = {"trial", "attempt", "from", "lines", "max"};
    struct buf text;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        buf_init(&text, NUMBER_CHARS);
        if (http_target_query(query, numbers[i], &text) && !text.overflow && text.len > 0)
            value_put(a, asked, numbers[i], query_number(a, &text));
        buf_done(&text);
    }
    buf_init(&text, LIMIT_HTTP_URL_BYTES);
    if (http_target_query(query, "agent", &text))
        value_put(a, asked, "agent", value_strn(a, buf_peek(&text), text.len));
    buf_done(&text);
}

void server_ask(struct server *s, const struct server_request *r)
{
    struct arena a;
    struct value *asked;
    struct err err = {0};
    arena_init(&a);
    int rc = body_parse(r, &a, &asked, &err);
    if (rc == 0) {
        if (r->route->method == HTTP_METHOD_GET)
            query_put(&a, asked, r->http->head->query);
        value_put(&a, asked, "op", value_str(&a, r->route->op));
        if (r->route->key)
            value_put(&a, asked, r->route->key, value_str(&a, r->name));
        request_give(s, r, &a, asked);
    } else {
        server_reply_error(s, r->http->id, 400, ERR_USAGE, err.text);
    }
    arena_done(&a);
}
