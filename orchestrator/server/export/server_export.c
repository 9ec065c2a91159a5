/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/export/server_export.h"

#include <stdio.h>
#include <string.h>

#include "base/compress/compress.h"
#include "base/mem.h"
#include "net/log.h"
#include "net/worker.h"
#include "orchestrator/server/question/server_question.h"
#include "orchestrator/server/reply/server_pack.h"
#include "orchestrator/view/table/view_export.h"

enum { LEVEL = 1 };

struct exporting {
    struct server_question question;
    const char *sweep, *format;
    bool begun, working; /* the head is sent; the thread makes a piece: what follows is its own */
    struct view_export *export;
    struct compress *compress; /* NULL: the client wants it plain */
    bool last;                 /* this piece ends the file */
};

struct server_export {
    struct worker *worker; /* NULL before the first one */
    struct view *view;     /* the thread's */
    const char *dir;
};

void server_export_start(struct server *s)
{
    s->export = mem_alloc(sizeof *s->export);
    s->export->dir = s->config.dir;
}

static void exporting_end(struct exporting *e)
{
    (void)server_question_end(&e->question);
    view_export_free(e->export);
    compress_free(e->compress);
    server_question_free(&e->question);
}

/* request 0: any of them. */
static struct exporting *exporting_find(struct server *s, uint64_t request)
{
    return (struct exporting *)server_question_find(s, &s->export->worker, request);
}

/* In place of what is in `out`. */
static void piece_compress(struct exporting *e)
{
    struct buf *out = &e->question.out, packed;
    buf_init(&packed, SIZE_MAX);
    compress_piece(e->compress, LEVEL, buf_peek(out), out->len, e->last, &packed);
    buf_clear(out);
    buf_add(out, buf_str(&packed), packed.len);
    buf_done(&packed);
}

static void piece_make(void *arg)
{
    struct exporting *e = arg;
    struct server_question *q = &e->question;
    struct server_export *x = q->server->export;
    if (!server_question_is_open(q))
        return;
    buf_clear(&q->out);
    q->rc = x->view ? 0 : view_open(x->dir, &x->view, &q->err);
    if (q->rc == 0 && !e->export)
        q->rc = view_export_new(x->view, e->sweep, e->format,
                                value_get_str(q->query, "filter", NULL), &e->export, &q->err);
    if (q->rc == 0)
        q->rc = view_export_next(e->export, x->view, &q->out, &q->err);
    if (q->rc == 0 && q->out.overflow)
        q->rc = err_set(&q->err, ERR_LIMIT, "a trial is too large");
    e->last = q->out.len == 0;
    if (q->rc == 0 && e->compress)
        piece_compress(e);
}

static bool exporting_begin(struct exporting *e)
{
    struct server_question *q = &e->question;
    bool csv = strcmp(e->format, "csv") == 0;
    char headers[256];
    snprintf(headers, sizeof headers,
             "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n" SERVER_PACK_VARY
             "%sContent-Disposition: attachment; filename=\"%s.%s\"\r\n",
             e->compress ? SERVER_PACK_CODING : "", view_export_sweep(e->export),
             csv ? "csv" : "jsonl");
    const struct http_answer answer = {.status = 200,
                                       .type =
                                           csv ? "text/csv; charset=utf-8" : "application/x-ndjson",
                                       .headers = headers};
    e->begun = true;
    return http_server_pieces(q->server->http, q->request, &answer);
}

static void piece_made(void *arg);

static void exporting_work(struct exporting *e)
{
    e->working = true;
    worker_push(e->question.server->export->worker, piece_make, piece_made, e);
}

static void piece_made(void *arg)
{
    struct exporting *e = arg;
    struct server_question *q = &e->question;
    struct http_server *http = q->server->http;
    e->working = false;
    bool open = server_question_is_open(q);
    if (open && q->rc != 0 && e->begun) {
        LOG(LOG_ERROR, "export.failed", log_text("sweep", e->sweep), log_text("why", q->err.text));
        http_server_pieces_end(http, q->request, false);
        q->rc = 0; /* it is too late to tell */
        open = false;
    }
    bool goes_on =
        open && q->rc == 0 && (e->begun || exporting_begin(e)) &&
        (q->out.len == 0 || http_server_piece(http, q->request, buf_peek(&q->out), q->out.len));
    if (goes_on && e->last)
        http_server_pieces_end(http, q->request, true);
    if (!goes_on || e->last)
        exporting_end(e);
    else if (http_server_unsent_to(http, q->request) < SERVER_EXPORT_UNSENT)
        exporting_work(e);
}

void server_export_answer(struct server *s, const struct server_request *r)
{
    struct exporting *e = server_question_new(s, r, &s->export->worker, SERVER_EXPORTS, sizeof *e);
    if (!e)
        return;
    e->sweep = arena_strdup(&e->question.arena, r->name);
    e->format = value_get_str(e->question.query, "format", "csv");
    e->compress = e->question.packs ? compress_new() : NULL;
    exporting_work(e);
}

void server_export_drained(struct server *s, uint64_t request)
{
    struct exporting *e = exporting_find(s, request);
    if (e && !e->working)
        exporting_work(e);
}

void server_export_gone(struct server *s, uint64_t request)
{
    struct exporting *e = exporting_find(s, request);
    if (e && !e->working)
        exporting_end(e);
}

void server_export_close(struct server *s)
{
    worker_close(s->export->worker);
}

void server_export_free(struct server *s)
{
    struct exporting *e;
    while ((e = exporting_find(s, 0)) != NULL)
        exporting_end(e);
    view_close(s->export->view);
    mem_free(s->export);
}
