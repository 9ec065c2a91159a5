/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/page/page_zone.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "/zoneinfo/"

/* NULL: it is not in the folder of zones. */
static const char *zone_of_path(const char *path)
{
    const char *at = strstr(path, FOLDER);
    return at ? at + strlen(FOLDER) : NULL;
}

const char *page_zone_name(char ret[PAGE_ZONE_BYTES])
{
    char path[PATH_MAX];
    const char *name = getenv("TZ");
    if (name && *name) {
        name += *name == ':';
        name = *name == '/' ? zone_of_path(name) : name;
    } else { /* where the system has no file, its clock is that of UTC */
        ssize_t n = readlink("/etc/localtime", path, sizeof path - 1);
        path[n > 0 ? n : 0] = '\0';
        name = n > 0 ? zone_of_path(path) : access("/etc/localtime", F_OK) != 0 ? "UTC" : NULL;
    }
    if (!name || !*name || strlen(name) >= PAGE_ZONE_BYTES)
        return NULL;
    snprintf(ret, PAGE_ZONE_BYTES, "%s", name);
    return ret;
}
