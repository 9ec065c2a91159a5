/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded into a controller, it sets the wall clock ahead by the seconds in a file, for tests of
 * what takes months. The steady clock stays as it is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static time_t clock_ahead(void)
{
    const char *path = getenv("FAKE_CLOCK");
    FILE *f = path ? fopen(path, "re") : NULL;
    long seconds = 0;
    if (!f)
        return 0;
    if (fscanf(f, "%ld", &seconds) != 1)
        seconds = 0;
    fclose(f);
    return seconds;
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *ret)
{
    static int (*next)(clockid_t, struct timespec *);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
    int rc = next(id, ret);
    if (rc == 0 && id == CLOCK_REALTIME)
        ret->tv_sec += clock_ahead();
    return rc;
}

__attribute__((visibility("default"))) time_t time(time_t *ret)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}
