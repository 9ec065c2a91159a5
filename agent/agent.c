/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/agent.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <uv.h>

#include "agent/core/agent_core.h"
#include "agent/core/agent_leave.h"
#include "agent/core/agent_shape.h"
#include "agent/agent_folders.h"
#include "agent/attempt_dir.h"
#include "agent/attempt_log.h"
#include "agent/attempts.h"
#include "agent/backoff.h"
#include "agent/code/code_fetch.h"
#include "agent/code/code_tree.h"
#include "agent/disk_room.h"
#include "agent/gpu/gpu_ends.h"
#include "agent/gpu/gpu_slots.h"
#include "agent/launch/interpreter.h"
#include "agent/launch/launch.h"
#include "agent/leftover.h"
#include "agent/metrics/readers.h"
#include "agent/metrics/spool_keeper.h"
#include "agent/telemetry/sampler.h"
#include "agent/wandb/wandb_front.h"
#include "agent/wandb/wandb_link.h"
#include "agent/warnings.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path_text.h"
#include "base/utf8.h"
#include "net/link.h"
#include "net/log.h"
#include "net/turn.h"
#include "sweep/fact.h"

enum { LEFTOVER_MS = 5000 };

struct agent {
    struct agent_config config;
    struct launch_context launching;
    struct agent_core core;
    struct attempts *attempts;
    struct warnings warnings;
    struct readers readers;
    struct sampler *sampler;
    struct gpu_slots *gpus; /* NULL: its slots have none */
    struct gpu_ends ends;
    struct code_tree *tree;    /* NULL: nobody asks what its folders hold */
    struct code_fetch *fetch;  /* NULL: snapshots are here */
    struct map collecting;     /* key -> struct agent_found *, held until wandb's files are read */
    struct wandb_front *wandb; /* NULL: it could not listen */
    struct wandb_link *uplink; /* NULL: the front asks nobody, or the controller in this process */
    bool hurried;              /* it was asked to leave a second time */
    struct link *link;         /* NULL: none, or down */
    uv_timer_t retry;
    struct spool_keeper *keeper;
    uint32_t tries; /* since the last welcome */
    bool closing;
    struct turn turn;
    struct arena out;        /* memory that effects point to */
    struct agent_key *trims; /* attempts to trim at the end of this turn */
    size_t trims_n, trims_cap;
    struct buf text;
    bool no_room; /* as the core was last told */
};

static void on_error(void *arg, const struct err *err)
{
    struct agent *a = arg;
    warnings_error(&a->warnings, err);
}

static struct agent_event *event_queue(struct agent *a, enum agent_event_kind kind,
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
    struct agent *a = arg;
    log_attempt("attempt.runs", key, "launch", 0);
    sampler_begin(a->sampler, key);
    event_queue(a, AGENT_EV_STARTED, key);
}

static void found_tell(struct agent *a, const struct agent_key *key,
                       const struct agent_found *found)
{
    struct agent_found *kept = arena_alloc(&a->turn.arena, sizeof *kept);
    *kept = *found;
    event_queue(a, AGENT_EV_FOUND, key)->found = kept;
}

/* Of an attempt that has ended, what wandb left behind is part of its metrics. */
static void on_found(void *arg, const struct agent_key *key, const struct agent_found *found)
{
    struct agent *a = arg;
    bool ended = found->state == AGENT_FOUND_ENDED || found->state == AGENT_FOUND_DEAD;
    if (found->state == AGENT_FOUND_FAULT)
        log_attempt("attempt.fault", key, found->text, 0);
    if (!ended || !a->wandb || !wandb_front_collect(a->wandb, key, agent_found_code(found))) {
        found_tell(a, key, found);
        return;
    }
    struct agent_found *kept = mem_alloc(sizeof *kept);
    *kept = *found;
    mem_free(map_put(&a->collecting, key, sizeof *key, kept));
    a->config.changed(a->config.arg);
}

