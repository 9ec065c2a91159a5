/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/place.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLOTS_DEFAULT_MAX = 8, GIB = 1 << 30 };

int place_workdir(const struct spec *spec, const char *named, const char *path, char out[PATH_MAX],
                  struct err *err)
{
    const char *workdir = spec->workdir;
    char folder[PATH_MAX], joined[2 * PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    if (!workdir)
        snprintf(joined, sizeof joined, ".");
    else if (workdir[0] == '/')
        snprintf(joined, sizeof joined, "%s", workdir);
    else
        snprintf(joined, sizeof joined, "%s/%s", folder, workdir);
    if (!realpath(joined, out))
        return err_set(err, ERR_SPEC, "%s: workdir: %s cannot be entered: %s", named, joined,
                       strerror(errno));
    const char *program = spec->program;
    if (!program || program[0] == '/' || workdir)
        return 0;
    snprintf(joined, sizeof joined, "%s/%s", out, program);
    if (access(joined, F_OK) == 0)
        return 0;
    snprintf(joined, sizeof joined, "%s/%s", folder, program);
    if (access(joined, F_OK) != 0)
        return 0; /* it may be found on the PATH, or be made before it is needed */
    return err_set(err, ERR_SPEC,
                   "%s: program: %s is not in the current directory, but beside the spec; add "
                   "`workdir: .` to the spec",
                   named, program);
}

uint64_t place_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGE_SIZE);
    return pages > 0 && bytes > 0 ? (uint64_t)pages * (uint64_t)bytes : 0;
}

int place_check_memory(const struct spec *spec, struct err *err)
{
    uint64_t each = spec->resources.memory_bytes, all = place_memory();
    if (all == 0 || each <= all)
        return 0;
    return err_set(err, ERR_SPEC,
                   "resources.memory: a trial needs %.1f GiB, and this machine has %.1f GiB",
                   (double)each / (double)GIB, (double)all / (double)GIB);
}

uint64_t place_slots_of_host(const struct spec *spec)
{
    cpu_set_t set;
    int64_t cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    int64_t slots = spec && spec->resources.cpus > 0 ? cores / spec->resources.cpus : cores;
    uint64_t each = spec ? spec->resources.memory_bytes : 0, all = place_memory();
    if (each > 0 && all > 0 && all / each < (uint64_t)slots)
        slots = (int64_t)(all / each);
    return slots < 1 ? 1 : (uint64_t)slots;
}

uint64_t place_slots(const struct spec *spec)
{
    uint64_t slots = place_slots_of_host(spec);
    return slots > SLOTS_DEFAULT_MAX ? SLOTS_DEFAULT_MAX : slots;
}

uint64_t place_at_once(const struct spec *spec, uint64_t slots)
{
    uint64_t most = (uint64_t)spec->max_parallel;
    return most > 0 && most < slots ? most : slots;
}

int place_bin(char out[PATH_MAX], struct err *err)
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
    if (n > 0)
        out[n] = '\0';
    char *slash = n > 0 ? strrchr(out, '/') : NULL;
    if (!slash)
        return err_set(err, ERR_IO, "/proc/self/exe cannot be read: is /proc there?");
    *slash = '\0';
    return 0;
}

int place_shim(char bin[PATH_MAX], char shim[PATH_MAX], struct err *err)
{
    int rc = place_bin(bin, err);
    if (rc != 0)
        return rc;
    snprintf(shim, PATH_MAX, "%s/besom-shim", bin);
    if (access(shim, X_OK) == 0)
        return 0;
    return err_set(err, ERR_NOT_FOUND,
                   "%s is missing: besom and besom-shim must be in the same folder", shim);
}
