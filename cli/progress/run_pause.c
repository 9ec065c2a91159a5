/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/run_pause.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/attempt_log.h"
#include "agent/log_reader.h"
#include "base/diag/display.h"
#include "cli/print/terminal.h"
#include "orchestrator/core/controller/controller_end.h"
#include "orchestrator/view/pace/causes.h"
#include "sweep/missing_metric.h"

enum { PAUSE_LOG_LINES = 12, PAUSE_LOG_BYTES = 8 << 10 };

static void print_lines(const char *text, size_t len)
{
    struct buf lines;
    buf_init(&lines, SIZE_MAX);
    cause_print_log(&lines, text, len);
    fputs(buf_str(&lines), stderr);
    buf_done(&lines);
}

static void print_log_tail(const char *store, const char *sweep, const struct run_pause_failure *f)
{
    struct agent_key key = {.trial = f->trial, .attempt = f->attempt};
    struct arena a;
    struct buf text;
    struct err err = {0};
    uint64_t offset = 0, dropped;
    arena_init(&a);
    buf_init(&text, PAUSE_LOG_BYTES + 1);
    snprintf(key.sweep, sizeof key.sweep, "%s", sweep);
    const char *path = attempt_log_path(&a, store, &key);
    if (log_reader_tail(path, UINT64_MAX, PAUSE_LOG_LINES, PAUSE_LOG_BYTES, &offset, &err) == 0 &&
        log_reader_read(path, &offset, PAUSE_LOG_BYTES, &text, &dropped, &err) == 0 &&
        text.len > 0) {
        fprintf(stderr, "The last lines of trial %" PRIu64 ":\n\n", f->trial);
        print_lines(buf_peek(&text), text.len);
    }
    buf_done(&text);
    arena_done(&a);
}

/* The script reports, but not this time: the cause is in its log. */
static const char *others_reported(struct arena *a, const struct run_pause *pause,
                                   const struct book_sweep *s)
{
    return arena_printf(a,
                        "Other trials have reported it, such as trial %" PRIu64
                        ". See what one without it did: besom logs %s-%" PRIu64
                        ". Trials that write to one folder may resume from one another's "
                        "checkpoints: give each a folder of its own, $BESOM_DIR or ${trial_dir}.",
                        s->best.trial, s->id, pause->no_report_trial);
}

static void print_next_command(const struct book_sweep *s, const char *again)
{
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

void run_pause_print(const struct run_pause *pause, const struct book_sweep *s)
{
    const struct run_pause_failure *f = pause->failed;
    struct arena a;
    arena_init(&a);
    terminal_say(arena_printf(&a, "Sweep %s is paused: %s.", s->id,
                              s->text ? s->text : "it cannot continue"));
    if (pause->no_report && s->metric_streak > 0)
        terminal_say(s->best.known ? others_reported(&a, pause, s) : missing_metric_no_report());
    if (f && f->why[0] && !(s->text && strstr(s->text, f->why))) {
        fprintf(stderr, "Trial %" PRIu64 ":\n\n", f->trial);
        print_lines(f->why, strlen(f->why));
    }
    if (f && pause->log)
        print_log_tail(pause->store, s->id, f);
    print_next_command(s, pause->again);
    arena_done(&a);
}
