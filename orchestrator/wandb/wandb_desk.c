/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/wandb_desk.h"

#include <string.h>
#include <uv.h>

#include "base/json.h"
#include "base/mem.h"
#include "net/log.h"
#include "net/turn.h"
#include "net/worker.h"
#include "orchestrator/runs/files/files.h"
#include "orchestrator/runs/runs.h"
#include "orchestrator/runs/runs_run.h"
#include "orchestrator/wandb/api/api_pages.h"
#include "orchestrator/wandb/agents/wandb_agents.h"
#include "orchestrator/wandb/desk_scope.h"
#include "orchestrator/wandb/wandb_desk_table.h"
#include "protocol/wandb/wandb_answer.h"
#include "protocol/wandb/wandb_operation.h"

enum {
    BATCH_MAX = 512,            /* requests in one transaction */
    BATCH_BYTES_MAX = 16 << 20, /* of their bodies; a parsed one takes up to 45 times as much */
    LOOK_MS = 30000,
    SILENT_MS = 300000,
    LOOKS_MAX = 256,
    MD5_BYTES = 16,
};

/* A request, or work of the loop. First the loop's, then the thread's, then the loop's again. */
struct asked {
    struct asked *next;
    struct wandb_desk *desk;
    struct arena arena;
    struct wandb_ask ask;
    struct desk_work work; /* work.work NULL: a request */
    wandb_reply_fn fn;
    void *arg;
    struct desk_call call;
    const struct wandb_desk_operation *operation;
    struct desk_later later;
    bool wrote, broke; /* broke: it has undone the whole batch */
    int code;
    struct err err;
};

struct asked_list {
    struct asked *first, *last;
    size_t n;
};

struct wandb_desk {
    struct wandb_desk_config config;
    struct desk_host host;
    struct worker *worker; /* NULL before the first request */
    uv_timer_t look;
    struct asked_list waiting, batch; /* batch: the thread's while it is busy */
    int64_t started_ms, now_ms;
    bool busy, closing, faulty; /* faulty: the last opening failed, which was logged */
    struct runs *runs;          /* the thread's; NULL: not open */
    struct worker *reader;      /* for DESK_LOOKS; NULL before the first such request */
    struct runs *read;          /* the reader's */
    struct api_pages pages;     /* the reader's */
    struct files *files;
};

static void list_add(struct asked_list *l, struct asked *q)
{
    q->next = NULL;
    if (l->last)
        l->last->next = q;
    else
        l->first = q;
    l->last = q;
    l->n++;
}

static struct asked *list_take(struct asked_list *l)
{
    struct asked *q = l->first;
    if (!q)
        return NULL;
    l->first = q->next;
    l->last = l->first ? l->last : NULL;
    l->n--;
    return q;
}

static bool code_is_fault(int code)
{
    return code == ERR_FULL || code == ERR_IO || code == ERR_BUSY || code == ERR_DAMAGED ||
           code == ERR_UNSUPPORTED;
}

static int status_of(int code)
{
    switch (code) {
    case ERR_NOT_FOUND:
        return 404;
    case ERR_PERMISSION:
        return 403;
    case ERR_STATE:
    case ERR_EXISTS:
        return 409;
    case ERR_LIMIT:
        return 413;
    default:
        return code_is_fault(code) ? 503 : 400;
    }
}

static void reply_document(struct asked *q, int status, const struct value *document)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    json_print(&out, document, JSON_COMPACT);
    q->call.reply = (struct wandb_reply){.status = status,
                                         .type = "application/json",
                                         .body = arena_strndup(&q->arena, buf_str(&out), out.len),
                                         .len = out.len};
    buf_done(&out);
}

static void reply_error(struct asked *q, int status, const char *text)
{
    reply_document(q, status, wandb_answer_error(&q->arena, text));
}

/* On the thread. */
static int change_begin(struct asked *q)
{
    int rc = runs_write_begin(q->call.runs, &q->err);
    q->broke = rc != 0;
    return rc;
}

static int change_end(struct asked *q, int rc)
{
    struct err err = {0};
    int ended = runs_write_end(q->call.runs, rc == 0, &err);
    q->broke = ended != 0;
    if (ended != 0 && (rc == 0 || !code_is_fault(rc)))
        q->err = err;
    return ended != 0 ? ERR_IO : rc;
}

static int asked_permit(const struct asked *q, enum desk_need need, struct err *err)
{
    if (need != DESK_WRITES || q->ask.writes)
        return 0;
    return err_set(err, ERR_PERMISSION,
                   "this token may only read: use one of scope operator or admin");
}

