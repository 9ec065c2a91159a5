/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/http/http_target.h"
#include "net/tls/secret.h"
#include "orchestrator/control_request.h"
#include "orchestrator/server/server_reply.h"
#include "orchestrator/server/server_spec.h"

enum { NUMBER_CHARS = 20 };

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

/* Reads the query of a question. Most names have numbers as values. */
static void query_put(struct arena *a, struct value *asked, const char *query)
{
    static const char *const numbers[] = {"trial", "attempt", "from", "to", "lines", "max", "fold"};
    static const char *const texts[] = {"agent", "find"};
    struct buf text;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        buf_init(&text, NUMBER_CHARS);
        if (http_target_query(query, numbers[i], &text) && !text.overflow && text.len > 0)
            value_put(a, asked, numbers[i], query_number(a, &text));
        buf_done(&text);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buf_init(&text, LIMIT_HTTP_URL_BYTES);
        if (http_target_query(query, texts[i], &text))
            value_put(a, asked, texts[i], value_strn(a, buf_peek(&text), text.len));
        buf_done(&text);
    }
}

/* ?dry_run=1, and If-Match: "N". A malformed one is not a number: the field refuses its value. */
static void caution_put(struct arena *a, struct value *asked, const struct http_head *head)
{
    struct buf text;
    const char *seen = http_head_find(head, "if-match");
    buf_init(&text, NUMBER_CHARS);
    if (http_target_query(head->query, "dry_run", &text))
        value_put(a, asked, "dry_run", value_bool(a, text.len != 1 || buf_peek(&text)[0] != '0'));
    buf_clear(&text);
    if (seen && strcmp(seen, "*") != 0) {
        size_t len = strlen(seen);
        bool quoted = len > 2 && seen[0] == '"' && seen[len - 1] == '"';
        buf_add(&text, seen + quoted, len - 2 * quoted);
        value_put(a, asked, "revision", query_number(a, &text));
    }
    buf_done(&text);
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
        else
            caution_put(&a, asked, r->http->head);
        value_put(&a, asked, "op", value_str(&a, r->route->op));
        if (r->route->key)
            value_put(&a, asked, r->route->key, value_str(&a, r->name));
        if (strcmp(r->route->op, "edit") == 0)
            rc = edit_read(s, r, &a, asked, &err);
        if (rc == 0)
            request_give(s, r, &a, asked);
        else
            server_reply_error(s, r->http->id, 0, err.code, err.text);
    } else {
        server_reply_error(s, r->http->id, 400, ERR_USAGE, err.text);
    }
    arena_done(&a);
}
