/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/telemetry/telemetry.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Times in clock ticks, memory in pages. */
struct usage {
    long long own, ended; /* of the process; of its children that it has waited for */
    long long pages;
};

static bool usage_read(pid_t pid, struct usage *ret)
{
    char path[40], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char *rest = strrchr(text, ')');
    long long user, system, ended_user, ended_system;
    /* Fields 14 to 17, and 24 (proc(5)); the first after the name is the third. */
    if (!rest ||
        sscanf(rest + 1,
               " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lld %lld %lld %lld %*s %*s %*s %*s "
               "%*s %*s %lld",
               &user, &system, &ended_user, &ended_system, &ret->pages) != 5)
        return false;
    ret->own = user + system;
    ret->ended = ended_user + ended_system;
    return true;
}

bool telemetry_read(struct shim_procs *ps, pid_t shim, struct telemetry *ret)
{
    struct usage u;
    long long ticks, pages = 0;
    *ret = (struct telemetry){0};
    if (!usage_read(shim, &u))
        return false;
    ticks = u.ended; /* the shim's own time is not training's */
    for (size_t i = 0; i < ps->n; i++)
        ps->items[i].marked = false;
    ret->processes = (uint32_t)shim_procs_mark_descendants(ps, shim);
    for (size_t i = 0; i < ps->n; i++) {
        if (!ps->items[i].marked || !usage_read(ps->items[i].pid, &u))
            continue;
        ticks += u.own + u.ended;
        pages += u.pages;
    }
    ret->cpu_ms = (int64_t)(ticks * 1000 / sysconf(_SC_CLK_TCK));
    ret->memory = (int64_t)pages * sysconf(_SC_PAGESIZE);
    return true;
}

double telemetry_cpu_percent(const struct telemetry *before, const struct telemetry *now,
                             int64_t passed_ms)
{
    /* A process that ends between the reading of its parent and its own is counted nowhere. */
    int64_t used = now->cpu_ms > before->cpu_ms ? now->cpu_ms - before->cpu_ms : 0;
    return passed_ms > 0 ? 100.0 * (double)used / (double)passed_ms : -1;
}
