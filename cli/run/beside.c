/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/beside.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"
#include "cli/progress/run_progress.h"
#include "cli/steer/steer_live.h"
#include "cli/steer/steer_request.h"
#include "orchestrator/store/store.h"
#include "orchestrator/view/view_facts.h"

enum { LOOK_MS = 200, FACTS_PAGE = 256, WAIT_LOOKS = 5 };

static int request_send(const struct beside_handover *h, struct steer_request request,
                        bool *ret_nobody, struct err *err)
{
    struct buf message;
    request.sweep = h->sweep;
    buf_init(&message, SIZE_MAX);
    int rc = steer_live(h->store, &request, &message, ret_nobody, err);
    buf_done(&message);
    return rc;
}

int beside_hand_over(const struct beside_handover *h, bool *ret_nobody, struct err *err)
{
    const struct {
        bool wanted;
        struct steer_request request;
    } steps[] = {
        {h->create, {.op = "create", .fact = h->create}},
        {h->edit, {.op = "edit", .fact = h->edit}},
        {h->resume && h->retry, {.op = "retry", .retry = h->retry}},
        {h->resume, {.op = "resume"}},
        {!h->create, {.op = "run"}},
    };
    int rc = 0;
    *ret_nobody = false;
    for (size_t i = 0; rc == 0 && !*ret_nobody && i < sizeof steps / sizeof *steps; i++)
        if (steps[i].wanted)
            rc = request_send(h, steps[i].request, ret_nobody, err);
    return rc;
}

int beside_leave(const struct beside *b, bool *ret_runs, struct err *err)
{
    const struct beside_handover h = {.store = b->store, .sweep = b->sweep};
    bool nobody = false;
    int rc = request_send(&h, (struct steer_request){.op = "keep"}, &nobody, err);
    *ret_runs = rc == 0 && !nobody;
    return rc == ERR_NOT_FOUND || rc == ERR_STATE ? 0 : rc;
}

struct following {
    struct beside *b;
    struct view *view;
    uint64_t next; /* number of the next fact */
    bool told_waits;
    int waited;   /* successive looks at which no trial ran */
    bool misfits; /* a fact did not fit: the store has merged it with others */
};

static int books_reload(struct following *f, struct err *err)
{
    struct books *books = &f->b->books;
    books_done(books);
    books_init(books);
    f->misfits = false;
    int rc = store_load_beside(f->view, f->b->sweep, books, err);
    if (rc == 0 && !books_sweep(books, f->b->sweep))
        rc = err_set(err, ERR_NOT_FOUND, "sweep %s is no longer in the store", f->b->sweep);
    return rc;
}

/* Applies the facts that the books do not have yet, and reports all of them. */
static bool on_fact(void *arg, const struct fact *fact)
{
    struct following *f = arg;
    struct books *books = &f->b->books;
    struct err err = {0};
    if (strcmp(fact->sweep, f->b->sweep) != 0)
        return true;
    if (fact->seq > books->seq && books_apply(books, fact, &err) != 0)
        f->misfits = true;
    run_progress_fact(f->b->progress, books_sweep(books, f->b->sweep), fact);
    return true;
}

static int facts_read(struct following *f, struct err *err)
{
    bool end = false;
    int rc = 0;
    while (rc == 0 && !end) {
        rc = view_facts(f->view, f->next, FACTS_PAGE, SIZE_MAX, on_fact, f, &f->next, &end, err);
        books_sweep_out(&f->b->books);
    }
    return rc == 0 && f->misfits ? books_reload(f, err) : rc;
}

static bool sweep_is_over(const struct beside *b)
{
    const struct book_sweep *s = books_sweep(&b->books, b->sweep);
    bool paused = s->state == SWEEP_PAUSED && s->reason != REASON_USER;
    return (sweep_states[s->state].final || paused) && s->counts[TRIAL_RUNNING] == 0;
}

static int holder_look(const struct beside *b, bool *ret_left, struct err *err)
{
    char holder[STORE_LOCK_HOLDER_BYTES];
    bool held = false;
    int rc = store_lock_is_held(b->store, &held, err);
    store_lock_holder(b->store, holder);
    *ret_left = !held || strcmp(holder, b->holder) != 0;
    return rc;
}

/* Opens a descriptor for the signals that are not ignored, and blocks them. */
static int signals_open(sigset_t *ret_before)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction inherited;
        check(sigaction(signals[i], NULL, &inherited) == 0);
        if (inherited.sa_handler != SIG_IGN)
            sigaddset(&set, signals[i]);
    }
    check(sigprocmask(SIG_BLOCK, &set, ret_before) == 0);
    int fd = signalfd(-1, &set, SFD_CLOEXEC);
    check(fd >= 0);
    return fd;
}

/* Waits a moment for a signal; 0: none came. */
static int signal_wait(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    struct signalfd_siginfo info;
    if (poll(&p, 1, LOOK_MS) <= 0 || read(fd, &info, sizeof info) != sizeof info)
        return 0;
    return (int)info.ssi_signo;
}

/* Says once that the sweep waits for trials of other sweeps. */
static void slot_wait_say(struct following *f)
{
    const struct book_sweep *s = books_sweep(&f->b->books, f->b->sweep);
    bool waits = s->state == SWEEP_RUNNING && s->counts[TRIAL_RUNNING] == 0;
    f->waited = waits ? f->waited + (f->waited <= WAIT_LOOKS) : 0;
    if (f->waited == WAIT_LOOKS && !f->told_waits) {
        f->told_waits = true;
        run_progress_say(f->b->progress, "Waiting for a free slot: other sweeps have them all.");
    }
}

static int sweep_watch(struct following *f, int signals, enum beside_end *ret, struct err *err)
{
    struct beside *b = f->b;
    for (;;) {
        bool left;
        int rc = holder_look(b, &left, err); /* first: its last facts are read after */
        if (rc == 0)
            rc = facts_read(f, err);
        if (rc != 0)
            return rc;
        run_progress_look(b->progress, books_sweep(&b->books, b->sweep));
        slot_wait_say(f);
        *ret = BESIDE_OVER;
        if (sweep_is_over(b))
            return 0;
        *ret = BESIDE_LEFT;
        if (left)
            return 0;
        *ret = BESIDE_INTERRUPTED;
        b->signal = signal_wait(signals);
        if (b->signal)
            return 0;
    }
}

int beside_follow(struct beside *b, enum beside_end *ret, struct err *err)
{
    struct following f = {.b = b};
    sigset_t before;
    books_init(&b->books);
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    int signals = signals_open(&before), rc = view_open(b->store, &f.view, err);
    if (rc == 0)
        rc = books_reload(&f, err);
    f.next = b->books.seq + 1;
    if (rc == 0)
        rc = sweep_watch(&f, signals, ret, err);
    view_close(f.view);
    close(signals);
    sigprocmask(SIG_SETMASK, &before, NULL);
    run_progress_done(b->progress);
    return rc;
}
