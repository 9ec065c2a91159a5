/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/event.h"

#include <string.h>

int event_command_find(const char *word)
{
    static const char *const words[] = {
        [COMMAND_PAUSE] = "pause",   [COMMAND_RESUME] = "resume", [COMMAND_STOP] = "stop",
        [COMMAND_CANCEL] = "cancel", [COMMAND_RUN] = "run",       [COMMAND_KEEP] = "keep"};
    for (int i = 0; i < (int)(sizeof words / sizeof *words); i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return -1;
}
