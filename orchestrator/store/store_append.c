/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop's side of the store: collects facts, and the rows that they changed, in a batch. Touches
 * no file. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "orchestrator/store/store.h"
#include "orchestrator/store/store_inside.h"
#include "orchestrator/store/store_rows.h"

static struct store_sweep *append_created(struct store *s, const struct fact *f)
{
    struct store_op *op = store_batch_add(s->batch, STORE_ADD_SWEEP);
    uint64_t n = f->n ? f->n : s->sweeps_n + 1;
    s->sweeps_n = n;
    store_batch_u64(op, 1, n);
    store_batch_text(s->batch, op, 2, f->sweep);
    store_batch_text(s->batch, op, 3, f->name);
    store_batch_text(s->batch, op, 4, f->path);
    store_batch_text(s->batch, op, 5, f->place);
    store_batch_text(s->batch, op, 6, f->workdir);
    store_batch_u64(op, 7, f->seed);
    store_batch_u64(op, 8, f->total);
    store_batch_int(op, 9, f->time_ms);
    store_batch_text(s->batch, op, 10, value_get_str(f->project, "snapshot", NULL));
    store_batch_text(s->batch, op, 11, value_get_str(f->project, "folder", NULL));
    op = store_batch_add(s->batch, STORE_ADD_SPEC);
    buf_clear(&s->text);
    json_print(&s->text, f->content, JSON_PYTHON);
    store_batch_u64(op, 1, n);
    store_batch_text(s->batch, op, 2, buf_str(&s->text));
    return store_sweep_put(s, f->sweep, n);
}

static void append_edited(struct store *s, const struct fact *f, uint64_t n)
{
    struct store_op *op = store_batch_add(s->batch, STORE_EDIT_SWEEP);
    store_batch_u64(op, 1, n);
    store_batch_text(s->batch, op, 2, f->name);
    store_batch_text(s->batch, op, 3, f->path);
    store_batch_text(s->batch, op, 4, f->workdir);
    store_batch_u64(op, 5, f->total);
    store_batch_text(s->batch, op, 6, f->place);
    op = store_batch_add(s->batch, STORE_EDIT_SPEC);
    buf_clear(&s->text);
    json_print(&s->text, f->content, JSON_PYTHON);
    store_batch_u64(op, 1, n);
    store_batch_text(s->batch, op, 2, buf_str(&s->text));
}

static void append_tag(struct store *s, enum store_statement statement, uint64_t thing,
                       const struct value *tags)
{
    for (size_t i = 0; i < tags->list.n; i++) {
        struct store_op *op = store_batch_add(s->batch, statement);
        store_batch_u64(op, 1, thing);
        store_batch_text(s->batch, op, 2, tags->list.items[i]->s.ptr);
        if (statement == STORE_ADD_TAG)
            store_batch_u64(op, 3, LIMIT_TAGS);
    }
}

/* Of the fact alone: the books hold no tags. */
static void append_tagged(struct store *s, const struct fact *f, uint64_t n)
{
    size_t things = f->trials ? f->trials->list.n : 1;
    for (size_t i = 0; i < things; i++) {
        uint64_t number = f->trials ? (uint64_t)f->trials->list.items[i]->i : STORE_TAG_NUMBER;
        uint64_t thing = store_trial_row(n, number);
        append_tag(s, STORE_DROP_TAG, thing, f->remove);
        append_tag(s, STORE_ADD_TAG, thing, f->add);
    }
}

static int append_chunk(struct store *s, const struct fact *f, uint64_t row, struct err *err)
{
    buf_clear(&s->blob);
    int rc = chunk_encode(s->codec, &f->points, &s->blob, err);
    if (rc < 0)
        return rc;
    struct store_op *op = store_batch_add(s->batch, STORE_ADD_CHUNK);
    store_batch_u64(op, 1, f->seq);
    store_batch_u64(op, 2, row);
    store_batch_u64(op, 3, f->attempt);
    store_batch_u64(op, 4, f->stream);
    store_batch_u64(op, 5, f->from);
    store_batch_u64(op, 6, f->to);
    store_batch_u64(op, 7, f->points.n);
    store_batch_u64(op, 8, f->points.bad);
    store_batch_u64(op, 9, f->points.dropped);
    store_batch_u64(op, 10, f->points.too_long);
    store_batch_int(op, 11, f->next_step);
    store_batch_blob(s->batch, op, 12, buf_str(&s->blob), s->blob.len);
    return 0;
}

static void append_fact(struct store *s, const struct fact *f, uint64_t n)
{
    buf_clear(&s->text);
    struct fact whole = *f;
    if (f->kind == FACT_SWEEP_CREATED)
        whole.n = n;
    json_print(&s->text, fact_encode(&s->scratch, &whole), JSON_PYTHON);
    arena_clear(&s->scratch);
    struct store_op *op = store_batch_add(s->batch, STORE_ADD_FACT);
    store_batch_u64(op, 1, f->seq);
    store_batch_int(op, 2, f->time_ms);
    store_batch_text(s->batch, op, 3, fact_kind_name(f->kind));
    store_batch_text(s->batch, op, 4, f->sweep);
    if (fact_kind_has_trial(f->kind))
        store_batch_u64(op, 5, f->trial);
    if (fact_kind_has_attempt(f->kind))
        store_batch_u64(op, 6, f->attempt);
    store_batch_text(s->batch, op, 7, buf_str(&s->text));
}

