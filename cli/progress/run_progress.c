/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/run_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/attempt_log.h"
#include "agent/log_reader.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/diag/display.h"
#include "orchestrator/view/pace/causes.h"
#include "orchestrator/view/pace/outlook.h"
#include "cli/print/elapsed.h"
#include "orchestrator/view/explain/stop_text.h"
#include "cli/progress/event_line.h"
#include "cli/progress/progress.h"
#include "cli/progress/running.h"
#include "cli/progress/traces.h"
#include "cli/store_path.h"
#include "cli/print/terminal.h"
#include "orchestrator/core/controller/controller_end.h"
#include "sweep/missing_metric.h"

enum { PAUSED_LOG_LINES = 12, PAUSED_LOG_BYTES = 8 << 10 };

enum { ENDED_ROWS = 8, TIMES_MAX = 4096, LEFT_EVERY_MS = 1000 };

enum loss { LOSS_BAD, LOSS_LONG, LOSS_NAMES, LOSS_KINDS };

/* A trial that has ended lately, as a row. */
struct ended_row {
    struct arena a;
    struct progress_row row;
};

struct run_progress {
    struct progress_view view;
    struct progress shown;
    struct arena rows, fixed; /* what `shown` points to: of one look, and of the sweep */
    struct traces traces;
    char clock[16];
    struct causes causes; /* of the trials that failed while this ran */
    struct arena causes_arena;
    const struct cause *failures[PROGRESS_FAILURES]; /* the newest first */
    struct ended_row ended[ENDED_ROWS]; /* the newest is ended[ended_n - 1 % ENDED_ROWS] */
    size_t ended_n;
    double *times; /* of the newest trials that ended, in seconds: times[times_n - 1 % TIMES_MAX] */
    size_t times_n, times_cap;
    int64_t left_ms;         /* when the time left was forecast; 0: never */
    struct arena best_arena; /* of the parameters of the best trial */
    struct progress_row best_row;
    int64_t best_ms;     /* when it was found; 0: before this ran */
    uint64_t best_ended; /* how many had ended then */
    uint64_t best_said;  /* the best trial of the last line, plus 1; 0: none */
    uint64_t slots;
    const char *keys;
    const char *store;
    struct buf store_option;
    bool quiet, begun;
    int64_t started_ms;
    uint64_t failed_trial;
    uint32_t failed_attempt; /* 0: none has failed */
    char failed_why[256];
    bool told_no_metric;
    bool no_report;        /* the trial reported nothing, and no output is read */
    bool told[LOSS_KINDS]; /* each kind of loss is reported once */
    bool told_full;        /* said that the sweep waits for other sweeps' trials */
    bool told_begin;       /* the line that says what begins */
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void clock_read(struct run_progress *p)
{
    int64_t now_ms = wall_ms();
    time_t now = (time_t)(now_ms / 1000);
    struct tm parts;
    p->shown.time = (double)now_ms / 1000;
    if (localtime_r(&now, &parts) && strftime(p->clock, sizeof p->clock, "%T", &parts))
        p->shown.clock = p->clock;
}

struct run_progress *run_progress_new(const char *store, const struct run_progress_how *how)
{
    struct run_progress *p = mem_alloc(sizeof *p);
    p->quiet = how->quiet;
    p->started_ms = now_ms();
    p->store = store;
    buf_init(&p->store_option, SIZE_MAX);
    store_path_option(&p->store_option, store);
    arena_init(&p->rows);
    arena_init(&p->fixed);
    arena_init(&p->best_arena);
    arena_init(&p->causes_arena);
    for (size_t i = 0; i < ENDED_ROWS; i++)
        arena_init(&p->ended[i].a);
    causes_init(&p->causes, &p->causes_arena);
    progress_init(&p->view, stderr, terminal_draws(stderr) && !how->quiet && !how->json);
    p->view.json = how->json;
    return p;
}

void run_progress_free(struct run_progress *p)
{
    progress_free(&p->view);
    buf_done(&p->store_option);
    for (size_t i = 0; i < ENDED_ROWS; i++)
        arena_done(&p->ended[i].a);
    arena_done(&p->causes_arena);
    arena_done(&p->best_arena);
    arena_done(&p->fixed);
    arena_done(&p->rows);
    mem_free(p->times);
    mem_free(p);
}

/* "tpe+asha", "seed 7": what of the head does not change. */
static void look_at_spec(struct run_progress *p, const struct book_sweep *s)
{
    static const char *const stoppers[] = {[SPEC_STOPPER_HYPERBAND] = "hyperband",
                                           [SPEC_STOPPER_ASHA] = "asha",
                                           [SPEC_STOPPER_MEDIAN] = "median"};
    const struct spec *spec = s->spec;
    const char *method = spec_method_name(spec->method);
    p->shown.method = spec->early_terminate.on ? arena_printf(&p->fixed, "%s+%s", method,
                                                              stoppers[spec->early_terminate.type])
                                               : method;
    p->shown.seed = spec_is_random(spec) ? arena_printf(&p->fixed, "seed %" PRIu64, s->seed) : NULL;
}

static const char *outlook_text(struct run_progress *p, const struct book_sweep *s)
{
    const struct progress *now = &p->shown;
    uint64_t ended = now->finished + now->stopped + now->failed + now->other;
    uint64_t results = now->finished + now->stopped;
    uint64_t next = outlook_next(results, now->total, ended);
    if (!now->has_best || s->spec->metrics_n > 0 || (now->total > 0 && ended >= now->total))
        return NULL;
    if (spec_draws_alike(s->spec))
        return next == 0   ? NULL
               : next == 1 ? arena_printf(&p->rows, "next trial: %d %% for a new best",
                                          outlook_chance(results, next))
                           : arena_printf(&p->rows, "next %" PRIu64 " trials: %d %% for a new best",
                                          next, outlook_chance(results, next));
    uint64_t since = ended > p->best_ended ? ended - p->best_ended : 0;
    return p->best_ms == 0 || since == 0
               ? NULL
               : arena_printf(&p->rows, "no new best in %" PRIu64 " trial%s", since,
                              since == 1 ? "" : "s");
}

/* The rows that no running trial takes have the newest trials that ended. */
static void rows_add_ended(struct run_progress *p)
{
    struct progress *to = &p->shown;
    size_t n = p->ended_n < ENDED_ROWS ? p->ended_n : ENDED_ROWS;
    for (size_t i = 0; i < n && to->rows_n < PROGRESS_ROWS; i++)
        to->rows[to->rows_n++] = p->ended[(p->ended_n - 1 - i) % ENDED_ROWS].row;
}

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* At most once a second: it is drawn many times. */
static void left_look(struct run_progress *p, uint64_t rest, struct outlook_input *in)
{
    struct progress *now = &p->shown;
    struct outlook f;
    size_t n = p->times_n < TIMES_MAX ? p->times_n : TIMES_MAX;
    now->has_left = now->has_left && rest > 0 && in->slots > 0;
    if (rest == 0 || n == 0 || (p->left_ms > 0 && now_ms() - p->left_ms < LEFT_EVERY_MS))
        return;
    double *sorted = arena_alloc(&p->rows, n * sizeof *sorted);
    memcpy(sorted, p->times, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_time);
    in->durations = sorted;
    in->durations_n = n;
    now->has_left = outlook_make(in, &f);
    if (!now->has_left)
        return;
    p->left_ms = now_ms();
    now->left_low_ms = (int64_t)(f.half * 1000);
    now->left_high_ms = (int64_t)(f.most * 1000);
}

static void look_at_trials(struct run_progress *p, const struct book_sweep *s)
{
    struct progress *now = &p->shown;
    uint64_t ended = now->finished + now->stopped + now->failed + now->other;
    uint64_t rest = now->total > ended ? now->total - ended : 0;
    struct outlook_input in = {.rest = rest > now->running ? rest - now->running : 0};
    double *ages;
    arena_clear(&p->rows);
    running_find(&p->rows, s, wall_ms(), now, &ages, &in.ages_n);
    in.ages = ages;
    in.slots = in.ages_n;
    left_look(p, rest, &in);
    now->outlook = outlook_text(p, s);
    if (p->view.terminal)
        rows_add_ended(p);
    for (size_t i = 0; i < now->rows_n; i++)
        now->rows[i].is_best = now->has_best && now->rows[i].trial == now->best_trial;
    traces_take(&p->traces, now);
}

static void look_at_counts(struct run_progress *p, const struct book_sweep *s)
{
    const uint64_t *n = s->counts;
    struct progress *now = &p->shown;
    bool known = s->total > 0 && s->total <= INT64_MAX;
    now->name = s->name;
    now->sweep = s->id;
    now->state = sweep_states[s->state].name;
    now->metric = s->spec->metric.name;
    now->goal = s->spec->metric.maximize ? "maximize" : "minimize";
    now->total = known ? s->total : (uint64_t)s->spec->run_cap;
    now->finished = n[TRIAL_FINISHED];
    now->stopped = n[TRIAL_STOPPED];
    now->failed = n[TRIAL_FAILED];
    now->other = n[TRIAL_CANCELLED] + n[TRIAL_LOST] + n[TRIAL_PREEMPTED];
    now->running = n[TRIAL_RUNNING];
    now->pending = n[TRIAL_PENDING];
    now->slots = p->slots;
    now->has_best = s->best.known;
    now->best = s->best.value;
    now->best_trial = s->best.trial;
    now->keys = p->keys;
    now->store_option = buf_str(&p->store_option);
    now->elapsed_ms = now_ms() - p->started_ms;
    bool known_row = p->best_ms > 0 && p->best_row.trial == now->best_trial;
    now->best_age_ms = known_row ? wall_ms() - p->best_ms : -1;
    now->best_params = known_row ? p->best_row.params : NULL;
    now->best_params_n = known_row ? p->best_row.params_n : 0;
    memcpy(now->failures, p->failures, sizeof now->failures);
}

static void look_at_sweep(struct run_progress *p, const struct book_sweep *s)
{
    look_at_counts(p, s);
    if (!p->begun) {
        p->begun = true;
        p->shown.ended_before =
            p->shown.finished + p->shown.stopped + p->shown.failed + p->shown.other;
        look_at_spec(p, s);
    }
    if (!p->quiet && progress_is_due(&p->view, p->shown.elapsed_ms))
        look_at_trials(p, s);
    clock_read(p);
}

/* sweep=k3f9 state=running trials=100 slots=4 method=tpe metric=val_loss goal=minimize */
static void tell_begin(struct run_progress *p, const struct book_sweep *s)
{
    struct buf line;
    if (p->told_begin || p->quiet || p->view.terminal || s->state != SWEEP_RUNNING)
        return;
    p->told_begin = true;
    buf_init(&line, SIZE_MAX);
    if (p->view.json)
        event_line_open(&line);
    event_line_text(&line, "sweep", s->id);
    event_line_text(&line, "state", "running");
    if (p->shown.total)
        event_line_count(&line, "trials", p->shown.total);
    if (p->slots)
        event_line_count(&line, "slots", p->slots);
    event_line_text(&line, "method", p->shown.method);
    if (p->shown.metric) {
        event_line_text(&line, "metric", p->shown.metric);
        event_line_text(&line, "goal", p->shown.goal);
    }
    progress_event(&p->view, &p->shown, buf_str(&line));
    buf_done(&line);
}

/* The line of the log that says why an attempt failed; "": none. */
static const char *log_cause(struct run_progress *p, struct arena *a, const struct fact *f)
{
    const struct attempt_log_query query = {.lines = CAUSE_LOG_LINES, .max = CAUSE_LOG_BYTES};
    struct agent_key key = {.trial = f->trial, .attempt = f->attempt};
    struct attempt_log_piece piece;
    struct err none = {0};
    struct buf log;
    snprintf(key.sweep, sizeof key.sweep, "%s", f->sweep);
    buf_init(&log, CAUSE_LOG_BYTES);
    bool read = attempt_log_read(p->store, &key, &query, &log, &piece, &none) == 0;
    const char *line = read ? cause_line(a, buf_peek(&log), log.len) : "";
    buf_done(&log);
    return line;
}

/* This cause is the newest. */
static void failures_move_front(struct run_progress *p, const struct cause *cause)
{
    size_t at = 0;
    while (at < PROGRESS_FAILURES - 1 && p->failures[at] && p->failures[at] != cause)
        at++;
    for (; at > 0; at--)
        p->failures[at] = p->failures[at - 1];
    p->failures[0] = cause;
}

/* Counts a trial that failed for good among those with the same cause. */
static void count_failure(struct run_progress *p, const struct fact *f, const char *line)
{
    struct arena a;
    arena_init(&a);
    const char *text = f->text ? f->text : "";
    const struct cause *cause =
        causes_add(&p->causes, f->trial, cause_how(&a, f->reason, f->code, f->signal),
                   *line ? line : cause_line(&a, text, strlen(text)));
    if (cause)
        failures_move_front(p, cause);
    arena_done(&a);
}

/* rung=1 why="by asha: …" */
static void how_it_stopped(struct buf *line, const struct book_trial *t)
{
    struct value *why;
    struct arena a;
    arena_init(&a);
    if (t && t->attempt.stop_why &&
        json_parse(&a, t->attempt.stop_why, strlen(t->attempt.stop_why), &why, NULL) == 0) {
        event_line_count(line, "rung", (uint64_t)value_get_int(why, "rung", 0));
        event_line_text(line, "why", stop_text(&a, why));
    }
    arena_done(&a);
}

static void how_it_ended(struct buf *line, const struct fact *f, const struct book_trial *t,
                         const char *cause)
{
    event_line_text(line, "reason", trial_reason_name(f->reason));
    if (f->state == TRIAL_STOPPED)
        how_it_stopped(line, t);
    if (f->reason == REASON_SIGNAL)
        event_line_count(line, "signal", (uint64_t)f->signal);
    if (f->reason == REASON_EXIT)
        event_line_count(line, "code", (uint64_t)f->code);
    if (f->text || *cause)
        event_line_text(line, "why", f->text ? f->text : cause);
}

/* A trial that will run again is pending. */
static bool line_of(struct buf *line, const struct book_sweep *s, const struct fact *f,
                    const char *cause)
{
    if (f->kind == FACT_SWEEP_STATE && f->state != SWEEP_FINISHED) {
        event_line_text(line, "sweep", s->id);
        event_line_text(line, "state", sweep_states[f->state].name);
        if (f->text)
            event_line_text(line, "why", f->text);
        return true;
    }
    if (f->kind != FACT_ENDED)
        return false;
    const struct book_trial *t = books_trial(s, f->trial);
    char span[ELAPSED_BYTES];
    event_line_count(line, "trial", f->trial);
    event_line_text(line, "state", trial_states[f->state].name);
    if (f->reason != REASON_OK)
        how_it_ended(line, f, t, cause);
    bool counts = f->reason == REASON_OK || f->state == TRIAL_STOPPED;
    if (counts && t && t->objective.known)
        event_line_number(line, s->spec->metric.name, t->objective.value);
    elapsed_format(span, (double)f->ran_ms / 1000);
    event_line_text(line, "ran", span);
    return true;
}

/* Keeps a trial that has ended for the rows, and its time for the forecast. */
static void keep_ended(struct run_progress *p, const struct book_sweep *s, const struct fact *f)
{
    const struct book_trial *t = books_trial(s, f->trial);
    if (!t || !trial_states[f->state].final)
        return;
    struct ended_row *row = &p->ended[p->ended_n++ % ENDED_ROWS];
    arena_clear(&row->a);
    row->row = running_row(&row->a, s, t, wall_ms());
    row->row.elapsed_ms = f->ran_ms;
    if (f->state == TRIAL_FINISHED || f->state == TRIAL_STOPPED || f->state == TRIAL_FAILED) {
        if (p->times_n < TIMES_MAX)
            p->times = mem_grow(p->times, &p->times_cap, p->times_n + 1, sizeof *p->times);
        p->times[p->times_n++ % TIMES_MAX] = (double)f->ran_ms / 1000;
    }
    if (!s->best.known || s->best.trial != f->trial)
        return;
    arena_clear(&p->best_arena);
    p->best_row = running_row(&p->best_arena, s, t, wall_ms());
    p->best_ms = f->time_ms;
    p->best_ended = 0;
    for (int i = 0; i < TRIAL_STATES; i++)
        p->best_ended += trial_states[i].final ? s->counts[i] : 0;
}

static const char *loss_where(struct arena *a, const struct fact *f, uint64_t line)
{
    const char *of = f->stream == FACT_STREAM_STDOUT ? "its output" : "$BESOM_METRICS";
    if (line == 0)
        return arena_printf(a, "a line of %s", of);
    return arena_printf(a, "line %" PRIu64 " of %s", line, of);
}

static const char *loss_text(struct arena *a, const struct fact *f, enum loss loss)
{
    if (loss == LOSS_LONG)
        return arena_printf(a,
                            "%s is longer than 64 KiB and is dropped: report fewer metrics a line",
                            loss_where(a, f, f->long_line));
    if (loss == LOSS_NAMES)
        return "values past 10,000 metric names are dropped: report fewer names";
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

/* Says which reports besom could not read: nothing else shows this mistake of a script. */
static void tell_losses(struct run_progress *p, const struct book_sweep *s, const struct fact *f)
{
    const size_t lost[LOSS_KINDS] = {f->points.bad, f->points.too_long, f->points.dropped};
    for (int loss = 0; loss < LOSS_KINDS; loss++) {
        if (lost[loss] == 0 || p->told[loss])
            continue;
        struct arena a;
        struct buf text;
        p->told[loss] = true;
        arena_init(&a);
        buf_init(&text, SIZE_MAX);
        const char *what = loss_text(&a, f, (enum loss)loss);
        buf_addf(&text, "trial %s-%" PRIu64 ": ", s->id, f->trial);
        display_clean(&text, what, strlen(what));
        run_progress_say(p, buf_str(&text));
        buf_done(&text);
        arena_done(&a);
    }
}

/* Reports one of the first trials without the metric; a pause or the sweep's end reports the
 * rest. */
static void tell_no_metric(struct run_progress *p, const struct book_sweep *s, const struct fact *f)
{
    const struct book_trial *t = books_trial(s, f->trial);
    const char *metric = s->spec->metric.name;
    if (!t || f->state != TRIAL_FINISHED || s->metric_streak != 1 || p->told_no_metric)
        return;
    p->told_no_metric = true;
    struct buf said, text;
    void *at_metric;
    size_t n = 0;
    const char **names = mem_alloc((t->last.live + 1) * sizeof *names);
    for (size_t at = 0; map_next(&t->last, &at, &at_metric);)
        names[n++] = ((const struct book_metric *)at_metric)->key;
    buf_init(&said, SIZE_MAX);
    buf_init(&text, SIZE_MAX);
    buf_addf(&said, "trial %s-%" PRIu64 " finished without the metric %s: it ", s->id, f->trial,
             metric);
    missing_metric_print(&said, metric, names, n);
    display_clean(&text, buf_str(&said), said.len);
    run_progress_say(p, buf_str(&text));
    p->no_report = n == 0 && !s->spec->report;
    buf_done(&said);
    buf_done(&text);
    mem_free(names);
}

void run_progress_fact(struct run_progress *p, const struct book_sweep *s, const struct fact *f)
{
    struct buf line;
    if (strcmp(f->sweep, s->id) != 0)
        return;
    if (f->kind == FACT_ENDED && trial_reason_state(f->reason) == TRIAL_FAILED) {
        p->failed_trial = f->trial;
        p->failed_attempt = f->attempt;
        snprintf(p->failed_why, sizeof p->failed_why, "%s", f->text ? f->text : "");
    }
    if (f->kind == FACT_METRICS && f->stream != FACT_STREAM_SYSTEM)
        tell_losses(p, s, f);
    if (f->kind == FACT_ENDED)
        tell_no_metric(p, s, f);
    if (p->quiet)
        return;
    struct arena a;
    arena_init(&a);
    buf_init(&line, SIZE_MAX);
    bool failed = f->kind == FACT_ENDED && trial_reason_state(f->reason) == TRIAL_FAILED;
    const char *cause = failed ? log_cause(p, &a, f) : "";
    if (failed && f->state == TRIAL_FAILED)
        count_failure(p, f, cause);
    if (f->kind == FACT_ENDED)
        keep_ended(p, s, f);
    if (p->view.json)
        event_line_open(&line);
    if (line_of(&line, s, f, cause)) {
        look_at_sweep(p, s);
        p->shown.new_best = s->best.known && f->kind == FACT_ENDED && s->best.trial == f->trial &&
                            p->best_said != s->best.trial + 1;
        p->best_said = p->shown.new_best ? s->best.trial + 1 : p->best_said;
        progress_event(&p->view, &p->shown, buf_str(&line));
        p->shown.new_best = false;
    }
    buf_done(&line);
    arena_done(&a);
}

void run_progress_look(struct run_progress *p, const struct book_sweep *s)
{
    look_at_sweep(p, s);
    tell_begin(p, s);
    if (!p->quiet)
        progress_event(&p->view, &p->shown, NULL);
}

void run_progress_slots(struct run_progress *p, uint64_t slots)
{
    p->slots = slots;
}

void run_progress_keys(struct run_progress *p, const char *keys)
{
    p->keys = keys;
}

void run_progress_ask(struct run_progress *p, const char *question)
{
    buf_clear(&p->view.note);
    buf_adds(&p->view.note, question ? question : "");
    run_progress_redraw(p);
}

void run_progress_redraw(struct run_progress *p)
{
    if (p->begun && !p->quiet)
        progress_redraw(&p->view, &p->shown);
}

void run_progress_forget(struct run_progress *p)
{
    progress_forget(&p->view);
}

void run_progress_full(struct run_progress *p, const struct books *books,
                       const struct book_sweep *s)
{
    uint64_t n = 0;
    size_t sweeps_n = 0;
    const char *of = "";
    void *value;
    for (size_t at = 0; map_next(&books->sweeps, &at, &value);) {
        const struct book_sweep *other = value;
        if (other == s || other->counts[TRIAL_RUNNING] == 0)
            continue;
        n += other->counts[TRIAL_RUNNING];
        sweeps_n++;
        of = other->id;
    }
    if (p->quiet || p->told_full || n == 0 || s->state != SWEEP_RUNNING ||
        s->counts[TRIAL_RUNNING] > 0)
        return;
    struct buf text;
    p->told_full = true;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "Waiting for a free slot: %" PRIu64 " trial%s of ", n, n == 1 ? "" : "s");
    if (sweeps_n == 1)
        buf_addf(&text, "sweep %s, left by an earlier run, %s still running.", of,
                 n == 1 ? "is" : "are");
    else
        buf_addf(&text, "%zu other sweeps, left by earlier runs, are still running.", sweeps_n);
    run_progress_say(p, buf_str(&text));
    buf_done(&text);
}

void run_progress_say(struct run_progress *p, const char *text)
{
    if (p->begun)
        progress_message(&p->view, &p->shown, text);
    else
        terminal_say(text);
}

void run_progress_done(struct run_progress *p)
{
    p->shown.rows_n = p->shown.running_rows = 0;
    p->shown.keys = NULL;
    p->shown.has_left = false;
    p->shown.outlook = NULL;
    p->shown.over = true;
    p->view.rows = 0;
    if (!p->quiet)
        progress_done(&p->view, &p->shown);
}

static void print_lines(const char *text, size_t len)
{
    struct buf lines;
    buf_init(&lines, SIZE_MAX);
    cause_print_log(&lines, text, len);
    fputs(buf_str(&lines), stderr);
    buf_done(&lines);
}

void run_progress_paused(struct run_progress *p, const char *store, const char *again,
                         const struct book_sweep *s, bool log)
{
    struct arena a;
    arena_init(&a);
    terminal_say(arena_printf(&a, "Sweep %s is paused: %s.", s->id,
                              s->text ? s->text : "it cannot continue"));
    if (p->no_report && s->metric_streak > 0)
        terminal_say(missing_metric_no_report());
    if (p->failed_attempt) {
        struct buf text;
        struct err err = {0};
        uint64_t offset = 0, dropped;
        buf_init(&text, PAUSED_LOG_BYTES + 1);
        if (p->failed_why[0]) {
            fprintf(stderr, "Trial %" PRIu64 ":\n\n", p->failed_trial);
            print_lines(p->failed_why, strlen(p->failed_why));
        }
        struct agent_key key = {.trial = p->failed_trial, .attempt = p->failed_attempt};
        snprintf(key.sweep, sizeof key.sweep, "%s", s->id);
        const char *path = attempt_log_path(&a, store, &key);
        if (log &&
            log_reader_tail(path, UINT64_MAX, PAUSED_LOG_LINES, PAUSED_LOG_BYTES, &offset, &err) ==
                0 &&
            log_reader_read(path, &offset, PAUSED_LOG_BYTES, &text, &dropped, &err) == 0 &&
            text.len > 0) {
            fprintf(stderr, "The last lines of trial %" PRIu64 ":\n\n", p->failed_trial);
            print_lines(buf_peek(&text), text.len);
        }
        buf_done(&text);
    }
    arena_done(&a);
    unsigned states = controller_end_retry(s).states;
    struct buf then;
    buf_init(&then, SIZE_MAX);
    if (states & MACHINE_TO(TRIAL_FINISHED)) {
        buf_adds(&then, "; the trials without ");
        display_clean(&then, s->spec->metric.name, strlen(s->spec->metric.name));
        buf_adds(&then, " run again");
    } else if (states) {
        buf_adds(&then, "; the trials that failed in a row run again");
    }
    fprintf(stderr,
            "\nWhen the cause is fixed, continue with the next command%s:\n  besom run %s\n",
            buf_str(&then), again);
    buf_done(&then);
}