static void wandb_on_collected(void *arg, const struct agent_key *key)
{
    struct agent *a = arg;
    struct agent_found *found = map_remove(&a->collecting, key, sizeof *key);
    if (found && !a->closing)
        found_tell(a, key, found);
    mem_free(found);
}

static void on_gone(void *arg, const struct agent_key *key)
{
    struct agent *a = arg;
    sampler_end(a->sampler, key);
    event_queue(a, AGENT_EV_GONE, key);
}

static void on_sampled(void *arg, const struct agent_key *key)
{
    event_queue(arg, AGENT_EV_SAMPLED, key);
}

static void on_swept(void *arg, const struct agent_key *key, size_t left)
{
    event_queue(arg, AGENT_EV_SWEPT, key)->left = left;
}

static void on_full(void *arg, const struct err *err)
{
    struct agent *a = arg;
    a->config.full(a->config.arg, err);
}

static void look_at_attempt(struct agent *a, const struct agent_key *key, const struct message *m)
{
    struct err err = {0};
    if (m->type != MESSAGE_LAUNCH || readers_keep_patterns(&a->readers, key, m, &err) == 0) {
        attempts_look(a->attempts, key);
        return;
    }
    struct agent_found found = {.state = AGENT_FOUND_FAULT, .fault = AGENT_FAULT_LAUNCH};
    snprintf(found.text, sizeof found.text, "%.255s", err.text);
    on_found(a, key, &found);
}

static void read_metrics(struct agent *a, const struct agent_effect *e)
{
    struct err err = {0};
    struct metric_batch batch;
    const char *dir = launch_attempt_dir(&a->out, a->config.dir, &e->key);
    struct agent_event *ev = event_queue(a, AGENT_EV_READ, &e->key);
    if (readers_read(&a->readers, dir, e, &a->turn.arena, ev, &batch, &err) != 0)
        warnings_error(&a->warnings, &err);
    if (batch.rewritten)
        warnings_trial(&a->warnings, &e->key,
                       "$BESOM_METRICS was overwritten or removed, and its last lines may be lost: "
                       "append to it with >> instead of >");
    if (batch.drops.full)
        warnings_trial(&a->warnings, &e->key,
                       "metrics past 64 MiB of stdout are dropped: print fewer lines, or write to "
                       "$BESOM_METRICS");
}

/* Trimming waits until the turn has launched its attempts: a slot with work comes first. */
static void trim_later(struct agent *a, const struct agent_key *key)
{
    a->trims = mem_grow(a->trims, &a->trims_cap, a->trims_n + 1, sizeof *a->trims);
    a->trims[a->trims_n++] = *key;
}

static void trim_all(struct agent *a)
{
    for (size_t i = 0; i < a->trims_n; i++) {
        const struct agent_key *key = &a->trims[i];
        readers_drop(&a->readers, key);
        if (a->wandb)
            wandb_front_drop(a->wandb, key);
        sampler_end(a->sampler, key);
        attempts_trim(a->attempts, key);
    }
    a->trims_n = 0;
}

static void message_print_to_link(void *arg, const struct message *m)
{
    struct agent *a = arg;
    if (!a->link || !link_is_up(a->link))
        return;
    buf_clear(&a->text);
    message_print(&a->text, m);
    if (m->type == MESSAGE_ENDED)
        LOG(LOG_INFO, "attempt.ended", log_text("sweep", m->sweep),
            log_int("trial", (int64_t)m->trial), log_int("attempt", (int64_t)m->attempt),
            log_text("cause", m->cause), log_int("code", (int64_t)m->code));
    const char *text;
    if (buf_finish(&a->text, &text) == 0)
        link_send(a->link, text, a->text.len);
    else
        link_close(a->link, "a message is larger than a frame can be");
}

