/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/spec_text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/utf8.h"

static int too_large(const char *path, struct err *err)
{
    return err_set(err, ERR_SPEC, "%s is larger than a spec may be (%d bytes)", path,
                   LIMIT_SPEC_BYTES);
}

static int check_file(const char *path, int fd, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return err_set(err, ERR_IO, "%s cannot be read: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return err_set(err, ERR_USAGE, "%s is a folder; name the sweep's YAML file", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_USAGE, "%s is a %s; write the spec to a file, and name that", path,
                       S_ISFIFO(st.st_mode) ? "pipe" : "device");
    return st.st_size > LIMIT_SPEC_BYTES ? too_large(path, err) : 0;
}

/* A file may grow while it is read, and those of /proc say that they are empty. */
static int read_all(const char *path, int fd, struct buf *text, struct err *err)
{
    enum { ROOM_BYTES = 64 << 10 };
    for (;;) {
        char *room = buf_reserve(text, ROOM_BYTES);
        ssize_t n = room ? read(fd, room, ROOM_BYTES) : 0;
        if (!room || (n > 0 && text->len + (size_t)n > LIMIT_SPEC_BYTES))
            return too_large(path, err);
        if (n < 0)
            return err_set(err, ERR_IO, "%s cannot be read: %s", path, strerror(errno));
        if (n == 0)
            return 0;
        buf_commit(text, (size_t)n);
    }
}

void spec_text_to_utf8(struct buf *text)
{
    struct buf utf8;
    buf_init(&utf8, 2 * LIMIT_SPEC_BYTES);
    if (utf8_from_utf16(&utf8, text->data, text->len) && utf8.len <= LIMIT_SPEC_BYTES) {
        buf_clear(text);
        buf_add(text, utf8.data, utf8.len);
    }
    buf_done(&utf8);
}

int spec_text_read(const char *path, struct buf *ret, struct err *err)
{
    buf_init(ret, LIMIT_SPEC_BYTES + (128 << 10));
    /* O_NONBLOCK: a pipe that nobody writes to must not be waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return err_set(err,
                       errno == ENOENT   ? ERR_NOT_FOUND
                       : errno == EACCES ? ERR_PERMISSION
                                         : ERR_IO,
                       "%s cannot be opened: %s", path, strerror(errno));
    int rc = check_file(path, fd, err);
    if (rc == 0)
        rc = read_all(path, fd, ret, err);
    if (rc == 0)
        spec_text_to_utf8(ret);
    close(fd);
    return rc;
}
