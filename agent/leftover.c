/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/leftover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/attempt_dir.h"
#include "agent/shim/shim_proc.h"
#include "base/mem.h"

enum {
    PATH_BYTES = 4096,
    ENVIRON_BYTES = 16 << 10,
    ENVIRON_BYTES_MAX = 4 << 20,
    PAUSE_MS = 10,
    STARTING_MS_MAX = 20,
};

/* The dead shims of a run directory: their sessions and training groups identify processes that
 * have lost their environment. */
struct dead {
    struct shim_record *items;
    size_t n, cap;
};

/* The environment of a process now; *ret_len is 0 if it has none or hides it. The caller frees
 * it. */
static char *read_environ(pid_t pid, size_t *ret_len)
{
    char path[40];
    *ret_len = 0;
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    size_t cap = 0;
    char *text = NULL;
    ssize_t n;
    do {
        text = mem_grow(text, &cap, *ret_len + ENVIRON_BYTES, 1);
        n = read(fd, text + *ret_len, cap - *ret_len - 1);
        *ret_len += n > 0 ? (size_t)n : 0;
    } while (n > 0 && *ret_len < ENVIRON_BYTES_MAX);
    close(fd);
    text[*ret_len] = '\0';
    return text;
}

/* In the middle of an exec a process has no command line and no environment yet. */
static bool is_starting(pid_t pid)
{
    char path[40], byte;
    struct shim_proc p;
    if (!shim_proc_read(pid, &p) || p.zombie || p.kernel)
        return false;
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, &byte, 1);
    close(fd);
    return n == 0;
}

/* The value of the tag in a process's environment, "" if it has none. */
static void read_tag(pid_t pid, char out[PATH_BYTES])
{
    static const char tag[] = LEFTOVER_TAG "=";
    size_t len;
    out[0] = '\0';
    char *text = read_environ(pid, &len);
    for (int i = 0; text && len == 0 && i < STARTING_MS_MAX && is_starting(pid); i++) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000L}, NULL);
        mem_free(text);
        text = read_environ(pid, &len);
    }
    for (size_t at = 0; at < len; at += strlen(text + at) + 1)
        if (strncmp(text + at, tag, sizeof tag - 1) == 0)
            snprintf(out, PATH_BYTES, "%s", text + at + sizeof tag - 1);
    mem_free(text);
}

/* True if no living shim answers for the attempt. */
static bool is_orphaned(const char *attempt_dir)
{
    struct attempt_dir d;
    return attempt_dir_probe(attempt_dir, &d, NULL) == 0 &&
           (d.state == ATTEMPT_DIR_ABSENT || d.state == ATTEMPT_DIR_UNOWNED ||
            d.state == ATTEMPT_DIR_DEAD);
}

static void note_dead(struct dead *dead, const char *attempt_dir, bool owned)
{
    struct attempt_dir d;
    if (attempt_dir_probe(attempt_dir, &d, NULL) != 0 ||
        (d.state != ATTEMPT_DIR_DEAD && !(owned && d.state == ATTEMPT_DIR_RUNNING)) ||
        d.elsewhere || d.record.pid <= 0 || d.record.training <= 0)
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
            note_dead(dead, path, false);
    }
    closedir(dir);
}

/* A stranger would need the session and the group on record, and a start after the shim's. */
static bool is_of_dead(const struct dead *dead, pid_t pid)
{
    struct shim_proc p;
    if (dead->n == 0 || !shim_proc_read(pid, &p) || p.zombie)
        return false;
    for (size_t i = 0; i < dead->n; i++)
        if (p.session == dead->items[i].pid && p.group == dead->items[i].training &&
            p.start >= dead->items[i].start)
            return true;
    return false;
}

struct wanted {
    const char *run_dir;
    dev_t device; /* of run_dir: a process may see the same folder under another path */
    ino_t inode;
    const char *only; /* the name of one attempt in it, or NULL for all */
    bool owned;       /* even if its shim lives */
    struct dead dead;
};

/* Whether a folder, at the path that a process knows, is run_dir and not a copy or a folder of
 * another file system. If the process sees no such folder, because the store was moved or is not in
 * its container, the paths are compared. */