static int graphql_run(struct asked *q)
{
    struct wandb_operation o;
    struct value *document = NULL;
    int rc = wandb_operation_parse(&q->arena, q->ask.body, q->ask.len, &o, &q->err);
    if (rc != 0)
        return rc;
    q->call.variables = o.variables;
    q->operation = wandb_desk_table_find(o.name);
    if (!q->operation)
        return err_set(&q->err, ERR_UNSUPPORTED, "besom does not support the operation %.100s",
                       o.name);
    rc = asked_permit(q, q->operation->need, &q->err);
    if (rc == 0 && q->operation->need == DESK_WRITES)
        rc = desk_scope_check(&q->call, o.name, &q->err);
    if (rc != 0 || !q->operation->fn || q->operation->need == DESK_LOOKS)
        return rc;
    q->wrote = q->operation->need == DESK_WRITES;
    if (q->wrote && (rc = change_begin(q)) != 0)
        return rc;
    rc = q->operation->fn(&q->call, &document, &q->err);
    if (q->wrote)
        rc = change_end(q, rc);
    if (rc == 0)
        reply_document(q, 200, document);
    return rc;
}

static int path_run(struct asked *q)
{
    const struct wandb_desk_path *path = wandb_desk_table_find_path(q->ask.verb, q->ask.path);
    if (!path)
        return err_set(&q->err, ERR_NOT_FOUND, "besom has no such path for wandb's clients");
    int rc = asked_permit(q, path->need, &q->err);
    if (rc == 0 && path->need == DESK_WRITES)
        rc = desk_scope_check_path(&q->call, &q->err);
    if (rc != 0)
        return rc;
    q->wrote = path->need == DESK_WRITES;
    if (q->wrote && (rc = change_begin(q)) != 0)
        return rc;
    rc = path->fn(&q->call, &q->err);
    return q->wrote ? change_end(q, rc) : rc;
}

static int work_run(struct asked *q)
{
    q->wrote = q->work.writes;
    int rc = q->wrote ? change_begin(q) : 0;
    if (rc != 0)
        return rc;
    rc = q->work.work(q->work.arg, &q->call, &q->err);
    return q->wrote ? change_end(q, rc) : rc;
}

static void asked_run(struct asked *q)
{
    bool graphql = q->ask.path && strcmp(q->ask.path, "/graphql") == 0;
    q->code = q->work.work ? work_run(q) : graphql ? graphql_run(q) : path_run(q);
    if (q->code == 0 || q->work.work)
        return;
    bool unknown = q->code == ERR_UNSUPPORTED && !q->operation;
    bool fault = code_is_fault(q->code) && !unknown;
    reply_error(q, graphql && !fault ? 200 : status_of(unknown ? ERR_USAGE : q->code),
                q->err.text[0] ? q->err.text : err_sentence(q->code));
}

/* Nothing of the batch is stored: those that would have written come again. */
static void batch_fail(struct wandb_desk *d, const struct err *err)
{
    runs_close(d->runs, true);
    d->runs = NULL;
    for (struct asked *q = d->batch.first; q; q = q->next) {
        if (!q->wrote && q->call.runs)
            continue;
        q->code = err->code;
        q->err = *err;
        reply_error(q, 503, err->text);
    }
}

static int batch_begin(struct wandb_desk *d, struct err *err)
{
    int rc = d->runs ? 0 : runs_open(d->config.dir, &d->runs, err);
    return rc ? rc : runs_begin(d->runs, err);
}

static void batch_run(void *arg)
{
    struct wandb_desk *d = arg;
    struct err err = {0}, one = {0};
    int rc = batch_begin(d, &err), failed = 0;
    for (struct asked *q = d->batch.first; q && rc == 0; q = q->next) {
        q->call.runs = d->runs;
        q->call.now_ms = d->now_ms;
        asked_run(q);
        if (code_is_fault(q->code) && q->wrote) {
            rc = q->broke || q->code == ERR_DAMAGED ? q->code : 0;
            failed = q->code;
            one = err = q->err;
        }
    }
    if (rc == 0)
        rc = files_sync(d->files, &err);
    if (rc == 0)
        rc = runs_commit(d->runs, &err);
    bool told = d->faulty;
    d->faulty = rc != 0 || failed != 0;
    if (d->faulty && !told)
        LOG(LOG_ERROR, "runs.failed", log_text("error", rc != 0 ? err.text : one.text));
    if (rc != 0) {
        err.code = err.code ? err.code : ERR_IO;
        batch_fail(d, &err);
    }
}

