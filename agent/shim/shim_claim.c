/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_claim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/shim/shim_proc.h"

enum { PATH_BYTES = 4096 };

static void read_boot_id(char out[SHIM_BOOT_BYTES])
{
    out[0] = '\0';
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t n = read(fd, out, SHIM_BOOT_BYTES - 1);
    close(fd);
    out[n > 0 ? n : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

static bool write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

/* Notes what distinguishes our pid from a stranger's, and this folder from a copy. */
static void claim_note_place(struct shim_record *r, const char *dir)
{
    struct stat st;
    if (stat("/proc/self/ns/pid", &st) == 0)
        r->pid_namespace = st.st_ino;
    if (stat(dir, &st) == 0) {
        r->device = st.st_dev;
        r->inode = st.st_ino;
    }
}

/* The lock is taken before the name appears: nobody can see a claim of a living shim unlocked. */
static int claim_under(struct shim_claim *c, const char *dir, const char *mine, const char *owner)
{
    char text[SHIM_RECORD_BYTES];
    struct shim_record r = {.pid = getpid()};
    struct shim_proc self;
    if (shim_proc_read((pid_t)r.pid, &self))
        r.start = self.start;
    read_boot_id(r.boot);
    claim_note_place(&r, dir);
    size_t len = shim_record_print_claim(text, &r);
    /* A spare holds the record of an earlier attempt: overwriting it keeps its block on the
     * disk. */
    if (flock(c->fd, LOCK_EX | LOCK_NB) != 0 || !write_all(c->fd, text, len) ||
        ftruncate(c->fd, (off_t)len) != 0)
        return SHIM_EXIT_FAILED;
    if (link(mine, owner) != 0)
        return errno == EEXIST ? SHIM_EXIT_OWNED : SHIM_EXIT_FAILED;
    return 0;
}

/* The file to become the owner's: the spare, which only one rival can get, or a new one. */
static int open_mine(const char *dir, const char *mine)
{
    char spare[PATH_BYTES];
    snprintf(spare, sizeof spare, "%s/" SHIM_SPARE_FILE, dir);
    if (rename(spare, mine) == 0)
        return open(mine, O_RDWR | O_CLOEXEC);
    unlink(mine); /* an earlier shim of this pid was killed in the middle of its claim */
    return open(mine, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

int shim_claim_take(struct shim_claim *c, const char *dir)
{
    char mine[PATH_BYTES], owner[PATH_BYTES];
    int n = snprintf(mine, sizeof mine, "%s/" SHIM_OWNER_FILE ".%d", dir, (int)getpid());
    if (n < 0 || (size_t)n >= sizeof mine)
        return SHIM_EXIT_USAGE;
    snprintf(owner, sizeof owner, "%s/" SHIM_OWNER_FILE, dir);
    c->fd = open_mine(dir, mine);
    if (c->fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? SHIM_EXIT_NO_DIR : SHIM_EXIT_FAILED;
    int rc = claim_under(c, dir, mine, owner);
    unlink(mine);
    return rc;
}

void shim_claim_training(struct shim_claim *c, int64_t pid)
{
    char text[SHIM_RECORD_BYTES];
    /* Only other processes need this line: a full disk is not a reason to end training. */
    (void)write_all(c->fd, text, shim_record_print_training(text, pid));
}

bool shim_claim_end(struct shim_claim *c, const struct shim_end *end)
{
    enum { TRIES = 100, PAUSE_MS = 100 };
    char text[SHIM_RECORD_BYTES];
    size_t len = shim_record_print_end(text, end);
    off_t before = lseek(c->fd, 0, SEEK_CUR);
    for (int i = 0; i < TRIES; i++) {
        if (write_all(c->fd, text, len))
            return !end->durable || fdatasync(c->fd) == 0;
        /* The disk is full or failing: remove the part that was written, and wait. */
        if (before < 0 || ftruncate(c->fd, before) != 0 || lseek(c->fd, before, SEEK_SET) < 0)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
    }
    return false;
}
