/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/agent.h"

#include <string.h>
#include <sys/random.h>

#include "agent/agent_folders.h"
#include "agent/attempts.h"
#include "agent/code/code_fetch.h"
#include "agent/code/code_tree.h"
#include "agent/core/agent_leave.h"
#include "agent/files/files_desk.h"
#include "agent/launch/interpreter.h"
#include "agent/leftover.h"
#include "agent/metrics/spool_keeper.h"
#include "agent/shell/agent_attempts.h"
#include "agent/shell/agent_host.h"
#include "agent/shell/agent_link.h"
#include "agent/shell/agent_wandb.h"
#include "agent/telemetry/sampler.h"
#include "agent/wandb/wandb_front.h"
#include "agent/wandb/wandb_link.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path_text.h"
#include "net/log.h"

enum { LEFTOVER_MS = 5000 };

static void carry_out(struct agent *a, const struct agent_effect *e)
{
    switch (e->kind) {
    case AGENT_DO_RELEASE:
        if (a->gpus)
            gpu_slots_release(a->gpus);
        break;
    case AGENT_DO_SEND:
        agent_attempts_send(a, &e->message);
        break;
    case AGENT_DO_LOOK:
        agent_attempts_look(a, &e->key, &e->message);
        break;
    case AGENT_DO_CLOSE:
        attempts_close_dir(a->attempts, &e->key);
        break;
    case AGENT_DO_START:
        if (!agent_attempts_code_is_here(a, e))
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
        agent_attempts_read(a, e);
        break;
    case AGENT_DO_TRIM:
        agent_attempts_trim(a, &e->key);
        break;
    case AGENT_DO_ANSWER:
        agent_attempts_answer(a, e);
        break;
    case AGENT_DO_RENEW:
        agent_link_offer_key(a, &e->message);
        break;
    case AGENT_DO_WARN:
        agent_inside_complain(a, e->message.text);
        break;
    case AGENT_DO_CLOSE_LINK:
        agent_inside_complain(a, e->message.text);
        if (a->link)
            link_close(a->link, "the controller asks for what this agent does not do");
        break;
    case AGENT_DO_RENEWED:
        agent_link_take_key(a, e->message.text);
        break;
    }
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
        agent_host_look_for_room(a);
    agent_inside_queue(a, AGENT_EV_TICK, NULL);
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
    gpu_ends_send(&a->ends, agent_inside_send, a);
    agent_attempts_trim_all(a);
    a->config.changed(a->config.arg);
}

static uint64_t instance_draw(void)
{
    uint64_t bits;
    check(getrandom(&bits, sizeof bits, 0) == sizeof bits);
    return bits >> 11; /* a message carries integers up to 2^53 */
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

/* What its trials share, and the folders in which they run and keep their files. */
static void agent_tell_host(struct agent *a, const struct agent_config *config)
{
    char text[PATH_TEXT_BYTES];
    struct arena scratch;
    arena_init(&scratch);
    struct value *host = config->host ? value_copy(&scratch, config->host) : value_dict(&scratch);
    path_text_print(text, config->dir);
    value_put(&scratch, host, "dir", value_str(&scratch, text));
    if (config->workdir) {
        path_text_print(text, config->workdir);
        value_put(&scratch, host, "workdir", value_str(&scratch, text));
    }
    agent_core_set_host(&a->core, host);
    arena_done(&scratch);
}

/* All of it that cannot fail, and needs no link. */
static struct agent *agent_new(const struct agent_config *config)
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
    agent_tell_host(a, config);
    struct attempts_handler handler = {agent_attempts_found,
                                       agent_attempts_started,
                                       agent_attempts_gone,
                                       agent_attempts_swept,
                                       agent_inside_warn,
                                       agent_attempts_full,
                                       a};
    a->attempts = attempts_new(config->loop, &a->launching, &a->core, &handler);
    readers_init(&a->readers);
    map_init(&a->collecting);
    warnings_init(&a->warnings, config->warned, config->arg);
    arena_init(&a->out);
    buf_init(&a->text, (size_t)LIMIT_FRAME_BYTES);
    return a;
}

/* Its folder is its own, and what an agent before it left there has ended. */
static int agent_take_folder(struct agent *a, const char *run, struct err *err)
{
    int rc = agent_folders_check(a->config.dir, err);
    if (rc != 0)
        return rc;
    leftover_sweep(run, LEFTOVER_MS);
    return agent_folders_hold(a->config.dir, &a->core, err);
}

static int agent_connect(struct agent *a, struct err *err)
{
    const struct agent_config *config = &a->config;
    const struct code_fetch_config fetch = {config->loop, config->dir, config->reach, config->arg};
    groups_start(a);
    agent_wandb_start(a);
    int rc = agent_link_connect(a, err);
    if (rc == 0 && config->reach)
        rc = code_fetch_new(&fetch, &a->fetch, err);
    if (rc == 0 && config->reach)
        rc = code_tree_new(config->loop, agent_link_found_code, a, &a->tree, err);
    return rc;
}

int agent_start(const struct agent_config *config, struct agent **ret, struct err *err)
{
    struct agent *a = agent_new(config);
    const char *run = arena_printf(&a->out, "%s/run", config->dir);
    int rc = agent_take_folder(a, run, err);
    if (rc == 0)
        rc = agent_connect(a, err);
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
    uv_timer_init(config->loop, &a->load);
    a->load.data = a;
    a->keeper = spool_keeper_new(
        config->loop, &(struct spool_keeper_config){config->spool_max, a->config.dir, &a->core,
                                                    &a->readers, keeper_warned, a});
    agent_host_start_slots(a, run);
    const struct sampler_handler sampled = {agent_attempts_sampled, a};
    a->sampler = sampler_new(config->loop, &a->core, config->dir, a->gpus, &sampled);
    if (link_is_up(a->link))
        agent_link_up(a);
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
    agent_inside_queue(a, AGENT_EV_LEAVE, NULL)->leave =
        preempted ? AGENT_PREEMPTED : AGENT_INTERRUPTED;
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
    uv_close((uv_handle_t *)&a->load, NULL);
    spool_keeper_close(a->keeper);
    if (a->link)
        link_close(a->link, "the agent is shutting down");
    turn_close(&a->turn);
    attempts_close(a->attempts);
    if (a->fetch)
        code_fetch_close(a->fetch);
    if (a->tree)
        code_tree_close(a->tree);
    files_desk_close(a->files);
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
    files_desk_free(a->files);
    readers_done(&a->readers);
    warnings_done(&a->warnings);
    arena_done(&a->out);
    buf_done(&a->text);
    turn_done(&a->turn);
    mem_free(a->trims);
    mem_free(a);
}
