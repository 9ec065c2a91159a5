/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int file_fail(const char *path, struct err *err)
{
    return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path, strerror(errno));
}

int small_file_rename(const char *dir, const char *from, const char *to, struct err *err)
{
    char path[PATH_MAX + 40], new[PATH_MAX + 40];
    snprintf(path, sizeof path, "%s/%s", dir, from);
    snprintf(new, sizeof new, "%s/%s", dir, to);
    if (rename(path, new) != 0)
        return file_fail(path, err);
    int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
    return 0;
}

int small_file_write(const char *dir, const char *name, const char *text, struct err *err)
{
    char path[PATH_MAX + 32], new[PATH_MAX + 40];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    snprintf(new, sizeof new, "%s.new", path);
    int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return file_fail(new, err);
    size_t len = strlen(text);
    bool written = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
    close(fd);
    if (!written)
        return file_fail(new, err);
    snprintf(new, sizeof new, "%s.new", name);
    return small_file_rename(dir, new, name, err);
}

int small_file_read(const char *dir, const char *name, char *out, size_t size, struct err *err)
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return file_fail(path, err);
    ssize_t n = read(fd, out, size - 1);
    close(fd);
    if (n < 0)
        return file_fail(path, err);
    out[n] = '\0';
    out[strcspn(out, "\r\n")] = '\0';
    return 0;
}