static void append_touch(struct store *s, struct store_sweep *sweep, const struct fact *f)
{
    uint64_t row = store_trial_row(sweep->n, f->trial);
    sweep->touched |= f->kind != FACT_METRICS && f->kind != FACT_STOPPING;
    if (!fact_kind_has_trial(f->kind))
        return;
    s->touched = mem_grow(s->touched, &s->touched_cap, s->touched_n + 1, sizeof *s->touched);
    s->touched[s->touched_n++] = (struct store_touch){row, sweep, f->trial};
    if (f->kind == FACT_LAUNCHED)
        store_batch_grow(s->batch, row, f->attempt, STORE_LAUNCHED);
    else if (f->kind == FACT_METRICS)
        store_batch_grow(s->batch, row, f->attempt,
                         f->stream == FACT_STREAM_SYSTEM ? STORE_SAMPLED : STORE_GREW);
    else if (f->kind == FACT_ENDED)
        store_batch_grow(s->batch, row, f->attempt, STORE_ENDED);
}

/* One row for each agent that is not simply up. */
static void append_agent_row(struct store *s, const struct fact *f)
{
    store_batch_text(s->batch, store_batch_add(s->batch, STORE_DROP_AGENT), 1, f->agent);
    if (f->state == DUTY_UP || f->state == DUTY_FORGOTTEN)
        return;
    struct store_op *op = store_batch_add(s->batch, STORE_PUT_AGENT);
    store_batch_u64(op, 1, f->seq);
    store_batch_text(s->batch, op, 2, f->agent);
    store_batch_text(s->batch, op, 3, duty_name((enum duty)f->state));
    store_batch_text(s->batch, op, 4, f->by);
    store_batch_text(s->batch, op, 5, f->text);
    store_batch_u64(op, 6, f->instance);
    store_batch_int(op, 7, f->time_ms);
}

static void append_token_touch(struct store *s, const char *id)
{
    s->tokens = mem_grow(s->tokens, &s->tokens_cap, s->tokens_n + 1, sizeof *s->tokens);
    snprintf(s->tokens[s->tokens_n++], sizeof *s->tokens, "%s", id);
}

/* A fact of the whole store. */
static int append_sweepless(struct store *s, const struct fact *f)
{
    PRE(f->seq > s->seq);
    s->seq = f->seq;
    if (!s->rows_only)
        append_fact(s, f, 0);
    if (f->kind == FACT_AGENT_STATE)
        append_agent_row(s, f);
    else if (f->kind != FACT_ACTION)
        append_token_touch(s, f->token);
    if (f->kind == FACT_TOKEN_CREATED && f->replaces)
        append_token_touch(s, f->replaces);
    return 0;
}

static int append_any(struct store *s, const struct fact *f, struct err *err)
{
    if (!s->batch)
        s->batch = store_batch_new();
    if (!fact_kind_has_sweep(f->kind))
        return append_sweepless(s, f);
    struct store_sweep *sweep = f->kind == FACT_SWEEP_CREATED
                                    ? append_created(s, f)
                                    : map_find(&s->sweeps, f->sweep, strlen(f->sweep));
    if (!sweep)
        return err_set(err, ERR_DAMAGED, "the row of sweep %s is missing", f->sweep);
    if (f->trial >> STORE_NUMBER_BITS || sweep->n >> STORE_SWEEP_BITS)
        return err_set(err, ERR_LIMIT, "no room for trial %llu of sweep %s",
                       (unsigned long long)f->trial, f->sweep);
    if (f->kind == FACT_SWEEP_EDITED)
        append_edited(s, f, sweep->n);
    if (f->kind == FACT_TAGGED)
        append_tagged(s, f, sweep->n);
    PRE(f->seq > s->seq);
    s->seq = f->seq;
    int rc = 0;
    if (f->kind == FACT_METRICS && !s->rows_only)
        rc = append_chunk(s, f, store_trial_row(sweep->n, f->trial), err);
    else if (!s->rows_only)
        append_fact(s, f, sweep->n);
    if (rc == 0)
        append_touch(s, sweep, f);
    return rc;
}

int store_append(struct store *s, const struct fact *f, struct err *err)
{
    struct err why = {0};
    int rc = s->append_failed ? s->append_failed : append_any(s, f, &why);
    if (rc == 0)
        return 0;
    s->append_failed = rc;
    return err_set(err, rc, "cannot add a fact to the store %s: %s", s->path,
                   why.text[0] ? why.text : "an earlier fact could not be added");
}

struct store_batch *store_seal(struct store *s, const struct books *b)
{
    struct store_batch *batch = s->batch;
    if (!batch)
        return NULL;
    store_rows_add(s, b);
    s->batch = NULL;
    return batch;
}