static void asked_free(struct asked *q)
{
    arena_done(&q->arena);
    mem_free(q);
}

static void asked_answer(struct asked *q)
{
    struct wandb_reply *reply = &q->call.reply;
    reply->status = reply->status ? reply->status : 200;
    q->fn(q->arg, reply);
    asked_free(q);
}

static int look_answer(struct asked *q, struct err *err)
{
    struct wandb_desk *d = q->desk;
    struct value *document = NULL;
    int rc = d->read ? 0 : runs_open_to_read(d->config.dir, &d->read, err);
    if (rc == 0)
        rc = runs_begin(d->read, err);
    if (rc != 0)
        return rc;
    q->call.runs = d->read;
    q->call.pages = &d->pages;
    rc = q->operation->fn(&q->call, &document, err);
    struct err end = {0};
    int ended = runs_commit(d->read, &end);
    if (rc == 0 && ended != 0)
        return err_set(err, ended, "%s", end.text);
    if (rc == 0)
        reply_document(q, 200, document);
    return rc;
}

/* On the reader's thread. */
static void look_run(void *arg)
{
    struct asked *q = arg;
    q->code = look_answer(q, &q->err);
    if (q->code == 0)
        return;
    bool fault = code_is_fault(q->code);
    reply_error(q, fault ? 503 : 200, q->err.text[0] ? q->err.text : err_sentence(q->code));
    if (fault) {
        runs_close(q->desk->read, false);
        q->desk->read = NULL;
    }
}

static void look_done(void *arg)
{
    asked_answer(arg);
}

static void look_push(struct asked *q)
{
    struct wandb_desk *d = q->desk;
    struct err err = {0};
    bool closed = d->closing || (!d->reader && worker_start(d->config.loop, &d->reader, &err) != 0);
    if (closed || worker_waiting(d->reader) >= LOOKS_MAX) {
        reply_error(q, 503,
                    closed ? "the controller is shutting down"
                           : "too many questions are waiting: ask again in a moment");
        asked_answer(q);
        return;
    }
    worker_push(d->reader, look_run, look_done, q);
}

static void asked_done(struct asked *q)
{
    const struct wandb_desk_config *config = &q->desk->config;
    if (q->code == 0 && q->call.alert && config->alert)
        config->alert(config->arg, q->call.alert);
    if (q->code == 0 && q->desk->host.agents)
        wandb_agents_reported(q->desk->host.agents, &q->call.report);
    if (q->work.work) {
        if (q->work.done)
            q->work.done(q->work.arg, q->code, q->err.text);
        asked_free(q);
    } else if (q->code == 0 && q->operation && q->operation->need == DESK_LOOKS) {
        look_push(q);
    } else if (q->code == 0 && q->operation && q->operation->later) {
        q->later =
            (struct desk_later){&q->desk->host, &q->arena, &q->ask, q->call.variables, q->arg};
        q->operation->later(&q->later);
    } else {
        asked_answer(q);
    }
}

static struct asked *asked_of(struct desk_later *l)
{
    return (struct asked *)(void *)((char *)l - offsetof(struct asked, later));
}

static void later_answer(struct desk_later *l, int status, const struct value *document)
{
    struct asked *q = asked_of(l);
    reply_document(q, status, document);
    asked_answer(q);
}

static void desk_push(struct wandb_desk *d);

static void batch_done(void *arg)
{
    struct wandb_desk *d = arg;
    struct asked *q;
    struct asked_list batch = d->batch;
    d->batch = (struct asked_list){0};
    d->busy = false;
    desk_push(d); /* the thread works while these are answered */
    while ((q = list_take(&batch)) != NULL)
        asked_done(q);
    if (d->closing && !d->busy && d->worker) {
        worker_close(d->worker);
        d->worker = NULL;
    }
}

static void desk_push(struct wandb_desk *d)
{
    size_t bytes = 0;
    if (d->busy || !d->waiting.first)
        return;
    while (d->waiting.first && d->batch.n < BATCH_MAX && bytes < BATCH_BYTES_MAX) {
        struct asked *q = list_take(&d->waiting);
        bytes += q->ask.len;
        list_add(&d->batch, q);
    }
    d->busy = true;
    d->now_ms = turn_wall_ms();
    worker_push(d->worker, batch_run, batch_done, d);
}

static struct asked *asked_new(struct wandb_desk *d)
{
    struct asked *q = mem_alloc(sizeof *q);
    arena_init(&q->arena);
    q->desk = d;
    q->call.arena = &q->arena;
    q->call.ask = &q->ask;
    q->call.dir = d->config.dir;
    q->call.files = d->files;
    return q;
}

