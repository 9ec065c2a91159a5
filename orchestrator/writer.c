/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/writer.h"

#include "base/mem.h"
#include "net/log.h"
#include "net/worker.h"
#include "orchestrator/store/store.h"

enum { SLOW_COMMIT_MS = 1000 };

struct writer {
    struct writer_config config;
    struct worker *worker;
    struct batches batches;
    struct store_batch *rows; /* of the busy batch: the thread's, as are the two fields below */
    int code;
    struct err err;
    bool folds, more; /* the thread's, while `tidying` */
    bool tidying, closing;
    uint64_t begun; /* ns */
};

int writer_start(const struct writer_config *config, struct writer **ret, struct err *err)
{
    struct writer *w = mem_alloc(sizeof *w);
    w->config = *config;
    int rc = worker_start(config->loop, &w->worker, err);
    if (rc != 0) {
        mem_free(w);
        return rc;
    }
    batches_init(&w->batches);
    *ret = w;
    return 0;
}

struct batches *writer_batches(struct writer *w)
{
    return &w->batches;
}

bool writer_is_writing(const struct writer *w)
{
    return w->batches.busy != NULL;
}

static void fact_log(const struct fact *f)
{
    if (f->kind == FACT_SWEEP_STATE)
        LOG(LOG_INFO, "sweep.state", log_text("sweep", f->sweep),
            log_text("state", sweep_states[f->state].name),
            log_text("reason", trial_reason_name(f->reason)));
    if (f->kind == FACT_LAUNCHED)
        LOG(LOG_INFO, "attempt.launched", log_text("sweep", f->sweep),
            log_int("trial", (int64_t)f->trial), log_int("attempt", f->attempt),
            log_text("agent", f->agent), log_int("slot", f->slot));
    if (f->kind == FACT_ENDED)
        LOG(LOG_INFO, "attempt.ended", log_text("sweep", f->sweep),
            log_int("trial", (int64_t)f->trial), log_int("attempt", f->attempt),
            log_text("reason", trial_reason_name(f->reason)), log_int("code", f->code));
}

static void writer_failed(struct writer *w, const struct err *err)
{
    LOG(LOG_ERROR, "store.failed", log_text("error", err->text));
    w->config.failed(w->config.arg, err);
}

static void batch_append(struct writer *w, const struct batch *b)
{
    struct err err = {0};
    for (size_t i = 0; i < b->effects.n; i++) {
        const struct effect *e = &b->effects.items[i];
        if (e->kind != EFFECT_PERSIST)
            continue;
        fact_log(&e->fact);
        if (store_append(w->config.store, &e->fact, &err) != 0)
            writer_failed(w, &err);
    }
}

static void writer_carry_out(void *arg, const struct effect *e)
{
    const struct writer *w = arg;
    if (!w->closing)
        w->config.handler.carry_out(w->config.handler.arg, e);
}

static void writer_committed(void *arg, const struct fact *f)
{
    const struct writer *w = arg;
    w->config.handler.committed(w->config.handler.arg, f);
}

static void batch_release(struct writer *w)
{
    const struct batches_handler handler = {writer_carry_out, writer_committed, w};
    batches_release(&w->batches, w->config.books, &handler);
}

static void on_write(void *arg)
{
    struct writer *w = arg;
    w->code = store_write(w->config.store, w->rows, &w->err);
}

static void on_written(void *arg)
{
    struct writer *w = arg;
    int64_t took_ms = (int64_t)((uv_hrtime() - w->begun) / 1000000);
    if (took_ms >= SLOW_COMMIT_MS)
        LOG(LOG_INFO, "store.slow", log_int("ms", took_ms));
    if (w->code != 0)
        writer_failed(w, &w->err);
    batch_release(w);
    writer_flush(w);
    w->config.written(w->config.arg);
}

void writer_flush(struct writer *w)
{
    struct batch *b;
    while (!w->closing && (b = batches_take(&w->batches)) != NULL) {
        batch_append(w, b);
        w->rows = store_seal(w->config.store, w->config.books);
        batches_seal(&w->batches, w->config.books);
        if (w->rows) {
            w->begun = uv_hrtime();
            worker_push(w->worker, on_write, on_written, w);
        } else {
            batch_release(w);
        }
    }
}

static void on_tidy(void *arg)
{
    struct writer *w = arg;
    w->more = w->folds ? store_tidy(w->config.store) : store_trim_log(w->config.store);
}

static void on_tidied(void *arg)
{
    struct writer *w = arg;
    w->tidying = false;
    if (w->more && !w->closing)
        w->config.untidy(w->config.arg);
}

void writer_tidy(struct writer *w, bool folds)
{
    if (w->tidying || w->closing)
        return;
    w->folds = folds;
    w->tidying = true;
    worker_push(w->worker, on_tidy, on_tidied, w);
}

void writer_close(struct writer *w)
{
    if (!w)
        return;
    w->closing = true;
    worker_close(w->worker);
}

void writer_free(struct writer *w)
{
    if (!w)
        return;
    batches_done(&w->batches);
    mem_free(w);
}