static void send_end(struct agent *a, struct message m)
{
    struct agent_key key = {.trial = m.trial, .attempt = m.attempt};
    snprintf(key.sweep, sizeof key.sweep, "%s", m.sweep);
    const struct agent_entry *entry = a->gpus ? agent_core_find(&a->core, &key) : NULL;
    struct message log;
    if (a->config.elsewhere && attempt_log_end(&a->out, a->config.dir, &key, &m, &log))
        message_print_to_link(a, &log);
    m.text = spool_keeper_say(&a->out, launch_attempt_dir(&a->out, a->config.dir, &key), m.text);
    if (!entry || !gpu_ends_hold(&a->ends, &m, entry->grant))
        message_print_to_link(a, &m);
}

static void send_message(struct agent *a, const struct message *m)
{
    if (m->type == MESSAGE_ENDED)
        send_end(a, *m);
    else
        message_print_to_link(a, m);
}

static void send_log(struct agent *a, const struct agent_effect *e)
{
    struct message m = e->message;
    attempt_log_answer(&a->out, a->config.dir, &e->key, &m);
    message_print_to_link(a, &m);
}

/* Whether the attempt's snapshot is here. If not, the attempt waits for it, or ends. */
static bool code_is_here(struct agent *a, const struct agent_effect *e)
{
    char why[CODE_FETCH_WHY_BYTES];
    const char *hash = e->message.snapshot;
    enum code_fetch_state state =
        a->fetch && hash && hash[0] ? code_fetch_want(a->fetch, hash, why) : CODE_FETCH_READY;
    if (state == CODE_FETCH_READY)
        return true;
    struct agent_found *found = arena_alloc(&a->turn.arena, sizeof *found);
    found->state = AGENT_FOUND_FAULT;
    found->fault = state == CODE_FETCH_WAITS ? AGENT_FAULT_WAIT : AGENT_FAULT_CODE;
    snprintf(found->text, sizeof found->text, "%.*s", (int)utf8_valid_prefix(why, strlen(why)),
             why);
    event_queue(a, AGENT_EV_FOUND, &e->key)->found = found;
    return false;
}

static void controller_complain(struct agent *a, const char *text)
{
    struct err err = {0};
    err_set(&err, ERR_PROTOCOL, "%s", text);
    warnings_error(&a->warnings, &err);
}

static void credential_offer(struct agent *a, const struct message *answer)
{
    struct agent_renewal renewal;
    struct message m = *answer;
    struct err err = {0};
    if (!a->config.renew)
        return;
    if (a->config.renew(a->config.arg, &renewal, &err) != 0) {
        warnings_error(&a->warnings, &err);
        return;
    }
    m.token = renewal.token;
    m.hash = renewal.hash;
    message_print_to_link(a, &m);
}

/* Connects again, with the new one. Until it is used, the old one is good: nothing is lost if this
 * process ends here. */
static void credential_take(struct agent *a, const char *why)
{
    struct err err = {0};
    if (!a->config.renewed)
        return;
    if (a->config.renewed(a->config.arg, why && why[0] ? why : NULL, &err) != 0)
        warnings_error(&a->warnings, &err);
    else if (a->link)
        link_close(a->link, "the agent has a new key");
}

static void carry_out(struct agent *a, const struct agent_effect *e)
{
    switch (e->kind) {
    case AGENT_DO_RELEASE:
        if (a->gpus)
            gpu_slots_release(a->gpus);
        break;
    case AGENT_DO_SEND:
        send_message(a, &e->message);
        break;
    case AGENT_DO_LOOK:
        look_at_attempt(a, &e->key, &e->message);
        break;
    case AGENT_DO_CLOSE:
        attempts_close_dir(a->attempts, &e->key);
        break;
    case AGENT_DO_START:
        if (!code_is_here(a, e))
            break;
        if (a->gpus)
            gpu_slots_take(a->gpus, e->message.grant);
        attempts_start(a->attempts, &e->key, &e->message);
        break;
    case AGENT_DO_WATCH:
        attempts_watch(a->attempts, &e->key);
        break;
    case AGENT_DO_SIGNAL:
        attempts_signal(a->attempts, &e->key, e->signal,
                        a->wandb && wandb_front_has_run(a->wandb, &e->key));
        break;
    case AGENT_DO_SWEEP:
        attempts_sweep(a->attempts, &e->key);
        break;
    case AGENT_DO_READ:
        read_metrics(a, e);
        break;
    case AGENT_DO_TRIM:
        trim_later(a, &e->key);
        break;
    case AGENT_DO_LOG:
        send_log(a, e);
        break;
    case AGENT_DO_RENEW:
        credential_offer(a, &e->message);
        break;
    case AGENT_DO_WARN:
        controller_complain(a, e->message.text);
        break;
    case AGENT_DO_CLOSE_LINK:
        controller_complain(a, e->message.text);
        if (a->link)
            link_close(a->link, "the controller asks for what this agent does not do");
        break;
    case AGENT_DO_RENEWED:
        credential_take(a, e->message.text);
        break;
    }
}

