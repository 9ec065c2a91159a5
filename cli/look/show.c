/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom show: one sweep, or one trial, with all that is known of it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/attempt_log.h"
#include "agent/code/code_record.h"
#include "base/path_text.h"
#include "cli/front/front.h"
#include "cli/look/best.h"
#include "cli/print/counts.h"
#include "base/number/cell.h"
#include "cli/cmd.h"
#include "cli/print/configuration.h"
#include "base/diag/display.h"
#include "cli/print/elapsed.h"
#include "cli/print/label_line.h"
#include "sweep/tag/tag.h"
#include "cli/print/host_code.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"
#include "cli/look/failures.h"
#include "cli/look/losses.h"
#include "orchestrator/store/store_lock.h"
#include "orchestrator/view/explain/explain.h"
#include "cli/print/shell_word.h"
#include "cli/print/system_table.h"
#include "cli/print/table.h"

static const char *counts_text(struct arena *a, const struct counts *counts)
{
    struct buf out;
    const struct value *total = value_get(counts->sweep, "total");
    buf_init(&out, SIZE_MAX);
    counts_print(&out, counts);
    buf_adds(&out, out.len ? "" : "none yet");
    if (total && total->kind == VALUE_INT)
        buf_addf(&out, "; %" PRId64 " in all", total->i);
    const char *text = arena_strndup(a, buf_str(&out), out.len);
    buf_done(&out);
    return text;
}

static const char *goal_text(struct arena *a, const struct value *sweep)
{
    const struct value *metric = value_get(sweep, "metric");
    const char *name = value_get_str(metric, "name", NULL);
    if (!name)
        return "";
    const char *text = arena_printf(a, "%s %s", value_get_str(metric, "goal", "minimize"), name);
    const struct value *objectives = value_get(sweep, "metrics");
    for (size_t i = 1; objectives && i < objectives->list.n; i++)
        text =
            arena_printf(a, "%s, %s %s", text, value_get_str(objectives->list.items[i], "goal", ""),
                         value_get_str(objectives->list.items[i], "name", ""));
    return text;
}

/* The file of the spec may be on another machine than the controller, which runs the sweep. */
static void go_on(struct looking *l, const char *id, const char *path)
{
    struct buf word;
    bool held = l->remote != NULL;
    if (!held && looking_is_fleet(l) && store_lock_is_held(l->dir, &held, NULL) != 0)
        held = false;
    if (held) {
        buf_addf(&l->out, "continue it:\n  besom resume %s%s\n", id, looking_store_option(l));
        return;
    }
    buf_init(&word, SIZE_MAX);
    shell_word(&word, path);
    buf_adds(&l->out, "continue it:\n  besom run ");
    display_clean(&l->out, buf_str(&word), word.len);
    buf_addf(&l->out, "%s\n", looking_store_option(l));
    buf_done(&word);
}

/* Why it is in this state. */
static const char *sweep_why(const struct value *sweep)
{
    const char *text = value_get_str(sweep, "text", "");
    return !*text && value_get_bool(sweep, "again", false)
               ? "it had ended: it runs only trials that were retried or enqueued since"
               : text;
}

/* Of a sweep that runs. */
static const char *sweep_waits(struct looking *l, const struct value *sweep)
{
    bool waits =
        strcmp(value_get_str(sweep, "state", ""), "running") == 0 && !looking_is_left(l, sweep);
    const char *text =
        waits ? looking_waits(l, &l->arena, value_get_str(sweep, "id", ""), -1) : NULL;
    return text ? text : "";
}

/* "3f2a1b9c01d2 on main, changed; a snapshot of 34 files" */
static const char *code_text(struct arena *a, const struct value *code)
{
    const char *commit = value_get_str(code, "commit", NULL), *text = "";
    const char *branch = value_get_str(code, "branch", NULL);
    if (commit)
        text = arena_printf(a, "%.12s%s%s%s", commit, branch ? " on " : "", branch ? branch : "",
                            value_get_bool(code, "dirty", false) ? ", with changes" : "");
    if (!value_get_str(code, "snapshot", NULL))
        return text;
    return arena_printf(a, "%s%sa snapshot of %" PRId64 " files", text, *text ? "; " : "",
                        value_get_int(code, "snapshot_files", 0));
}

