/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/local.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "agent/agent.h"
#include "base/check.h"
#include "base/mem.h"
#include "cli/page/run_page.h"
#include "cli/place.h"
#include "cli/rm/removal.h"
#include "cli/screen/tty.h"
#include "net/link.h"
#include "orchestrator/alert/alert_hook.h"
#include "orchestrator/alert/alert_watch.h"
#include "orchestrator/wandb/wandb_desk.h"

enum { GRACE_MS = 30000, EXIT_STORE = 6, DRAIN_TELL_MS = 3000, DRAIN_MS = 60000 };

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { SIGNALS = sizeof signals / sizeof *signals };

struct local {
    struct local_config config;
    uv_loop_t loop;
    uv_signal_t signals[SIGNALS];
    uv_timer_t second, drain;
    struct driver *driver;
    struct wandb_desk *desk;
    struct run_page *page;   /* NULL: none */
    struct alert_hook *hook; /* NULL: none */
    struct alert_watch *watch;
    char origin[RUN_PAGE_LINK_BYTES]; /* of the page, without its key */
    struct agent *agent;
    int agent_fd; /* the agent's end of the link, until the agent takes it over */
    char shim[PATH_MAX], bin[PATH_MAX];
    int ended_by, interrupts;
    enum local_next next;
    bool forced, closing; /* forced: leave pending work */
    /* Waits until what wandb logged is stored, and alerts are told; has waited long enough. */
    bool draining, drained;
};

static void on_drained(uv_timer_t *timer)
{
    struct local *l = timer->data;
    l->drained = true;
    uv_stop(&l->loop);
}

static void on_draining(uv_timer_t *timer)
{
    struct local *l = timer->data;
    char text[160];
    uint64_t waiting = agent_wandb_waiting(l->agent);
    if (waiting > 0)
        snprintf(
            text, sizeof text,
            "waiting until what wandb logged is stored, %.1f MiB: Ctrl-C leaves it to the next run",
            (double)waiting / (1 << 20));
    else
        snprintf(text, sizeof text, "waiting until --alert has passed the alert on: Ctrl-C exits");
    l->config.warned(l->config.arg, text);
    uv_timer_start(&l->drain, on_drained, DRAIN_MS - DRAIN_TELL_MS, 0);
}

/* A person who interrupts the run needs no alert. */
static bool run_is_told(const struct local *l)
{
    return !l->watch || l->interrupts > 0 || alert_watch_is_idle(l->watch);
}

/* What is not stored in time is stored by the next run. */
static void run_end(struct local *l)
{
    bool stored = agent_wandb_waiting(l->agent) == 0;
    if ((stored && run_is_told(l)) || l->drained || l->interrupts > 1) {
        uv_stop(&l->loop);
    } else if (!l->draining) {
        l->draining = true;
        uv_timer_start(&l->drain, on_draining, DRAIN_TELL_MS, 0);
    }
}

/* Does not wait for trials of other sweeps: an earlier run left them running, or another process
 * follows them. */
static void stop_if_done(struct local *l)
{
    if (l->closing || !driver_is_idle(l->driver))
        return;
    bool ended = l->interrupts > 0 ? driver_running(l->driver) == 0
                                   : l->next == LOCAL_FINISH && !driver_keeps(l->driver);
    bool left = (l->interrupts == 0 && l->next == LOCAL_LEAVE) ||
                agent_has_left(l->agent); /* besom drain */
    if (l->interrupts > 1 && agent_only_reads(l->agent))
        l->forced = true; /* the next run reads what wandb left */
    if (left || l->forced)
        uv_stop(&l->loop);
    else if (ended && agent_is_done(l->agent, l->config.sweep))
        run_end(l);
}

static void on_driver_changed(void *arg)
{
    struct local *l = arg;
    if (l->closing)
        return;
    l->next = l->config.changed(l->config.arg, driver_books(l->driver));
    if (l->agent)
        stop_if_done(l);
}

static void on_agent_changed(void *arg)
{
    struct local *l = arg;
    /* The agent and the controller share this process, so only a bug of besom closes their link.
     * The run would then never end; after the abort, the next run recovers as from a crash. */
    check(l->closing || agent_is_linked(l->agent));
    stop_if_done(l);
}

static void on_told(void *arg)
{
    struct local *l = arg;
    if (!l->closing && l->agent)
        stop_if_done(l);
}

