/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/page/page_plain.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "net/http/http_target.h"
#include "orchestrator/core/books.h"
#include "orchestrator/server/page/page_session.h"
#include "orchestrator/server/server_judge.h"
#include "orchestrator/server/server_late.h"
#include "orchestrator/server/reply/server_pack.h"
#include "orchestrator/server/reply/server_reply.h"

#define HEADERS                                                                                 \
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; base-uri 'none'; "    \
    "form-action 'self'\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n" \
    "Cross-Origin-Opener-Policy: same-origin\r\nCache-Control: no-store\r\n"

static void html_text(struct buf *out, const char *text)
{
    for (; *text; text++) {
        const char *entity = *text == '<'   ? "&lt;"
                             : *text == '>' ? "&gt;"
                             : *text == '&' ? "&amp;"
                             : *text == '"' ? "&quot;"
                                            : NULL;
        if (entity)
            buf_adds(out, entity);
        else
            buf_addc(out, *text);
    }
}

static void html_begin(struct buf *out, const char *title)
{
    buf_adds(out, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
                  "<meta name=\"viewport\" content=\"width=device-width\"><title>");
    html_text(out, title);
    buf_adds(out, "</title>\n<h1>");
    html_text(out, title);
    buf_adds(out, "</h1>\n");
}

/* Texts as they are, nothing for null, all else as JSON. */
static void html_value(struct buf *out, const struct value *v)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    if (v && v->kind == VALUE_STR)
        buf_adds(&text, v->s.ptr);
    else if (v && v->kind != VALUE_NULL)
        json_print(&text, v, JSON_PYTHON);
    html_text(out, buf_str(&text));
    buf_done(&text);
}

static void html_cell(struct buf *out, const struct value *v)
{
    buf_adds(out, "<td>");
    html_value(out, v);
}

/* "612 finished, 14 failed" */
static void html_counts(struct buf *out, const struct value *counts)
{
    bool first = true;
    buf_adds(out, "<td>");
    for (size_t i = 0; counts && counts->kind == VALUE_DICT && i < counts->dict.n; i++) {
        const struct value_entry *e = &counts->dict.entries[i];
        if (value_is_number(e->value) && value_number(e->value) == 0)
            continue;
        buf_adds(out, first ? "" : ", ");
        html_value(out, e->value);
        buf_addf(out, " %s", e->key);
        first = false;
    }
}

/* "lr=0.01, opt.name=adamw" */
static void html_params(struct buf *out, struct arena *a, const struct value *params)
{
    const struct value *flat = value_flatten(a, params);
    buf_adds(out, "<td>");
    for (size_t i = 0; i < flat->dict.n; i++) {
        buf_adds(out, i ? ", " : "");
        html_text(out, flat->dict.entries[i].key);
        buf_adds(out, "=");
        html_value(out, flat->dict.entries[i].value);
    }
}

/* "0.2143, trial 841" */
static void html_best(struct buf *out, const struct value *best)
{
    buf_adds(out, "<td>");
    if (!best || best->kind != VALUE_DICT)
        return;
    html_value(out, value_get(best, "objective"));
    buf_adds(out, ", trial ");
    html_value(out, value_get(best, "number"));
}

static void html_head(struct buf *out, const char *const *names)
{
    buf_adds(out, "<table border=\"1\">\n<tr>");
    for (; *names; names++) {
        buf_adds(out, "<th align=\"left\">");
        html_text(out, *names);
    }
    buf_addc(out, '\n');
}

static int plain_sweeps(struct view *v, struct arena *a, struct buf *out, struct err *err)
{
    static const char *const names[] = {"sweep", "name", "state", "method", "trials", "best", NULL};
    struct value *list;
    int rc = view_sweeps(v, a, &list, err);
    if (rc != 0)
        return rc;
    html_begin(out, "besom: sweeps");
    if (list->list.n == 0)
        buf_adds(out, "<p>There is no sweep yet: <code>besom sweep FILE</code> makes one.\n");
    else
        html_head(out, names);
    for (size_t i = list->list.n; i-- > 0;) {
        const struct value *s = list->list.items[i];
        buf_adds(out, "<tr><td><a href=\"/plain/");
        html_text(out, value_get_str(s, "id", ""));
        buf_adds(out, "\">");
        html_text(out, value_get_str(s, "id", ""));
        buf_adds(out, "</a>");
        html_cell(out, value_get(s, "name"));
        html_cell(out, value_get(s, "state"));
        html_cell(out, value_get(s, "method"));
        html_counts(out, value_get(s, "counts"));
        html_best(out, value_get(s, "best"));
        buf_addc(out, '\n');
    }
    buf_adds(out, "</table>\n");
    return 0;
}

struct plain_rows {
    struct buf *out;
    struct arena *a;
};

static int plain_trial(void *arg, const struct value *t)
{
    static const char *const names[] = {"number", "state", "reason", "objective"};
    const struct plain_rows *rows = arg;
    buf_adds(rows->out, "<tr>");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        html_cell(rows->out, value_get(t, names[i]));
    html_params(rows->out, rows->a, value_get(t, "params"));
    html_cell(rows->out, value_get(t, "duration"));
    html_cell(rows->out, value_get(t, "agent"));
    buf_addc(rows->out, '\n');
    return rows->out->overflow;
}

