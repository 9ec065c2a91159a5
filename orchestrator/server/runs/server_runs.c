/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/runs/server_runs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "net/http/http_target.h"
#include "net/worker.h"
#include "orchestrator/runs/document/document.h"
#include "orchestrator/runs/files/files.h"
#include "orchestrator/runs/runs_answer.h"
#include "orchestrator/server/question/server_question.h"
#include "orchestrator/server/reply/server_reply.h"
#include "orchestrator/wandb/desk_mime.h"

enum { WAITING_MAX = 256 };

/* Whatever a script has saved, it runs nothing here, and reads nothing of this controller. */
#define SAFE                                                                                    \
    "Content-Security-Policy: sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src " \
    "data:; media-src data:; frame-ancestors 'self'\r\nX-Content-Type-Options: nosniff\r\n"     \
    "Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n"             \
    "Cache-Control: private, no-cache\r\n"

struct server_runs {
    struct worker *worker; /* NULL before its first question */
    struct runs *runs; /* the thread's; NULL before its first question, and while there are none */
    const char *dir;
};

struct reading {
    struct server_question question;
    const char *known; /* the ETag that the browser has */
    bool file, framed; /* a file's content; for a frame of the page */
    struct runs_file found;
};

void server_runs_start(struct server *s)
{
    s->runs = mem_alloc(sizeof *s->runs);
    s->runs->dir = s->config.dir;
}

static struct document_question question_of(struct server_question *q, const struct server_runs *t)
{
    return (struct document_question){.runs = t->runs,
                                      .arena = &q->arena,
                                      .dir = t->dir,
                                      .path = q->path,
                                      .query = q->query,
                                      .gone = &q->gone};
}

static int document_read(struct server_question *q, const struct document_question *question)
{
    struct value *v;
    bool ours = document_is(q->path);
    bool bare = strcmp(value_get_str(q->query, "nan", ""), "bare") == 0;
    int rc = ours ? document_answer(question, &q->out, &q->err)
                  : runs_answer(question->runs, &q->arena, q->path, q->query, &v, &q->err);
    if (rc != 0)
        return rc;
    if (!ours)
        json_print(&q->out, v, bare ? JSON_PYTHON : JSON_COMPACT);
    buf_addc(&q->out, '\n');
    return q->out.overflow ? err_set(&q->err, ERR_LIMIT, "the answer is too large: ask for less")
                           : 0;
}

static void reading_run(void *arg)
{
    struct reading *r = arg;
    struct server_question *q = &r->question;
    struct server_runs *t = q->server->runs;
    if (!server_question_is_open(q))
        return;
    if (!t->runs && runs_is_there(t->dir))
        q->rc = runs_open_to_read(t->dir, &t->runs, &q->err);
    const struct document_question question = question_of(q, t);
    if (q->rc == 0 && r->file)
        q->rc = document_file(&question, &r->found, &q->err);
    else if (q->rc == 0)
        q->rc = document_read(q, &question);
    server_question_pack(q);
}

/* Pictures, sounds, films and plain text are shown where they are linked; a page only in a frame of ours. */
static bool type_is_shown(const char *type, bool framed)
{
    if (strcmp(type, "image/svg+xml") == 0)
        return false;
    if (strcmp(type, "text/html") == 0)
        return framed;
    return strncmp(type, "image/", 6) == 0 || strncmp(type, "audio/", 6) == 0 ||
           strncmp(type, "video/", 6) == 0 || strcmp(type, "text/plain") == 0;
}

static const char *headers_make(struct reading *r, const char *type)
{
    const char *base = strrchr(r->found.name, '/');
    struct buf name;
    buf_init(&name, SIZE_MAX);
    base = base ? base + 1 : r->found.name;
    http_target_encode(&name, base, strlen(base));
    const char *ret = arena_printf(
        &r->question.arena,
        SAFE "ETag: \"%.32s\"\r\nContent-Disposition: %s; filename*=UTF-8''%s\r\n", r->found.hash,
        type_is_shown(type, r->framed) ? "inline" : "attachment", buf_str(&name));
    buf_done(&name);
    return ret;
}

static void file_reply(struct reading *r)
{
    struct server *s = r->question.server;
    char path[FILES_PATH_BYTES];
    const char *type = desk_mime(r->found.name);
    const char *headers = headers_make(r, type);
    const char *tag = arena_printf(&r->question.arena, "\"%.32s\"", r->found.hash);
    struct http_answer answer = {.status = 304, .headers = headers};
    struct http_answer_file file = {-1, (uint64_t)r->found.size};
    if (s->closing)
        return;
    if (!r->known || !strstr(r->known, tag)) {
        files_path(s->config.dir, r->found.hash, path);
        file.fd = open(path, O_RDONLY | O_CLOEXEC);
        if (file.fd < 0) {
            server_reply_error(s, r->question.request, 404, ERR_NOT_FOUND, "this file is missing");
            return;
        }
        answer =
            (struct http_answer){.status = 200, .type = type, .headers = headers, .file = &file};
    }
    http_server_reply(s->http, r->question.request, &answer);
}

static void reading_done(void *arg)
{
    struct reading *r = arg;
    bool good = server_question_end(&r->question);
    if (good && r->file)
        file_reply(r);
    else if (good)
        server_question_reply(&r->question);
    server_question_free(&r->question);
}

static void reading_begin(struct server *s, const struct server_request *request, bool file)
{
    const struct http_head *head = request->http->head;
    const char *known = http_head_find(head, "if-none-match");
    const char *dest = http_head_find(head, "sec-fetch-dest");
    struct worker **worker = &s->runs->worker;
    struct reading *r = server_question_new(s, request, worker, WAITING_MAX, sizeof *r);
    if (!r)
        return;
    r->known = known ? arena_strdup(&r->question.arena, known) : NULL;
    r->file = file;
    r->framed = dest && strcmp(dest, "iframe") == 0;
    worker_push(*worker, reading_run, reading_done, r);
}

void server_runs_answer(struct server *s, const struct server_request *r)
{
    reading_begin(s, r, false);
}

void server_runs_file(struct server *s, const struct server_request *r)
{
    reading_begin(s, r, true);
}

void server_runs_close(struct server *s)
{
    if (s->runs)
        worker_close(s->runs->worker);
}

void server_runs_free(struct server *s)
{
    if (s->runs)
        runs_close(s->runs->runs, false);
    mem_free(s->runs);
}
