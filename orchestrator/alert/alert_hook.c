/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/alert/alert_hook.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"
#include "net/endpoint.h"
#include "orchestrator/alert/alert_post.h"
#include "orchestrator/alert/alert_program.h"

struct alert_hook {
    struct alert_hook_config config;
    struct alert_url url;              /* of a URL: its host is not "" */
    char *waiting[ALERT_HOOK_WAITING]; /* a ring */
    size_t first, n;
    char *text; /* that is being sent; NULL: none */
    struct alert_program *program;
    struct alert_post *post; /* one of the two, while text is being sent */
    uv_timer_t limit, pace;
    uint64_t paced_ms; /* when all that was sent would have been, one in ALERT_HOOK_PACE_MS */
    bool late, closing;
    void (*idle)(void *arg); /* NULL: nobody asks */
    void *idle_arg;
};

static bool target_is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

int alert_hook_new(const struct alert_hook_config *config, struct alert_hook **ret, struct err *err)
{
    struct alert_url url = {0};
    if (endpoint_is_text(config->target)) {
        int rc = alert_url_parse(config->target, &url, err);
        if (rc != 0)
            return rc;
    } else if (!target_is_program(config->target)) {
        return err_set(err, ERR_USAGE, "--alert: '%.200s' is neither a program nor a URL",
                       config->target);
    }
    struct alert_hook *h = *ret = mem_alloc(sizeof **ret);
    h->config = *config;
    if (h->config.limit_ms == 0)
        h->config.limit_ms = ALERT_HOOK_LIMIT_MS;
    h->url = url;
    uv_timer_init(config->loop, &h->limit);
    uv_timer_init(config->loop, &h->pace);
    h->limit.data = h->pace.data = h;
    return 0;
}

static void hook_say(struct alert_hook *h, const char *why)
{
    char text[512];
    snprintf(text, sizeof text, "alert not delivered to %s: %s",
             h->url.host[0] ? h->url.host : h->config.target, why);
    h->config.failed(h->config.arg, text);
}

static void hook_next(struct alert_hook *h);

static void hook_on_done(void *arg, const char *why)
{
    struct alert_hook *h = arg;
    char late[64];
    snprintf(late, sizeof late, "it took more than %g s", h->config.limit_ms / 1000.0);
    uv_timer_stop(&h->limit);
    h->program = NULL;
    h->post = NULL;
    mem_free(h->text);
    h->text = NULL;
    if (h->late || why)
        hook_say(h, h->late ? late : why);
    hook_next(h);
}

static void hook_on_late(uv_timer_t *timer)
{
    struct alert_hook *h = timer->data;
    h->late = true;
    if (h->program) {
        alert_program_kill(h->program);
        return;
    }
    alert_post_leave(h->post);
    hook_on_done(h, NULL);
}

static void hook_start(struct alert_hook *h)
{
    struct err err = {0};
    int rc = 0;
    h->late = false;
    if (h->url.host[0])
        rc = alert_post_begin(h->config.loop, &h->url, h->text, hook_on_done, h, &h->post, &err);
    else
        h->program =
            alert_program_begin(h->config.loop, h->config.target, h->text, hook_on_done, h);
    if (rc == 0) {
        uv_timer_start(&h->limit, hook_on_late, h->config.limit_ms, 0);
        return;
    }
    hook_say(h, err.text);
    mem_free(h->text);
    h->text = NULL;
}

static void hook_on_pace(uv_timer_t *timer)
{
    hook_next(timer->data);
}

/* Whether another message may be sent now; else the timer is set. */
static bool hook_is_paced(struct alert_hook *h)
{
    uint64_t now = uv_now(h->config.loop);
    uint64_t ahead = h->paced_ms > now ? h->paced_ms - now : 0;
    if (ahead > (ALERT_HOOK_BURST - 1) * ALERT_HOOK_PACE_MS) {
        uv_timer_start(&h->pace, hook_on_pace, ahead - (ALERT_HOOK_BURST - 1) * ALERT_HOOK_PACE_MS,
                       0);
        return false;
    }
    h->paced_ms = now + ahead + ALERT_HOOK_PACE_MS;
    return true;
}

static void hook_next(struct alert_hook *h)
{
    while (!h->text && h->n > 0 && !h->closing && hook_is_paced(h)) {
        h->text = h->waiting[h->first];
        h->first = (h->first + 1) % ALERT_HOOK_WAITING;
        h->n--;
        hook_start(h);
    }
    if (alert_hook_is_idle(h) && !h->closing && h->idle)
        h->idle(h->idle_arg);
}

void alert_hook_send(struct alert_hook *h, const char *json)
{
    if (h->closing)
        return;
    if (h->n == ALERT_HOOK_WAITING) {
        hook_say(h, "too many wait already");
        return;
    }
    h->waiting[(h->first + h->n++) % ALERT_HOOK_WAITING] = mem_strdup(json);
    hook_next(h);
}

void alert_hook_follow(struct alert_hook *h, void (*idle)(void *arg), void *arg)
{
    h->idle = idle;
    h->idle_arg = arg;
}

bool alert_hook_is_idle(const struct alert_hook *h)
{
    return !h->text && h->n == 0;
}

void alert_hook_close(struct alert_hook *h)
{
    if (!h || h->closing)
        return;
    h->closing = true;
    if (h->program)
        alert_program_leave(h->program);
    if (h->post)
        alert_post_leave(h->post);
    uv_close((uv_handle_t *)&h->limit, NULL);
    uv_close((uv_handle_t *)&h->pace, NULL);
}

void alert_hook_free(struct alert_hook *h)
{
    if (!h)
        return;
    for (; h->n > 0; h->n--, h->first = (h->first + 1) % ALERT_HOOK_WAITING)
        mem_free(h->waiting[h->first]);
    mem_free(h->text);
    mem_free(h);
}
