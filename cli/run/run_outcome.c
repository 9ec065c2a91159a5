/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/run_outcome.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "cli/complain.h"

void run_outcome_of_request(void *run, int code, const char *text, const struct value *answer)
{
    const struct run *r = run;
    (void)answer;
    if (code != 0)
        run_progress_say(r->progress, text);
}

bool run_outcome_counted(const struct run *r)
{
    return r->most > 0 && r->ended_n >= r->most;
}

int run_outcome(struct run *r, const struct books *books, int ended_by)
{
    const struct book_sweep *s = books_sweep(books, r->choice.id);
    if (!s && r->done) /* it ended long ago: the controller has forgotten it */
        return r->done_well ? COMPLAIN_DONE : COMPLAIN_FAILED;
    bool over = s && (s->state == SWEEP_FINISHED || s->state == SWEEP_CANCELLED);
    if (ended_by && !(over && s->counts[TRIAL_RUNNING] == 0)) {
        fprintf(stderr, "%s\n  besom run %s\n",
                ended_by == SIGHUP
                    ? "The terminal has closed; the trials keep running. Continue with:"
                    : "Interrupted; no finished trial is lost. Continue with:",
                buf_str(&r->again));
        return 128 + ended_by;
    }
    if (s && s->state == SWEEP_PAUSED) {
        run_progress_paused(r->progress, buf_str(&r->again), s, r->json);
        return COMPLAIN_FAILED;
    }
    if (s && !over && run_outcome_counted(r) && !r->json)
        fprintf(stderr,
                "Stopped after %" PRIu64 " trial%s (--count). Continue with:\n  besom run %s\n",
                r->ended_n, r->ended_n == 1 ? "" : "s", buf_str(&r->again));
    return choice_is_success(s) ? COMPLAIN_DONE : COMPLAIN_FAILED;
}
