/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fleet/news.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/diag/display.h"
#include "cli/progress/event_line.h"
#include "orchestrator/core/books.h"

void news_say(const char *format, ...)
{
    struct buf line;
    char text[1024];
    va_list args;
    char moment[32] = "";
    time_t now = time(NULL);
    struct tm parts;
    if (localtime_r(&now, &parts))
        strftime(moment, sizeof moment, "%F %T ", &parts);
    buf_init(&line, SIZE_MAX);
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args); /* a longer line is cut */
    va_end(args);
    buf_adds(&line, moment);
    display_clean(&line, text, strlen(text));
    fprintf(stderr, "%s\n", buf_str(&line));
    buf_done(&line);
}

void news_agent(void *arg, const char *name, enum effect_news news, uint32_t n, uint32_t left_out)
{
    static const char *const states[] = {[EFFECT_AGENT_UP] = "up",
                                         [EFFECT_AGENT_AWAY] = "away",
                                         [EFFECT_AGENT_LEFT] = "gone",
                                         [EFFECT_AGENT_LOST] = "lost"};
    struct buf line;
    (void)arg;
    buf_init(&line, SIZE_MAX);
    event_line_text(&line, "agent", name);
    event_line_text(&line, "state", states[news]);
    if (news == EFFECT_AGENT_UP)
        event_line_count(&line, "slots", n);
    else if (news != EFFECT_AGENT_LEFT)
        event_line_count(&line, "trials", n);
    if (left_out > 0)
        event_line_count(&line, "left_out", left_out);
    news_say("%s", buf_str(&line));
    buf_done(&line);
}

void news_given_up(void *arg, const char *sweep, uint64_t trial, uint64_t attempt, const char *why)
{
    struct buf line;
    char name[48];
    (void)arg;
    buf_init(&line, SIZE_MAX);
    snprintf(name, sizeof name, "%s-%" PRIu64, sweep, trial);
    event_line_text(&line, "trial", name);
    event_line_count(&line, "attempt", attempt);
    event_line_text(&line, "state", "given-up");
    event_line_text(&line, "why", why);
    news_say("%s", buf_str(&line));
    buf_done(&line);
}

/* " done=12/30 failed=1 best=0.25 best_trial=7" */
static void counts_add(struct buf *line, const struct book_sweep *s)
{
    uint64_t done = s->proposed - s->counts[TRIAL_PENDING] - s->counts[TRIAL_RUNNING];
    event_line_count(line, "done", done);
    if (s->total)
        buf_addf(line, "/%" PRIu64, books_sweep_total(s));
    if (s->counts[TRIAL_FAILED])
        event_line_count(line, "failed", s->counts[TRIAL_FAILED]);
    if (s->best.known) {
        event_line_number(line, "best", s->best.value);
        event_line_count(line, "best_trial", s->best.trial);
    }
}

static void sweep_begin(struct buf *line, const struct fact *f)
{
    event_line_text(line, "sweep", f->sweep);
    event_line_text(line, "state", "created");
    if (f->name)
        event_line_text(line, "name", f->name);
    if (f->total)
        event_line_count(line, "trials", f->total);
}

static void sweep_change(struct buf *line, const struct driver *driver, const struct fact *f)
{
    const struct book_sweep *s = books_sweep(driver_books(driver), f->sweep);
    event_line_text(line, "sweep", f->sweep);
    event_line_text(line, "state", sweep_states[f->state].name);
    if (f->reason != REASON_NONE && f->reason != REASON_OK)
        event_line_text(line, "reason", trial_reason_name(f->reason));
    if (f->text)
        event_line_text(line, "why", f->text);
    if (s && sweep_states[f->state].final)
        counts_add(line, s);
}

static void agent_change(struct buf *line, const struct fact *f)
{
    event_line_text(line, "agent", f->agent);
    event_line_text(line, "state",
                    f->state == DUTY_UP ? "uncordoned" : duty_name((enum duty)f->state));
    if (f->by)
        event_line_text(line, "by", f->by);
    if (f->text)
        event_line_text(line, "why", f->text);
}

/* An attempt that was lost. */
static void trial_return(struct buf *line, const struct driver *driver, const struct fact *f)
{
    const struct book_sweep *s = books_sweep(driver_books(driver), f->sweep);
    const struct book_trial *t = s ? books_trial(s, f->trial) : NULL;
    char name[48];
    snprintf(name, sizeof name, "%s-%" PRIu64, f->sweep, f->trial);
    event_line_text(line, "trial", name);
    event_line_count(line, "attempt", f->attempt);
    event_line_text(line, "state", "reinstated");
    if (t)
        event_line_text(line, "agent", t->attempt.agent);
    if (s && s->state == SWEEP_CANCELLED)
        event_line_text(line, "why",
                        "its sweep was cancelled: it ends, and what it reported is kept");
    else
        event_line_text(line, "why", "its agent returned with it");
}

static void news_on_fact(void *arg, const struct fact *f)
{
    struct buf line;
    buf_init(&line, SIZE_MAX);
    if (f->kind == FACT_SWEEP_CREATED)
        sweep_begin(&line, f);
    else if (f->kind == FACT_SWEEP_STATE)
        sweep_change(&line, arg, f);
    else if (f->kind == FACT_AGENT_STATE)
        agent_change(&line, f);
    else if (f->kind == FACT_REINSTATED)
        trial_return(&line, arg, f);
    if (line.len > 0)
        news_say("%s", buf_str(&line));
    buf_done(&line);
}

void news_follow(struct driver *driver)
{
    driver_follow(driver, driver_books(driver)->seq + 1, news_on_fact, NULL, driver);
}
