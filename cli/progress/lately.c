/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/lately.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/progress/running.h"

void lately_init(struct lately *l)
{
    *l = (struct lately){0};
    for (size_t i = 0; i < LATELY_ROWS; i++)
        arena_init(&l->ended[i].a);
    arena_init(&l->best_arena);
}

void lately_done(struct lately *l)
{
    for (size_t i = 0; i < LATELY_ROWS; i++)
        arena_done(&l->ended[i].a);
    arena_done(&l->best_arena);
    mem_free(l->times);
}

static void best_take(struct lately *l, const struct book_sweep *s, const struct book_trial *t,
                      const struct fact *f, int64_t now_ms)
{
    arena_clear(&l->best_arena);
    l->best = running_row(&l->best_arena, s, t, now_ms);
    l->best_ms = f->time_ms;
}

void lately_add(struct lately *l, const struct book_sweep *s, const struct fact *f, int64_t now_ms)
{
    const struct book_trial *t = books_trial(s, f->trial);
    if (!t || !trial_states[f->state].final)
        return;
    struct lately_row *row = &l->ended[l->ended_n++ % LATELY_ROWS];
    arena_clear(&row->a);
    row->row = running_row(&row->a, s, t, now_ms);
    row->row.elapsed_ms = f->ran_ms;
    if (f->state == TRIAL_FINISHED || f->state == TRIAL_STOPPED || f->state == TRIAL_FAILED) {
        if (l->times_n < LATELY_TIMES)
            l->times = mem_grow(l->times, &l->times_cap, l->times_n + 1, sizeof *l->times);
        l->times[l->times_n++ % LATELY_TIMES] = (double)f->ran_ms / 1000;
    }
    if (s->best.known && s->best.trial == f->trial)
        best_take(l, s, t, f, now_ms);
}

void lately_rows(const struct lately *l, struct progress *to)
{
    size_t n = l->ended_n < LATELY_ROWS ? l->ended_n : LATELY_ROWS;
    bool later[LATELY_ROWS], seen[TRIAL_STATES] = {false};
    for (size_t i = 0; i < n; i++) {
        const struct progress_row *row = &l->ended[(l->ended_n - 1 - i) % LATELY_ROWS].row;
        later[i] = seen[row->state];
        seen[row->state] = true;
    }
    for (int rest = 0; rest < 2; rest++)
        for (size_t i = 0; i < n && to->rows_n < PROGRESS_ROWS; i++)
            if (later[i] == (rest == 1))
                to->rows[to->rows_n++] = l->ended[(l->ended_n - 1 - i) % LATELY_ROWS].row;
}

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

const double *lately_times(const struct lately *l, struct arena *a, size_t *ret_n)
{
    size_t n = l->times_n < LATELY_TIMES ? l->times_n : LATELY_TIMES;
    *ret_n = n;
    if (n == 0)
        return NULL;
    double *sorted = arena_alloc(a, n * sizeof *sorted);
    memcpy(sorted, l->times, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_time);
    return sorted;
}