/* Which of the files here have changed since a sweep began that has not ended. Nothing where its folder
 * is not on this machine. */
static const char *changes_text(struct looking *l, const struct value *sweep)
{
    const struct value *code = value_get(sweep, "code");
    const char *root = value_get_str(code, "root", NULL), *text = "";
    const char *state = value_get_str(sweep, "state", "");
    char path[PATH_TEXT_PATH_BYTES];
    struct buf names;
    if (!root || strcmp(state, "finished") == 0 || strcmp(state, "cancelled") == 0 ||
        !path_text_parse(path, root) || access(path, X_OK) != 0)
        return "";
    buf_init(&names, SIZE_MAX);
    size_t n = code_record_changes(code, path, value_get_str(sweep, "path", ""), &names);
    if (n > 0)
        text = arena_printf(&l->arena, "%zu file%s here since it began (%s%s)%s", n,
                            n == 1 ? "" : "s", buf_str(&names), n > CODE_RECORD_NAMES ? ", …" : "",
                            value_get_str(code, "snapshot", NULL)
                                ? ": its trials run the snapshot that it began with"
                                : "");
    buf_done(&names);
    return text;
}

static const char *hosts_text(struct looking *l, const struct value *sweep)
{
    const char *text = host_code_differs(&l->arena, value_get(sweep, "hosts"), "agent");
    return text ? arena_printf(&l->arena, "agents run different code: %s", text) : "";
}

static void sweep_lines(struct looking *l, const struct value *sweep, const struct counts *counts)
{
    struct buf *out = &l->out;
    char span[ELAPSED_BYTES];
    label_line_print(out, "sweep", value_get_str(sweep, "id", ""));
    label_line_print(out, "name", value_get_str(sweep, "name", ""));
    label_line_print(out, "tags", tag_list_text(&l->arena, value_get(sweep, "tags")));
    label_line_print(out, "state", looking_sweep_state(l, sweep));
    label_line_print(out, "why", sweep_why(sweep));
    label_line_print(out, "waits", sweep_waits(l, sweep));
    label_line_print(out, "spec", value_get_str(sweep, "path", ""));
    label_line_print(out, "code", code_text(&l->arena, value_get(sweep, "code")));
    label_line_print(out, "changed", changes_text(l, sweep));
    label_line_print(out, "warning", hosts_text(l, sweep));
    label_line_print(out, "method", value_get_str(sweep, "method", ""));
    label_line_print(out, "goal", goal_text(&l->arena, sweep));
    label_line_print(out, "trials", counts_text(&l->arena, counts));
    label_line_print(out, "created", looking_moment(&l->arena, sweep, "created"));
    elapsed_format(span,
                   value_get_float(sweep, "ended", -1) - value_get_float(sweep, "created", 0));
    if (*span != '-') /* it need not have run all the time */
        label_line_print(out, "ended",
                         arena_printf(&l->arena, "%s, %s later",
                                      looking_moment(&l->arena, sweep, "ended"), span));
}

static int sweep_best(struct looking *l, const struct value *sweep, const struct counts *counts,
                      struct err *err)
{
    const struct value *best = value_get(sweep, "best");
    struct front f;
    if (front_objectives(&l->arena, sweep)) {
        buf_addc(&l->out, '\n');
        int rc = front_read(&f, l->view, &l->arena, sweep, err);
        return rc ? rc : front_print(&l->out, &l->arena, &f, l->table_columns, l->colour, err);
    }
    if (best && best->kind == VALUE_DICT) {
        buf_addc(&l->out, '\n');
        best_print(&l->out, l->dir, sweep, best);
    } else if (counts->instead) {
        buf_addc(&l->out, '\n');
        counts_print_unmeasured(&l->out, counts);
    }
    return 0;
}