/* Looks before a launch, and while a launch waits. Reports changes only. */
static void look_for_room(struct agent *a)
{
    struct disk_room room;
    bool found = disk_room_find(a->config.dir, &room);
    if (found != a->no_room)
        return;
    a->no_room = !found;
    event_queue(a, AGENT_EV_ROOM, NULL)->room = found;
    a->config.warned(a->config.arg, found ? "there is space on the disk again: starting trials"
                                          : disk_room_say(&a->out, a->config.dir, &room));
}

static void keeper_warned(void *arg, const char *text)
{
    struct agent *a = arg;
    struct err err = {0};
    err_set(&err, ERR_FULL, "%s", text);
    warnings_error(&a->warnings, &err);
}

static void agent_due(void *arg)
{
    struct agent *a = arg;
    if (a->no_room)
        look_for_room(a);
    event_queue(a, AGENT_EV_TICK, NULL);
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
    gpu_ends_send(&a->ends, message_print_to_link, a);
    trim_all(a);
    a->config.changed(a->config.arg);
}

static void tree_on_found(void *arg, const char *sweep, const char *code)
{
    struct agent *a = arg;
    struct agent_event *ev = event_queue(a, AGENT_EV_CODE, NULL);
    snprintf(ev->key.sweep, sizeof ev->key.sweep, "%s", sweep);
    ev->text = arena_strdup(&a->turn.arena, code);
}

/* Looks at what the folders hold that trials will run in: its own at each welcome, and that of a
 * sweep without a snapshot before its first trial. */
static void tree_look(struct agent *a, const struct message *m)
{
    char path[PATH_TEXT_PATH_BYTES], whole[2 * PATH_MAX];
    const char *own = a->config.workdir ? a->config.workdir : ".";
    if (!a->tree)
        return;
    if (m->type == MESSAGE_WELCOME)
        code_tree_look(a->tree, "", own);
    if (m->type != MESSAGE_SWEEP || m->snapshot[0] || !path_text_parse(path, m->workdir))
        return;
    snprintf(whole, sizeof whole, "%s%s%s", path[0] == '/' ? "" : own, path[0] == '/' ? "" : "/",
             path);
    code_tree_look(a->tree, m->sweep, whole);
}

static void link_on_frame(void *arg, const char *text, size_t len)
{
    struct agent *a = arg;
    struct arena_mark mark = arena_mark(&a->turn.arena);
    struct message *m = arena_alloc(&a->turn.arena, sizeof *m);
    struct err err = {0};
    int rc = message_parse(&a->turn.arena, text, len, m, &err);
    if (rc == 0 && !agent_shape_is_good(m))
        rc = err_set(&err, ERR_PROTOCOL, "the %s message has a malformed field",
                     message_name(m->type));
    if (rc == 0 && m->type == MESSAGE_REFUSED) {
        LOG(LOG_ERROR, "agent.refused", log_text("why", m->text));
        err_set(&err, ERR_STATE, "the controller refuses this agent: %s", m->text);
        warnings_error(&a->warnings, &err);
    }
    if (rc == 0 && m->type == MESSAGE_LAUNCH)
        look_for_room(a);
    if (rc == 0) {
        event_queue(a, AGENT_EV_MESSAGE, NULL)->message = m;
        tree_look(a, m);
        if (m->type == MESSAGE_WELCOME)
            wandb_front_retry(a->wandb);
        return;
    }
    arena_rewind(&a->turn.arena, &mark);
    LOG(rc == ERR_UNSUPPORTED ? LOG_DEBUG : LOG_WARN, "agent.message", log_text("error", err.text));
    if (rc != ERR_UNSUPPORTED) /* a kind of message we do not know yet may be skipped */
        link_close(a->link, "the controller sent a malformed message");
}