static void desk_take(struct wandb_desk *d, struct asked *q)
{
    struct err err = {0};
    if (d->closing || (!d->worker && worker_start(d->config.loop, &d->worker, &err) != 0)) {
        q->code = ERR_BUSY;
        reply_error(q, 503, "the controller is shutting down");
        asked_done(q);
        return;
    }
    list_add(&d->waiting, q);
    desk_push(d);
}

static const char *asked_copy(struct asked *q, const char *text)
{
    return text ? arena_strdup(&q->arena, text) : NULL;
}

void wandb_desk_ask(struct wandb_desk *d, const struct wandb_ask *ask, wandb_reply_fn fn, void *arg)
{
    struct asked *q = asked_new(d);
    q->ask = *ask;
    q->ask.path = asked_copy(q, ask->path);
    q->ask.query = asked_copy(q, ask->query);
    q->ask.body = ask->body ? arena_strndup(&q->arena, ask->body, ask->len) : "";
    q->ask.file = asked_copy(q, ask->file);
    q->ask.base = asked_copy(q, ask->base);
    q->ask.by = asked_copy(q, ask->by);
    q->ask.who = asked_copy(q, ask->who ? ask->who : ask->by);
    q->ask.run = asked_copy(q, ask->run);
    q->ask.sha256 = asked_copy(q, ask->sha256);
    q->ask.md5 = ask->md5
                     ? (unsigned char *)arena_strndup(&q->arena, (const char *)ask->md5, MD5_BYTES)
                     : NULL;
    q->fn = fn;
    q->arg = arg;
    desk_take(d, q);
}

static void desk_work(struct desk_host *host, const struct desk_work *work)
{
    struct wandb_desk *d =
        (struct wandb_desk *)(void *)((char *)host - offsetof(struct wandb_desk, host));
    struct asked *q = asked_new(d);
    q->work = *work;
    desk_take(d, q);
}

/* Clients send something every 30 s. While the controller was away nobody could. */
static int silent_end(void *arg, struct desk_call *c, struct err *err)
{
    const struct wandb_desk *d = arg;
    int64_t since = c->now_ms - SILENT_MS;
    return since < d->started_ms ? 0 : runs_run_end_silent(c->runs, since, c->now_ms, err);
}

static void desk_on_look(uv_timer_t *timer)
{
    struct wandb_desk *d = timer->data;
    const struct desk_work work = {.work = silent_end, .arg = d, .writes = true};
    if (!d->closing && runs_is_there(d->config.dir))
        desk_later_do(&d->host, &work);
}

int wandb_desk_start(const struct wandb_desk_config *config, struct wandb_desk **ret,
                     struct err *err)
{
    struct wandb_desk *d = mem_alloc(sizeof *d);
    (void)err;
    d->config = *config;
    d->files = files_new(config->dir, config->files_max);
    d->host = (struct desk_host){.driver = config->driver,
                                 .loop = config->loop,
                                 .dir = config->dir,
                                 .answer = later_answer,
                                 .work = desk_work};
    d->started_ms = turn_wall_ms();
    if (config->driver)
        d->host.agents = wandb_agents_new(&d->host, config->lost_ms);
    uv_timer_init(config->loop, &d->look);
    d->look.data = d;
    uv_timer_start(&d->look, desk_on_look, LOOK_MS, LOOK_MS);
    uv_unref((uv_handle_t *)&d->look);
    *ret = d;
    return 0;
}

void wandb_desk_gone(struct wandb_desk *d, void *arg)
{
    wandb_agents_hung_up(d->host.agents, arg);
}

struct files *wandb_desk_files(struct wandb_desk *d)
{
    return d->files;
}

void wandb_desk_close(struct wandb_desk *d)
{
    struct asked *q;
    if (!d || d->closing)
        return;
    wandb_agents_close(d->host.agents);
    d->closing = true;
    worker_close(d->reader);
    d->reader = NULL;
    uv_close((uv_handle_t *)&d->look, NULL);
    while ((q = list_take(&d->waiting)) != NULL) {
        q->code = ERR_BUSY;
        reply_error(q, 503, "the controller is shutting down");
        asked_done(q);
    }
    if (!d->busy && d->worker) {
        worker_close(d->worker);
        d->worker = NULL;
    }
}

void wandb_desk_free(struct wandb_desk *d)
{
    if (!d)
        return;
    wandb_agents_free(d->host.agents);
    runs_close(d->read, false);
    api_pages_done(&d->pages);
    runs_close(d->runs, false);
    files_free(d->files);
    mem_free(d);
}
