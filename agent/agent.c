/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "agent/agent_core.h"
#include "agent/attempt_dir.h"
#include "agent/attempts.h"
#include "agent/interpreter.h"
#include "agent/launch.h"
#include "agent/leftover.h"
#include "agent/metric_lines.h"
#include "agent/pattern.h"
#include "agent/spool.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/link.h"
#include "net/log.h"
#include "net/turn.h"
#include "sweep/fact.h"

enum { WARNINGS_MAX = 64, LEFTOVER_MS = 5000 };

struct agent {
    struct agent_config config;
    struct launch_context launching;
    struct agent_core core;
    struct attempts *attempts;
    struct map warnings; /* each text that has been said -> not NULL */
    struct map patterns; /* key -> struct patterns *, from the start to the trim */
    struct link *link;
    struct turn turn;
    struct arena out;        /* what effects point to */
    struct agent_key *trims; /* attempts whose directories this turn gives up */
    size_t trims_n, trims_cap;
    struct buf text;
};

/* What fails at each look, as a metrics file that cannot be read, is said once. */
static void warn(void *arg, const struct err *err)
{
    struct agent *a = arg;
    size_t len = strlen(err->text);
    if (a->warnings.live >= WARNINGS_MAX || map_find(&a->warnings, err->text, len))
        return;
    map_put(&a->warnings, err->text, len, a);
    LOG(LOG_INFO, "agent.warning", log_text("error", err->text));
    a->config.warned(a->config.arg, err->text);
}

static struct agent_event *queue(struct agent *a, enum agent_event_kind kind,
                                 const struct agent_key *key)
{
    struct agent_event *ev = turn_add(&a->turn);
    ev->kind = kind;
    ev->now_ms = turn_now_ms(&a->turn);
    ev->wall_ms = turn_wall_ms();
    if (key)
        ev->key = *key;
    return ev;
}

static void log_attempt(const char *event, const struct agent_key *key, const char *how, int code)
{
    LOG(LOG_INFO, event, log_text("sweep", key->sweep), log_int("trial", (int64_t)key->trial),
        log_int("attempt", (int64_t)key->attempt), log_text("cause", how), log_int("code", code));
}

static void on_started(void *arg, const struct agent_key *key)
{
    log_attempt("attempt.runs", key, "launch", 0);
    queue(arg, AGENT_EV_STARTED, key);
}

static void on_ended(void *arg, const struct agent_key *key, const struct agent_end *end)
{
    struct agent *a = arg;
    log_attempt("attempt.ended", key, end->cause, end->code);
    struct agent_end *kept = arena_alloc(&a->turn.arena, sizeof *kept);
    *kept = *end;
    queue(a, AGENT_EV_ENDED, key)->end = kept;
}

static void on_forgotten(void *arg, const struct agent_key *key)
{
    struct agent *a = arg;
    patterns_free(map_remove(&a->patterns, key, sizeof *key));
    queue(a, AGENT_EV_FORGOTTEN, key);
}

static void on_full(void *arg, const struct err *err)
{
    struct agent *a = arg;
    a->config.full(a->config.arg, err);
}

static int keep_patterns(struct agent *a, const struct agent_key *key, const struct message *m,
                         struct err *err)
{
    struct patterns *p = NULL;
    if (strcmp(m->capture, "patterns") != 0 || map_find(&a->patterns, key, sizeof *key))
        return 0;
    int rc = patterns_new(m->patterns, &p, err);
    if (rc == 0)
        map_put(&a->patterns, key, sizeof *key, p);
    return rc;
}

static void start(struct agent *a, const struct agent_key *key, const struct message *m)
{
    struct err err = {0};
    if (keep_patterns(a, key, m, &err) == 0) {
        attempts_start(a->attempts, key, m);
        return;
    }
    struct agent_end end = attempts_end("launch", err.text);
    on_ended(a, key, &end);
}