static void link_on_up(void *arg)
{
    struct agent *a = arg;
    LOG(LOG_INFO, "agent.up", log_int("try", a->tries));
    event_queue(a, AGENT_EV_LINK_UP, NULL);
}

static void link_on_down(void *arg, const char *why, int64_t silent_ms);

static void link_on_refused(void *arg, int code, int status, const char *why)
{
    struct agent *a = arg;
    if (a->config.refused)
        a->config.refused(a->config.arg, code, status, why);
}

static int agent_connect(struct agent *a, struct err *err)
{
    struct link_handler handler = {
        .up = link_on_up,
        .frame = link_on_frame,
        .down = link_on_down,
        .arg = a,
        .beat_ms = a->config.beat_ms,
        .silent_ms = a->config.silent_ms,
        .refused = link_on_refused,
    };
    return a->config.connect(a->config.arg, &handler, &a->link, err);
}

static void link_on_retry(uv_timer_t *timer)
{
    struct agent *a = timer->data;
    struct err err = {0};
    if (agent_connect(a, &err) != 0)
        LOG(LOG_ERROR, "agent.alone", log_text("error", err.text));
    else if (link_is_up(a->link))
        link_on_up(a);
    a->config.changed(a->config.arg);
}

static void link_on_down(void *arg, const char *why, int64_t silent_ms)
{
    struct agent *a = arg;
    if (a->core.welcomed)
        a->tries = 0;
    int64_t wait_ms = backoff_ms(a->core.instance, a->tries++);
    LOG(LOG_INFO, "agent.down", log_text("why", why), log_int("silent_ms", silent_ms),
        log_int("retry_ms", wait_ms));
    a->link = NULL;
    gpu_ends_drop(&a->ends);
    event_queue(a, AGENT_EV_LINK_DOWN, NULL);
    if (!a->closing)
        uv_timer_start(&a->retry, link_on_retry, (uint64_t)wait_ms, 0);
    a->config.changed(a->config.arg);
}

static uint64_t instance_draw(void)
{
    uint64_t bits;
    check(getrandom(&bits, sizeof bits, 0) == sizeof bits);
    return bits >> 11; /* a message carries integers up to 2^53 */
}

static void slots_on_changed(void *arg)
{
    struct agent *a = arg;
    event_queue(a, AGENT_EV_SLOTS, NULL)->slots = gpu_slots_offers(a->gpus, &a->turn.arena);
}

static void slots_on_looked(void *arg)
{
    event_queue(arg, AGENT_EV_TICK, NULL); /* the ends are sent after the slots are */
}

static void slots_on_warned(void *arg, const char *text)
{
    struct agent *a = arg;
    a->config.warned(a->config.arg, text);
}

/* Slots of a host whose GPUs are hidden: training must not see them. */
static struct value *slots_without_gpus(struct arena *a, const struct gpu_host *host, uint32_t n)
{
    struct value *list = value_list(a);
    for (uint32_t i = 0; i < n; i++)
        value_push(a, list, gpu_host_grant(host, a));
    return list;
}

/* Describes the slots to the core, before the hello. */
static void slots_start(struct agent *a, const char *run)
{
    const struct gpu_host *host = a->config.gpus;
    const struct gpu_slots_handler handler = {slots_on_changed, slots_on_warned, a};
    struct agent_effects none;
    struct agent_event ev = {.kind = AGENT_EV_SLOTS};
    if (!host || (host->choice.n == 0 && !host->hides))
        return;
    if (host->choice.n > 0)
        a->gpus = gpu_slots_new(a->config.loop, host, &a->core, run, &handler);
    gpu_ends_init(&a->ends, a->gpus, slots_on_looked, a);
    ev.slots = a->gpus ? gpu_slots_offers(a->gpus, &a->out)
                       : slots_without_gpus(&a->out, host, a->config.slots);
    agent_effects_init(&none, &a->out);
    agent_core_step(&a->core, &ev, &none);
    agent_effects_done(&none);
}

