/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom serve: the controller of a fleet. It runs the sweeps of its store on the agents that are
 * connected. When it ends, trainings continue: their agents keep what they report until a controller
 * is there again. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "agent/attempt_log.h"
#include "agent/core/agent_sweeps.h"
#include "agent/files/files_desk.h"
#include "agent/log_reader.h"
#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/fleet/controller_key.h"
#include "cli/fleet/first_start.h"
#include "cli/fleet/invitation.h"
#include "cli/fleet/news.h"
#include "cli/fleet/place_mark.h"
#include "cli/fleet/state_dir.h"
#include "cli/invocation.h"
#include "cli/logging.h"
#include "cli/print/terminal.h"
#include "cli/rm/removal.h"
#include "cli/run/descriptors.h"
#include "cli/run/local.h"
#include "language/duration.h"
#include "language/memory_size.h"
#include "net/address.h"
#include "net/endpoint.h"
#include "orchestrator/alert/alert_hook.h"
#include "orchestrator/alert/alert_watch.h"
#include "orchestrator/runs/files/files.h"
#include "orchestrator/server/server.h"
#include "orchestrator/wandb/wandb_desk.h"

/* These names become part of addresses that users paste. */
#define HOST_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"
#define DATABASE "besom.db"
#define MARK "served"
#define LISTEN_DEFAULT "127.0.0.1:8470"

static const int signals[] = {SIGINT, SIGTERM};
enum {
    SIGNALS = sizeof signals / sizeof *signals,
    HOSTS_MAX = 32,
    HOST_BYTES_MAX = 253,
    LOST_S_MIN = 20
};

struct serve {
    uv_loop_t loop;
    uv_signal_t signals[SIGNALS];
    struct driver *driver;
    struct wandb_desk *desk;
    struct server *server;
    struct identity *identity; /* NULL: plain HTTP */
    struct first_start *first;
    struct alert_hook *hook; /* NULL: none */
    struct alert_watch *watch;
    char page[ENDPOINT_BYTES]; /* where it is, for links */
    struct files_desk *files;
    char *names; /* of --host, cut at its commas */
    const char *hosts[HOSTS_MAX + 1];
    int64_t lost_ms; /* 0: the default */
    uint64_t files_max;
    char dir[PATH_MAX];
    const char *listen;
    bool json, restored;
};

static void serve_on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    uv_stop(handle->loop);
}

static void serve_changed(void *arg)
{
    (void)arg;
}

static void serve_failed(void *arg, const struct err *err)
{
    (void)arg;
    fprintf(stderr,
            "besom: %s\nNo acknowledged data is lost, and trainings continue. When the cause is "
            "fixed, start besom serve again.\n",
            err->text);
    _exit(COMPLAIN_STORE);
}

static void serve_revoked(void *arg, const struct trust_credential *c)
{
    struct serve *s = arg;
    if (s->server)
        server_revoked(s->server, c);
}

static void serve_alert(void *arg, const char *json)
{
    struct serve *s = arg;
    news_say("alert %s", json);
    if (s->hook)
        alert_hook_send(s->hook, json);
}

static void serve_say(void *arg, const char *text)
{
    (void)arg;
    news_say("%s", text);
}

static int hook_make(struct serve *s, const char *target, struct err *err)
{
    const struct alert_hook_config hook = {
        .loop = &s->loop, .target = target, .failed = serve_say, .arg = s};
    return target ? alert_hook_new(&hook, &s->hook, err) : 0;
}

static int watch_begin(struct serve *s, const struct endpoint *endpoint, struct err *err)
{
    endpoint_page(endpoint, s->page);
    const struct alert_watch_config watch = {.loop = &s->loop,
                                             .driver = s->driver,
                                             .hook = s->hook,
                                             .dir = s->dir,
                                             .page = s->page,
                                             .failed = serve_say,
                                             .arg = s};
    return s->hook ? alert_watch_start(&watch, &s->watch, err) : 0;
}

/* Beyond loopback, all connections use TLS. */
static int identity_find(struct serve *s, struct err *err)
{
    struct address address;
    int rc = address_parse(s->listen, &address, err);
    if (rc == 0 && address.unix_socket)
        rc = err_set(err, ERR_USAGE, "--listen takes HOST:PORT");
    if (rc != 0 || endpoint_host_is_here(address.host))
        return rc;
    return controller_key_find(s->dir, address.host, s->hosts, &s->identity, err);
}

