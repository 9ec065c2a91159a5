/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom-shim: owns one attempt of a trial. It claims the attempt's directory, starts training,
 * keeps its output, ends it when asked or when its time is up, ends whatever it left behind, and
 * records how it ended (docs/SHIM.md). It lives on when the agent dies; training dies with it. One
 * thread, because PR_SET_PDEATHSIG is about the thread that forked. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/shim/shim_capture.h"
#include "agent/shim/shim_claim.h"
#include "agent/shim/shim_core.h"
#include "agent/shim/shim_launch.h"
#include "agent/shim/shim_log.h"
#include "agent/shim/shim_oom.h"
#include "agent/shim/shim_options.h"
#include "agent/shim/shim_tree.h"
#include "agent/shim/shim_usage.h"

enum {
    READ_BYTES = 64 << 10,
    PIPE_BYTES = 1 << 20,
    READS_A_TURN = 16,                          /* so that a flood does not keep us from signals */
    READS_AT_END = 2 * PIPE_BYTES / READ_BYTES, /* nor something unkillable from quitting */
    /* The end of an attempt shorter than this need not wait for the disk, as long as an agent can
     * make it durable in its store at once. */
    DURABLE_MS = 1000,
    /* One shorter than this has no sample of what it used: thousands of them end in a minute. */
    SAMPLE_MS = 500,
};

enum { PIPE_OUT = SHIM_CAPTURE_OUT, PIPE_ERR = SHIM_CAPTURE_ERR, PIPES };

struct shim {
    struct shim_arguments args;
    struct shim_core core;
    struct shim_claim claim;
    struct shim_tree tree;
    struct shim_log log;
    struct shim_oom oom;
    int pipes[PIPES]; /* our ends; PIPE_OUT: -1 unless lines are captured */
    bool grown[PIPES];
    int signals;
    pid_t agent;
    int64_t started_ms;
    bool done;
    int exit_code;
    struct shim_capture capture;
};

