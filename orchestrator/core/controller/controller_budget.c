/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_budget.h"

#include "orchestrator/core/controller/controller_launch.h"
#include "orchestrator/core/controller/controller_record.h"

static int64_t budget_most(double n)
{
    static const double most = 1e15;
    return (int64_t)(n < most ? n : most);
}

/* When the budget of time is spent, by the wall clock: running trials end then. The time of a sweep
 * without running trials does not advance. */
static int64_t budget_end_ms(const struct event *ev, const struct book_sweep *s)
{
    int64_t until = s->until_ms > 0 ? s->until_ms : INT64_MAX, wall = INT64_MAX;
    if (s->spec->budget.wall_s > 0) {
        int64_t left = budget_most(s->spec->budget.wall_s * 1000) - s->busy_ms;
        if (s->counts[TRIAL_RUNNING] > 0)
            wall = s->busy_from_ms + left;
        else if (left <= 0)
            wall = ev->wall_ms;
    }
    return until < wall ? until : wall;
}

/* When the budget of GPU time is spent, if what runs continues: nothing new starts then. */
static int64_t budget_gpu_end_ms(const struct event *ev, const struct book_sweep *s)
{
    if (s->spec->budget.gpu_hours <= 0)
        return INT64_MAX;
    /* MUTANT gpu-time: books_sweep_gpu_us(s, ev->wall_ms) => s->gpu_us */
    int64_t used = books_sweep_gpu_us(s, ev->wall_ms);
    int64_t left = used < INT64_MAX ? budget_most(s->spec->budget.gpu_hours * 3600e6) - used : 0;
    if (left <= 0)
        return ev->wall_ms;
    return s->gpu_milli > 0 ? ev->wall_ms + (left - 1) / s->gpu_milli + 1 : INT64_MAX;
}

bool controller_budget_is_spent(const struct event *ev, const struct book_sweep *s)
{
    return budget_end_ms(ev, s) <= ev->wall_ms || budget_gpu_end_ms(ev, s) <= ev->wall_ms;
}

void controller_budget_place(struct controller *c, const struct event *ev,
                             struct schedule_sweep *turn)
{
    const struct book_sweep *s = books_sweep(&c->books, turn->id);
    int64_t end = INT64_MAX;
    if (s->only_asked) {
        schedule_set_deadline(&c->schedule, turn, end);
        return;
    }
    if (turn->admitted && !turn->spent && !s->fault && !sweep_states[s->state].final)
        end = budget_end_ms(ev, s);
    if (turn->admitted && !s->fault && (s->state == SWEEP_RUNNING || s->state == SWEEP_PAUSED)) {
        int64_t gpu_end = budget_gpu_end_ms(ev, s);
        end = gpu_end < end ? gpu_end : end;
    }
    int64_t left = end < INT64_MAX && end > ev->wall_ms ? end - ev->wall_ms : 0;
    schedule_set_deadline(&c->schedule, turn, end == INT64_MAX ? end : ev->now_ms + left);
}

/* A sweep that already stops for another reason keeps that reason. */
static void budget_end_sweep(struct controller *c, const struct event *ev,
                             struct schedule_sweep *turn, struct effects *out)
{
    struct book_sweep *s = books_sweep(&c->books, turn->id);
    void *trial;
    /* MUTANT gpu-budget-spares: budget_end_ms(ev, s) <= ev->wall_ms => true */
    bool deadline = !turn->spent && budget_end_ms(ev, s) <= ev->wall_ms;
    if (s->state == SWEEP_RUNNING || s->state == SWEEP_PAUSED)
        controller_record_sweep(c, ev, s, SWEEP_STOPPING, REASON_BUDGET, NULL, out);
    if (!deadline) { /* GPU time: what runs finishes */
        controller_budget_place(c, ev, turn);
        return;
    }
    turn->spent = true;
    schedule_set_deadline(&c->schedule, turn, INT64_MAX);
    for (size_t at = 0; map_next(&s->open, &at, &trial);)
        if (((struct book_trial *)trial)->state == TRIAL_RUNNING)
            controller_launch_stop(c, ev, s, trial, REASON_BUDGET, out);
}

void controller_budget(struct controller *c, const struct event *ev, struct effects *out)
{
    struct schedule_sweep *turn;
    for (turn = c->schedule.touched; turn; turn = turn->next_touched)
        controller_budget_place(c, ev, turn);
    /* MUTANT budget: turn->deadline_ms <= ev->now_ms => false */
    while ((turn = schedule_first_deadline(&c->schedule)) && turn->deadline_ms <= ev->now_ms)
        budget_end_sweep(c, ev, turn, out);
}

int64_t controller_budget_deadline(const struct controller *c)
{
    const struct schedule_sweep *first = schedule_first_deadline(&c->schedule);
    return first ? first->deadline_ms : INT64_MAX;
}
