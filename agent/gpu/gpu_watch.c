/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/gpu/gpu_watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "agent/gpu/gpu_amd.h"
#include "agent/gpu/gpu_nvml.h"
#include "base/mem.h"

enum { EVENTS_MS = 1000 };

static const char *sys_root(void)
{
    const char *root = getenv("BESOM_SYS");
    return root ? root : "/sys";
}

bool gpu_watch_is_needed(void)
{
    /* The files of NVIDIA's kernel module, and of its stand-in under Windows. */
    static const char *const files[] = {"/dev/nvidiactl", "/proc/driver/nvidia/version",
                                        "/dev/dxg"};
    const char *nvml = getenv("BESOM_NVML");
    if (nvml && *nvml)
        return true;
    for (size_t i = 0; !nvml && i < sizeof files / sizeof *files; i++)
        if (access(files[i], F_OK) == 0)
            return true;
    return gpu_amd_is_there(sys_root());
}

static int64_t clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads all GPUs and prints the line; false if the reader has gone. */
static bool watch_print(struct gpu_nvml *nvml, const char *error, uint64_t asked,
                        struct gpu_reading *r)
{
    struct buf line;
    *r = (struct gpu_reading){.asked = asked};
    snprintf(r->error, sizeof r->error, "%s", error);
    if (nvml)
        gpu_nvml_read(nvml, r);
    gpu_amd_read(sys_root(), r);
    buf_init(&line, SIZE_MAX);
    gpu_reading_print(&line, r);
    size_t done = 0;
    while (done < line.len) {
        ssize_t n = write(STDOUT_FILENO, buf_str(&line) + done, line.len - done);
        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    bool all = done == line.len;
    buf_done(&line);
    return all;
}

/* Waits until the next period, until a GPU fails, or until the parent asks by a byte; false if the
 * parent has gone. */
static bool watch_wait(struct gpu_nvml *nvml, int64_t until_ms, uint64_t *asked)
{
    for (int64_t left; (left = until_ms - clock_ms()) > 0;) {
        struct pollfd parent = {.fd = STDIN_FILENO, .events = POLLIN};
        int n = poll(&parent, 1, (int)(left < EVENTS_MS ? left : EVENTS_MS));
        char bytes[64];
        if (n > 0) {
            ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
            *asked += got > 0 ? (uint64_t)got : 0;
            return got > 0;
        }
        if (nvml && gpu_nvml_events(nvml))
            break;
    }
    return true;
}

int gpu_watch_run(int64_t period_ms, bool once)
{
    struct gpu_nvml *nvml = NULL;
    struct gpu_reading *r = mem_alloc(sizeof *r);
    /* A library that hangs does not keep this process when its parent ends. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    struct err err = {0};
    const char *path = getenv("BESOM_NVML");
    if (path && !*path)
        nvml = NULL;
    else if (gpu_nvml_open(path, &nvml, &err) == ERR_NOT_FOUND)
        err.text[0] = '\0'; /* a host with other GPUs has no such library */
    uint64_t asked = 0;
    /* A period after each line, also after one that was asked for: lines that come early must not put
     * off those that are due. */
    while (watch_print(nvml, err.text, asked, r) && !once &&
           watch_wait(nvml, clock_ms() + period_ms, &asked))
        ;
    gpu_nvml_free(nvml);
    mem_free(r);
    return 0;
}
