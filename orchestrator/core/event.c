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

static const char *const agents[] = {
    [DUTY_UP] = "uncordon", [DUTY_DRAINING] = "drain", [DUTY_CORDONED] = "cordon"};

const char *event_what(const struct event *ev)
{
    switch (ev->kind) {
    case EVENT_COMMAND:
        return commands[ev->command];
    case EVENT_CREATE:
        return "create";
    case EVENT_RETRY:
        return "retry";
    case EVENT_ENQUEUE:
        return "enqueue";
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