static void on_alert_failed(void *arg, const char *text)
{
    struct local *l = arg;
    l->config.warned(l->config.arg, text);
}

static void on_alert(void *arg, const char *json)
{
    struct local *l = arg;
    if (l->hook)
        alert_hook_send(l->hook, json);
}

/* After the page, whose address it tells. */
static int watch_begin(struct local *l, struct err *err)
{
    const char *link = run_page_link(l->page);
    int len = (int)strcspn(link, "#");
    snprintf(l->origin, sizeof l->origin, "%.*s", len > 0 ? len - 1 : 0, link);
    const struct alert_watch_config watch = {.loop = &l->loop,
                                             .driver = l->driver,
                                             .hook = l->hook,
                                             .dir = l->config.dir,
                                             .sweep = l->config.sweep,
                                             .page = l->origin[0] ? l->origin : NULL,
                                             .failed = on_alert_failed,
                                             .idle = on_told,
                                             .arg = l};
    return alert_watch_start(&watch, &l->watch, err);
}

static void on_agent_warned(void *arg, const char *text)
{
    struct local *l = arg;
    l->config.warned(l->config.arg, text);
}

static void on_failed(void *arg, const struct err *err)
{
    (void)arg;
    tty_end();
    fprintf(stderr,
            "\nbesom: %s\nNo acknowledged data is lost, and the trials keep running. When the "
            "cause is fixed, run the same command again.\n",
            err->text);
    _exit(EXIT_STORE);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct local *l = handle->data;
    if (l->closing)
        return;
    l->ended_by = number;
    if (number == SIGHUP) { /* the terminal is gone: trials continue, the next run adopts them */
        l->forced = true;
        uv_stop(&l->loop);
        return;
    }
    l->interrupts++;
    if (l->interrupts <= 2)
        driver_shutdown(l->driver);
    if (l->config.interrupted && !l->draining)
        l->config.interrupted(l->config.arg, l->interrupts);
    if (l->agent)
        stop_if_done(l);
    if (l->interrupts > 2 ||
        l->draining) { /* a shim or a disk does not answer: the next run ends what is left */
        l->forced = true;
        uv_stop(&l->loop);
    }
}

/* The run has decided to end: another Ctrl-C must not replace its exit status. Signals are blocked
 * while their default actions are restored; ignoring them drops the pending ones. */
