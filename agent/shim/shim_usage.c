/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_usage.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "agent/shim/shim_record.h"

static uint64_t usage_peak(const struct rusage *u)
{
    return (uint64_t)u->ru_maxrss << 10;
}

void shim_usage_write(const char *dir, int64_t wall_ms)
{
    char path[PATH_MAX], line[256];
    struct rusage u;
    snprintf(path, sizeof path, "%s/" SHIM_SYSTEM_FILE, dir);
    if (getrusage(RUSAGE_CHILDREN, &u) != 0)
        return;
    double cpu = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                 (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
    int n = snprintf(line, sizeof line,
                     "{\"_time\":%.3f,\"system/cpu.seconds\":%.3f,\"system/memory.peak\":%" PRIu64
                     "}\n",
                     (double)wall_ms / 1000, cpu, usage_peak(&u));
    /* Training may have put a pipe there. */
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    ssize_t written = write(fd, line, (size_t)n);
    (void)written;
    close(fd);
}

/* The number in `name` beside the file of events; 0 if there is none, as in "max". */
static uint64_t cgroup_number(const char *events, const char *name)
{
    char path[PATH_MAX], text[32] = "";
    const char *slash = strrchr(events, '/');
    int n = snprintf(path, sizeof path, "%.*s/%s", slash ? (int)(slash - events) : 0, events, name);
    int fd = slash && n < (int)sizeof path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return 0;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    text[got > 0 ? got : 0] = '\0';
    return strtoull(text, NULL, 10);
}

/* Of the cgroup, or of the machine, which a cgroup without a limit has. */
static uint64_t memory_limit(const char *events)
{
    struct sysinfo machine;
    uint64_t all = sysinfo(&machine) == 0 ? (uint64_t)machine.totalram * machine.mem_unit : 0;
    uint64_t limit = cgroup_number(events, "memory.max");
    if (limit == 0)
        limit = cgroup_number(events, "memory.limit_in_bytes");
    return limit > 0 && (all == 0 || limit < all) ? limit : all;
}

static void memory_print(char out[24], uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    double n = (double)bytes / 1024;
    size_t unit = 0;
    while (n >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        n /= 1024;
        unit++;
    }
    snprintf(out, 24, "%.3g %s", n, units[unit]);
}

void shim_usage_print_oom(char *out, size_t bytes, const char *events)
{
    char peak[24], limit[24];
    struct rusage u;
    uint64_t of = memory_limit(events);
    if (getrusage(RUSAGE_CHILDREN, &u) != 0 || u.ru_maxrss <= 0 || of == 0)
        return;
    memory_print(peak, usage_peak(&u));
    memory_print(limit, of);
    snprintf(out, bytes, "out of memory: its largest process had %s of %s", peak, limit);
}