static void read_metrics(struct agent *a, const struct agent_effect *e)
{
    struct err err = {0};
    struct spool spool = {.offset = e->from};
    const char *path =
        arena_printf(&a->out, "%s/%s", launch_attempt_dir(&a->out, a->config.dir, &e->key),
                     e->stream == 0 ? ATTEMPT_DIR_METRICS_FILE : SHIM_STDOUT_FILE);
    buf_clear(&a->text);
    if (spool_read(&spool, path, e->last, &a->text, &err) != 0)
        warn(a, &err);
    const struct patterns *p =
        e->stream == FACT_STREAM_STDOUT ? map_find(&a->patterns, &e->key, sizeof e->key) : NULL;
    struct buf text;
    buf_init(&text, (size_t)LIMIT_METRIC_BATCH_BYTES * 4);
    size_t taken = metric_lines_take(p, a->text.data, a->text.len, &text);
    struct agent_event *ev = queue(a, AGENT_EV_READ, &e->key);
    ev->stream = e->stream;
    ev->from = e->from;
    /* Only patterns make lines longer; a file of captured lines has none that the spool skips. */
    ev->to = taken < a->text.len ? e->from + taken : spool.offset;
    ev->more = spool.more || taken < a->text.len;
    ev->text = arena_strndup(&a->turn.arena, text.data, text.len);
    buf_done(&text);
}

/* After what the turn launches: a slot that has work must not wait until the last one's is tidied.
 */
static void trim_later(struct agent *a, const struct agent_key *key)
{
    a->trims = mem_grow(a->trims, &a->trims_cap, a->trims_n + 1, sizeof *a->trims);
    a->trims[a->trims_n++] = *key;
}

static void trim_all(struct agent *a)
{
    for (size_t i = 0; i < a->trims_n; i++) {
        const struct agent_key *key = &a->trims[i];
        patterns_free(map_remove(&a->patterns, key, sizeof *key));
        attempts_trim(a->attempts, key);
    }
    a->trims_n = 0;
}

static void send_message(struct agent *a, const struct message *m)
{
    if (!a->link)
        return;
    buf_clear(&a->text);
    message_print(&a->text, m);
    link_send(a->link, a->text.data, a->text.len);
}

static void carry_out(struct agent *a, const struct agent_effect *e)
{
    switch (e->kind) {
    case AGENT_DO_SEND:
        send_message(a, &e->message);
        break;
    case AGENT_DO_START:
        start(a, &e->key, &e->message);
        break;
    case AGENT_DO_SIGNAL:
        attempts_stop(a->attempts, &e->key, e->now);
        break;
    case AGENT_DO_READ:
        read_metrics(a, e);
        break;
    case AGENT_DO_TRIM:
        trim_later(a, &e->key);
        break;
    case AGENT_DO_FORGET:
        attempts_forget(a->attempts, &e->key);
        break;
    }
}

static void agent_due(void *arg)
{
    queue(arg, AGENT_EV_TICK, NULL);
}

static int64_t agent_deadline(void *arg)
{
    const struct agent *a = arg;
    return agent_core_deadline(&a->core);
}

static void agent_run(void *arg)
{
    struct agent *a = arg;
    struct agent_event ev;
    struct agent_effects effects;
    agent_effects_init(&effects, &a->out);
    while (turn_next(&a->turn, &ev)) {
        effects.n = 0;
        agent_core_step(&a->core, &ev, &effects);
        for (size_t i = 0; i < effects.n; i++)
            carry_out(a, &effects.items[i]);
        arena_clear(&a->out);
    }
    agent_effects_done(&effects);
    trim_all(a);
    a->config.changed(a->config.arg);
}

