/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/document/document_join.h"

#include <stdint.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"

struct join {
    struct document_work *work;
    const struct document_side *right;
    struct map first; /* by the text of a key: 1 + the place of the first right row that has it */
    size_t *next;     /* of each right row: 1 + the place of the next one of that key */
    bool *taken;
    struct document_pair *pairs;
    size_t n, cap;
};

static int key_of(struct join *j, const struct document_side *side, size_t row,
                  struct json_span *ret, bool *ret_there, struct err *err)
{
    struct json_span of = side->rows[row];
    int rc = document_work_add(j->work, (size_t)(of.end - of.at), err);
    *ret_there = rc == 0 && json_span_item(of, side->key, ret);
    return rc;
}

static int right_index(struct join *j, struct err *err)
{
    struct json_span key;
    bool there;
    int rc = 0;
    for (size_t i = j->right->n; rc == 0 && i-- > 0;) {
        rc = key_of(j, j->right, i, &key, &there, err);
        if (there)
            j->next[i] = (uintptr_t)map_put(&j->first, key.at, (size_t)(key.end - key.at),
                                            (void *)(uintptr_t)(i + 1));
    }
    return rc;
}

static int pair_add(struct join *j, const struct json_span *left, const struct json_span *right,
                    struct err *err)
{
    if (j->n == LIMIT_RUNS_TABLE_ROWS)
        return err_set(err, ERR_LIMIT, "the joined table has more than %d rows",
                       LIMIT_RUNS_TABLE_ROWS);
    j->pairs = mem_grow(j->pairs, &j->cap, j->n + 1, sizeof *j->pairs);
    j->pairs[j->n++] = (struct document_pair){{left, right}};
    return 0;
}

static int left_pair(struct join *j, const struct document_side *left, size_t row, struct err *err)
{
    struct json_span key;
    bool there;
    int rc = key_of(j, left, row, &key, &there, err);
    size_t at = there ? (uintptr_t)map_find(&j->first, key.at, (size_t)(key.end - key.at)) : 0;
    if (rc == 0 && !at)
        rc = pair_add(j, &left->rows[row], NULL, err);
    for (; rc == 0 && at; at = j->next[at - 1]) {
        j->taken[at - 1] = true;
        rc = pair_add(j, &left->rows[row], &j->right->rows[at - 1], err);
    }
    return rc;
}

int document_join(const struct document_side *left, const struct document_side *right,
                  struct document_work *w, struct document_pair **ret, size_t *ret_n,
                  struct err *err)
{
    struct join j = {.work = w, .right = right};
    map_init(&j.first);
    j.next = mem_alloc((right->n + 1) * sizeof *j.next);
    j.taken = mem_alloc((right->n + 1) * sizeof *j.taken);
    int rc = right_index(&j, err);
    for (size_t i = 0; rc == 0 && i < left->n; i++)
        rc = left_pair(&j, left, i, err);
    for (size_t i = 0; rc == 0 && i < right->n; i++)
        if (!j.taken[i])
            rc = pair_add(&j, NULL, &right->rows[i], err);
    map_done(&j.first);
    mem_free(j.next);
    mem_free(j.taken);
    *ret = j.pairs;
    *ret_n = j.n;
    return rc;
}
