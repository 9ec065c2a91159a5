/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/run_keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/print/terminal.h"
#include "cli/run/run_outcome.h"

static void command_ask(struct run *r, enum controller_command command)
{
    const struct event ev = {.kind = EVENT_COMMAND, .sweep = r->choice.id, .command = command};
    const struct driver_asker said = {.fn = run_outcome_of_request, .arg = r};
    driver_ask(r->driver, &ev, &said);
}

static void key_show_help(struct run *r)
{
    run_progress_say(r->progress, terminal_utf8()
                                      ? "✓ finished  ◆ stopped early  ✗ failed  ▶ running"
                                      : "+ finished  o stopped early  x failed  > running");
    run_progress_say(r->progress, "bar: done, running, to come; a row: trial, time, place, last "
                                  "value, its course, parameters");
    run_progress_say(r->progress,
                     "p: pause or resume; q: stop; in both, running trials finish. Ctrl-C: "
                     "interrupt; the next besom run continues");
}

/* The answer to a question, or a key of its own. */
static void on_key(struct run *r, int key)
{
    const struct book_sweep *s = books_sweep(driver_books(r->driver), r->choice.id);
    if (!s)
        return;
    if (r->stop_asked) {
        r->stop_asked = false;
        if (key == 'y')
            command_ask(r, COMMAND_STOP);
        run_progress_ask(r->progress, NULL);
    } else if (key == 'p') {
        command_ask(r, s->state == SWEEP_PAUSED ? COMMAND_RESUME : COMMAND_PAUSE);
    } else if (key == 'q') {
        char question[160];
        uint64_t n = s->counts[TRIAL_RUNNING];
        snprintf(question, sizeof question,
                 "stop the sweep? %" PRIu64 " running trial%s finish%s, no other begins: y or n", n,
                 n == 1 ? "" : "s", n == 1 ? "es" : "");
        r->stop_asked = true;
        run_progress_ask(r->progress, question);
    } else if (key == '?') {
        key_show_help(r);
    }
}

static void on_keyboard(void *arg, enum keyboard_event event, int key)
{
    struct run *r = arg;
    if (event == KEYBOARD_KEY) {
        on_key(r, key);
        return;
    }
    if (event == KEYBOARD_RESUMED)
        run_progress_forget(r->progress);
    run_progress_redraw(r->progress);
}

void run_keys_begin(struct run *r, struct uv_loop_s *loop)
{
    r->keyboard = NULL;
    if (r->quiet || r->json || !terminal_draws(stderr))
        return;
    r->keyboard = keyboard_open(loop, STDERR_FILENO, false, on_keyboard, r);
    if (keyboard_has_keys(r->keyboard))
        run_progress_keys(r->progress, "p pause  q stop  ?");
}