static enum wandb_state wandb_on_state(void *arg, const struct agent_key *key)
{
    const struct agent *a = arg;
    const struct agent_entry *entry = agent_core_find(&a->core, key);
    return !entry ? WANDB_GONE : entry->stop || entry->left ? WANDB_STOPPING : WANDB_RUNNING;
}

static void wandb_on_warned(void *arg, const char *text)
{
    struct agent *a = arg;
    struct err err = {0};
    err_set(&err, ERR_IO, "%s", text);
    warnings_error(&a->warnings, &err);
}

static void wandb_on_forwarded(void *arg)
{
    struct agent *a = arg;
    if (!a->closing)
        a->config.changed(a->config.arg);
}

/* Without it, trainings that use wandb report wherever they would without besom. */
static void wandb_start(struct agent *a)
{
    const struct wandb_link_config uplink = {a->config.loop, a->config.dir, a->config.reach,
                                             a->config.arg};
    struct wandb_front_config front = {.loop = a->config.loop,
                                       .dir = a->config.dir,
                                       .handler = {wandb_on_state, wandb_on_collected, a},
                                       .upstream = {a->config.wandb, a->config.arg},
                                       .spool_max = a->config.spool_max,
                                       .warned = wandb_on_warned,
                                       .forwarded = wandb_on_forwarded,
                                       .arg = a};
    struct err err = {0};
    if (!a->config.wandb && a->config.reach) {
        a->uplink = wandb_link_new(&uplink);
        front.upstream = wandb_link_upstream(a->uplink);
    }
    if (wandb_front_start(&front, &a->wandb, &err) == 0)
        a->launching.wandb = wandb_front_access(a->wandb);
    else
        warnings_error(&a->warnings, &err);
}

/* Without them, what trials were granted is counted, and they may use more. */
static void groups_start(struct agent *a)
{
    struct err err = {0};
    struct cgroup *groups = &a->launching.groups;
    if (!a->config.elsewhere)
        return;
    if (cgroup_init(groups, &err) != 0)
        warnings_error(&a->warnings, &err);
    attempts_clean_groups(a->attempts);
    LOG(LOG_INFO, "agent.limits", log_text("group", groups->path),
        log_int("memory", groups->memory), log_int("cpu", groups->cpu));
}

