/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* The store, the loop, sockets, a few shims. Trials for which no descriptor is left start later. */
enum { DESCRIPTORS = 40 };

int descriptors_check(struct err *err)
{
    int fds[DESCRIPTORS], n = 0, why = 0;
    while (n < DESCRIPTORS && (fds[n] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        n++;
    if (n < DESCRIPTORS)
        why = errno;
    for (int i = 0; i < n; i++)
        close(fds[i]);
    struct rlimit limit = {0};
    if (why == EMFILE && getrlimit(RLIMIT_NOFILE, &limit) == 0)
        return err_set(err, ERR_IO,
                       "the limit of open files is %llu (ulimit -n) and leaves %d of the %d that a "
                       "run needs: raise it, for example ulimit -n 1024",
                       (unsigned long long)limit.rlim_cur, n, DESCRIPTORS);
    if (why != 0)
        return err_set(err, ERR_IO, "cannot open a file: %s", strerror(why));
    return 0;
}

void descriptors_raise(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}
