/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom agent: runs trials on this host for a controller. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <uv.h>

#include "agent/agent.h"
#include "agent/agent_signals.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/value.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/fleet/join_source.h"
#include "cli/fleet/membership.h"
#include "cli/fleet/place_mark.h"
#include "cli/fleet/news.h"
#include "cli/fleet/state_dir.h"
#include "cli/gpus/gpu_options.h"
#include "cli/invocation.h"
#include "cli/logging.h"
#include "cli/place.h"
#include "cli/print/terminal.h"
#include "cli/run/descriptors.h"
#include "language/memory_size.h"
#include "net/link.h"

enum { GRACE_MS = 30000 };
#define LOCK "agent.lock"
#define MARK "agent.place"

struct agent_process {
    uv_loop_t loop;
    struct agent *agent;
    struct agent_signals *signals;
    struct membership member;
    struct gpu_host *gpus; /* NULL: none */
    char dir[PATH_MAX], workdir[PATH_MAX], shim[PATH_MAX], bin[PATH_MAX], name[64];
    int lock;
    uint32_t slots;
    bool welcome, alone; /* which of the two was printed last */
    bool ending;
    struct err refused; /* why the controller refuses it permanently */
};

/* Two processes in one folder would adopt one another's trainings. */
static int dir_lock(struct agent_process *p, struct err *err)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/" LOCK, p->dir);
    p->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (p->lock < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (flock(p->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return err_set(err, ERR_BUSY,
                   "another agent runs in %s: give this one a folder and a name of its own with "
                   "--dir and --name",
                   p->dir);
}

/* Without --name: the name that it joined under; before it joins, the host's. */
static int name_choose(struct agent_process *p, const char *given, struct err *err)
{
    char self[256] = "";
    int rc = given ? 0 : membership_name(p->dir, self, sizeof self, err);
    if (rc != 0 && rc != ERR_NOT_FOUND)
        return rc;
    if (rc == ERR_NOT_FOUND && gethostname(self, sizeof self - 1) == 0)
        self[strcspn(self, ".")] = '\0';
    const char *name = given ? given : self;
    if (!*name || strlen(name) >= sizeof p->name)
        return err_set(err, ERR_USAGE, "--name is empty or longer than %zu bytes",
                       sizeof p->name - 1);
    snprintf(p->name, sizeof p->name, "%s", name);
    return 0;
}

static int workdir_find(struct agent_process *p, const char *given, struct err *err)
{
    return realpath(given ? given : ".", p->workdir)
               ? 0
               : err_set(err, ERR_NOT_FOUND, "--workdir %s: %s", given, strerror(errno));
}

/* A copy would be the same agent as the original: each would report the other's trials as lost. */
static int dir_judge(struct agent_process *p, bool joins, struct err *err)
{
    struct err copy = {0};
    int rc = place_mark_judge(p->dir, MARK, LOCK, &copy);
    if (rc == ERR_STATE && joins) {
        membership_forget(p->dir);
        return 0;
    }
    if (rc == ERR_STATE)
        return err_set(err, ERR_STATE,
                       "%s, which may be in use: to make it an agent of its own, join with another "
                       "--name: besom agent --join STRING --name NAME",
                       copy.text);
    if (rc != 0)
        *err = copy;
    return rc;
}

static int member_find(struct agent_process *p, const struct invocation *inv, struct err *err)
{
    struct join_text join;
    const char *given = invocation_option(inv, "join");
    int rc = dir_judge(p, given != NULL, err);
    if (rc == 0)
        rc = name_choose(p, invocation_option(inv, "name"), err);
    if (rc != 0)
        return rc;
    if (given) {
        rc = join_source_read(given, &join, err);
        return rc ? rc : membership_join(p->dir, p->name, &join, &p->member, err);
    }
    rc = membership_read(p->dir, &p->member, err);
    if (rc == ERR_NOT_FOUND)
        err_set(err, ERR_USAGE,
                "this agent belongs to no controller yet: besom agent --join STRING, with a string "
                "that besom serve has printed, or besom token create --scope join");
    return rc == ERR_NOT_FOUND ? ERR_USAGE : rc;
}

/* Prints when the agent gets a connection to its controller, and when it loses it. */
static void process_say(struct agent_process *p)
{
    const char *server = p->member.endpoint.address;
    bool linked = agent_is_linked(p->agent), leaves = p->ending || agent_has_left(p->agent);
    if (!p->welcome && agent_is_welcome(p->agent)) {
        news_say("agent %s works for %s, %" PRIu32 " trial%s at once", p->name, server, p->slots,
                 p->slots == 1 ? "" : "s");
        p->welcome = true;
        p->alone = false;
    } else if (!linked && !p->alone && !leaves && p->refused.code == 0) {
        news_say("agent %s %s %s: trying again%s", p->name,
                 p->welcome ? "lost its connection to" : "has no connection yet to", server,
                 p->welcome ? "; trainings continue" : "");
        p->welcome = false;
        p->alone = true;
    }
}

static void process_changed(void *arg)
{
    struct agent_process *p = arg;
    if (!p->agent)
        return;
    process_say(p);
    if (agent_has_left(p->agent) || p->refused.code != 0)
        uv_stop(&p->loop);
}

static void process_warned(void *arg, const char *text)
{
    (void)arg;
    terminal_print(stderr, "besom: %s\n", text);
}

static void process_full(void *arg, const struct err *err)
{
    (void)arg;
    terminal_print(stderr, "besom: %s\n", err->text);
}

/* A 5xx status may be temporary; others are permanent. */
static void process_refused(void *arg, int code, int status, const char *why)
{
    struct agent_process *p = arg;
    const char *server = p->member.endpoint.address;
    if (p->refused.code != 0 || status >= 500)
        return;
    if (status == 401 || status == 403)
        err_set(&p->refused, ERR_PERMISSION,
                "%s refuses this agent: %s; to join again: besom agent --join STRING, with what "
                "besom token create --scope join --name %s prints",
                server, why, p->name);
    else
        err_set(&p->refused, code == ERR_IDENTITY ? ERR_IDENTITY : ERR_UNREACHABLE, "%s: %s",
                server, why);
}

static void process_hangup(void *arg)
{
    struct agent_process *p = arg;
    uv_stop(&p->loop);
}

static int process_renew(void *arg, struct agent_renewal *ret, struct err *err)
{
    struct agent_process *p = arg;
    return membership_renew(p->dir, p->name, &p->member, ret->token, ret->hash, err);
}

static int process_renewed(void *arg, const char *why, struct err *err)
{
    struct agent_process *p = arg;
    if (why) { /* another one is made when the controller asks again */
        membership_forget_renewal(p->dir, &p->member);
        return err_set(err, ERR_STATE, "the controller does not take a new key of this agent: %s",
                       why);
    }
    int rc = membership_renewed(p->dir, &p->member, err);
    if (rc == 0)
        fprintf(stderr, "agent %s has a new key, and connects again with it\n", p->name);
    p->alone = p->alone || rc == 0; /* said already */
    p->welcome = p->welcome && rc != 0;
    return rc;
}

static int process_connect(void *arg, const struct link_handler *handler, struct link **ret,
                           struct err *err)
{
    struct agent_process *p = arg;
    const struct membership *m = &p->member;
    struct stream *stream;
    int rc = endpoint_connect(&m->endpoint, &p->loop, m->identity, NULL, &stream, err);
    if (rc != 0)
        return rc;
    const struct link_target target = {m->endpoint.host, "/agent/v1",
                                       m->identity ? NULL : m->token};
    *ret = link_dial(&p->loop, stream, &target, handler);
    return 0;
}

static int process_reach(void *arg, struct stream **ret, const char **host, const char **token,
                         struct err *err)
{
    struct agent_process *p = arg;
    const struct membership *m = &p->member;
    *host = m->endpoint.host;
    *token = m->identity ? NULL : m->token;
    return endpoint_connect(&m->endpoint, &p->loop, m->identity, NULL, ret, err);
}

/* Describes the host: cores, memory, and labels, which are separated by commas. */
static struct value *host_describe(struct arena *a, const char *labels)
{
    cpu_set_t set;
    struct value *host = value_dict(a), *list = value_list(a);
    int cpus = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
    value_put(a, host, "cpus", value_int(a, cpus));
    value_put(a, host, "memory", value_int(a, (int64_t)place_memory()));
    for (const char *at = labels; at && *at;) {
        size_t len = strcspn(at, ",");
        if (len > 0)
            value_push(a, list, value_strn(a, at, len));
        at += len + (at[len] == ',');
    }
    value_put(a, host, "labels", list);
    return host;
}

static int labels_check(const char *labels, struct err *err)
{
    size_t n = 0;
    for (const char *at = labels; at && *at; n++) {
        size_t len = strcspn(at, ",");
        if (len >= LIMIT_LABEL_BYTES || n >= LIMIT_LABELS)
            return err_set(err, ERR_USAGE, "--labels: at most %d labels of at most %d bytes each",
                           LIMIT_LABELS, LIMIT_LABEL_BYTES - 1);
        at += len + (at[len] == ',');
    }
    return 0;
}

static int spool_max_read(const char *given, uint64_t *ret, struct err *err)
{
    *ret = LIMIT_SPOOL_BYTES;
    if (!given || memory_size_parse(given, ret))
        return 0;
    return err_set(err, ERR_USAGE,
                   "--spool-max: expected an amount such as 1GiB or 512MiB, got '%s'", given);
}

static int process_start(struct agent_process *p, const struct invocation *inv, struct err *err)
{
    uint64_t slots = 1;
    const char *labels = invocation_option(inv, "labels");
    uint64_t spool_max = 0;
    int rc = labels_check(labels, err);
    if (rc == 0)
        rc = spool_max_read(invocation_option(inv, "spool-max"), &spool_max, err);
    if (rc == 0)
        rc = gpu_options_look(inv, NULL, &p->gpus, err);
    if (rc == 0)
        rc = gpu_options_slots(inv, NULL, p->gpus, &slots, err);
    struct arena scratch;
    arena_init(&scratch);
    p->slots = (uint32_t)slots;
    const struct agent_config config = {.loop = &p->loop,
                                        .name = p->name,
                                        .dir = p->dir,
                                        .shim = p->shim,
                                        .bin = p->bin,
                                        .workdir = p->workdir,
                                        .slots = p->slots,
                                        .host = host_describe(&scratch, labels),
                                        .gpus = p->gpus,
                                        .grace_ms = GRACE_MS,
                                        .elsewhere = true,
                                        .spool_max = spool_max,
                                        .connect = process_connect,
                                        .changed = process_changed,
                                        .refused = process_refused,
                                        .renew = process_renew,
                                        .renewed = process_renewed,
                                        .warned = process_warned,
                                        .full = process_full,
                                        .reach = process_reach,
                                        .arg = p};
    if (rc == 0)
        rc = agent_start(&config, &p->agent, err);
    arena_done(&scratch);
    return rc;
}

static int process_prepare(struct agent_process *p, const struct invocation *inv, struct err *err)
{
    int rc = descriptors_check(err);
    if (rc == 0)
        rc = logging_open(inv, err);
    if (rc == 0)
        rc = workdir_find(p, invocation_option(inv, "workdir"), err);
    if (rc == 0)
        rc = state_dir_make(invocation_option(inv, "dir"), "besom-agent", p->dir, err);
    if (rc == 0)
        rc = dir_lock(p, err);
    if (rc == 0)
        rc = place_shim(p->bin, p->shim, err);
    if (rc == 0)
        rc = member_find(p, inv, err);
    return rc ? rc : place_mark_leave(p->dir, MARK, LOCK, err);
}

static void process_end(struct agent_process *p)
{
    p->ending = true;
    if (p->agent)
        agent_close(p->agent);
    if (p->signals)
        agent_signals_close(p->signals);
    uv_run(&p->loop, UV_RUN_DEFAULT);
    if (p->agent)
        agent_free(p->agent);
    if (p->signals)
        agent_signals_free(p->signals);
    membership_done(&p->member);
    gpu_host_free(p->gpus);
    check(uv_loop_close(&p->loop) == 0);
    if (p->lock >= 0)
        close(p->lock);
}

int cmd_agent(struct invocation *inv)
{
    struct agent_process p = {.lock = -1};
    struct err err = {0};
    int status = COMPLAIN_DONE;
    check(uv_loop_init(&p.loop) == 0);
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    int rc = process_prepare(&p, inv, &err);
    if (rc == 0)
        rc = process_start(&p, inv, &err);
    if (rc == 0) {
        p.signals = agent_signals_new(&p.loop, p.agent, process_hangup, &p);
        uv_run(&p.loop, UV_RUN_DEFAULT);
        status = agent_signals_status(p.signals);
        err = p.refused;
        rc = err.code;
        if (rc == 0)
            news_say("agent %s leaves%s", p.name,
                     agent_has_left(p.agent)
                         ? ""
                         : "; its trainings continue, and the next agent in its folder adopts "
                           "them");
    }
    process_end(&p);
    return rc ? complain(&err) : status;
}
