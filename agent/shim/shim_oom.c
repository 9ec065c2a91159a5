/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_oom.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_file(const char *path, char *text, size_t bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, text, bytes - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n > 0;
}

static uint64_t counter_read(const char *path)
{
    char text[4096];
    static const char key[] = "oom_kill ";
    if (!*path || !read_file(path, text, sizeof text))
        return 0;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, sizeof key - 1) == 0)
            return strtoull(line + sizeof key - 1, NULL, 10);
    }
    return 0;
}

/* Lines are "id:controllers:path"; v1 names memory among the controllers, v2 is "0::path". */
static void cgroup_find(char out[SHIM_OOM_PATH_BYTES], const char *entered)
{
    char text[4096], *save = NULL;
    if (entered) {
        snprintf(out, SHIM_OOM_PATH_BYTES, "%s/memory.events", entered);
        if (access(out, R_OK) == 0)
            return; /* else only its cores are limited */
    }
    out[0] = '\0';
    if (!read_file("/proc/self/cgroup", text, sizeof text))
        return;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path)
            continue;
        *path++ = '\0';
        controllers++;
        if (strcmp(controllers, "memory") == 0) {
            snprintf(out, SHIM_OOM_PATH_BYTES, "/sys/fs/cgroup/memory%s/memory.oom_control", path);
            /* A container may see its own cgroup at the root, under the host's name for it. */
            if (access(out, R_OK) != 0)
                snprintf(out, SHIM_OOM_PATH_BYTES, "/sys/fs/cgroup/memory/memory.oom_control");
            return;
        }
        if (!*controllers)
            snprintf(out, SHIM_OOM_PATH_BYTES, "/sys/fs/cgroup%s/memory.events", path);
    }
}

void shim_oom_init(struct shim_oom *o, const char *cgroup)
{
    const char *given = getenv(SHIM_OOM_ENV);
    if (given)
        snprintf(o->path, sizeof o->path, "%s", given);
    else
        cgroup_find(o->path, cgroup);
    o->before = counter_read(o->path);
}

uint64_t shim_oom_since(const struct shim_oom *o)
{
    uint64_t now = counter_read(o->path);
    return now > o->before ? now - o->before : 0;
}
