/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/store_batch.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

struct store_batch *store_batch_new(void)
{
    struct store_batch *b = mem_alloc(sizeof *b);
    arena_init(&b->arena);
    b->end = &b->first;
    return b;
}

void store_batch_free(struct store_batch *b)
{
    if (!b)
        return;
    arena_done(&b->arena);
    mem_free(b->grown);
    mem_free(b);
}

struct store_op *store_batch_add(struct store_batch *b, enum store_statement statement)
{
    /* A batch may have thousands of metrics or tags, so these get few places. */
    int places =
        statement == STORE_PUT_METRIC || statement == STORE_ADD_TAG || statement == STORE_DROP_TAG
            ? 4
            : STORE_VALUES_MAX;
    struct store_op *op = arena_alloc(&b->arena, sizeof *op + (size_t)places * sizeof *op->values);
    op->places = places;
    op->statement = statement;
    *b->end = op;
    b->end = &op->next;
    return op;
}

static struct store_value *batch_place(struct store_op *op, int at, enum store_value_kind kind)
{
    PRE(at >= 1 && at <= op->places);
    if (at > op->n)
        op->n = at;
    op->values[at - 1].kind = kind;
    return &op->values[at - 1];
}

void store_batch_int(struct store_op *op, int at, int64_t n)
{
    batch_place(op, at, STORE_INT)->i = n;
}

void store_batch_u64(struct store_op *op, int at, uint64_t n)
{
    store_batch_int(op, at, (int64_t)n);
}

void store_batch_number(struct store_op *op, int at, double f)
{
    if (isnan(f)) {
        struct store_value *v = batch_place(op, at, STORE_TEXT);
        v->bytes.data = "NaN";
        v->bytes.len = strlen(v->bytes.data);
    } else {
        batch_place(op, at, STORE_REAL)->f = f;
    }
}

void store_batch_text(struct store_batch *b, struct store_op *op, int at, const char *s)
{
    if (!s)
        return;
    struct store_value *v = batch_place(op, at, STORE_TEXT);
    v->bytes.len = strlen(s);
    v->bytes.data = arena_strndup(&b->arena, s, v->bytes.len);
}

void store_batch_blob(struct store_batch *b, struct store_op *op, int at, const void *data,
                      size_t len)
{
    struct store_value *v = batch_place(op, at, STORE_BLOB);
    v->bytes.len = len;
    v->bytes.data = arena_strndup(&b->arena, data, len);
}

void store_batch_grow(struct store_batch *b, uint64_t row, uint32_t attempt, enum store_growth what)
{
    b->grown = mem_grow(b->grown, &b->grown_cap, b->grown_n + 1, sizeof *b->grown);
    b->grown[b->grown_n++] = (struct store_grown){.row = row, .number = attempt, .what = what};
}
