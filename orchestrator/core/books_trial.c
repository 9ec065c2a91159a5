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

static void metrics_forget(struct book_trial *t)
{
    void *metric;
    t->changed_n = 0;
    for (size_t at = 0; map_next(&t->last, &at, &metric);)
        mem_free(metric);
    map_done(&t->last);
    map_init(&t->last);
}

static void attempt_free(struct book_attempt *at)
{
    mem_free(at->text);
    mem_free(at->stop_why);
    mem_free(at->grant);
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

bool books_trial_next_attempt(struct book_trial *t, const struct book_attempt *next)
{
    bool keeps = t->attempt.number > 0;
    if (keeps) {
        t->earlier = mem_grow(t->earlier, &t->earlier_cap, t->earlier_n + 1, sizeof *t->earlier);
        t->earlier[t->earlier_n++] = t->attempt;
    }
    t->attempt = *next;
    t->started_ms = next->launched_ms;
    objective_restart(&t->objective);
    t->step = POINT_NO_STEP;
    t->metrics_gone = t->attempt.number > 1;
    metrics_forget(t);
    return keeps;
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
