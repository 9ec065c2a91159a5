/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/telemetry/telemetry.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/test.h"

enum { MEMORY = 32 << 20, CPU_MS = 60 };

static void use_cpu(int64_t ms)
{
    struct timespec t;
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    while ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 < ms);
}

/* As a shim and its training: a child that ends after it used the processor, and a grandchild that
 * holds memory and waits. */
static void play_shim(int ready)
{
    pid_t shim = getpid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t worker = fork();
    if (worker == 0) {
        use_cpu(CPU_MS);
        _exit(0);
    }
    waitpid(worker, NULL, 0);
    if (fork() == 0) {
        if (fork() != 0)
            _exit(0);
        while (getppid() != shim) /* the shim adopts it when its parent ends */
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        char *memory =
            mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(memory, 1, MEMORY);
        if (write(ready, "x", 1) == 1)
            pause();
        _exit(0);
    }
    wait(NULL);
    pause();
}

TEST(telemetry_counts_the_processes_of_a_shim)
{
    int ready[2];
    char byte;
    struct shim_procs ps;
    struct telemetry t, none;
    ASSERT(pipe(ready) == 0);
    pid_t shim = fork();
    if (shim == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        play_shim(ready[1]);
    }
    ASSERT(read(ready[0], &byte, 1) == 1);
    shim_procs_init(&ps);
    shim_procs_list(&ps);
    bool found = telemetry_read(&ps, shim, &t), other = telemetry_read(&ps, 0, &none);
    kill(shim, SIGKILL);
    waitpid(shim, NULL, 0);
    bool gone = telemetry_read(&ps, shim, &none);
    shim_procs_done(&ps);
    ASSERT(found && !other && !gone);
    ASSERT_EQ(t.processes, 1);
    ASSERT(t.memory >= MEMORY);
    ASSERT(t.cpu_ms >= CPU_MS - 10); /* in ticks of 10 ms */
}

TEST(telemetry_is_a_share_of_processors)
{
    const struct telemetry before = {.cpu_ms = 1000}, now = {.cpu_ms = 5000};
    ASSERT_NEAR(telemetry_cpu_percent(&before, &now, 1000), 400, 1e-12);
    ASSERT_NEAR(telemetry_cpu_percent(&now, &before, 1000), 0, 1e-12);
    ASSERT_NEAR(telemetry_cpu_percent(&before, &now, 0), -1, 1e-12);
}
