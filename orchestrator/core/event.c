/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/event.h"

#include <string.h>

static const char *const commands[] = {
    [COMMAND_PAUSE] = "pause",   [COMMAND_RESUME] = "resume", [COMMAND_STOP] = "stop",
    [COMMAND_CANCEL] = "cancel", [COMMAND_RUN] = "run",       [COMMAND_KEEP] = "keep"};

int event_command_find(const char *word)
{
    for (int i = 0; i < (int)(sizeof commands / sizeof *commands); i++)
        if (strcmp(word, commands[i]) == 0)
            return i;
    return -1;
}

static const char *const agents[] = {[DUTY_UP] = "uncordon",
                                     [DUTY_DRAINING] = "drain",
                                     [DUTY_CORDONED] = "cordon",
                                     [DUTY_FORGOTTEN] = "forget"};

const char *event_what(const struct event *ev)
{
    switch (ev->kind) {
    case EVENT_COMMAND:
        return commands[ev->command];
    case EVENT_CREATE:
        return "create";
    case EVENT_RETRY:
        return "retry";
    case EVENT_STOP:
        return "stop";
    case EVENT_ENQUEUE:
        return "enqueue";
    case EVENT_TAG:
        return "tag";
    case EVENT_EDIT:
        return "edit";
    case EVENT_TOKEN_CREATE:
        return ev->create->replaces ? "token renew" : "token create";
    case EVENT_TOKEN_REVOKE:
        return "token revoke";
    case EVENT_JOIN:
        return "join";
    case EVENT_AGENT:
        return agents[ev->agent->duty];
    default:
        return NULL;
    }
}

static const char *text_keep(struct arena *a, const char *s)
{
    return s ? arena_strdup(a, s) : NULL;
}

static const uint64_t *numbers_keep(struct arena *a, const uint64_t *numbers, size_t n)
{
    uint64_t *kept = numbers ? arena_alloc(a, n * sizeof *kept) : NULL;
    if (kept)
        memcpy(kept, numbers, n * sizeof *kept);
    return kept;
}

static void retry_keep(struct arena *a, struct event *ev)
{
    struct event_retry *retry = arena_alloc(a, sizeof *retry);
    *retry = *ev->retry;
    retry->numbers = numbers_keep(a, retry->numbers, retry->numbers_n);
    ev->retry = retry;
}

static void enqueue_keep(struct arena *a, struct event *ev)
{
    struct event_enqueue *enqueue = arena_alloc(a, sizeof *enqueue);
    *enqueue = *ev->enqueue;
    enqueue->params = enqueue->params ? value_copy(a, enqueue->params) : NULL;
    enqueue->by = text_keep(a, enqueue->by);
    ev->enqueue = enqueue;
}

static void agent_keep(struct arena *a, struct event *ev)
{
    struct event_agent *agent = arena_alloc(a, sizeof *agent);
    *agent = *ev->agent;
    agent->name = text_keep(a, agent->name);
    agent->by = text_keep(a, agent->by);
    agent->text = text_keep(a, agent->text);
    ev->agent = agent;
}

static const struct value *value_keep(struct arena *a, const struct value *v)
{
    return v ? value_copy(a, v) : NULL;
}

static void tag_keep(struct arena *a, struct event *ev)
{
    struct event_tag *tag = arena_alloc(a, sizeof *tag);
    *tag = (struct event_tag){.trials = value_keep(a, ev->tag->trials),
                              .add = value_keep(a, ev->tag->add),
                              .remove = value_keep(a, ev->tag->remove),
                              .had = value_keep(a, ev->tag->had)};
    ev->tag = tag;
}

static void create_keep(struct arena *a, struct event *ev)
{
    struct fact *f = arena_alloc(a, sizeof *f);
    *f = *ev->create;
    fact_keep(a, f);
    ev->create = f;
    ev->sweep = f->sweep;
}

void event_keep(struct arena *a, struct event *ev)
{
    ev->sweep = text_keep(a, ev->sweep);
    ev->by = text_keep(a, ev->by);
    ev->from = text_keep(a, ev->from);
    ev->token = text_keep(a, ev->token);
    ev->hash = text_keep(a, ev->hash);
    ev->trials = numbers_keep(a, ev->trials, ev->trials_n);
    if (ev->retry)
        retry_keep(a, ev);
    if (ev->enqueue)
        enqueue_keep(a, ev);
    if (ev->agent)
        agent_keep(a, ev);
    if (ev->tag)
        tag_keep(a, ev);
    if (ev->create)
        create_keep(a, ev);
}