/* How others reach this controller: by the first --host, the address it listens on, or
 * the machine's name. */
static struct endpoint serve_endpoint(const struct serve *s)
{
    struct endpoint e = {.tls = s->identity != NULL};
    struct address address;
    struct err none = {0};
    char self[256] = "";
    check(address_parse(s->listen, &address, &none) == 0);
    bool any = strcmp(address.host, "0.0.0.0") == 0 || strcmp(address.host, "::") == 0;
    if (s->hosts[0] && s->identity)
        snprintf(e.host, sizeof e.host, "%s", s->hosts[0]);
    else if (any && gethostname(self, sizeof self - 1) == 0 && self[0])
        snprintf(e.host, sizeof e.host, "%s", self);
    else
        snprintf(e.host, sizeof e.host, strchr(address.host, ':') ? "[%s]" : "%s", address.host);
    snprintf(e.address, sizeof e.address, "%s:%d", e.host, server_port(s->server));
    if (s->identity)
        snprintf(e.pin, sizeof e.pin, "%s", identity_fingerprint(s->identity));
    return e;
}

static int hosts_read(struct serve *s, const char *given, struct err *err)
{
    size_t n = 0;
    s->names = given ? mem_strdup(given) : NULL;
    for (char *name = s->names, *comma; name; name = comma ? comma + 1 : NULL) {
        comma = strchr(name, ',');
        if (comma)
            *comma = '\0';
        if (!*name || n == HOSTS_MAX)
            return err_set(err, ERR_USAGE, "--host takes 1 to %d names with commas between them",
                           HOSTS_MAX);
        if (strlen(name) > HOST_BYTES_MAX || name[strspn(name, HOST_CHARS)] != '\0')
            return err_set(err, ERR_USAGE,
                           "--host: expected a name such as gpu0.example.org, got '%.40s'", name);
        s->hosts[n++] = name;
    }
    return 0;
}

static int files_max_read(const char *given, uint64_t *ret, struct err *err)
{
    *ret = FILES_MAX_DEFAULT;
    if (!given || (memory_size_parse(given, ret) && *ret > 0))
        return 0;
    return err_set(err, ERR_USAGE, "--files-max: expected an amount such as 100GiB, got '%s'",
                   given);
}

/* Agents send a heartbeat every 5 s; a silent link is closed after 20 s. */
static int lost_read(struct serve *s, const char *given, struct err *err)
{
    double span = 0;
    if (given && (!duration_parse(given, &span) || span < LOST_S_MIN))
        return err_set(err, ERR_USAGE,
                       "--lost-after: expected a time of at least %ds, such as 90s or 10m, got "
                       "'%.40s'",
                       LOST_S_MIN, given);
    s->lost_ms = (int64_t)(span * 1000);
    return 0;
}

/* The folder of the store has the logs of attempts that besom run ran here. */
static bool serve_log_here(void *arg, struct arena *a, struct message *m)
{
    const struct serve *s = arg;
    struct agent_key key = {.trial = m->trial, .attempt = m->attempt};
    if (strlen(m->sweep) >= sizeof key.sweep)
        return false;
    memcpy(key.sweep, m->sweep, strlen(m->sweep) + 1);
    if (!agent_sweeps_is_id(key.sweep) || !log_reader_is_there(attempt_log_path(a, s->dir, &key)))
        return false;
    attempt_log_answer(a, s->dir, &key, m);
    return true;
}

/* So are the files of their trials. */
static void serve_files_here(void *arg, const struct message *ask)
{
    struct serve *s = arg;
    files_desk_ask(s->files, ask);
}

static void serve_files_found(void *arg, const struct message *answer)
{
    struct serve *s = arg;
    driver_found_files(s->driver, answer);
}

/* Agents of the original know the copy by the same key and the same id: two controllers would give
 * them the same trials. */
static int copy_judge(struct serve *s, struct err *err)
{
    struct err copy = {0};
    int rc = place_mark_judge(s->dir, MARK, DATABASE, &copy);
    if (rc == ERR_STATE && !s->restored)
        return err_set(
            err, ERR_STATE,
            "%s, which another besom serve may use: if that is gone for good, start this "
            "one with --restored; to serve both, use another --store",
            copy.text);
    if (rc != 0 && rc != ERR_STATE)
        *err = copy;
    return rc == ERR_STATE ? 0 : rc;
}

