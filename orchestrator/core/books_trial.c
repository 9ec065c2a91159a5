/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/books_trial.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

struct book_trial *books_trial_new(uint64_t number)
{
    struct book_trial *t = mem_alloc(sizeof *t);
    t->number = number;
    t->step = POINT_NO_STEP;
    map_init(&t->last);
    return t;
}

static void last_free(struct map *last)
{
    void *metric;
    for (size_t at = 0; map_next(last, &at, &metric);)
        mem_free(metric);
    map_done(last);
    map_init(last);
}

static void metrics_forget(struct book_trial *t)
{
    t->changed_n = 0;
    last_free(&t->last);
}

static void attempt_free(struct book_attempt *at)
{
    mem_free(at->text);
    mem_free(at->stop_why);
    mem_free(at->grant);
}

static void aside_remove(struct book_trial *t, size_t i)
{
    t->asides_n--;
    memmove(&t->asides[i], &t->asides[i + 1], (t->asides_n - i) * sizeof *t->asides);
    t->asides_changed = true;
}

static void aside_drop(struct book_trial *t, size_t i)
{
    attempt_free(&t->asides[i].attempt);
    last_free(&t->asides[i].last);
    aside_remove(t, i);
}

void books_trial_drop_asides(struct book_trial *t)
{
    while (t->asides_n > 0)
        aside_drop(t, t->asides_n - 1);
}

static char *dup_or_null(const char *s)
{
    return s ? mem_strdup(s) : NULL;
}

static void earlier_put(struct book_trial *t, const struct book_attempt *at)
{
    t->earlier = mem_grow(t->earlier, &t->earlier_cap, t->earlier_n + 1, sizeof *t->earlier);
    t->earlier[t->earlier_n++] = *at;
}

static void earlier_forget(struct book_trial *t)
{
    for (size_t i = 0; i < t->earlier_n; i++)
        attempt_free(&t->earlier[i]);
    mem_free(t->earlier);
    t->earlier = NULL;
    t->earlier_n = t->earlier_cap = 0;
}

void books_trial_free(struct book_trial *t)
{
    metrics_forget(t);
    earlier_forget(t);
    books_trial_drop_asides(t);
    mem_free(t->asides);
    map_done(&t->last);
    mem_free(t->changed);
    attempt_free(&t->attempt);
    mem_free(t->lost_on);
    mem_free(t->params);
    mem_free(t->why);
    mem_free(t);
}

static struct book_metric *metric_put(struct map *last, const char *key, double value)
{
    size_t len = strlen(key);
    struct book_metric *m = map_find(last, key, len);
    if (!m) {
        m = mem_alloc(sizeof *m + len + 1);
        m->place = (uint32_t)last->live;
        memcpy(m->key, key, len + 1);
        map_put(last, key, len, m);
    }
    m->value = value;
    return m;
}

void books_load_metric(struct map *last, const char *key, double value)
{
    metric_put(last, key, value);
}

void books_trial_set_metric(struct book_trial *t, const char *key, double value)
{
    struct book_metric *m = metric_put(&t->last, key, value);
    if (m->changed)
        return;
    m->changed = true;
    t->changed = mem_grow(t->changed, &t->changed_cap, t->changed_n + 1, sizeof(void *));
    t->changed[t->changed_n++] = m;
}

static void changes_forget(struct book_trial *t)
{
    for (size_t i = 0; i < t->changed_n; i++)
        t->changed[i]->changed = false;
    t->changed_n = 0;
    t->metrics_gone = t->asides_changed = false;
}

bool books_trial_may_return(const struct book_attempt *at)
{
    return at->number > 0 && !at->partial && at->state == ATTEMPT_ENDED &&
           (at->reason == REASON_HOST || at->reason == REASON_POISON) && at->code < 0 &&
           at->signal == 0;
}

/* Of the current attempt. A trial that was retried counts its losses anew. */
static bool current_may_return(const struct book_trial *t)
{
    return t->lost > 0 && books_trial_may_return(&t->attempt);
}

static void aside_put(struct book_trial *t, const struct book_aside *aside)
{
    size_t i = t->asides_n++;
    t->asides = mem_grow(t->asides, &t->asides_cap, t->asides_n, sizeof *t->asides);
    for (; i > 0 && t->asides[i - 1].attempt.number > aside->attempt.number; i--)
        t->asides[i] = t->asides[i - 1];
    t->asides[i] = *aside;
}

void books_trial_load_aside(struct book_trial *t, const struct book_aside *aside)
{
    aside_put(t, aside);
}

/* What the current attempt reported moves aside with it. */
static void aside_put_current(struct book_trial *t)
{
    struct book_aside aside = {
        .attempt = t->attempt, .objective = t->objective, .step = t->step, .last = t->last};
    aside.attempt.text = dup_or_null(t->attempt.text);
    aside.attempt.stop_why = dup_or_null(t->attempt.stop_why);
    aside.attempt.grant = dup_or_null(t->attempt.grant);
    t->changed_n = 0;
    map_init(&t->last);
    aside_put(t, &aside);
    t->asides_changed = true;
}

