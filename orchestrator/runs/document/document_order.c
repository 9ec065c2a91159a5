/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "orchestrator/runs/document/document_order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Of one row of the side: many pairs may have it, and texts are compared once for all of these. */
struct cell {
    struct json_span text;
    double number;
    enum { CELL_NUMBER, CELL_TEXT, CELL_NOTHING } kind;
    size_t row;
};

struct ranked {
    size_t rank, place;
};

static int cell_compare(const struct cell *a, const struct cell *b)
{
    if (a->kind == CELL_NUMBER)
        return (a->number > b->number) - (a->number < b->number);
    if (a->kind == CELL_NOTHING)
        return 0;
    size_t a_n = (size_t)(a->text.end - a->text.at), b_n = (size_t)(b->text.end - b->text.at);
    int ret = memcmp(a->text.at, b->text.at, a_n < b_n ? a_n : b_n);
    return ret ? ret : (a_n > b_n) - (a_n < b_n);
}

static int cell_order(const void *left, const void *right, void *arg)
{
    const struct cell *a = left, *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return (*(const bool *)arg ? -1 : 1) * cell_compare(a, b);
}

static int ranked_order(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

static int cells_find(const struct document_side *of, struct document_work *w, struct cell *cells,
                      struct err *err)
{
    for (size_t i = 0; i < of->n; i++) {
        struct cell *cell = &cells[i];
        struct json_span row = of->rows[i];
        int rc = document_work_add(w, (size_t)(row.end - row.at), err);
        if (rc != 0)
            return rc;
        *cell = (struct cell){.kind = CELL_NOTHING, .row = i};
        if (!json_span_item(row, of->key, &cell->text))
            continue;
        if (json_span_number(cell->text, &cell->number))
            cell->kind = isnan(cell->number) ? CELL_NOTHING : CELL_NUMBER;
        else if (*cell->text.at == '"')
            cell->kind = CELL_TEXT;
    }
    return 0;
}

/* ranks[row]: equal ones have the same. */
static void ranks_set(const struct cell *cells, size_t n, size_t *ranks)
{
    size_t rank = 0;
    for (size_t i = 0; i < n; i++) {
        rank += i > 0 &&
                (cells[i - 1].kind != cells[i].kind || cell_compare(&cells[i - 1], &cells[i]) != 0);
        ranks[cells[i].row] = cells[i].kind == CELL_NOTHING ? SIZE_MAX : rank;
    }
}

int document_order(const struct document_order *o, const struct document_side *of,
                   struct document_work *w, size_t *places, struct err *err)
{
    bool descending = o->descending;
    struct cell *cells = mem_alloc((of->n + 1) * sizeof *cells);
    size_t *ranks = mem_alloc((of->n + 1) * sizeof *ranks);
    struct ranked *ranked = mem_alloc((o->n + 1) * sizeof *ranked);
    int rc = cells_find(of, w, cells, err);
    if (rc == 0) {
        qsort_r(cells, of->n, sizeof *cells, cell_order, &descending);
        ranks_set(cells, of->n, ranks);
        for (size_t i = 0; i < o->n; i++) {
            const struct json_span *row = o->pairs[i].side[o->side];
            ranked[i] = (struct ranked){row ? ranks[row - of->rows] : SIZE_MAX, i};
        }
        qsort(ranked, o->n, sizeof *ranked, ranked_order);
        for (size_t i = 0; i < o->n; i++)
            places[i] = ranked[i].place;
    }
    mem_free(cells);
    mem_free(ranks);
    mem_free(ranked);
    return rc;
}
