/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/picture/picture_file.h"

#include <errno.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_BYTES = 200, MODE = 0666 };

static int file_error(struct err *err, const char *path)
{
    return err_set(err, ERR_IO, "cannot write %.200s: %s", path, strerror(errno));
}

static bool is_picture(const char *path)
{
    char head[HEAD_BYTES + 1] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd < 0 ? 0 : read(fd, head, HEAD_BYTES);
    if (fd >= 0)
        close(fd);
    head[n > 0 ? n : 0] = '\0';
    return strstr(head, PICTURE_FILE_MARK) != NULL;
}

static int bytes_write(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

static int file_replace(const char *path, const struct buf *content, struct err *err)
{
    struct buf name;
    buf_init(&name, SIZE_MAX);
    buf_addf(&name, "%s.XXXXXX", path);
    int fd = mkstemp(buf_str(&name)), rc = 0;
    mode_t mask = umask(0);
    umask(mask);
    if (fd < 0 || bytes_write(fd, buf_str(content), content->len) || fchmod(fd, MODE & ~mask))
        rc = file_error(err, path);
    if (fd >= 0 && close(fd) && !rc)
        rc = file_error(err, path);
    if (!rc && rename(buf_str(&name), path))
        rc = file_error(err, path);
    if (rc && fd >= 0)
        unlink(buf_str(&name));
    buf_done(&name);
    return rc;
}

/* A device or a pipe is written to, not replaced. Opening a pipe waits for its reader, perhaps for
 * ever, so it is opened without waiting; writing waits. */
static int file_append(const char *path, const struct buf *content, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENXIO)
        return err_set(err, ERR_IO,
                       "%.200s is a pipe that no program reads: start its reader first", path);
    int rc =
        fd < 0 || fcntl(fd, F_SETFL, O_WRONLY) || bytes_write(fd, buf_str(content), content->len)
            ? file_error(err, path)
            : 0;
    if (fd >= 0)
        close(fd);
    return rc;
}

int picture_file_write(const char *path, const struct buf *content, bool own, struct err *err)
{
    struct stat st;
    bool exists = stat(path, &st) == 0;
    if (exists && S_ISDIR(st.st_mode))
        return err_set(err, ERR_USAGE, "%.200s is a folder: name a file with --output", path);
    if (exists && own && !is_picture(path))
        return err_set(err, ERR_EXISTS,
                       "%.200s exists and was not made by besom plot: name a file with --output",
                       path);
    return exists && !S_ISREG(st.st_mode) ? file_append(path, content, err)
                                          : file_replace(path, content, err);
}