static int64_t clock_ms(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads from the pipe, at most `reads` times. False at the end of the pipe. */
static bool output_drain(struct shim *s, int which, int reads)
{
    static char bytes[READ_BYTES];
    for (int i = 0; i < reads; i++) {
        ssize_t n = read(s->pipes[which], bytes, sizeof bytes);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        if (n == 0)
            return false;
        shim_log_write(&s->log, bytes, (size_t)n);
        shim_capture_take(&s->capture, which, bytes, (size_t)n);
        if (n == READ_BYTES && !s->grown[which]) {
            s->grown[which] = true;
            fcntl(s->pipes[which], F_SETPIPE_SZ, PIPE_BYTES);
        }
        if (n < READ_BYTES)
            return true; /* a short read: the pipe is empty */
    }
    return true;
}

static void close_pipe(struct shim *s, int which)
{
    close(s->pipes[which]);
    s->pipes[which] = -1;
}

/* The metrics must be durable before the end is. */
static void sync_file(const char *dir, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* training may have put a pipe there */
    if (fd < 0)
        return; /* nothing was reported */
    fdatasync(fd);
    close(fd);
}

/* Training that could not write its metrics may well have ended as if nothing had happened. */
static bool disk_is_full(const char *dir)
{
    struct statvfs disk;
    return statvfs(dir, &disk) == 0 && disk.f_blocks > 0 &&
           (uint64_t)disk.f_bavail * disk.f_frsize < LIMIT_METRIC_LINE_BYTES;
}

static void record_write(struct shim *s)
{
    for (int i = 0; i < PIPES; i++)
        if (s->pipes[i] >= 0)
            output_drain(s, i, READS_AT_END);
    shim_capture_finish(&s->capture);
    s->core.end.dropped = shim_log_dropped(&s->log);
    s->core.end.stdout_dropped = s->capture.dropped;
    s->core.end.stdout_lost = s->capture.lost;
    s->core.end.disk_full = disk_is_full(s->args.dir);
    int64_t ran_ms = clock_ms(CLOCK_MONOTONIC) - s->started_ms;
    if (ran_ms >= SAMPLE_MS)
        shim_usage_write(s->args.dir, clock_ms(CLOCK_REALTIME));
    if (s->core.end.oom && !s->core.end.error[0])
        shim_usage_print_oom(s->core.end.error, sizeof s->core.end.error, s->oom.path);
    s->core.end.durable = getppid() != s->agent || ran_ms >= DURABLE_MS;
    if (s->core.end.durable) {
        sync_file(s->args.dir, "metrics");
        sync_file(s->args.dir, SHIM_STDOUT_FILE);
        sync_file(s->args.dir, SHIM_SYSTEM_FILE);
    }
    if (!shim_claim_end(&s->claim, &s->core.end))
        s->exit_code = SHIM_EXIT_FAILED;
}

static void shim_step(struct shim *s, struct shim_event ev)
{
    struct shim_effects effects;
    ev.now_ms = clock_ms(CLOCK_MONOTONIC);
    ev.wall_ms = clock_ms(CLOCK_REALTIME);
    shim_core_step(&s->core, &ev, &effects);
    for (unsigned i = 0; i < effects.n; i++) {
        switch (effects.items[i]) {
        case SHIM_DO_INTERRUPT:
            if (s->tree.training > 0)
                kill(s->tree.training, SIGINT);
            break;
        case SHIM_DO_TERM:
            shim_tree_signal(&s->tree, SIGTERM);
            break;
        case SHIM_DO_KILL:
            shim_tree_signal(&s->tree, SIGKILL);
            break;
        case SHIM_DO_RECORD:
            record_write(s);
            break;
        case SHIM_DO_QUIT:
            s->done = true;
            break;
        }
    }
}

static void reap_children(struct shim *s)
{
    struct shim_reaped r = shim_tree_reap(&s->tree);
    if (r.training) {
        bool exited = WIFEXITED(r.status);
        shim_step(s, (struct shim_event){.kind = SHIM_EV_CHILD_EXITED,
                                         .code = exited ? WEXITSTATUS(r.status) : 0,
                                         .signal = exited ? 0 : WTERMSIG(r.status),
                                         .oom_counted = !exited && WTERMSIG(r.status) == SIGKILL &&
                                                        shim_oom_since(&s->oom) > 0,
                                         .others = !r.none_left});
    } else if (r.none_left && !s->done) {
        shim_step(s, (struct shim_event){.kind = SHIM_EV_ALL_GONE});
    }
}

static void take_signals(struct shim *s)
{
    struct signalfd_siginfo got[8];
    ssize_t n = read(s->signals, got, sizeof got);
    bool child = false;
    for (size_t i = 0; n > 0 && i < (size_t)n / sizeof *got && !s->done; i++) {
        if (got[i].ssi_signo == SIGCHLD)
            child = true;
        else
            shim_step(s, (struct shim_event){
                             .kind = got[i].ssi_signo == SIGQUIT  ? SHIM_EV_ASKED_KILL
                                     : got[i].ssi_signo == SIGINT ? SHIM_EV_ASKED_INTERRUPT
                                                                  : SHIM_EV_ASKED_STOP});
    }
    if (child && !s->done)
        reap_children(s);
}

static int poll_timeout(const struct shim *s)
{
    int64_t deadline = shim_core_deadline(&s->core);
    if (deadline == INT64_MAX)
        return -1;
    int64_t left = deadline - clock_ms(CLOCK_MONOTONIC);
    return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static void shim_loop(struct shim *s)
{
    while (!s->done) {
        struct pollfd fds[] = {{.fd = s->signals, .events = POLLIN},
                               {.fd = s->pipes[PIPE_OUT], .events = POLLIN},
                               {.fd = s->pipes[PIPE_ERR], .events = POLLIN}};
        int n = poll(fds, 3, poll_timeout(s));
        for (int i = 0; n > 0 && i < PIPES; i++)
            if (fds[1 + i].revents && !output_drain(s, i, READS_A_TURN))
                close_pipe(s, i);
        if (n > 0 && fds[0].revents)
            take_signals(s);
        if (!s->done && poll_timeout(s) == 0)
            shim_step(s, (struct shim_event){.kind = SHIM_EV_TICK});
    }
}

/* Both ends close on exec; only ours never blocks. */
static bool make_pipe(struct shim *s, int which, int *ret_theirs)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    s->pipes[which] = ends[0];
    *ret_theirs = ends[1];
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

static bool is_of_the_host(int e)
{
    return e == EMFILE || e == ENFILE || e == ENOMEM || e == EAGAIN;
}

static void launch_training(struct shim *s)
{
    char error[SHIM_ERROR_BYTES] = "";
    struct shim_launch l = {.argv = s->args.argv, .out = -1, .err = -1};
    bool ready = shim_capture_init(&s->capture, s->args.capture, s->args.dir) &&
                 make_pipe(s, PIPE_ERR, &l.err);
    l.out = l.err;
    int failed = errno;
    shim_oom_init(&s->oom, s->args.cgroup); /* before training can be killed */
    errno = failed;
    if (ready && s->capture.fd >= 0)
        ready = make_pipe(s, PIPE_OUT, &l.out);
    pid_t pid = -1;
    if (ready)
        pid = shim_launch_start(&l, error, sizeof error);
    else
        snprintf(error, sizeof error, "cannot create a pipe for its output: %s", strerror(errno));
    bool host = pid < 0 && is_of_the_host(errno);
    if (l.out != l.err)
        close(l.out);
    close(l.err);
    if (pid < 0) {
        shim_step(s,
                  (struct shim_event){.kind = SHIM_EV_LAUNCH_FAILED, .text = error, .host = host});
        return;
    }
    s->tree.training = pid;
    shim_claim_training(&s->claim, pid);
    shim_step(s, (struct shim_event){.kind = SHIM_EV_STARTED});
}

/* Before training starts, so that nothing of it is outside. What cannot be limited runs all the
 * same. */
static void cgroup_enter(struct shim *s)
{
    char path[PATH_MAX], text[PATH_MAX + 256];
    int n = snprintf(path, sizeof path, "%s/cgroup.procs", s->args.cgroup);
    errno = ENAMETOOLONG;
    int fd = n < (int)sizeof path ? open(path, O_WRONLY | O_CLOEXEC) : -1;
    if (fd < 0 || write(fd, "0", 1) != 1) {
        n = snprintf(text, sizeof text,
                     "[besom: without limits of memory and cores: %.*s cannot be entered: %s]\n",
                     PATH_MAX, s->args.cgroup, strerror(errno));
        shim_log_write(&s->log, text, (size_t)n);
        s->args.cgroup = NULL;
    }
    if (fd >= 0)
        close(fd);
}

static bool prepare_signals(struct shim *s)
{
    static const int ignored[] = {SIGHUP, SIGPIPE, SIGXFSZ};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        sigaction(ignored[i], &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    /* If SIGCHLD were ignored, the kernel would reap in our place. */
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigaction(SIGINT, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGQUIT);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_SETMASK, &set, NULL);
    s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return s->signals >= 0;
}

/* Inherited descriptors must not stay open as long as training runs, and training must not inherit
 * them. */
static bool leave_the_agent(void)
{
    setsid(); /* fails if the agent called it already */
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++)
        if (null < 0 || (fd != null && dup2(null, fd) < 0))
            return false;
    if (null > 2)
        close(null);
    return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

int main(int argc, char **argv)
{
    static struct shim s;
    s.pipes[PIPE_OUT] = s.pipes[PIPE_ERR] = -1;
    if (shim_options_parse(argc, argv, &s.args) != 0 ||
        !shim_log_init(&s.log, s.args.log, (uint64_t)s.args.log_bytes)) {
        fputs(SHIM_USAGE, stderr);
        return SHIM_EXIT_USAGE;
    }
    s.agent = getppid();
    s.started_ms = clock_ms(CLOCK_MONOTONIC);
    syscall(SYS_close_range, 3, ~0U, 0);
    if (!prepare_signals(&s))
        return SHIM_EXIT_FAILED;
    int rc = shim_claim_take(&s.claim, s.args.dir);
    if (rc != 0)
        return rc;
    if (!leave_the_agent())
        return SHIM_EXIT_FAILED;
    shim_core_init(&s.core, &s.args.core);
    /* The shim moves to these processors too: it is idle, and training inherits them. Processors
     * that have gone since the agent looked do not prevent the run. */
    if (s.args.cpus_given)
        sched_setaffinity(0, sizeof s.args.cpus, &s.args.cpus);
    if (s.args.cgroup)
        cgroup_enter(&s);
    launch_training(&s);
    shim_loop(&s);
    _exit(s.exit_code);
}
