/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/attempt_owner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "agent/shim/shim_proc.h"

enum { PATH_BYTES = 4096 };

static int owner_fail(struct err *err, const char *path, const char *what)
{
    int code = errno == EMFILE || errno == ENFILE || errno == ENOMEM ? ERR_BUSY
               : errno == EACCES || errno == EPERM                   ? ERR_PERMISSION
                                                                     : ERR_IO;
    return err_set(err, code, "%s: %s: %s", path, what, strerror(errno));
}

/* Read once: the boot id cannot change while we run, and every end of an attempt needs it. */
static const char *this_boot(void)
{
    static char boot[SHIM_BOOT_BYTES];
    int fd = boot[0] ? -1 : open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return boot;
    ssize_t n = read(fd, boot, sizeof boot - 1);
    close(fd);
    boot[n > 0 ? n : 0] = '\0';
    boot[strcspn(boot, "\n")] = '\0';
    return boot;
}

bool attempt_owner_same_boot(const char *boot)
{
    return this_boot()[0] == '\0' || strcmp(this_boot(), boot) == 0;
}

static uint64_t this_pid_namespace(void)
{
    static uint64_t inode;
    struct stat st;
    if (inode == 0 && stat("/proc/self/ns/pid", &st) == 0)
        inode = st.st_ino;
    return inode;
}

bool attempt_owner_is_here(const struct shim_record *r)
{
    return attempt_owner_same_boot(r->boot) &&
           (r->pid_namespace == 0 || this_pid_namespace() == 0 ||
            r->pid_namespace == this_pid_namespace());
}

bool attempt_owner_lives(const struct shim_record *r)
{
    struct shim_proc p;
    return r->pid > 0 && attempt_owner_is_here(r) && shim_proc_read((pid_t)r->pid, &p) &&
           !p.zombie && p.start == r->start;
}

/* A device's number may change when the machine reboots; an inode's does not. */
bool attempt_owner_is_copied(const struct shim_record *r, const struct stat *folder)
{
    return r->inode != 0 && (r->inode != folder->st_ino ||
                             (r->device != folder->st_dev && attempt_owner_same_boot(r->boot)));
}

static int owner_read(int fd, const char *owner, struct attempt_owner *ret, struct err *err)
{
    char text[SHIM_RECORD_BYTES];
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return err_set(err, ERR_DAMAGED, "%s: not a regular file", owner);
    /* Lock before read: everything that a shim wrote before it released the lock is then
     * visible. */
    ret->locked = flock(fd, LOCK_SH | LOCK_NB) != 0;
    if (ret->locked && errno != EWOULDBLOCK)
        return owner_fail(err, owner, "cannot inspect its lock");
    ssize_t n = pread(fd, text, sizeof text, 0);
    if (n < 0)
        return owner_fail(err, owner, "cannot read it");
    /* After a power cut the record may be torn or empty: all it says is that a shim claimed it. */
    if (shim_record_parse(text, (size_t)n, &ret->record) != 0)
        ret->record = (struct shim_record){.pid = -1};
    return 0;
}

/* Opening must not block if a FIFO has the owner's name. */
int attempt_owner_look(const char *path, struct attempt_owner *ret, struct err *err)
{
    char owner[PATH_BYTES];
    int n = snprintf(owner, sizeof owner, "%s/" SHIM_OWNER_FILE, path);
    if (n < 0 || n >= PATH_BYTES)
        return err_set(err, ERR_LIMIT, "%s: the path is too long", path);
    int fd = open(owner, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return ERR_NOT_FOUND;
    if (fd < 0)
        return owner_fail(err, owner, "cannot open it");
    int rc = owner_read(fd, owner, ret, err);
    close(fd);
    return rc;
}