/* An agent that gets another attempt of the trial was there meanwhile, without that one. */
static void asides_drop_of(struct book_trial *t, const char *agent)
{
    for (size_t i = t->asides_n; i-- > 0;)
        if (strcmp(t->asides[i].attempt.agent, agent) == 0)
            aside_drop(t, i);
}

static size_t aside_find(const struct book_trial *t, uint64_t number)
{
    size_t i = 0;
    while (i < t->asides_n && t->asides[i].attempt.number != number)
        i++;
    return i;
}

const struct book_attempt *books_trial_lost(const struct book_trial *t, uint64_t number)
{
    if (t->attempt.number == number)
        return current_may_return(t) ? &t->attempt : NULL;
    size_t i = aside_find(t, number);
    return i < t->asides_n ? &t->asides[i].attempt : NULL;
}

bool books_trial_next_attempt(struct book_trial *t, const struct book_attempt *next)
{
    bool keeps = t->attempt.number > 0;
    if (current_may_return(t))
        aside_put_current(t);
    asides_drop_of(t, next->agent);
    if (keeps)
        earlier_put(t, &t->attempt);
    t->attempt = *next;
    t->attempts = next->number;
    t->started_ms = next->launched_ms;
    objective_restart(&t->objective);
    t->step = POINT_NO_STEP;
    t->metrics_gone = next->number > 1;
    metrics_forget(t);
    return keeps;
}

static void aside_take(struct book_trial *t, uint32_t number)
{
    size_t i = aside_find(t, number);
    struct book_aside aside = t->asides[i];
    void *metric;
    aside_remove(t, i);
    if (current_may_return(t)) /* it may as well, later */
        aside_put_current(t);
    earlier_put(t, &t->attempt);
    metrics_forget(t);
    t->attempt = aside.attempt;
    t->objective = aside.objective;
    t->step = aside.step;
    t->last = aside.last;
    t->metrics_gone = true;
    for (size_t at = 0; map_next(&t->last, &at, &metric);) {
        struct book_metric *m = metric;
        m->changed = true;
        t->changed = mem_grow(t->changed, &t->changed_cap, t->changed_n + 1, sizeof(void *));
        t->changed[t->changed_n++] = m;
    }
}

void books_trial_reinstate(struct book_trial *t, uint32_t number)
{
    if (t->attempt.number != number)
        aside_take(t, number);
    struct book_attempt *at = &t->attempt;
    at->state = at->stop == REASON_NONE ? ATTEMPT_LAUNCHED : ATTEMPT_STOPPING;
    at->reason = REASON_NONE;
    at->ended_ms = at->ran_ms = 0;
    mem_free(at->text);
    at->text = NULL;
    t->reason = REASON_NONE;
    t->ended_ms = 0;
    t->started_ms = at->launched_ms;
}

void books_trial_move_on(struct book_trial *t, const struct book_attempt *last)
{
    earlier_put(t, &t->attempt);
    t->attempt = *last;
}

void books_trial_retry(struct book_trial *t)
{
    t->reason = REASON_NONE;
    t->failed = t->lost = 0;
    mem_free(t->lost_on);
    t->lost_on = NULL;
    t->ended_ms = 0;
    objective_restart(&t->objective);
    t->step = POINT_NO_STEP;
    t->metrics_gone = true;
    metrics_forget(t);
    books_trial_drop_asides(t);
    t->asides_changed = true; /* where the books had forgotten the trial, the store has them yet */
}

static bool trial_was_lost_on(const struct book_trial *t, const char *agent)
{
    size_t len = strlen(agent);
    for (const char *at = t->lost_on; at && *at; at = strchr(at, '\n') + 1)
        if (strncmp(at, agent, len) == 0 && at[len] == '\n')
            return true;
    return false;
}

void books_trial_note_loss(struct book_trial *t, const char *agent)
{
    struct buf text;
    if (trial_was_lost_on(t, agent))
        return;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "%s%s\n", t->lost_on ? t->lost_on : "", agent);
    mem_free(t->lost_on);
    t->lost_on = buf_str(&text);
}

void books_trial_unnote_loss(struct book_trial *t, const char *agent)
{
    size_t len = strlen(agent);
    char *at = t->lost_on;
    while (at && *at && !(strncmp(at, agent, len) == 0 && at[len] == '\n'))
        at = strchr(at, '\n') + 1;
    if (at && *at)
        memmove(at, at + len + 1, strlen(at + len + 1) + 1);
    if (t->lost_on && t->lost_on[0] == '\0') {
        mem_free(t->lost_on);
        t->lost_on = NULL;
    }
}

uint32_t books_trial_hosts_lost(const struct book_trial *t, const char *agent)
{
    uint32_t n = !trial_was_lost_on(t, agent);
    for (const char *at = t->lost_on; at && *at; at = strchr(at, '\n') + 1)
        n++;
    return n;
}

void books_trial_seal(struct book_trial *t)
{
    earlier_forget(t);
    changes_forget(t);
}
