/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/look/failures.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/diag/display.h"
#include "cli/look/log_source.h"
#include "cli/print/paragraph.h"
#include "cli/store_path.h"
#include "orchestrator/view/explain/view_suspect.h"

enum { CAUSE_LINES = 4 }; /* that a cause may take, about */

struct finding {
    struct view *view;
    const char *sweep;
    struct causes *causes;
    uint64_t n;
    struct err *err;
    int rc;
};

void failures_log(struct buf *out, struct remote *remote, const char *store, const char *sweep,
                  uint64_t trial, const struct value *attempt)
{
    const struct attempt_log_query query = {.lines = CAUSE_LOG_LINES, .max = CAUSE_LOG_BYTES};
    struct agent_key key = {.trial = trial,
                            .attempt = (uint64_t)value_get_int(attempt, "attempt", 0)};
    struct attempt_log_piece piece;
    struct log_source source;
    struct err none = {0};
    snprintf(key.sweep, sizeof key.sweep, "%s", sweep);
    log_source_init(&source, remote, store, &key, value_get_str(attempt, "agent", ""));
    if (log_source_read(&source, &query, out, &piece, &none) != 0)
        buf_clear(out); /* without its log, the failure is shown by its reason alone */
}

static int find_failure(void *arg, const struct value *row)
{
    struct finding *f = arg;
    uint64_t number = (uint64_t)value_get_int(row, "number", 0);
    struct arena one;
    struct value *trial;
    if (f->n++ == FAILURES_MAX)
        return 1;
    arena_init(&one);
    f->rc = view_trial(f->view, &one, f->sweep, number, &trial, f->err);
    if (f->rc == 0) {
        struct cause_end end = cause_of_attempt(view_trial_attempt(trial));
        causes_add(f->causes, number, &end);
    }
    arena_done(&one);
    return f->rc;
}

int failures_find(struct view *view, const char *sweep, struct causes *ret, bool *ret_cut,
                  struct err *err)
{
    const struct view_query q = {.state = "failed", .descending = true};
    struct finding f = {.view = view, .sweep = sweep, .causes = ret, .err = err};
    int rc = view_trials(view, sweep, &q, find_failure, &f, err);
    *ret_cut = f.n > FAILURES_MAX;
    return rc ? rc : f.rc;
}

/* What the trials of the largest group have in common, if anything. */
static void print_suspect(struct buf *out, struct view *view, struct arena *a, const char *option,
                          const struct value *trial, size_t columns)
{
    const char *suspect = view_suspect(view, a, trial);
    if (!suspect)
        return;
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "suspect ");
    display_clean(&text, suspect, strlen(suspect));
    buf_addf(&text, "; besom explain %s-%" PRId64 "%s", value_get_str(trial, "sweep", ""),
             value_get_int(trial, "number", 0), option);
    paragraph_wrap(out, buf_str(&text), 0, 2, columns);
    buf_done(&text);
}

static int print_largest(struct buf *out, struct view *view, struct remote *remote,
                         const char *store, const char *option, const char *sweep,
                         const struct causes *c, size_t columns, struct err *err)
{
    const struct cause *largest = causes_largest(c);
    struct value *trial;
    struct buf log;
    int rc = view_trial(view, c->arena, sweep, largest->trial, &trial, err);
    if (rc)
        return rc;
    print_suspect(out, view, c->arena, option, trial, columns);
    buf_init(&log, CAUSE_LOG_BYTES);
    failures_log(&log, remote, store, sweep, largest->trial, view_trial_attempt(trial));
    if (log.len > 0) {
        buf_addf(out, "the last lines of trial %" PRIu64 ":\n", largest->trial);
        cause_print_log(out, buf_peek(&log), log.len);
    }
    buf_done(&log);
    return 0;
}

int failures_print(struct buf *out, struct view *view, struct remote *remote, const char *store,
                   const char *sweep, size_t columns, struct err *err)
{
    struct causes c;
    struct arena a;
    struct buf option, hint, whole;
    bool cut;
    arena_init(&a);
    causes_init(&c, &a);
    buf_init(&option, SIZE_MAX);
    buf_init(&hint, SIZE_MAX);
    buf_init(&whole, SIZE_MAX);
    store_path_option(&option, store);
    int rc = failures_find(view, sweep, &c, &cut, err);
    for (size_t i = 0; rc == 0 && i < c.n; i++) {
        buf_clear(&hint);
        buf_addf(&hint, "besom logs %s-%" PRIu64 "%s", sweep, c.items[i].trial, buf_str(&option));
        size_t rest = columns > hint.len + 2 ? columns - hint.len - 2 : 0;
        if (cause_fits(&c.items[i], rest)) {
            cause_print(out, &c.items[i], rest);
            buf_addf(out, "; %s\n", buf_str(&hint));
            continue;
        }
        buf_clear(&whole);
        cause_print(&whole, &c.items[i], columns * CAUSE_LINES);
        paragraph_wrap(out, buf_str(&whole), 0, 2, columns);
        buf_addf(out, "  %s\n", buf_str(&hint));
    }
    if (rc == 0 && c.others > 0)
        buf_addf(out, "%" PRIu64 " failed in other ways\n", c.others);
    if (rc == 0 && cut)
        buf_addf(out, "(of the newest %d failed trials)\n", FAILURES_MAX);
    if (rc == 0 && c.n > 0)
        rc = print_largest(out, view, remote, store, buf_str(&option), sweep, &c, columns, err);
    buf_done(&option);
    buf_done(&hint);
    buf_done(&whole);
    arena_done(&a);
    return rc;
}