int agent_start(const struct agent_config *config, struct agent **ret, struct err *err)
{
    struct agent *a = mem_alloc(sizeof *a);
    a->config = *config;
    a->launching =
        (struct launch_context){.dir = config->dir,
                                .shim = config->shim,
                                .bin = config->bin,
                                .workdir = config->workdir,
                                .interpreter = interpreter_find(),
                                .grace_ms = config->grace_ms,
                                .gpu_numbers = config->gpus && config->gpus->options.by_index};
    bool has_gpus = config->gpus && config->gpus->choice.n > 0;
    cpu_share_init(&a->launching.cpus, config->shares ? config->shares : config->slots);
    agent_core_init(&a->core, config->name, instance_draw(),
                    has_gpus ? gpu_slots_count(config->gpus) : config->slots);
    a->core.grace_ms = config->grace_ms;
    a->core.elsewhere = config->elsewhere;
    if (config->host)
        agent_core_set_host(&a->core, config->host);
    struct attempts_handler handler = {on_found, on_started, on_gone, on_swept,
                                       on_error, on_full,    a};
    a->attempts = attempts_new(config->loop, &a->launching, &a->core, &handler);
    readers_init(&a->readers);
    map_init(&a->collecting);
    warnings_init(&a->warnings, config->warned, config->arg);
    arena_init(&a->out);
    buf_init(&a->text, (size_t)LIMIT_FRAME_BYTES);
    const char *run = arena_printf(&a->out, "%s/run", config->dir);
    int rc = agent_folders_check(config->dir, err);
    if (rc == 0) {
        leftover_sweep(run, LEFTOVER_MS);
        rc = agent_folders_hold(config->dir, &a->core, err);
    }
    if (rc == 0)
        groups_start(a);
    const struct code_fetch_config fetch = {config->loop, config->dir, config->reach, config->arg};
    if (rc == 0)
        wandb_start(a);
    if (rc == 0)
        rc = agent_connect(a, err);
    if (rc == 0 && config->reach)
        rc = code_fetch_new(&fetch, &a->fetch, err);
    if (rc == 0 && config->reach)
        rc = code_tree_new(config->loop, tree_on_found, a, &a->tree, err);
    if (rc != 0) {
        wandb_front_close(a->wandb);
        wandb_link_close(a->uplink);
        agent_free(a);
        return rc;
    }
    struct turn_handler turn = {sizeof(struct agent_event), agent_run, agent_deadline, agent_due,
                                a};
    turn_init(&a->turn, config->loop, &turn);
    uv_timer_init(config->loop, &a->retry);
    a->retry.data = a;
    a->keeper = spool_keeper_new(
        config->loop, &(struct spool_keeper_config){config->spool_max, a->config.dir, &a->core,
                                                    &a->readers, keeper_warned, a});
    slots_start(a, run);
    const struct sampler_handler sampled = {on_sampled, a};
    a->sampler = sampler_new(config->loop, &a->core, config->dir, a->gpus, &sampled);
    if (link_is_up(a->link))
        link_on_up(a);
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

bool agent_is_welcome(const struct agent *a)
{
    return a->link != NULL && a->core.linked && a->core.welcomed;
}

void agent_leave(struct agent *a, bool preempted)
{
    LOG(LOG_INFO, "agent.leaves", log_text("why", preempted ? "preempted" : "interrupted"));
    a->hurried = a->core.leaving != AGENT_STAYS;
    event_queue(a, AGENT_EV_LEAVE, NULL)->leave = preempted ? AGENT_PREEMPTED : AGENT_INTERRUPTED;
}

bool agent_has_left(const struct agent *a)
{
    return turn_is_empty(&a->turn) && (agent_leave_is_over(&a->core, turn_now_ms(&a->turn)) ||
                                       (a->hurried && agent_only_reads(a)));
}

bool agent_only_reads(const struct agent *a)
{
    return a->collecting.live > 0 && a->collecting.live == a->core.entries.live;
}

uint64_t agent_wandb_waiting(const struct agent *a)
{
    return wandb_front_waiting(a->wandb);
}

void agent_close(struct agent *a)
{
    a->closing = true;
    uv_close((uv_handle_t *)&a->retry, NULL);
    spool_keeper_close(a->keeper);
    if (a->link)
        link_close(a->link, "the agent is shutting down");
    turn_close(&a->turn);
    attempts_close(a->attempts);
    if (a->fetch)
        code_fetch_close(a->fetch);
    if (a->tree)
        code_tree_close(a->tree);
    gpu_ends_drop(&a->ends);
    wandb_front_close(a->wandb);
    wandb_link_close(a->uplink);
    sampler_close(a->sampler);
    if (a->gpus)
        gpu_slots_close(a->gpus);
}

void agent_free(struct agent *a)
{
    agent_core_done(&a->core);
    attempts_free(a->attempts);
    sampler_free(a->sampler);
    gpu_slots_free(a->gpus);
    wandb_front_free(a->wandb);
    wandb_link_free(a->uplink);
    map_done(&a->collecting);
    code_fetch_free(a->fetch);
    code_tree_free(a->tree);
    readers_done(&a->readers);
    warnings_done(&a->warnings);
    arena_done(&a->out);
    buf_done(&a->text);
    turn_done(&a->turn);
    mem_free(a->trims);
    mem_free(a);
}
