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

static void aside_free(struct book_trial *t)
{
    if (!t->aside)
        return;
    attempt_free(&t->aside->attempt);
    last_free(&t->aside->last);
    mem_free(t->aside);
    t->aside = NULL;
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
    aside_free(t);
    map_done(&t->last);
    mem_free(t->changed);
    attempt_free(&t->attempt);
    mem_free(t->lost_on);
    mem_free(t->params);
    mem_free(t->why);
    mem_free(t);
}

static struct book_metric *metric_put(struct book_trial *t, const char *key, double value)
{
    size_t len = strlen(key);
    struct book_metric *m = map_find(&t->last, key, len);
    if (!m) {
        m = mem_alloc(sizeof *m + len + 1);
        m->place = (uint32_t)t->last.live;
        memcpy(m->key, key, len + 1);
        map_put(&t->last, key, len, m);
    }
    m->value = value;
    return m;
}

void books_load_metric(struct book_trial *t, const char *key, double value)
{
    metric_put(t, key, value);
}

void books_trial_set_metric(struct book_trial *t, const char *key, double value)
{
    struct book_metric *m = metric_put(t, key, value);
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
    t->metrics_gone = false;
}

bool books_trial_may_return(const struct book_attempt *at)
{
    return at->number > 0 && !at->partial && at->state == ATTEMPT_ENDED &&
           at->reason == REASON_HOST && at->code < 0 && at->signal == 0;
}

/* What the current attempt reported moves aside with it. */
static void aside_put(struct book_trial *t)
{
    aside_free(t);
    struct book_aside *aside = mem_alloc(sizeof *aside);
    aside->attempt = t->attempt;
    aside->attempt.text = dup_or_null(t->attempt.text);
    aside->attempt.stop_why = dup_or_null(t->attempt.stop_why);
    aside->attempt.grant = dup_or_null(t->attempt.grant);
    aside->objective = t->objective;
    aside->step = t->step;
    aside->last = t->last;
    t->changed_n = 0;
    map_init(&t->last);
    t->aside = aside;
}

bool books_trial_next_attempt(struct book_trial *t, const struct book_attempt *next)
{
    bool keeps = t->attempt.number > 0;
    if (books_trial_may_return(&t->attempt))
        aside_put(t);
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

static void aside_take(struct book_trial *t)
{
    struct book_aside *aside = t->aside;
    void *metric;
    earlier_put(t, &t->attempt);
    metrics_forget(t);
    t->aside = NULL;
    t->attempt = aside->attempt;
    t->objective = aside->objective;
    t->step = aside->step;
    t->last = aside->last;
    mem_free(aside);
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
        aside_take(t);
    struct book_attempt *at = &t->attempt;
    at->state = at->stop == REASON_NONE ? ATTEMPT_LAUNCHED : ATTEMPT_STOPPING;
    at->reason = REASON_NONE;
    at->ended_ms = at->ran_ms = 0;
    mem_free(at->text);
    at->text = NULL;
    t->started_ms = at->launched_ms;
}

void books_trial_retry(struct book_trial *t)
{
    aside_free(t);
    t->reason = REASON_NONE;
    t->failed = t->lost = 0;
    mem_free(t->lost_on);
    t->lost_on = NULL;
    t->ended_ms = 0;
    objective_restart(&t->objective);
    t->step = POINT_NO_STEP;
    t->metrics_gone = true;
    metrics_forget(t);
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