static void on_frame(void *arg, const char *text, size_t len)
{
    struct agent *a = arg;
    struct arena_mark mark = arena_mark(&a->turn.arena);
    struct message *m = arena_alloc(&a->turn.arena, sizeof *m);
    struct err err = {0};
    int rc = message_parse(&a->turn.arena, text, len, m, &err);
    if (rc == 0) {
        queue(a, AGENT_EV_MESSAGE, NULL)->message = m;
        return;
    }
    arena_rewind(&a->turn.arena, &mark);
    LOG(rc == ERR_UNSUPPORTED ? LOG_DEBUG : LOG_WARN, "agent.message", log_text("error", err.text));
    if (rc != ERR_UNSUPPORTED) /* a kind of message we do not know yet may be skipped */
        link_close(a->link, "the controller sent a malformed message");
}

static void on_down(void *arg, const char *why)
{
    struct agent *a = arg;
    LOG(LOG_INFO, "agent.down", log_text("why", why));
    a->link = NULL;
    queue(a, AGENT_EV_LINK_DOWN, NULL);
    a->config.changed(a->config.arg);
}

static int hold_found(struct agent *a, const char *run, struct err *err)
{
    DIR *folder = opendir(run);
    if (!folder)
        return err_set(err, ERR_IO, "%s cannot be read: %s", run, strerror(errno));
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct agent_key key;
        if (launch_key_of_name(entry->d_name, &key))
            agent_core_hold(&a->core, &key);
    }
    closedir(folder);
    return 0;
}

int agent_start(const struct agent_config *config, int link_fd, struct agent **ret, struct err *err)
{
    struct agent *a = mem_alloc(sizeof *a);
    a->config = *config;
    a->launching = (struct launch_context){.dir = config->dir,
                                           .shim = config->shim,
                                           .bin = config->bin,
                                           .interpreter = interpreter_find(),
                                           .grace_ms = config->grace_ms};
    agent_core_init(&a->core, config->name, config->slots);
    struct attempts_handler handler = {on_started, on_ended, on_forgotten, warn, on_full, a};
    a->attempts = attempts_new(config->loop, &a->launching, &a->core, &handler);
    map_init(&a->patterns);
    map_init(&a->warnings);
    arena_init(&a->out);
    buf_init(&a->text, (size_t)LIMIT_FRAME_BYTES);
    const char *run = arena_printf(&a->out, "%s/run", config->dir);
    int rc = mkdir(run, 0777) == 0 || errno == EEXIST
                 ? 0
                 : err_set(err, ERR_IO, "%s cannot be made: %s", run, strerror(errno));
    if (rc == 0) {
        leftover_sweep(run, LEFTOVER_MS);
        rc = hold_found(a, run, err);
    }
    struct link_handler link = {on_frame, on_down, a};
    if (rc == 0)
        rc = link_open(config->loop, link_fd, &link, &a->link, err);
    if (rc != 0) {
        agent_free(a);
        return rc;
    }
    struct turn_handler turn = {sizeof(struct agent_event), agent_run, agent_deadline, agent_due,
                                a};
    turn_init(&a->turn, config->loop, &turn);
    queue(a, AGENT_EV_LINK_UP, NULL);
    *ret = a;
    return 0;
}

bool agent_is_done(const struct agent *a, const char *sweep)
{
    return a->core.welcomed && agent_core_count(&a->core, sweep) == 0 && turn_is_empty(&a->turn);
}

bool agent_is_linked(const struct agent *a)
{
    return a->link != NULL;
}

void agent_close(struct agent *a)
{
    if (a->link)
        link_close(a->link, "the agent ends");
    turn_close(&a->turn);
    attempts_close(a->attempts);
}

void agent_free(struct agent *a)
{
    agent_core_done(&a->core);
    attempts_free(a->attempts);
    void *value;
    for (size_t at = 0; map_next(&a->patterns, &at, &value);)
        patterns_free(value);
    map_done(&a->patterns);
    map_done(&a->warnings);
    arena_done(&a->out);
    buf_done(&a->text);
    turn_done(&a->turn);
    mem_free(a->trims);
    mem_free(a);
}