static bool is_run_dir(const struct wanted *w, pid_t pid, const char *folder)
{
    char path[PATH_BYTES + 32];
    struct stat st, ours, theirs;
    snprintf(path, sizeof path, "/proc/%d/root%s", (int)pid, folder);
    if (stat(path, &st) == 0)
        return st.st_ino == w->inode && st.st_dev == w->device;
    snprintf(path, sizeof path, "/proc/%d/ns/pid", (int)pid);
    return strcmp(folder, w->run_dir) == 0 && stat("/proc/self/ns/pid", &ours) == 0 &&
           stat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino;
}

static bool is_tag_wanted(const struct wanted *w, pid_t pid, char tag[PATH_BYTES])
{
    char attempt[PATH_BYTES];
    char *slash = strrchr(tag, '/');
    if (!slash || slash == tag || slash[1] == '\0')
        return false;
    *slash = '\0';
    const char *name = slash + 1;
    if ((w->only && strcmp(name, w->only) != 0) || !is_run_dir(w, pid, tag))
        return false;
    int n = snprintf(attempt, sizeof attempt, "%s/%s", w->run_dir, name);
    return n > 0 && n < PATH_BYTES && (w->owned || is_orphaned(attempt));
}

/* A process with a tag is judged by the tag alone, whatever its session and group suggest. */
static bool is_wanted(const struct wanted *w, pid_t pid)
{
    char tag[PATH_BYTES];
    read_tag(pid, tag);
    return *tag ? is_tag_wanted(w, pid, tag) : is_of_dead(&w->dead, pid);
}

/* Checks again once the pidfd holds the process, so that a successor of the pid is not killed. */
static bool kill_if_wanted(const struct wanted *w, pid_t pid)
{
    if (!is_wanted(w, pid))
        return false;
    int fd = pidfd_open(pid, 0);
    if (fd < 0)
        return false;
    bool wanted = is_wanted(w, pid);
    if (wanted)
        pidfd_send_signal(fd, SIGKILL, NULL, 0);
    close(fd);
    return wanted;
}

static size_t kill_pass(const struct wanted *w)
{
    size_t found = 0;
    DIR *proc = opendir("/proc");
    if (!proc)
        return 0;
    for (const struct dirent *e; (e = readdir(proc));) {
        char *end;
        long pid = strtol(e->d_name, &end, 10);
        if (pid > 0 && !*end && pid != getpid())
            found += kill_if_wanted(w, (pid_t)pid);
    }
    closedir(proc);
    return found;
}

static bool wanted_init(struct wanted *w, const char *run_dir)
{
    struct stat st;
    *w = (struct wanted){.run_dir = run_dir};
    if (stat(run_dir, &st) != 0)
        return false;
    w->device = st.st_dev;
    w->inode = st.st_ino;
    return true;
}

size_t leftover_kill(const char *run_dir)
{
    struct wanted w;
    if (!wanted_init(&w, run_dir))
        return 0;
    list_dead(&w.dead, run_dir);
    size_t found = kill_pass(&w);
    mem_free(w.dead.items);
    return found;
}

static size_t kill_one(const char *attempt_dir, bool owned)
{
    char run_dir[PATH_BYTES];
    struct wanted w;
    const char *slash = strrchr(attempt_dir, '/');
    if (!slash || slash - attempt_dir >= PATH_BYTES)
        return 0;
    snprintf(run_dir, sizeof run_dir, "%.*s", (int)(slash - attempt_dir), attempt_dir);
    if (!wanted_init(&w, run_dir))
        return 0;
    w.only = slash + 1;
    w.owned = owned;
    note_dead(&w.dead, attempt_dir, owned);
    size_t found = kill_pass(&w);
    mem_free(w.dead.items);
    return found;
}

size_t leftover_kill_attempt(const char *attempt_dir)
{
    return kill_one(attempt_dir, false);
}

size_t leftover_kill_all(const char *attempt_dir)
{
    return kill_one(attempt_dir, true);
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

bool leftover_attempt_of(const char *run_dir, pid_t pid, char ret_name[LEFTOVER_NAME_BYTES])
{
    struct wanted w;
    char tag[PATH_BYTES];
    if (!wanted_init(&w, run_dir))
        return false;
    read_tag(pid, tag);
    char *slash = strrchr(tag, '/');
    if (!slash || slash == tag || strlen(slash + 1) >= LEFTOVER_NAME_BYTES)
        return false;
    *slash = '\0';
    snprintf(ret_name, LEFTOVER_NAME_BYTES, "%s", slash + 1);
    return is_run_dir(&w, pid, tag);
}
