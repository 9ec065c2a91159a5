/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/help/ask_help.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Wide, so that nothing is wrapped, and without colours. */
static char **help_environment(struct arena *a)
{
    static const char *const ours[] = {"COLUMNS=", "NO_COLOR=", "TERM="};
    size_t n = 0, kept = 0;
    while (environ[n])
        n++;
    char **env = arena_alloc(a, (n + 4) * sizeof *env);
    for (char **e = environ; *e; e++) {
        bool replaced = false;
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
            replaced = replaced || strncmp(*e, ours[i], strlen(ours[i])) == 0;
        if (!replaced)
            env[kept++] = *e;
    }
    env[kept++] = arena_strdup(a, "COLUMNS=1000");
    env[kept++] = arena_strdup(a, "NO_COLOR=1");
    env[kept] = arena_strdup(a, "TERM=dumb");
    return env;
}

static int start_script(const struct value *argv, const char *dir, int out, pid_t *ret)
{
    struct arena a;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t files;
    arena_init(&a);
    char **words = arena_alloc(&a, (argv->list.n + 1) * sizeof *words);
    for (size_t i = 0; i < argv->list.n; i++)
        words[i] = arena_strdup(&a, argv->list.items[i]->s.ptr);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&files, dir);
    int rc = posix_spawnp(ret, words[0], &files, &attr, words, help_environment(&a));
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    arena_done(&a);
    return rc;
}

/* Until it ends or the time does; what is more than there is room for is dropped. */
static bool listen_to(int fd, struct buf *out, int64_t deadline)
{
    char bytes[4096];
    for (;;) {
        int64_t left = deadline - now_ms();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return true;
        buf_add(out, bytes, out->len + (size_t)n <= ASK_HELP_BYTES ? (size_t)n : 0);
    }
}

/* It has closed its output: most often it has ended too. */
static bool await_end(pid_t pid, int64_t deadline)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid)
            return true;
        if (now_ms() >= deadline)
            return false;
        nanosleep(&pause, NULL);
    }
}

/* The last line that it printed: a traceback ends with what went wrong. */
static const char *last_line(const struct buf *out, int *ret_len)
{
    size_t end = out->len;
    while (end > 0 && (buf_peek(out)[end - 1] == '\n' || buf_peek(out)[end - 1] == ' '))
        end--;
    size_t from = end;
    while (from > 0 && buf_peek(out)[from - 1] != '\n')
        from--;
    *ret_len = end - from > 120 ? 120 : (int)(end - from);
    return buf_peek(out) + from;
}

int ask_help(struct buf *out, const struct value *argv, const char *dir, struct err *err)
{
    int fds[2], status = 0, len = 0;
    pid_t pid;
    if (pipe2(fds, O_CLOEXEC) != 0)
        return err_set(err, ERR_IO, "no pipe: %s", strerror(errno));
    int rc = start_script(argv, dir, fds[1], &pid);
    close(fds[1]);
    if (rc != 0) {
        close(fds[0]);
        return err_set(err, ERR_IO, "it cannot be started: %s", strerror(rc));
    }
    int64_t deadline = now_ms() + ASK_HELP_SECONDS * 1000;
    bool ended = listen_to(fds[0], out, deadline) && await_end(pid, deadline);
    close(fds[0]);
    /* It is not reaped yet, so the number is its group's still: whatever it left behind goes. */
    kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!ended)
        return err_set(err, ERR_IO, "it did not end within %d seconds", ASK_HELP_SECONDS);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    const char *line = last_line(out, &len);
    return err_set(err, ERR_IO, "it failed%s%.*s", len ? ": " : "", len, line);
}
