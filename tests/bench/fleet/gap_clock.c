/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A training that does nothing but note the clock: gap_clock FILE appends a line to the file. The time
 * between two lines is that from the end of one trial to the start of the next. */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int fd = argc >= 2 ? open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    return fd >= 0 && dprintf(fd, "%lld.%09ld\n", (long long)t.tv_sec, t.tv_nsec) > 0 ? 0 : 1;
}