static int sweep_failures(struct looking *l, const struct value *sweep, struct err *err)
{
    if (value_get_int(value_get(sweep, "counts"), "failed", 0) == 0)
        return 0;
    buf_addc(&l->out, '\n');
    return failures_print(&l->out, l->view, l->remote, l->dir, value_get_str(sweep, "id", ""),
                          l->columns, err);
}

static void sweep_next(struct looking *l, const struct value *sweep, const struct counts *counts)
{
    struct buf *out = &l->out;
    const char *id = value_get_str(sweep, "id", ""), *store = looking_store_option(l);
    const char *fault = value_get_str(sweep, "spec_fault", NULL);
    buf_addf(out, "\nlook closer:\n  besom trials %s%s\n", id, store);
    counts_print_retry(out, counts, store);
    if (fault) {
        buf_adds(out, "\nthis version of besom cannot read its spec: ");
        display_clean(out, fault, strlen(fault));
        buf_addf(
            out,
            "\ncontinue it with the version that started it, or end it:\n  besom cancel %s%s\n", id,
            store);
    } else if (strcmp(value_get_str(sweep, "state", ""), "paused") == 0 ||
               looking_is_left(l, sweep)) {
        go_on(l, id, value_get_str(sweep, "path", "SPEC"));
    }
}

static int print_sweep(struct looking *l, const struct value *sweep, struct err *err)
{
    struct counts counts;
    int rc = counts_read(l->view, &l->arena, sweep, &counts, err);
    if (rc)
        return rc;
    sweep_lines(l, sweep, &counts);
    rc = sweep_best(l, sweep, &counts, err);
    if (rc == 0)
        rc = sweep_failures(l, sweep, err);
    if (rc == 0)
        sweep_next(l, sweep, &counts);
    return rc;
}

static void attempt_row(struct table *t, const struct value *attempt)
{
    char span[ELAPSED_BYTES];
    struct arena *a = t->arena;
    const char *ended_by = "";
    int64_t code = value_get_int(attempt, "code", -1), signal = value_get_int(attempt, "signal", 0);
    if (signal > 0)
        ended_by = arena_printf(a, "signal %" PRId64, signal);
    else if (code >= 0 && strcmp(value_get_str(attempt, "reason", ""), "launch") != 0)
        ended_by = arena_printf(a, "exit %" PRId64, code);
    elapsed_format(span, looking_span(attempt));
    table_cell(t, cell_value(a, value_get(attempt, "attempt")), TABLE_PLAIN);
    table_cell(t, looking_state(a, attempt), TABLE_PLAIN);
    table_cell(t, ended_by, TABLE_PLAIN);
    table_cell(t, value_get_str(attempt, "agent", ""), TABLE_PLAIN);
    table_cell(t, cell_value(a, value_get(attempt, "slot")), TABLE_PLAIN);
    table_cell(t, span, TABLE_PLAIN);
}

static void print_attempts(struct looking *l, const struct value *attempts)
{
    struct table t;
    if (!attempts || attempts->kind != VALUE_LIST || attempts->list.n == 0)
        return;
    table_init(&t, &l->arena);
    table_column(&t, "attempt", TABLE_RIGHT);
    table_column(&t, "state", 0);
    table_column(&t, "ended by", 0);
    table_column(&t, "agent", TABLE_SHRINK | TABLE_DROP);
    table_column(&t, "slot", TABLE_RIGHT | TABLE_DROP);
    table_column(&t, "time", TABLE_RIGHT);
    for (size_t i = 0; i < attempts->list.n; i++)
        attempt_row(&t, attempts->list.items[i]);
    buf_addc(&l->out, '\n');
    table_print(&l->out, &t, l->table_columns, l->colour);
    table_done(&t);
    for (size_t i = 0; i < attempts->list.n; i++) {
        const struct value *attempt = attempts->list.items[i];
        const char *why = value_get_str(attempt, "text", "");
        if (*why == '\0')
            continue;
        bool well = strcmp(value_get_str(attempt, "reason", ""), "ok") == 0;
        buf_addf(&l->out, well ? "\nattempt %" PRId64 ": " : "\nwhy attempt %" PRId64 " ended: ",
                 value_get_int(attempt, "attempt", 0));
        display_clean(&l->out, why, strlen(why));
        buf_addc(&l->out, '\n');
    }
}

