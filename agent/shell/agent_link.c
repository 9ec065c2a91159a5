/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shell/agent_link.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "agent/backoff.h"
#include "agent/code/code_tree.h"
#include "agent/core/agent_shape.h"
#include "agent/shell/agent_host.h"
#include "agent/wandb/wandb_front.h"
#include "base/path_text.h"
#include "net/log.h"

void agent_link_offer_key(struct agent *a, const struct message *answer)
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
    agent_inside_send(a, &m);
}

/* Connects again, with the new one. Until it is used, the old one is good: nothing is lost if this
 * process ends here. */
void agent_link_take_key(struct agent *a, const char *why)
{
    struct err err = {0};
    if (!a->config.renewed)
        return;
    if (a->config.renewed(a->config.arg, why && why[0] ? why : NULL, &err) != 0)
        warnings_error(&a->warnings, &err);
    else if (a->link)
        link_close(a->link, "the agent has a new key");
}

void agent_link_found_code(void *arg, const char *sweep, const char *code)
{
    struct agent *a = arg;
    struct agent_event *ev = agent_inside_queue(a, AGENT_EV_CODE, NULL);
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

/* The controller says why. */
static void link_tell_given_up(struct agent *a, const struct message *m)
{
    struct err err = {0};
    err_set(&err, ERR_STATE,
            "trial %s-%" PRIu64 ": the controller has given up its attempt %" PRIu64
            ": its training ends, and what was not sent of it is deleted",
            m->sweep, m->trial, m->attempt);
    warnings_error(&a->warnings, &err);
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
        LOG(LOG_INFO, "agent.refused", log_text("why", m->text));
        err_set(&err, ERR_STATE, "the controller refuses this agent: %s", m->text);
        warnings_error(&a->warnings, &err);
    }
    if (rc == 0 && m->type == MESSAGE_FORGET)
        link_tell_given_up(a, m);
    if (rc == 0 && m->type == MESSAGE_LAUNCH)
        agent_host_look_for_room(a);
    if (rc == 0) {
        agent_inside_queue(a, AGENT_EV_MESSAGE, NULL)->message = m;
        tree_look(a, m);
        if (m->type == MESSAGE_WELCOME) {
            wandb_front_retry(a->wandb);
            agent_host_tell_load(a);
        }
        return;
    }
    arena_rewind(&a->turn.arena, &mark);
    LOG(rc == ERR_UNSUPPORTED ? LOG_DEBUG : LOG_WARN, "agent.message", log_text("error", err.text));
    if (rc != ERR_UNSUPPORTED) /* a kind of message we do not know yet may be skipped */
        link_close(a->link, "the controller sent a malformed message");
}

static void link_on_down(void *arg, const char *why, int64_t silent_ms);

void agent_link_up(void *arg)
{
    struct agent *a = arg;
    LOG(LOG_INFO, "agent.up", log_int("try", a->tries));
    agent_inside_queue(a, AGENT_EV_LINK_UP, NULL);
}

static void link_on_refused(void *arg, int code, int status, const char *why)
{
    struct agent *a = arg;
    if (a->config.refused)
        a->config.refused(a->config.arg, code, status, why);
}

int agent_link_connect(struct agent *a, struct err *err)
{
    struct link_handler handler = {
        .up = agent_link_up,
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
    if (agent_link_connect(a, &err) != 0)
        LOG(LOG_ERROR, "agent.alone", log_text("error", err.text));
    else if (link_is_up(a->link))
        agent_link_up(a);
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
    uv_timer_stop(&a->load); /* a welcome starts it again */
    gpu_ends_drop(&a->ends);
    agent_inside_queue(a, AGENT_EV_LINK_DOWN, NULL);
    if (!a->closing)
        uv_timer_start(&a->retry, link_on_retry, (uint64_t)wait_ms, 0);
    a->config.changed(a->config.arg);
}
