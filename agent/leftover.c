/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/leftover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/attempt_dir.h"
#include "agent/shim_proc.h"
#include "base/mem.h"

enum { PATH_BYTES = 4096, ENVIRON_BYTES_MAX = 4 << 20, PAUSE_MS = 10 };

/* The dead shims of a run directory: their sessions and training groups name processes that have
 * lost their environment. */
struct dead {
    struct shim_record *items;
    size_t n, cap;
};

/* The value of the tag in a process's environment, "" if it has none or hides it. */
static void read_tag(pid_t pid, char out[PATH_BYTES])
{
    static const char tag[] = LEFTOVER_TAG "=";
    char path[40];
    out[0] = '\0';
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    size_t len = 0, cap = 0;
    char *text = NULL;
    ssize_t n;
    do {
        text = mem_grow(text, &cap, len + 16384, 1);
        n = read(fd, text + len, cap - len - 1);
        len += n > 0 ? (size_t)n : 0;
    } while (n > 0 && len < ENVIRON_BYTES_MAX);
    close(fd);
    text[len] = '\0';
    for (size_t at = 0; at < len; at += strlen(text + at) + 1)
        if (strncmp(text + at, tag, sizeof tag - 1) == 0)
            snprintf(out, PATH_BYTES, "%s", text + at + sizeof tag - 1);
    mem_free(text);
}

static bool is_under(const char *path, const char *dir)
{
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    return strncmp(path, dir, n) == 0 && path[n] == '/' && path[n + 1] != '\0';
}

/* True where no shim that lives can answer for the attempt. */
static bool is_orphaned(const char *attempt_dir)
{
    struct attempt_dir d;
    return attempt_dir_probe(attempt_dir, &d, NULL) == 0 && d.state != ATTEMPT_DIR_RUNNING &&
           d.state != ATTEMPT_DIR_ENDED;
}

static void note_dead(struct dead *dead, const char *attempt_dir)
{
    struct attempt_dir d;
    if (attempt_dir_probe(attempt_dir, &d, NULL) != 0 || d.state != ATTEMPT_DIR_DEAD ||
        d.rebooted || d.record.pid <= 0 || d.record.training <= 0)
        return;
    dead->items = mem_grow(dead->items, &dead->cap, dead->n + 1, sizeof *dead->items);
    dead->items[dead->n++] = d.record;
}

static void list_dead(struct dead *dead, const char *run_dir)
{
    DIR *dir = opendir(run_dir);
    if (!dir)
        return;
    for (const struct dirent *e; (e = readdir(dir));) {
        char path[PATH_BYTES];
        int n = snprintf(path, sizeof path, "%s/%s", run_dir, e->d_name);
        if (e->d_name[0] != '.' && n > 0 && (size_t)n < sizeof path)
            note_dead(dead, path);
    }
    closedir(dir);
}

/* Two numbers that a stranger would have to have been given in the same relation, later than the
 * shim. */
static bool is_of_dead(const struct dead *dead, const struct shim_proc *p)
{
    for (size_t i = 0; i < dead->n; i++)
        if (p->session == dead->items[i].pid && p->group == dead->items[i].training &&
            p->start >= dead->items[i].start)
            return true;
    return false;
}

/* only: the one attempt wanted, or NULL for all under run_dir. */
static size_t kill_pass(const char *run_dir, const char *only, const struct dead *dead)
{
    size_t found = 0;
    struct shim_procs ps;
    shim_procs_init(&ps);
    shim_procs_list(&ps);
    for (size_t i = 0; i < ps.n; i++) {
        const struct shim_proc *p = &ps.items[i];
        char tag[PATH_BYTES];
        if (p->zombie || p->pid == getpid())
            continue;
        bool ours = is_of_dead(dead, p);
        if (!ours) {
            read_tag(p->pid, tag);
            ours = only ? strcmp(tag, only) == 0 : is_under(tag, run_dir);
            ours = ours && is_orphaned(tag);
        }
        if (ours) {
            shim_proc_signal(p, SIGKILL);
            found++;
        }
    }
    shim_procs_done(&ps);
    return found;
}

size_t leftover_kill(const char *run_dir)
{
    struct dead dead = {0};
    list_dead(&dead, run_dir);
    size_t found = kill_pass(run_dir, NULL, &dead);
    mem_free(dead.items);
    return found;
}

size_t leftover_kill_attempt(const char *attempt_dir)
{
    struct dead dead = {0};
    note_dead(&dead, attempt_dir);
    size_t found = kill_pass("", attempt_dir, &dead);
    mem_free(dead.items);
    return found;
}

size_t leftover_sweep(const char *run_dir, unsigned max_ms)
{
    size_t found;
    unsigned waited = 0;
    while ((found = leftover_kill(run_dir)) > 0 && waited < max_ms) {
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
        waited += PAUSE_MS;
    }
    return found;
}
