/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/sweep_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/attempt_dir.h"

/* DIR/logs/SWEEP/, DIR/trials/SWEEP/NUMBER/, DIR/run/SWEEP-NUMBER-ATTEMPT/ */
static const char *const folders[] = {"logs", "trials"};
enum { FOLDERS = sizeof folders / sizeof *folders, BLOCK_BYTES = 512, SWEEP_BYTES = 16 };

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* An id becomes a file name: it must not lead to another folder. */
static bool is_id(const char *sweep)
{
    size_t len = strspn(sweep, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    return len > 0 && len < SWEEP_BYTES && sweep[len] == '\0';
}

static DIR *folder_open(int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (fd >= 0 && !dir)
        close(fd);
    return dir;
}

/* Adds the bytes on the disk of a file, or of a folder with everything in it. */
static void tree_count(int at, const char *name, uint64_t *bytes)
{
    struct stat st;
    if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    *bytes += (uint64_t)st.st_blocks * BLOCK_BYTES;
    DIR *dir = S_ISDIR(st.st_mode) ? folder_open(at, name) : NULL;
    if (!dir)
        return;
    for (const struct dirent *e; (e = readdir(dir));)
        if (!is_dots(e->d_name))
            tree_count(dirfd(dir), e->d_name, bytes);
    closedir(dir);
}

static int tree_error(struct err *err, int rc, const char *name)
{
    int why = errno;
    return rc != 0 ? rc : err_set(err, ERR_IO, "cannot remove %.200s: %s", name, strerror(why));
}

/* Continues after an error: the rest may still be removable. `device` is that of the folder above. */
static int tree_remove(int at, const char *name, dev_t device, struct err *err)
{
    struct stat st;
    int rc = 0;
    if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode))
        return tree_error(err, 0, name);
    if (st.st_dev != device) {
        errno = EXDEV;
        return tree_error(err, 0, name);
    }
    DIR *dir = folder_open(at, name);
    if (!dir)
        return tree_error(err, 0, name);
    for (const struct dirent *e; (e = readdir(dir));)
        if (!is_dots(e->d_name)) {
            int one = tree_remove(dirfd(dir), e->d_name, device, rc == 0 ? err : NULL);
            rc = rc != 0 ? rc : one;
        }
    closedir(dir);
    return unlinkat(at, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? rc
                                                                    : tree_error(err, rc, name);
}

static uint64_t entries_count(int at, const char *name)
{
    uint64_t n = 0;
    DIR *dir = folder_open(at, name);
    if (!dir)
        return 0;
    for (const struct dirent *e; (e = readdir(dir));)
        n += e->d_name[0] != '.'; /* spare folders are hidden */
    closedir(dir);
    return n;
}

void sweep_files_count(const char *dir, const char *sweep, struct sweep_files *ret)
{
    char path[PATH_MAX];
    *ret = (struct sweep_files){0};
    for (size_t i = 0; is_id(sweep) && i < FOLDERS; i++) {
        if (snprintf(path, sizeof path, "%s/%s/%s", dir, folders[i], sweep) >= PATH_MAX)
            continue;
        *(i == 0 ? &ret->logs : &ret->trials) = entries_count(AT_FDCWD, path);
        tree_count(AT_FDCWD, path, &ret->bytes);
    }
}

/* Removes attempts that a crash left behind, and spares, which hold data given to attempts. */
static int attempts_remove(const char *run, const char *sweep, struct err *err)
{
    static const char spare[] = ".spare-";
    char path[PATH_MAX + NAME_MAX + 2];
    size_t len = strlen(sweep);
    struct stat st;
    int rc = 0;
    DIR *dir = folder_open(AT_FDCWD, run);
    for (const struct dirent *e; dir && (e = readdir(dir));) {
        int one = 0;
        snprintf(path, sizeof path, "%s/%s", run, e->d_name);
        if (strncmp(e->d_name, sweep, len) == 0 && e->d_name[len] == '-')
            one = attempt_dir_trim(path, rc == 0 ? err : NULL);
        rc = rc != 0 ? rc : one;
    }
    if (dir)
        rewinddir(dir);
    for (const struct dirent *e; dir && (e = readdir(dir));)
        if (strncmp(e->d_name, spare, strlen(spare)) == 0 && fstat(dirfd(dir), &st) == 0)
            (void)!tree_remove(dirfd(dir), e->d_name, st.st_dev, NULL);
    if (dir)
        closedir(dir);
    return rc;
}

int sweep_files_remove(const char *dir, const char *sweep, struct err *err)
{
    char path[PATH_MAX];
    struct stat st;
    if (!is_id(sweep))
        return err_set(err, ERR_USAGE, "'%.16s' is not the id of a sweep", sweep);
    int rc = snprintf(path, sizeof path, "%s/run", dir) < PATH_MAX
                 ? attempts_remove(path, sweep, err)
                 : 0;
    for (size_t i = 0; i < FOLDERS; i++) {
        if (snprintf(path, sizeof path, "%s/%s/%s", dir, folders[i], sweep) >= PATH_MAX ||
            lstat(path, &st) != 0)
            continue;
        int one = tree_remove(AT_FDCWD, path, st.st_dev, rc == 0 ? err : NULL);
        rc = rc != 0 ? rc : one;
    }
    return rc;
}

void sweep_files_tidy(const char *dir, sweep_files_gone_fn gone, void *arg)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < FOLDERS; i++) {
        if (snprintf(path, sizeof path, "%s/%s", dir, folders[i]) >= PATH_MAX)
            continue;
        DIR *sweeps = folder_open(AT_FDCWD, path);
        for (const struct dirent *e; sweeps && (e = readdir(sweeps));)
            if (is_id(e->d_name) && gone(arg, e->d_name))
                (void)!sweep_files_remove(dir, e->d_name, NULL);
        if (sweeps)
            closedir(sweeps);
    }
}
