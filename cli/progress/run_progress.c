/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/run_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/diag/display.h"
#include "cli/progress/past.h"
#include "orchestrator/view/pace/outlook.h"
#include "cli/print/elapsed.h"
#include "orchestrator/view/explain/stop_text.h"
#include "cli/progress/event_line.h"
#include "cli/progress/failing.h"
#include "cli/progress/lately.h"
#include "cli/progress/progress.h"
#include "cli/progress/report_faults.h"
#include "cli/progress/run_pause.h"
#include "cli/progress/running.h"
#include "cli/progress/traces.h"
#include "cli/store_path.h"
#include "cli/print/terminal.h"

enum { LEFT_EVERY_MS = 1000 };

struct run_progress {
    struct progress_view view;
    struct progress shown;
    struct arena rows, fixed; /* what `shown` points to: of one look, and of the sweep */
    struct traces traces;
    char clock[16];
    struct failing failing;
    struct lately lately;
    struct past past;
    int64_t left_ms;    /* when the time left was forecast; 0: never */
    uint64_t best_said; /* the best trial of the last line, plus 1; 0: none */
    uint64_t slots;
    const char *keys;
    const char *store;
    struct buf store_option;
    bool quiet, begun;
    int64_t started_ms;
    struct run_pause_failure failed; /* the newest */
    struct report_faults faults;
    bool told_full;  /* said that the sweep waits for other sweeps' trials */
    bool told_begin; /* the line that says what begins */
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
    lately_init(&p->lately);
    failing_init(&p->failing);
    progress_init(&p->view, stderr, terminal_draws(stderr) && !how->quiet && !how->json);
    p->view.json = how->json;
    return p;
}

void run_progress_free(struct run_progress *p)
{
    progress_free(&p->view);
    buf_done(&p->store_option);
    lately_done(&p->lately);
    past_done(&p->past);
    failing_done(&p->failing);
    arena_done(&p->fixed);
    arena_done(&p->rows);
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

static void chance_look(struct run_progress *p, const struct book_sweep *s)
{
    struct progress *now = &p->shown;
    uint64_t ended = now->finished + now->stopped + now->failed + now->other;
    struct chance c;
    now->chance = now->record = NULL;
    if (s->spec->metrics_n > 0 || !chance_find(past_read(&p->past, p->store, s),
                                               spec_draws_alike(s->spec), now->total, ended, &c))
        return;
    now->chance = chance_text(&p->rows, &c);
    now->record = chance_brief(&p->rows, &c);
}

/* At most once a second: it is drawn many times. */
static void left_look(struct run_progress *p, uint64_t rest, struct outlook_input *in)
{
    struct progress *now = &p->shown;
    struct outlook f;
    now->has_left = now->has_left && rest > 0 && in->slots > 0;
    if (rest == 0 || p->lately.times_n == 0 ||
        (p->left_ms > 0 && now_ms() - p->left_ms < LEFT_EVERY_MS))
        return;
    in->durations = lately_times(&p->lately, &p->rows, &in->durations_n);
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
    if (p->view.terminal) {
        chance_look(p, s);
        lately_rows(&p->lately, now);
        failing_tell(&p->failing, now);
    }
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
    now->total = known ? books_sweep_total(s) : (uint64_t)s->spec->run_cap;
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
    bool known_row = p->lately.best_ms > 0 && p->lately.best.trial == now->best_trial;
    now->best_age_ms = known_row ? wall_ms() - p->lately.best_ms : -1;
    now->best_params = known_row ? p->lately.best.params : NULL;
    now->best_params_n = known_row ? p->lately.best.params_n : 0;
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

/* rung=1 why="by asha: …" */
static void how_it_stopped(struct buf *line, const struct book_trial *t)
{
    struct value *why;
    struct arena a;
    arena_init(&a);
    if (t && t->attempt.stop_why &&
        json_parse(&a, t->attempt.stop_why, strlen(t->attempt.stop_why), &why, NULL) == 0) {
        if (value_get_int(why, "rung", 0) > 0)
            event_line_count(line, "rung", (uint64_t)value_get_int(why, "rung", 0));
        event_line_text(line, "why", stop_text(&a, why));
    }
    arena_done(&a);
}

static void how_it_ended(struct buf *line, const struct fact *f, const struct book_trial *t)
{
    event_line_text(line, "reason", trial_reason_name(f->reason));
    if (f->state == TRIAL_STOPPED)
        how_it_stopped(line, t);
    if (f->reason == REASON_SIGNAL)
        event_line_count(line, "signal", (uint64_t)f->signal);
    if (f->reason == REASON_EXIT)
        event_line_count(line, "code", (uint64_t)f->code);
    if (f->text)
        event_line_text(line, "why", f->text);
}

/* A trial that will run again is pending. */
static bool line_of(struct buf *line, const struct book_sweep *s, const struct fact *f)
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
        how_it_ended(line, f, t);
    bool counts = f->reason == REASON_OK || f->state == TRIAL_STOPPED;
    if (counts && t && t->objective.known)
        event_line_number(line, s->spec->metric.name, t->objective.value);
    elapsed_format(span, (double)f->ran_ms / 1000);
    event_line_text(line, "ran", span);
    return true;
}

void run_progress_fact(struct run_progress *p, const struct book_sweep *s, const struct fact *f)
{
    struct buf line;
    if (strcmp(f->sweep, s->id) != 0)
        return;
    if (f->kind == FACT_ENDED && trial_reason_state(f->reason) == TRIAL_FAILED) {
        bool printed = f->reason == REASON_EXIT || f->reason == REASON_SIGNAL; /* its log says it */
        p->failed.trial = f->trial;
        p->failed.attempt = f->attempt;
        snprintf(p->failed.why, sizeof p->failed.why, "%s", f->text && !printed ? f->text : "");
    }
    buf_init(&line, SIZE_MAX);
    while (report_faults_next(&p->faults, s, f, &line)) {
        run_progress_say(p, buf_str(&line));
        buf_clear(&line);
    }
    if (p->quiet) {
        buf_done(&line);
        return;
    }
    if (f->kind == FACT_ENDED)
        lately_add(&p->lately, s, f, wall_ms());
    if (f->kind == FACT_ENDED && p->view.terminal) {
        failing_add(&p->failing, s, f);
        past_add(&p->past, p->store, s, f);
    }
    if (p->view.json)
        event_line_open(&line);
    if (line_of(&line, s, f)) {
        look_at_sweep(p, s);
        p->shown.new_best = s->best.known && f->kind == FACT_ENDED && s->best.trial == f->trial &&
                            p->best_said != s->best.trial + 1;
        p->best_said = p->shown.new_best ? s->best.trial + 1 : p->best_said;
        progress_event(&p->view, &p->shown, buf_str(&line));
        p->shown.new_best = false;
    }
    buf_done(&line);
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
    p->shown.chance = p->shown.record = NULL;
    p->shown.over = true;
    p->view.rows = 0;
    if (p->view.terminal)
        failing_tell(&p->failing, &p->shown);
    if (!p->quiet)
        progress_done(&p->view, &p->shown);
}

void run_progress_paused(const struct run_progress *p, const char *again,
                         const struct book_sweep *s, bool log)
{
    const struct run_pause pause = {.store = p->store,
                                    .again = again,
                                    .failed = p->failed.attempt ? &p->failed : NULL,
                                    .no_report = p->faults.no_report,
                                    .no_report_trial = p->faults.no_report_trial,
                                    .log = log};
    run_pause_print(&pause, s);
}
