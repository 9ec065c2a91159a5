/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/place.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLOTS_DEFAULT_MAX = 8 };

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

uint64_t place_slots_of_cores(const struct spec *spec)
{
    cpu_set_t set;
    int64_t cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    int64_t slots = spec && spec->resources.cpus > 0 ? cores / spec->resources.cpus : cores;
    return slots < 1 ? 1 : (uint64_t)slots;
}

uint64_t place_slots(const struct spec *spec)
{
    uint64_t slots = place_slots_of_cores(spec);
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
