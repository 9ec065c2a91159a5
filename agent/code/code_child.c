/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/code/code_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

enum { PIECE_BYTES = 64 << 10 };

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The environment without what would lead git to another repository, or make it wait for an answer.
 */
static char **child_environment(void)
{
    static const char *const dropped[] = {
        "GIT_DIR=",       "GIT_WORK_TREE=",      "GIT_INDEX_FILE=", "GIT_PREFIX=",
        "GIT_NAMESPACE=", "GIT_OPTIONAL_LOCKS=", "GIT_COMMON_DIR=", "GIT_EXTERNAL_DIFF="};
    size_t n = 0, kept = 0;
    while (environ[n])
        n++;
    char **env = mem_alloc((n + 2) * sizeof *env);
    for (size_t i = 0; i < n; i++) {
        bool drop = false;
        for (size_t k = 0; k < sizeof dropped / sizeof *dropped; k++)
            drop |= strncmp(environ[i], dropped[k], strlen(dropped[k])) == 0;
        if (!drop)
            env[kept++] = environ[i];
    }
    static char locks[] = "GIT_OPTIONAL_LOCKS=0";
    env[kept] = locks;
    return env;
}

static int child_spawn(const struct code_child *c, const int out[2], const int said[2], pid_t *ret)
{
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t files;
    sigset_t none;
    char **env = child_environment();
    sigemptyset(&none);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, said[1], STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&files, c->folder);
    char **argv = (char **)(uintptr_t)c->argv;
    int rc = posix_spawnp(ret, argv[0], &files, &attr, argv, env);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    mem_free(env);
    return rc;
}

static void said_add(struct code_child *c, const char *bytes, size_t len)
{
    size_t has = strlen(c->said);
    for (size_t i = 0; i < len && has + 1 < sizeof c->said && !strchr(c->said, '\n'); i++)
        c->said[has++] = bytes[i] ? bytes[i] : '?';
}

/* Reads both pipes to their ends. False if the time or the space is used up. */
static bool child_read(struct code_child *c, int out_fd, int said_fd, struct buf *out)
{
    struct pollfd fds[] = {{out_fd, POLLIN, 0}, {said_fd, POLLIN, 0}};
    int64_t end = clock_ms() + c->limit_ms;
    char *piece = mem_alloc(PIECE_BYTES);
    bool good = true;
    while (good && (fds[0].fd >= 0 || fds[1].fd >= 0)) {
        int64_t left = end - clock_ms();
        int n = left > 0 ? poll(fds, 2, (int)left) : 0;
        good = n > 0 || (n < 0 && errno == EINTR);
        for (int i = 0; good && n > 0 && i < 2; i++) {
            if (fds[i].fd < 0 || !fds[i].revents)
                continue;
            ssize_t got = read(fds[i].fd, piece, PIECE_BYTES);
            if (got > 0 && i == 0)
                buf_add(out, piece, (size_t)got);
            else if (got > 0)
                said_add(c, piece, (size_t)got);
            else if (got == 0 || errno != EINTR)
                fds[i].fd = -1;
        }
        good = good && !out->overflow;
    }
    mem_free(piece);
    return good;
}

int code_child_run(struct code_child *c, struct buf *out, struct err *err)
{
    int pipes[2][2] = {{-1, -1}, {-1, -1}}, wait_status = 0;
    pid_t pid = -1;
    memset(c->said, 0, sizeof c->said);
    int rc = pipe2(pipes[0], O_CLOEXEC) != 0 || pipe2(pipes[1], O_CLOEXEC) != 0
                 ? errno
                 : child_spawn(c, pipes[0], pipes[1], &pid);
    bool good = true;
    for (int i = 0; i < 2; i++)
        if (pipes[i][1] >= 0)
            close(pipes[i][1]);
    if (rc == 0) {
        good = child_read(c, pipes[0][0], pipes[1][0], out);
        if (!good)
            kill(-pid, SIGKILL);
        while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR)
            ;
    }
    for (int i = 0; i < 2; i++)
        if (pipes[i][0] >= 0)
            close(pipes[i][0]);
    c->said[strcspn(c->said, "\n")] = '\0';
    c->status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
    if (rc != 0)
        return err_set(err, rc == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s cannot be started: %s",
                       c->argv[0], strerror(rc));
    if (!good && !out->overflow)
        return err_set(err, ERR_UNREACHABLE, "%s took longer than %d s", c->argv[0],
                       c->limit_ms / 1000);
    return 0;
}