static int serve_start(struct serve *s, struct err *err)
{
    struct store *store = NULL;
    const struct driver_config driver = {.loop = &s->loop,
                                         .dir = s->dir,
                                         .lost_ms = s->lost_ms,
                                         .changed = serve_changed,
                                         .failed = serve_failed,
                                         .revoked = serve_revoked,
                                         .agent = news_agent,
                                         .given_up = news_given_up,
                                         .log_here = serve_log_here,
                                         .files_here = serve_files_here,
                                         .here_name = LOCAL_AGENT,
                                         .arg = s};
    int rc = copy_judge(s, err);
    if (rc == 0)
        rc = identity_find(s, err);
    if (rc == 0)
        rc = store_open(s->dir, true, &store, err);
    if (rc == 0)
        rc = place_mark_leave(s->dir, MARK, DATABASE, err);
    if (rc != 0) {
        store_close(store);
        return rc;
    }
    removal_tidy(store, s->dir);
    s->files = files_desk_new(&s->loop, s->dir, serve_files_found, s);
    rc = driver_start(&driver, store, NULL, &s->driver, err);
    const struct wandb_desk_config desk = {.loop = &s->loop,
                                           .dir = s->dir,
                                           .driver = s->driver,
                                           .lost_ms = s->lost_ms,
                                           .files_max = s->files_max,
                                           .alert = serve_alert,
                                           .arg = s};
    if (rc == 0)
        rc = wandb_desk_start(&desk, &s->desk, err);
    const struct server_config server = {.loop = &s->loop,
                                         .driver = s->driver,
                                         .desk = s->desk,
                                         .dir = s->dir,
                                         .address = s->listen,
                                         .identity = s->identity,
                                         .hosts = s->hosts};
    return rc ? rc : server_start(&server, &s->server, err);
}

static void serve_end(struct serve *s)
{
    server_close(s->server);
    wandb_desk_close(s->desk);
    alert_watch_close(s->watch);
    alert_hook_close(s->hook);
    files_desk_close(s->files);
    if (s->driver)
        driver_close(s->driver);
    for (int i = 0; i < SIGNALS; i++)
        uv_close((uv_handle_t *)&s->signals[i], NULL);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    server_free(s->server);
    wandb_desk_free(s->desk);
    alert_watch_free(s->watch);
    alert_hook_free(s->hook);
    files_desk_free(s->files);
    if (s->driver)
        driver_free(s->driver);
    identity_free(s->identity);
    first_start_free(s->first);
    mem_free(s->names);
    check(uv_loop_close(&s->loop) == 0);
}

int cmd_serve(struct invocation *inv)
{
    struct serve s = {.listen = invocation_option(inv, "listen"),
                      .json = invocation_flag(inv, "json"),
                      .restored = invocation_flag(inv, "restored")};
    struct err err = {0};
    check(uv_loop_init(&s.loop) == 0);
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    for (int i = 0; i < SIGNALS; i++)
        uv_signal_init(&s.loop, &s.signals[i]);
    s.listen = s.listen ? s.listen : LISTEN_DEFAULT;
    descriptors_raise();
    int rc = descriptors_check(&err);
    if (rc == 0)
        rc = logging_open(inv, &err);
    if (rc == 0)
        rc = state_dir_make(invocation_option(inv, "store"), "besom", s.dir, &err);
    if (rc == 0)
        rc = hosts_read(&s, invocation_option(inv, "host"), &err);
    if (rc == 0)
        rc = lost_read(&s, invocation_option(inv, "lost-after"), &err);
    if (rc == 0)
        rc = hook_make(&s, invocation_option(inv, "alert"), &err);
    if (rc == 0)
        rc = files_max_read(invocation_option(inv, "files-max"), &s.files_max, &err);
    if (rc == 0)
        rc = serve_start(&s, &err);
    if (rc == 0) {
        const struct endpoint endpoint = serve_endpoint(&s);
        if (invitation_leave(s.dir, &endpoint, &err) != 0)
            terminal_print(stderr, "besom: %s\n", err.text);
        news_follow(s.driver);
        if (watch_begin(&s, &endpoint, &err) != 0)
            terminal_print(stderr, "besom: %s\n", err.text);
        s.first = first_start_begin(s.driver, &endpoint, s.dir, s.json);
        for (int i = 0; i < SIGNALS; i++)
            uv_signal_start(&s.signals[i], serve_on_signal, signals[i]);
        uv_run(&s.loop, UV_RUN_DEFAULT);
    }
    serve_end(&s);
    return rc ? complain(&err) : COMPLAIN_DONE;
}
