/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/launch/interpreter.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *interpreter_find(void)
{
    static const char *const names[] = {"python", "python3"};
    const char *path = getenv("PATH");
    char file[4096];
    for (size_t i = 0; i < 2; i++)
        for (const char *at = path; at && *at; at += strcspn(at, ":"), at += *at == ':') {
            snprintf(file, sizeof file, "%.*s/%s", (int)strcspn(at, ":"), at, names[i]);
            if (access(file, X_OK) == 0)
                return names[i];
        }
    return "python";
}
