/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/report_faults.h"

#include <inttypes.h>
#include <string.h>

#include "base/diag/display.h"
#include "base/mem.h"
#include "sweep/missing_metric.h"

static const char *loss_where(struct arena *a, const struct fact *f, uint64_t line)
{
    const char *of = f->stream == FACT_STREAM_STDOUT ? "its output" : "$BESOM_METRICS";
    if (line == 0)
        return arena_printf(a, "a line of %s", of);
    return arena_printf(a, "line %" PRIu64 " of %s", line, of);
}

static const char *loss_text(struct arena *a, const struct fact *f, enum report_loss loss)
{
    if (loss == REPORT_LOSS_LONG)
        return arena_printf(a,
                            "%s is longer than 64 KiB and is dropped: report fewer metrics a line",
                            loss_where(a, f, f->long_line));
    if (loss == REPORT_LOSS_NAMES)
        return "values past 10,000 metric names are dropped: report fewer names";
    if (loss == REPORT_LOSS_TWICE)
        return arena_printf(a, "%s has a name twice, and only its last value counts: %s",
                            loss_where(a, f, f->bad_line), f->text);
    /* This text is about a pattern; other texts are lines that should have been JSON. */
    if (f->text && f->stream == FACT_STREAM_STDOUT && f->text[0] != '{')
        return arena_printf(a, "in %s %s", loss_where(a, f, f->bad_line), f->text);
    if (!f->text)
        return arena_printf(a, "%s is not text and is dropped: write JSON, such as {\"loss\": 0.5}",
                            loss_where(a, f, f->bad_line));
    return arena_printf(
        a, "%s is not a metric and is dropped: write JSON, such as {\"loss\": 0.5}, instead of %s",
        loss_where(a, f, f->bad_line), f->text);
}

static bool loss_next(struct report_faults *r, const struct book_sweep *s, const struct fact *f,
                      struct buf *text)
{
    const bool twice = f->points.bad_twice && f->text;
    const size_t lost[REPORT_LOSS_KINDS] = {
        [REPORT_LOSS_BAD] = twice ? 0 : f->points.bad,
        [REPORT_LOSS_TWICE] = twice,
        [REPORT_LOSS_LONG] = f->points.too_long,
        [REPORT_LOSS_NAMES] = f->points.dropped,
    };
    int loss = 0;
    while (loss < REPORT_LOSS_KINDS && (lost[loss] == 0 || r->told[loss]))
        loss++;
    if (loss == REPORT_LOSS_KINDS)
        return false;
    struct arena a;
    r->told[loss] = true;
    arena_init(&a);
    const char *what = loss_text(&a, f, (enum report_loss)loss);
    buf_addf(text, "trial %s-%" PRIu64 ": ", s->id, f->trial);
    display_clean(text, what, strlen(what));
    arena_done(&a);
    return true;
}

/* Of the first trial only: a pause or the sweep's end counts the rest. */
static bool no_metric_next(struct report_faults *r, const struct book_sweep *s,
                           const struct fact *f, struct buf *text)
{
    const struct book_trial *t = books_trial(s, f->trial);
    const char *metric = s->spec->metric.name;
    if (!t || f->state != TRIAL_FINISHED || s->metric_streak != 1 || r->told_no_metric)
        return false;
    struct buf said;
    void *at_metric;
    size_t n = 0;
    const char **names = mem_alloc((t->last.live + 1) * sizeof *names);
    r->told_no_metric = true;
    for (size_t at = 0; map_next(&t->last, &at, &at_metric);)
        names[n++] = ((const struct book_metric *)at_metric)->key;
    buf_init(&said, SIZE_MAX);
    buf_addf(&said, "trial %s-%" PRIu64 " finished without the metric %s: it ", s->id, f->trial,
             metric);
    missing_metric_print(&said, metric, names, n);
    bool earlier = t->objective.iterations > 0 && !t->objective.known;
    if (earlier)
        buf_addf(&said,
                 ". Its attempts before %" PRIu32 " did, but only the last counts: a script "
                 "that resumes after its last epoch must report the metric again",
                 f->attempt);
    display_clean(text, buf_str(&said), said.len);
    r->no_report = n == 0 && !s->spec->report && !earlier;
    r->no_report_trial = f->trial;
    buf_done(&said);
    mem_free(names);
    return true;
}

bool report_faults_next(struct report_faults *r, const struct book_sweep *s, const struct fact *f,
                        struct buf *text)
{
    if (f->kind == FACT_METRICS && f->stream != FACT_STREAM_SYSTEM)
        return loss_next(r, s, f, text);
    return f->kind == FACT_ENDED && no_metric_next(r, s, f, text);
}
