/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/watch/watch_screen.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/check.h"
#include "base/mem.h"
#include "cli/print/terminal.h"
#include "cli/screen/keyboard.h"
#include "cli/watch/watch_draw.h"
#include "cli/watch/watch_read.h"

enum {
    LOOK_MS = 1000,
    SHARE = 50 /* a look comes when this many times as long has passed as the last one took */
};

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { SIGNALS = sizeof signals / sizeof *signals };

/* What the thread that reads is given, and gives back. */
struct work {
    uv_work_t request;
    struct watch w; /* as it was when it was asked for */
    enum watch_wish wish;
    struct watch_data *data; /* of WATCH_READ */
    bool possible;
    int64_t revision;
    char message[WATCH_SAID];
    double took_s; /* of a processor */
};

struct screen {
    uv_loop_t loop;
    uv_timer_t timer;
    uv_signal_t signals[SIGNALS];
    struct keyboard *keyboard;
    struct watch w;
    struct watch_data *data; /* never NULL */
    struct watch_reader reader;
    struct frame shown, next;
    bool stands, colour;
    struct work work;
    bool busy;            /* work is being done */
    enum watch_wish then; /* what is wanted after it; WATCH_NOTHING */
    uint64_t due_ms;      /* when to read next */
    int ended_by;
};

static void screen_draw(struct screen *s)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    watch_draw(&s->next, &s->w, s->data);
    bool same = s->stands && s->shown.rows == s->next.rows && s->shown.columns == s->next.columns;
    if (!same)
        buf_adds(&out, "\x1b[H\x1b[2J");
    frame_draw(same ? &s->shown : NULL, &s->next, s->colour, &out);
    struct frame before = s->shown;
    s->shown = s->next;
    s->next = before;
    s->stands = true;
    fwrite(buf_str(&out), 1, out.len, stderr);
    fflush(stderr);
    buf_done(&out);
}

static double processor_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_work(uv_work_t *request)
{
    struct screen *s = request->data;
    struct work *work = &s->work;
    double from = processor_s();
    if (work->wish == WATCH_READ)
        work->data = watch_read(&s->reader, &work->w, s->data);
    else
        work->possible = watch_read_action(&s->reader, &work->w, work->wish == WATCH_DO,
                                           &work->revision, work->message);
    work->took_s = processor_s() - from;
}

static void screen_want(struct screen *s, enum watch_wish wish);

static void data_take(struct screen *s)
{
    struct watch_data *before = s->data;
    s->data = s->work.data;
    s->work.data = NULL;
    watch_read_free(before);
    watch_state_settle(&s->w, s->data);
    uint64_t rest = (uint64_t)(s->work.took_s * SHARE * 1000);
    s->due_ms = uv_now(&s->loop) + (rest > LOOK_MS ? rest : LOOK_MS);
    /* The first rows choose a trial, whose parts are to be read too. */
    bool other = s->w.has_chosen != s->work.w.has_chosen || s->w.chosen != s->work.w.chosen;
    if (other && s->then == WATCH_NOTHING)
        s->then = WATCH_READ;
}

static void on_worked(uv_work_t *request, int status)
{
    struct screen *s = request->data;
    struct work *work = &s->work;
    (void)status;
    s->busy = false;
    if (s->ended_by || uv_is_closing((uv_handle_t *)&s->timer)) {
        watch_read_free(work->data);
        return;
    }
    if (work->wish == WATCH_READ) {
        data_take(s);
    } else if (work->wish == WATCH_COUNT) {
        watch_state_counted(&s->w, work->possible, work->revision, work->message);
    } else {
        watch_state_done(&s->w, work->message);
        s->then = WATCH_READ;
    }
    screen_draw(s);
    enum watch_wish then = s->then;
    s->then = WATCH_NOTHING;
    if (then != WATCH_NOTHING)
        screen_want(s, then);
}

static void screen_end(struct screen *s)
{
    keyboard_close(s->keyboard);
    s->keyboard = NULL;
    uv_close((uv_handle_t *)&s->timer, NULL);
    for (int i = 0; i < SIGNALS; i++)
        uv_close((uv_handle_t *)&s->signals[i], NULL);
}

/* Reading is on one thread at a time; an action that is asked for takes precedence. */
static void screen_want(struct screen *s, enum watch_wish wish)
{
    if (wish == WATCH_NOTHING)
        return;
    if (wish == WATCH_QUIT) {
        screen_end(s);
        return;
    }
    if (s->busy) {
        s->then = s->then == WATCH_COUNT || s->then == WATCH_DO ? s->then : wish;
        return;
    }
    s->busy = true;
    s->work = (struct work){.w = s->w, .wish = wish, .revision = -1};
    s->work.request.data = s;
    check(uv_queue_work(&s->loop, &s->work.request, on_work, on_worked) == 0);
}

static void size_read(struct screen *s)
{
    terminal_size(stderr, &s->w.lines, &s->w.columns);
}

static void on_keyboard(void *arg, enum keyboard_event event, int key)
{
    struct screen *s = arg;
    enum watch_wish wish = WATCH_READ;
    if (event == KEYBOARD_KEY)
        wish = watch_state_key(&s->w, s->data, key);
    else
        size_read(s);
    if (event == KEYBOARD_RESUMED)
        s->stands = false;
    if (wish != WATCH_QUIT)
        screen_draw(s);
    screen_want(s, wish);
}

/* Once a second also the times on the screen change. */
static void on_timer(uv_timer_t *timer)
{
    struct screen *s = timer->data;
    if (!s->busy && uv_now(&s->loop) >= s->due_ms)
        screen_want(s, WATCH_READ);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct screen *s = handle->data;
    if (s->ended_by)
        return;
    s->ended_by = number;
    screen_end(s);
}

bool watch_screen_is_possible(const struct looking *l)
{
    return !l->json && terminal_is(stdin) && terminal_draws(stderr);
}

static void screen_begin(struct screen *s)
{
    check(uv_loop_init(&s->loop) == 0);
    uv_timer_init(&s->loop, &s->timer);
    s->timer.data = s;
    for (int i = 0; i < SIGNALS; i++) {
        uv_signal_init(&s->loop, &s->signals[i]);
        s->signals[i].data = s;
        uv_signal_start(&s->signals[i], on_signal, signals[i]);
    }
    s->keyboard = keyboard_open(&s->loop, STDERR_FILENO, true, on_keyboard, s);
    uv_timer_start(&s->timer, on_timer, LOOK_MS / 4, LOOK_MS / 4);
}

int watch_screen_run(struct looking *l, const char *sweep, int *ret_signal, struct err *err)
{
    struct screen *s = mem_alloc(sizeof *s);
    int rc = 0;
    s->reader.l = l;
    s->data = mem_alloc(sizeof *s->data);
    arena_init(&s->data->arena);
    s->colour = terminal_colour(stderr);
    watch_state_init(&s->w, sweep);
    s->w.ascii = !terminal_utf8();
    frame_init(&s->shown, s->w.ascii);
    frame_init(&s->next, s->w.ascii);
    size_read(s);
    screen_begin(s);
    if (keyboard_has_keys(s->keyboard)) {
        screen_draw(s);
        screen_want(s, WATCH_READ);
    } else {
        rc = err_set(err, ERR_STATE,
                     "it runs in the background: its terminal belongs to another "
                     "process");
        screen_end(s);
    }
    uv_run(&s->loop, UV_RUN_DEFAULT);
    check(uv_loop_close(&s->loop) == 0);
    *ret_signal = s->ended_by;
    frame_done(&s->shown);
    frame_done(&s->next);
    watch_read_free(s->data);
    mem_free(s);
    return rc;
}
