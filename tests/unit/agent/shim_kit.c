/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/agent/shim_kit.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/leftover.h"
#include "agent/shim/shim_proc.h"
#include "tests/test.h"

extern char **environ;

char kit_run_dir[64] = "/tmp/besom-shim-XXXXXX";
char kit_dir[128];
char kit_log[128];
static pid_t owner;

enum { PATIENCE = 6000, PAUSE_MS = 10 };

void kit_pause(void)
{
    nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
}

/* Processes with the run directory in their environment; with a signal, they get it. */
static int tagged(int signal)
{
    int n = 0;
    DIR *proc = opendir("/proc");
    ASSERT(proc);
    for (const struct dirent *e; (e = readdir(proc));) {
        char path[300];
        size_t len = 0;
        pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
        if (pid <= 0 || pid == getpid())
            continue;
        snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
        char *text = kit_read(path, &len);
        if (text && len > 0 && memmem(text, len, kit_run_dir, strlen(kit_run_dir))) {
            n++;
            if (signal)
                kill(pid, signal);
        }
        free(text);
    }
    closedir(proc);
    return n;
}

static void remove_tree(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir) {
        unlink(path);
        return;
    }
    for (const struct dirent *e; (e = readdir(dir));) {
        char child[512];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(child, sizeof child, "%s/%s", path, e->d_name);
        remove_tree(child);
    }
    closedir(dir);
    rmdir(path);
}

static void clean_up(void)
{
    if (getpid() != owner)
        return;
    for (int i = 0; i < 500 && tagged(SIGKILL) > 0; i++)
        kit_pause();
    remove_tree(kit_run_dir);
}

void kit_begin(void)
{
    ASSERT(mkdtemp(kit_run_dir));
    owner = getpid();
    atexit(clean_up);
    snprintf(kit_dir, sizeof kit_dir, "%s/attempt", kit_run_dir);
    snprintf(kit_log, sizeof kit_log, "%s/log", kit_run_dir);
    setenv(LEFTOVER_TAG, kit_dir, 1);
    ASSERT_EQ(attempt_dir_make(kit_dir, NULL), 0);
}

pid_t kit_start_argv(const char *options, char *const argv[])
{
    enum { WORDS = 64 };
    char shim[] = SHIM_PATH, words[512];
    char *all[WORDS] = {shim, "--dir", kit_dir, "--log", kit_log};
    int n = 5;
    snprintf(words, sizeof words, "%s", options);
    for (char *w = words; *w;) {
        size_t len = strcspn(w, " ");
        all[n++] = w;
        w += len + (w[len] != '\0');
        w[-1] = w[-1] == ' ' ? '\0' : w[-1];
    }
    all[n++] = "--";
    for (int i = 0; argv[i]; i++) {
        ASSERT(n + 1 < WORDS);
        all[n++] = argv[i];
    }
    posix_spawnattr_t attr;
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID);
    pid_t pid;
    ASSERT_EQ(posix_spawn(&pid, shim, NULL, &attr, all, environ), 0);
    posix_spawnattr_destroy(&attr);
    return pid;
}

pid_t kit_start(const char *options, const char *script)
{
    char text[2048];
    snprintf(text, sizeof text, "%s", script);
    return kit_start_argv(options, (char *[]){"sh", "-c", text, NULL});
}

int kit_wait(pid_t shim)
{
    int status;
    ASSERT_EQ(waitpid(shim, &status, 0), shim);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

struct attempt_dir kit_probe(void)
{
    struct attempt_dir d;
    struct err err = {0};
    if (attempt_dir_probe(kit_dir, &d, &err) != 0)
        FAIL("%s", err.text);
    return d;
}

struct shim_end kit_end(void)
{
    struct attempt_dir d = kit_probe();
    ASSERT_EQ(d.state, ATTEMPT_DIR_ENDED);
    return d.record.end;
}

struct shim_end kit_run(const char *options, const char *script)
{
    ASSERT_EQ(kit_wait(kit_start(options, script)), 0);
    return kit_end();
}

char *kit_read(const char *path, size_t *ret_len)
{
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return NULL;
    size_t len = 0, cap = 4096;
    char *text = malloc(cap);
    for (ssize_t n; (n = read(fd, text + len, cap - len - 1)) > 0;) {
        len += (size_t)n;
        if (cap - len < 1024)
            text = realloc(text, cap *= 2);
    }
    close(fd);
    text[len] = '\0';
    if (ret_len)
        *ret_len = len;
    return text;
}

void kit_await(const char *path, const char *text)
{
    for (int i = 0; i < PATIENCE; i++) {
        char *now = kit_read(path, NULL);
        bool found = now && strstr(now, text);
        free(now);
        if (found)
            return;
        kit_pause();
    }
    FAIL("%s never held \"%s\"", path, text);
}

int kit_living(void)
{
    return tagged(0);
}

void kit_await_living(int n)
{
    int now = -1;
    for (int i = 0; i < PATIENCE; i++) {
        now = kit_living();
        if (now == n)
            return;
        kit_pause();
    }
    FAIL("%d processes live, not %d", now, n);
}

bool kit_alive(pid_t pid)
{
    struct shim_proc p;
    return shim_proc_read(pid, &p) && !p.zombie;
}