/* Of the attempt that counts. */
static void print_system(struct looking *l, const struct value *trial)
{
    struct table t;
    const struct value *system = value_get(view_trial_attempt(trial), "system");
    if (!system || system->kind != VALUE_DICT)
        return;
    table_init(&t, &l->arena);
    system_table_fill(&t, system);
    buf_addc(&l->out, '\n');
    table_print(&l->out, &t, l->table_columns, l->colour);
    table_done(&t);
}

/* Prints, for the last rung, "0.2 at iteration 9 was rank 2 of 7 trials; the worst that continues
 * was 0.3". */
static void line_rung(struct buf *out, struct arena *a, const struct value *trial)
{
    const struct value *rungs = value_get(trial, "rungs"), *stopped = value_get(trial, "stopped");
    struct buf text;
    if (!rungs || rungs->list.n == 0 || (stopped && stopped->kind == VALUE_DICT))
        return;
    const struct value *last = rungs->list.items[rungs->list.n - 1];
    buf_init(&text, SIZE_MAX);
    if (value_get_int(last, "of", 0) > 0)
        buf_addf(&text,
                 "%s at iteration %" PRId64 " was rank %" PRId64 " of %" PRId64
                 " trials; the worst that continues was %s",
                 cell_value(a, value_get(last, "compared")), value_get_int(last, "rung", 0),
                 value_get_int(last, "rank", 0), value_get_int(last, "of", 0),
                 cell_value(a, value_get(last, "threshold")));
    else
        buf_addf(&text, "%s at iteration %" PRId64 ", with too few trials to compare with",
                 cell_value(a, value_get(last, "value")), value_get_int(last, "rung", 0));
    label_line_print(out, "rung", buf_str(&text));
    buf_done(&text);
}

static void print_losses(struct buf *out, const struct value *of)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    losses_print(&text, of);
    label_line_print(out, "lost", buf_str(&text));
    buf_done(&text);
}

/* The log of a failed trial shows why it failed. */
static void print_log(struct looking *l, const struct value *trial)
{
    struct buf log;
    const char *state = value_get_str(trial, "state", "");
    const struct value *attempt = view_trial_attempt(trial);
    if ((strcmp(state, "failed") != 0 && strcmp(state, "lost") != 0) || !attempt)
        return;
    buf_init(&log, CAUSE_LOG_BYTES);
    failures_log(&log, l->remote, l->dir, value_get_str(trial, "sweep", ""),
                 (uint64_t)value_get_int(trial, "number", 0), attempt);
    if (log.len > 0) {
        buf_adds(&l->out, "\nthe last lines of its log:\n");
        cause_print_log(&l->out, buf_peek(&log), log.len);
    }
    buf_done(&log);
}