static void plain_fact(struct buf *out, const char *name)
{
    buf_addf(out, "\n<tr><th align=\"left\">%s", name);
}

/* What the head of the page says of the sweep. */
static void plain_head(struct buf *out, const struct value *s)
{
    static const char *const facts[] = {"id", "state", "reason", "method"};
    const struct value *metric = value_get(s, "metric"), *total = value_get(s, "total");
    buf_adds(out, "<table border=\"1\">");
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        plain_fact(out, facts[i]);
        html_cell(out, value_get(s, facts[i]));
    }
    plain_fact(out, "metric");
    html_cell(out, value_get(metric, "name"));
    if (metric && metric->kind == VALUE_DICT)
        buf_addf(out, ", %s", value_get_str(metric, "goal", ""));
    plain_fact(out, "best");
    html_best(out, value_get(s, "best"));
    plain_fact(out, "trials");
    html_counts(out, value_get(s, "counts"));
    if (total && total->kind == VALUE_INT)
        buf_addf(out, " of %" PRId64, total->i);
    buf_adds(out, "\n</table>\n");
}

static int plain_sweep(struct view *v, struct arena *a, const char *what, struct buf *out,
                       struct err *err)
{
    static const char *const names[] = {"trial",      "state",   "reason", "objective",
                                        "parameters", "seconds", "agent",  NULL};
    const struct view_query best = {.sort = "objective", .limit = PAGE_PLAIN_TRIALS};
    struct view_query q = best;
    struct plain_rows rows = {.out = out, .a = a};
    char id[16];
    struct value *s;
    int rc = view_find_sweep(v, what, id, err);
    if (rc == 0)
        rc = view_sweep(v, a, id, &s, err);
    if (rc != 0)
        return rc;
    q.descending = strcmp(value_get_str(value_get(s, "metric"), "goal", ""), "maximize") == 0;
    html_begin(out, value_get_str(s, "name", id));
    buf_adds(out, "<p><a href=\"/plain\">all sweeps</a>\n");
    plain_head(out, s);
    buf_addf(out, "<p>The best %d trials at most:\n", PAGE_PLAIN_TRIALS);
    html_head(out, names);
    rc = view_trials(v, id, &q, plain_trial, &rows, err);
    buf_adds(out, "</table>\n");
    return rc;
}

int page_plain_write(struct view *v, const char *sweep, struct buf *out, struct err *err)
{
    struct arena a;
    arena_init(&a);
    int rc = *sweep ? plain_sweep(v, &a, sweep, out, err) : plain_sweeps(v, &a, out, err);
    arena_done(&a);
    if (rc == 0 && out->overflow)
        rc = err_set(err, ERR_LIMIT, "the page is too large");
    return rc;
}

void page_plain_send(struct server *s, uint64_t request, int status, const struct buf *html,
                     bool packed)
{
    const struct http_answer answer = {
        .status = status,
        .type = "text/html; charset=utf-8",
        .headers = packed ? HEADERS SERVER_PACK_VARY SERVER_PACK_CODING : HEADERS SERVER_PACK_VARY,
        .body = buf_peek(html),
        .len = html->len};
    if (!s->closing)
        http_server_reply(s->http, request, &answer);
}

void page_plain_ask(struct server *s, uint64_t request, const char *why)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    html_begin(&out, "besom: sign in");
    if (why) {
        buf_adds(&out, "<p><b>");
        html_text(&out, why);
        buf_adds(&out, "</b>\n");
    }
    buf_adds(&out, "<form method=\"post\" action=\"/plain\"><p><label>A token of this controller "
                   "(<code>besom token create --scope viewer</code>): <input type=\"password\" "
                   "name=\"token\" size=\"60\" autocomplete=\"off\" required></label> "
                   "<button>Sign in</button></form>\n");
    page_plain_send(s, request, 401, &out, false);
    buf_done(&out);
}

void page_plain_sign_in(struct server *s, const struct server_request *r)
{
    const struct http_request *http = r->http;
    static const char wrong[] = "This token may not look at sweeps here.";
    struct buf token, headers;
    if (!http_head_find(http->head, "origin")) {
        server_reply_error(s, http->id, 403, ERR_PERMISSION, "only this page can sign in here");
        return;
    }
    buf_init(&token, LIMIT_HTTP_URL_BYTES);
    buf_init(&headers, SIZE_MAX);
    bool given = http_target_query(http->body, "token", &token) == 0 && !token.overflow;
    const struct trust_verdict verdict = server_judge_token(s, given ? buf_peek(&token) : "");
    if (verdict.reason == TRUST_OK &&
        credential_may(verdict.credential->scope, CREDENTIAL_VIEWER)) {
        buf_adds(&headers, HEADERS "Location: /plain\r\n");
        page_session_cookie(s, http->peer->tls, verdict.credential->id, &headers);
        const struct http_answer answer = {
            .status = 303, .type = "text/plain", .headers = buf_str(&headers)};
        if (!s->closing)
            http_server_reply(s->http, http->id, &answer);
    } else {
        uint64_t late_ms = server_late_count(s, http->peer->address);
        if (late_ms > 0)
            server_late_answer(s, http->id, late_ms, wrong);
        else
            page_plain_ask(s, http->id, wrong);
    }
    buf_done(&token);
    buf_done(&headers);
}
