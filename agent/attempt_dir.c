/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/attempt_dir.h"

#include "agent/metrics/spool_gaps.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/attempt_owner.h"
#include "agent/spare_dir.h"

enum { PATH_BYTES = 4096, SPARE_BYTES_MAX = 64 << 10 };

static int attempt_dir_fail(struct err *err, const char *path, const char *what)
{
    int e = errno;
    int code = e == EEXIST                                 ? ERR_EXISTS
               : e == ENOSPC || e == EDQUOT || e == EFBIG  ? ERR_FULL
               : e == EMFILE || e == ENFILE || e == ENOMEM ? ERR_BUSY
               : e == EACCES || e == EPERM                 ? ERR_PERMISSION
                                                           : ERR_IO;
    return err_set(err, code, "%s: %s: %s", path, what, strerror(e));
}

static int path_join(char out[PATH_BYTES], const char *dir, const char *name, struct err *err)
{
    int n = snprintf(out, PATH_BYTES, "%s/%s", dir, name);
    if (n < 0 || n >= PATH_BYTES)
        return err_set(err, ERR_LIMIT, "%s: the path is too long", dir);
    return 0;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Empties a file that the next attempt appends to. */
static bool empty_file(DIR *dir, const char *name)
{
    int fd = openat(dirfd(dir), name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Fails while the shim holds its lock: it may have recorded the end but not exited yet. */
static bool free_owner(DIR *dir)
{
    int fd = openat(dirfd(dir), SHIM_OWNER_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool left = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (fd >= 0)
        close(fd);
    return left && renameat(dirfd(dir), SHIM_OWNER_FILE, dirfd(dir), SHIM_SPARE_FILE) == 0;
}

/* Makes the files of a trimmed attempt ready for the next attempt. */
static bool make_fit(const char *spare)
{
    DIR *dir = opendir(spare);
    if (!dir)
        return false;
    bool fit = true;
    for (const struct dirent *e; fit && (e = readdir(dir));) {
        const char *name = e->d_name;
        struct stat st;
        if (is_dots(name) || fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (!S_ISREG(st.st_mode) || st.st_nlink != 1) /* somebody has linked it to keep it */
            fit = unlinkat(dirfd(dir), name, 0) == 0;
        else if (strcmp(name, SHIM_OWNER_FILE) == 0)
            fit = free_owner(dir);
        else if (strncmp(name, SHIM_OWNER_FILE ".", sizeof SHIM_OWNER_FILE) == 0)
            fit = strcmp(name, SHIM_SPARE_FILE) == 0 || unlinkat(dirfd(dir), name, 0) == 0;
        else if (strcmp(name, ATTEMPT_DIR_BASE_FILE) == 0 || strcmp(name, SPOOL_GAPS_FILE) == 0 ||
                 strcmp(name, ATTEMPT_DIR_WAYS_FILE) == 0)
            fit = unlinkat(dirfd(dir), name, 0) == 0;
        else if (strcmp(name, ATTEMPT_DIR_METRICS_FILE) == 0 ||
                 strcmp(name, SHIM_STDOUT_FILE) == 0 || strcmp(name, SHIM_SYSTEM_FILE) == 0)
            fit = empty_file(dir, name);
    }
    closedir(dir);
    return fit;
}

/* The folder above was made when the agent started, but a user may have removed it. */
static bool make_directory(const char *path)
{
    char parent[PATH_BYTES];
    if (mkdir(path, 0700) == 0)
        return true;
    const char *slash = strrchr(path, '/');
    if (errno != ENOENT || !slash || slash - path >= PATH_BYTES)
        return false;
    snprintf(parent, sizeof parent, "%.*s", (int)(slash - path), path);
    return mkdir(parent, 0777) == 0 && mkdir(path, 0700) == 0;
}

int attempt_dir_make(const char *path, struct err *err)
{
    int rc = spare_dir_take(path, make_fit);
    if (rc == 0 || (rc == ERR_NOT_FOUND && make_directory(path)))
        return 0;
    if (rc == ERR_EXISTS)
        errno = EEXIST;
    return attempt_dir_fail(err, path, "cannot create the directory");
}

int attempt_dir_probe(const char *path, struct attempt_dir *ret, struct err *err)
{
    struct attempt_owner look = {0};
    struct stat st;
    *ret = (struct attempt_dir){.state = ATTEMPT_DIR_ABSENT};
    int rc = attempt_owner_look(path, &look, err);
    if (rc != 0 && rc != ERR_NOT_FOUND)
        return rc;
    if (stat(path, &st) != 0)
        return errno == ENOENT ? 0 : attempt_dir_fail(err, path, "cannot inspect it");
    ret->state = ATTEMPT_DIR_UNOWNED;
    if (rc == ERR_NOT_FOUND)
        return 0;
    const struct shim_record *r = &look.record;
    ret->record = look.record;
    ret->elsewhere = !attempt_owner_is_here(r);
    /* After a power cut, an end that was not synced may be on the disk without its metrics. */
    if (r->has_end && (r->end.durable || attempt_owner_same_boot(r->boot))) {
        ret->state = ATTEMPT_DIR_ENDED;
    } else if (attempt_owner_is_copied(r, &st)) {
        ret->state = ATTEMPT_DIR_COPIED;
    } else if (look.locked || attempt_owner_lives(r)) {
        /* An exiting process releases its locks before it disappears. */
        ret->state = ATTEMPT_DIR_RUNNING;
    } else {
        ret->state = ATTEMPT_DIR_DEAD;
        ret->closed = r->pid == 0;
        ret->rebooted = !ret->closed && !attempt_owner_same_boot(r->boot);
    }
    return 0;
}

static int owner_unreachable(struct err *err, const char *path, const char *why)
{
    return err_set(err, ERR_STATE, "%s: its shim is alive but cannot be signalled: %s", path, why);
}

/* The pidfd is opened before /proc is read: the start read from /proc then belongs to the process
 * that the pidfd holds, or does not match the record. */
static int shim_open(const char *path, const struct shim_record *r, int *ret_fd, struct err *err)
{
    struct attempt_dir now;
    if (r->pid <= 0)
        return owner_unreachable(err, path, "its record is incomplete");
    if (!attempt_owner_same_boot(r->boot))
        return owner_unreachable(err, path, "it runs on another machine");
    if (!attempt_owner_is_here(r))
        return owner_unreachable(err, path, "it runs in another PID namespace (a container)");
    int fd = pidfd_open((pid_t)r->pid, 0);
    if (fd < 0 && errno != ESRCH)
        return attempt_dir_fail(err, path, "cannot watch its shim");
    if (fd >= 0 && attempt_owner_lives(r)) {
        *ret_fd = fd;
        return 0;
    }
    if (fd >= 0)
        close(fd);
    int rc = attempt_dir_probe(path, &now, err);
    if (rc == 0)
        rc = now.state == ATTEMPT_DIR_RUNNING
                 ? owner_unreachable(err, path, "another process has its pid")
                 : err_set(err, ERR_NOT_FOUND, "%s: no shim is running there", path);
    return rc;
}

int attempt_dir_watch(const char *path, int *ret_fd, struct err *err)
{
    struct attempt_dir now;
    int rc = attempt_dir_probe(path, &now, err);
    if (rc == 0 && now.state != ATTEMPT_DIR_RUNNING)
        rc = err_set(err, ERR_NOT_FOUND, "%s: no shim is running there", path);
    return rc != 0 ? rc : shim_open(path, &now.record, ret_fd, err);
}

int attempt_dir_signal(const char *path, int signal, struct err *err)
{
    int fd;
    int rc = attempt_dir_watch(path, &fd, err);
    if (rc != 0)
        return rc;
    if (pidfd_send_signal(fd, signal, NULL, 0) != 0)
        rc = errno == ESRCH ? err_set(err, ERR_NOT_FOUND, "%s: no shim is running there", path)
                            : attempt_dir_fail(err, path, "cannot signal its shim");
    pidfd_send_signal(fd, SIGCONT, NULL, 0);
    close(fd);
    return rc;
}

int attempt_dir_close(const char *path, struct err *err)
{
    char mine[PATH_BYTES], owner[PATH_BYTES], name[40], text[SHIM_RECORD_BYTES];
    snprintf(name, sizeof name, SHIM_OWNER_FILE ".%d", (int)getpid());
    int rc = path_join(mine, path, name, err);
    if (rc == 0)
        rc = path_join(owner, path, SHIM_OWNER_FILE, err);
    if (rc != 0)
        return rc;
    unlink(mine); /* an earlier agent of this pid was killed here */
    int fd = open(mine, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return attempt_dir_fail(err, mine, "cannot write it");
    size_t len = shim_record_print_claim(text, &(struct shim_record){.boot = "none"});
    if (write(fd, text, len) != (ssize_t)len)
        rc = attempt_dir_fail(err, mine, "cannot write it");
    else if (link(mine, owner) != 0)
        rc = attempt_dir_fail(err, owner, "cannot claim it");
    close(fd);
    unlink(mine);
    return rc;
}

/* The owner's file is removed last: a half-removed directory still says what it is. */
static int remove_files(DIR *dir, const char *path, struct err *err)
{
    for (const struct dirent *e; (e = readdir(dir));)
        if (!is_dots(e->d_name) && strcmp(e->d_name, SHIM_OWNER_FILE) != 0 &&
            unlinkat(dirfd(dir), e->d_name, 0) != 0 && errno != ENOENT)
            return attempt_dir_fail(err, path, "cannot empty it");
    if (unlinkat(dirfd(dir), SHIM_OWNER_FILE, 0) != 0 && errno != ENOENT)
        return attempt_dir_fail(err, path, "cannot empty it");
    return 0;
}

/* A spare keeps the blocks of its files; the blocks of long histories are better freed. */
static bool worth_keeping(const char *path)
{
    static const char *const grown[] = {ATTEMPT_DIR_METRICS_FILE, SHIM_STDOUT_FILE,
                                        SHIM_SYSTEM_FILE};
    char file[PATH_BYTES];
    struct stat st;
    for (size_t i = 0; i < sizeof grown / sizeof *grown; i++)
        if (path_join(file, path, grown[i], NULL) == 0 && lstat(file, &st) == 0 &&
            st.st_size > SPARE_BYTES_MAX)
            return false;
    return true;
}

int attempt_dir_trim(const char *path, struct err *err)
{
    struct attempt_dir now;
    int rc = attempt_dir_probe(path, &now, err);
    if (rc == ERR_DAMAGED) /* not made by a shim */
        rc = 0;
    else if (rc != 0 || now.state == ATTEMPT_DIR_ABSENT)
        return rc;
    if (now.state == ATTEMPT_DIR_RUNNING)
        return err_set(err, ERR_STATE, "%s: its shim is running", path);
    /* A process that survived SIGKILL may have the files open: another attempt must not get
     * them. */
    if (now.state == ATTEMPT_DIR_ENDED && !now.record.end.unkillable && worth_keeping(path) &&
        spare_dir_keep(path))
        return 0;
    DIR *dir = opendir(path);
    if (!dir)
        return errno == ENOENT ? 0 : attempt_dir_fail(err, path, "cannot list it");
    rc = remove_files(dir, path, err);
    closedir(dir);
    if (rc == 0 && rmdir(path) != 0 && errno != ENOENT)
        rc = attempt_dir_fail(err, path, "cannot remove it");
    return rc;
}