static void signals_ignore(struct local *l)
{
    sigset_t set, before;
    sigemptyset(&set);
    for (int i = 0; i < SIGNALS; i++)
        sigaddset(&set, signals[i]);
    check(sigprocmask(SIG_BLOCK, &set, &before) == 0);
    for (int i = 0; i < SIGNALS; i++)
        uv_close((uv_handle_t *)&l->signals[i], NULL);
    uv_run(&l->loop, UV_RUN_DEFAULT);
    for (int i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    check(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
}

/* A signal that is ignored at the start stays ignored: nohup ignores SIGHUP, and a shell without
 * job control ignores SIGINT for its background jobs. */
static void signals_watch(struct local *l)
{
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction inherited;
        check(sigaction(signals[i], NULL, &inherited) == 0);
        if (inherited.sa_handler != SIG_IGN)
            uv_signal_start(&l->signals[i], on_signal, signals[i]);
    }
}

static void on_second(uv_timer_t *timer)
{
    struct local *l = timer->data;
    l->config.second(l->config.arg, driver_books(l->driver));
}

/* Opens the link to the controller in this process. Once closed, it cannot be opened again. */
static int connect_pair(void *arg, const struct link_handler *handler, struct link **ret,
                        struct err *err)
{
    struct local *l = arg;
    int fd = l->agent_fd;
    l->agent_fd = -1;
    return link_open(&l->loop, fd, handler, ret, err);
}

static void on_wandb(void *arg, const struct agent_key *key, const struct wandb_ask *ask,
                     wandb_reply_fn fn, void *fn_arg)
{
    struct local *l = arg;
    (void)key;
    wandb_desk_ask(l->desk, ask, fn, fn_arg);
}

static int connect_both(struct local *l, struct err *err)
{
    int fds[2];
    struct agent_config agent = {.loop = &l->loop,
                                 .name = LOCAL_AGENT,
                                 .dir = l->config.dir,
                                 .shim = l->shim,
                                 .bin = l->bin,
                                 .slots = l->config.slots,
                                 .gpus = l->config.gpus,
                                 .shares = l->config.shares,
                                 .grace_ms = GRACE_MS,
                                 .connect = connect_pair,
                                 .changed = on_agent_changed,
                                 .warned = on_agent_warned,
                                 .full = on_failed,
                                 .wandb = on_wandb,
                                 .arg = l};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return err_set(err, ERR_IO, "no socket pair: %s", strerror(errno));
    l->agent_fd = fds[1];
    int rc = driver_attach(l->driver, fds[0], err);
    return rc != 0 ? rc : agent_start(&agent, &l->agent, err);
}

int local_start(const struct local_config *config, struct store *store, struct local **ret,
                struct err *err)
{
    struct local *l = mem_alloc(sizeof *l);
    l->config = *config;
    /* The reader of our progress may exit first, as tee does at Ctrl-C: trials must still end
     * politely. */
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    check(uv_loop_init(&l->loop) == 0);
    for (int i = 0; i < SIGNALS; i++) {
        uv_signal_init(&l->loop, &l->signals[i]);
        l->signals[i].data = l;
    }
    uv_timer_init(&l->loop, &l->second);
    uv_timer_init(&l->loop, &l->drain);
    l->second.data = l->drain.data = l;
    struct driver_config driver = {.loop = &l->loop,
                                   .dir = config->dir,
                                   .changed = on_driver_changed,
                                   .failed = on_failed,
                                   .arg = l,
                                   .most = config->most};
    removal_tidy(store, config->dir);
    const struct alert_hook_config hook = {
        .loop = &l->loop, .target = config->alert, .failed = on_alert_failed, .arg = l};
    int rc = place_shim(l->bin, l->shim, err);
    if (rc == 0 && config->alert)
        rc = alert_hook_new(&hook, &l->hook, err);
    if (rc == 0)
        rc = driver_start(&driver, store, config->sweep, &l->driver, err);
    else
        store_close(store);
    const struct wandb_desk_config desk = {
        .loop = &l->loop, .dir = config->dir, .driver = l->driver, .alert = on_alert, .arg = l};
    if (rc == 0)
        rc = wandb_desk_start(&desk, &l->desk, err);
    if (rc == 0)
        rc = connect_both(l, err);
    if (rc != 0) {
        local_free(l);
        return rc;
    }
    signals_watch(l);
    const struct run_page_config page = {.loop = &l->loop,
                                         .driver = l->driver,
                                         .desk = l->desk,
                                         .dir = config->dir,
                                         .warned = config->warned,
                                         .arg = config->arg};
    run_page_forget(config->dir);
    if (config->page)
        l->page = run_page_open(&page);
    if (l->hook && (rc = watch_begin(l, err)) != 0) {
        local_free(l);
        return rc;
    }
    if (config->second)
        uv_timer_start(&l->second, on_second, 1000, 1000);
    *ret = l;
    return 0;
}

struct driver *local_driver(struct local *l)
{
    return l->driver;
}

uv_loop_t *local_loop(struct local *l)
{
    return &l->loop;
}

const char *local_page_link(const struct local *l)
{
    return run_page_link(l->page);
}

int local_run(struct local *l)
{
    /* A request that arrived in the loop's last turn is still carried out. */
    do
        uv_run(&l->loop, UV_RUN_DEFAULT);
    while (!l->forced && !driver_is_idle(l->driver));
    return l->ended_by;
}

void local_free(struct local *l)
{
    l->closing = true;
    uv_timer_stop(&l->second);
    uv_timer_stop(&l->drain);
    run_page_close(l->page, l->config.sweep);
    if (l->agent)
        agent_close(l->agent);
    wandb_desk_close(l->desk);
    alert_watch_close(l->watch);
    alert_hook_close(l->hook);
    if (l->driver)
        driver_close(l->driver);
    for (int i = 0; i < SIGNALS; i++)
        uv_unref((uv_handle_t *)&l->signals[i]);
    uv_close((uv_handle_t *)&l->second, NULL);
    uv_close((uv_handle_t *)&l->drain, NULL);
    uv_run(&l->loop, UV_RUN_DEFAULT);
    run_page_free(l->page);
    if (l->agent)
        agent_free(l->agent);
    wandb_desk_free(l->desk);
    alert_watch_free(l->watch);
    alert_hook_free(l->hook);
    if (l->driver)
        driver_free(
            l->driver); /* ends its threads, which would receive a signal that is blocked here */
    signals_ignore(l);
    check(uv_loop_close(&l->loop) == 0);
    mem_free(l);
}