static void print_trial(struct looking *l, const struct value *trial)
{
    struct buf *out = &l->out, params;
    struct arena *a = &l->arena;
    char span[ELAPSED_BYTES];
    const char *id = looking_trial_id(l, trial);
    label_line_print(out, "trial", id);
    label_line_print(out, "state", looking_trial_state(a, trial));
    label_line_print(out, "tags", tag_list_text(a, value_get(trial, "tags")));
    const char *stopped = explain_stopped(l->view, a, trial);
    label_line_print(out, "stopped", stopped ? stopped : "");
    line_rung(out, a, trial);
    label_line_print(out, "objective", cell_value(a, value_get(trial, "objective")));
    const struct value *metrics = value_get(trial, "metrics");
    label_line_print(
        out, "metrics",
        metrics && metrics->kind == VALUE_DICT && metrics->dict.n ? cell_value(a, metrics) : "");
    label_line_print(out, "step", cell_value(a, value_get(trial, "step")));
    label_line_print(out, "started", looking_moment(a, trial, "started"));
    elapsed_format(span, looking_span(trial));
    label_line_print(out, "time", *span == '-' ? "" : span);
    print_losses(out, trial);
    const char *dir = value_get_str(trial, "dir", "");
    label_line_print(out, "runs in", value_get_str(view_trial_attempt(trial), "workdir", ""));
    label_line_print(out, "folder", l->remote || access(dir, F_OK) == 0 ? dir : "");
    label_line_print(out, "log", value_get_str(trial, "log", ""));
    buf_addc(out, '\n');
    buf_init(&params, SIZE_MAX);
    configuration_yaml(&params, value_get(trial, "params"), 0);
    for (const char *p = buf_str(&params); *p; p += strcspn(p, "\n") + 1) {
        buf_adds(out, "  ");
        display_clean(out, p, strcspn(p, "\n"));
        buf_addc(out, '\n');
    }
    buf_done(&params);
    print_attempts(l, value_get(trial, "attempts_list"));
    print_system(l, trial);
    print_log(l, trial);
    const char *store = looking_store_option(l);
    buf_addf(out, "\nlook closer:\n  besom metrics %s%s\n  besom logs %s%s\n  besom explain %s%s\n",
             id, store, id, store, id, store);
}

static void trial_add_logs(struct looking *l, const char *sweep, uint64_t number,
                           struct value *trial)
{
    struct agent_key key = {.trial = number};
    snprintf(key.sweep, sizeof key.sweep, "%s", sweep);
    const struct value *attempts = value_get(trial, "attempts_list");
    const struct value *counts = view_trial_attempt(trial);
    struct value *none = value_null(&l->arena);
    for (size_t i = 0; i < attempts->list.n; i++) {
        struct value *attempt = attempts->list.items[i];
        key.attempt = (uint64_t)value_get_int(attempt, "attempt", 0);
        value_put(&l->arena, attempt, "log",
                  l->remote ? none
                            : value_str(&l->arena, attempt_log_path(&l->arena, l->dir, &key)));
    }
    value_put(&l->arena, trial, "log",
              counts ? value_copy(&l->arena, value_get(counts, "log")) : none);
}

static int show_trial(struct looking *l, const char *id, uint64_t number, const struct value **ret,
                      struct err *err)
{
    struct value *trial = NULL;
    int rc = view_trial(l->view, &l->arena, id, number, &trial, err);
    if (rc)
        return rc;
    trial_add_logs(l, id, number, trial);
    const char *there =
        value_get_str(view_trial_attempt(trial), "dir", NULL); /* on its agent's host */
    value_put(&l->arena, trial, "dir",
              !l->remote ? value_str(&l->arena, looking_trial_dir(&l->arena, l->dir, trial))
              : there    ? value_str(&l->arena, there)
                         : value_null(&l->arena));
    *ret = trial;
    return 0;
}

static int show_sweep(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16];
    uint64_t number;
    bool is_trial = false;
    const struct value *found = NULL;
    int rc = view_find(l->view, invocation_arg(inv, 0), id, &is_trial, &number, err);
    if (!rc)
        rc = is_trial ? show_trial(l, id, number, &found, err)
                      : looking_sweep(l, id, id, &found, err);
    if (rc)
        return rc;
    if (l->json) {
        looking_json(l, found);
    } else if (is_trial) {
        print_trial(l, found);
    } else {
        rc = print_sweep(l, found, err);
    }
    return rc;
}

int cmd_show(struct invocation *inv)
{
    return looking_run(inv, show_sweep);
}
