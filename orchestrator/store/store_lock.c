/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "orchestrator/store/store_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

/* Tries the lock for a second: its holder may be a short command. */
enum { TRIES = 100, HANDOVER_TRIES = 200, TRY_WAIT_MS = 10 };
#define STAYS " stays"

static int lock_fail(struct err *err, const char *what, const char *path)
{
    int code = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? ERR_FULL
               : errno == EACCES || errno == EPERM                  ? ERR_PERMISSION
               : errno == ENOENT                                    ? ERR_NOT_FOUND
                                                                    : ERR_IO;
    return err_set(err, code, "cannot %s %s: %s", what, path, strerror(errno));
}

/* Makes a folder durable by a sync of its parent. A parent that is writable but not readable cannot
 * be synced, and this is not an error. */
static int make_folder(char *path)
{
    if (mkdir(path, 0700) < 0)
        return errno == EEXIST ? 0 : -1;
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = '\0';
    int fd = open(!slash ? "." : *path ? path : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (slash)
        *slash = '/';
    if (fd < 0)
        return errno == EACCES ? 0 : -1;
    int rc = fsync(fd);
    close(fd);
    return rc;
}

static int make_folders(char *path)
{
    char *slash = strrchr(path, '/');
    if (make_folder(path) == 0)
        return 0;
    if (errno != ENOENT || !slash || slash == path)
        return -1;
    *slash = '\0';
    int rc = make_folders(path);
    *slash = '/';
    return rc < 0 ? rc : make_folder(path);
}

/* Makes git ignore a new store. The owner of an existing folder decides what git sees of it.
 * Nothing depends on the file, so a failure is ignored. */
static void folder_hide(const char *dir)
{
    size_t len = strlen(dir) + sizeof "/.gitignore";
    char *path = mem_alloc(len);
    snprintf(path, len, "%s/.gitignore", dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    mem_free(path);
    if (fd < 0)
        return;
    ssize_t written = write(fd, "*\n", 2);
    (void)written;
    close(fd);
}

int store_lock_folder(const char *dir, bool create, struct err *err)
{
    struct stat st;
    if (stat(dir, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return 0;
        return err_set(err, ERR_DAMAGED, "%s is not a folder, as a store must be", dir);
    }
    if (errno != ENOENT)
        return lock_fail(err, "look at", dir);
    if (!create)
        return err_set(err, ERR_NOT_FOUND, "there is no store in %s", dir);
    char *path = mem_strdup(dir);
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
    int rc = make_folders(path);
    int why = errno;
    mem_free(path);
    if (rc == 0)
        folder_hide(dir);
    errno = why;
    return rc < 0 ? lock_fail(err, "create the folder", dir) : 0;
}

int store_lock_check_disk(const char *dir, struct err *err)
{
    static const struct {
        uint32_t type;
        const char *name;
    } network[] = {
        {0x6969, "NFS"},        {0x517b, "SMB"},       {0xff534d42, "CIFS"}, {0xfe534d42, "SMB"},
        {0x0bd00bd0, "Lustre"}, {0x47504653, "GPFS"},  {0x00c36400, "Ceph"}, {0x19830326, "BeeGFS"},
        {0x5346414f, "AFS"},    {0x73757245, "Coda"},  {0x01021997, "9P"},   {0x7461636f, "OCFS2"},
        {0x01161970, "GFS2"},   {0xaad7aaea, "PanFS"}, {0x20030528, "PVFS"}, {0x564c, "NCP"},
    };
    struct statfs fs;
    if (statfs(dir, &fs) < 0)
        return lock_fail(err, "inspect the file system of", dir);
    for (size_t i = 0; i < sizeof network / sizeof *network; i++)
        if (network[i].type == (uint32_t)fs.f_type)
            return err_set(err, ERR_UNSUPPORTED,
                           "%s is on a network file system (%s), where a power cut or a second "
                           "host would damage the store: choose a local folder with --store DIR",
                           dir, network[i].name);
    return 0;
}

/* If the holder was killed while it started a trial, that child keeps the lock until its exec. */
static bool holder_is_dead(int fd)
{
    char text[64];
    long pid = 0;
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return sscanf(text, "%ld", &pid) == 1 && pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static int file_lock(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    for (int tries = 0;; tries++) {
        if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
            return 0;
        if (errno != EAGAIN && errno != EACCES)
            return -1;
        int why = errno;
        if (tries >= (holder_is_dead(fd) ? HANDOVER_TRIES : TRIES)) {
            errno = why;
            return -1;
        }
        poll(NULL, 0, TRY_WAIT_MS);
    }
}

/* Reading a pipe could block forever, and a device could do anything. */
static int refuse_other(const char *path, const struct stat *st, struct err *err)
{
    if (S_ISREG(st->st_mode))
        return 0;
    return err_set(err, ERR_DAMAGED, "%s is not a regular file: move it away", path);
}

int store_lock_check_files(const char *dir, struct err *err)
{
    static const char *const names[] = {"besom.db", "besom.db-wal", "besom.db-shm"};
    size_t len = strlen(dir) + sizeof "/besom.db-shm";
    char *path = mem_alloc(len);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof names / sizeof *names; i++) {
        struct stat st;
        snprintf(path, len, "%s/%s", dir, names[i]);
        if (stat(path, &st) == 0)
            rc = refuse_other(path, &st, err);
    }
    mem_free(path);
    return rc;
}

static int open_fail(const char *path, struct err *err)
{
    if (errno == ELOOP)
        return err_set(err, ERR_DAMAGED, "%s is a symbolic link: remove it", path);
    if (errno == EISDIR || errno == ENXIO) /* a folder, a socket */
        return err_set(err, ERR_DAMAGED, "%s is not a regular file: move it away", path);
    return lock_fail(err, "open", path);
}

static int file_open(const char *path, struct err *err)
{
    struct stat st;
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
    if (fd < 0)
        return open_fail(path, err);
    int rc = fstat(fd, &st) < 0 ? lock_fail(err, "look at", path) : refuse_other(path, &st, err);
    if (rc == 0)
        return fd;
    close(fd);
    return rc;
}

static int lock_busy(int fd, const char *dir, struct err *err)
{
    char text[256], host[128] = "an unknown host", since[64] = "an unknown time";
    long pid = 0;
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    static const char advice[] = "wait until it ends, end its sweep with besom stop or besom "
                                 "cancel, or choose another store "
                                 "with --store DIR";
    if (sscanf(text, "%ld %127s %63s", &pid, host, since) < 1)
        return err_set(err, ERR_BUSY, "the store %s is in use by another process: %s", dir, advice);
    return err_set(err, ERR_BUSY, "the store %s is in use by process %ld on %s since %s: %s", dir,
                   pid, host, since, advice);
}

static int write_holder(int fd, const char *path, struct err *err)
{
    char host[128] = "?", since[64], text[256];
    time_t now = time(NULL);
    struct tm tm;
    gethostname(host, sizeof host - 1);
    strftime(since, sizeof since, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    int n = snprintf(text, sizeof text, "%ld %s %s\n", (long)getpid(), host, since);
    if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n)
        return lock_fail(err, "write", path);
    return 0;
}

/* A file system that cannot lock folders does without. The lock of a killed holder's child ends at its
 * exec, as that of the file does, but not in the same moment. */
static int folder_lock(int fd)
{
    for (int tries = 0;; tries++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
            return 0;
        if (tries >= TRIES)
            return -1;
        poll(NULL, 0, TRY_WAIT_MS);
    }
}

int store_lock_take(const char *dir, struct store_lock *ret, struct err *err)
{
    size_t len = strlen(dir) + sizeof "/lock";
    char *path = mem_alloc(len);
    snprintf(path, len, "%s/lock", dir);
    struct store_lock l = {file_open(path, err), -1};
    int rc = 0;
    if (l.file < 0)
        rc = l.file;
    else if (file_lock(l.file) < 0)
        rc = errno == EAGAIN || errno == EACCES ? lock_busy(l.file, dir, err)
                                                : lock_fail(err, "lock", path);
    else if ((l.folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0 &&
             folder_lock(l.folder) < 0)
        rc = err_set(err, ERR_BUSY,
                     "the store %s is in use by another process, whose file %s was removed: wait "
                     "until it ends, or choose another store with --store DIR",
                     dir, path);
    else
        rc = write_holder(l.file, path, err);
    if (rc < 0)
        store_lock_give_back(&l);
    else
        *ret = l;
    mem_free(path);
    return rc;
}

void store_lock_give_back(const struct store_lock *lock)
{
    if (lock->file >= 0)
        close(lock->file);
    if (lock->folder >= 0)
        close(lock->folder);
}

void store_lock_note_stay(const struct store_lock *lock)
{
    char text[256];
    int fd = lock->file;
    ssize_t n = pread(fd, text, sizeof text - sizeof STAYS - 1, 0);
    size_t len = n > 0 ? strnlen(text, (size_t)n) : 0;
    while (len > 0 && text[len - 1] == '\n')
        len--;
    len += (size_t)snprintf(text + len, sizeof text - len, "%s\n", STAYS);
    ssize_t written = pwrite(fd, text, len, 0); /* without it, others only wait longer */
    (void)written;
}

int store_lock_stays(const char *dir, struct err *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char text[256];
    size_t len = strlen(dir) + sizeof "/lock";
    char *path = mem_alloc(len);
    snprintf(path, len, "%s/lock", dir);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), rc = 0;
    ssize_t n = fd >= 0 ? pread(fd, text, sizeof text - 1, 0) : 0;
    text[n > 0 ? n : 0] = '\0';
    if (strstr(text, STAYS "\n") && fcntl(fd, F_OFD_GETLK, &whole) == 0 &&
        whole.l_type != F_UNLCK && !holder_is_dead(fd))
        rc = lock_busy(fd, dir, err);
    if (fd >= 0)
        close(fd);
    mem_free(path);
    return rc;
}

int store_lock_is_held(const char *dir, bool *ret, struct err *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    size_t len = strlen(dir) + sizeof "/lock";
    char *path = mem_alloc(len);
    snprintf(path, len, "%s/lock", dir);
    int rc = 0, fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        rc = errno == ENOENT ? 0 : open_fail(path, err);
    else if (fcntl(fd, F_OFD_GETLK, &whole) < 0)
        rc = lock_fail(err, "look at", path);
    *ret = fd >= 0 && rc == 0 && whole.l_type != F_UNLCK;
    if (fd >= 0)
        close(fd);
    mem_free(path);
    return rc;
}

void store_lock_holder(const char *dir, char out[STORE_LOCK_HOLDER_BYTES])
{
    size_t len = strlen(dir) + sizeof "/lock";
    char *path = mem_alloc(len);
    snprintf(path, len, "%s/lock", dir);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t n = fd >= 0 ? pread(fd, out, STORE_LOCK_HOLDER_BYTES - 1, 0) : 0;
    out[n > 0 ? n : 0] = '\0';
    char *stays = strstr(out, STAYS "\n");
    out[stays ? (size_t)(stays - out) : strcspn(out, "\n")] = '\0';
    if (fd >= 0)
        close(fd);
    mem_free(path);
}
