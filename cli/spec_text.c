/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/spec_text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/utf8.h"

enum { ROOM_BYTES = 64 << 10 };

static int too_large(struct err *err)
{
    return err_set(err, ERR_SPEC, "it is larger than a spec may be (%d bytes)", LIMIT_SPEC_BYTES);
}

static int text_unreadable(struct err *err)
{
    return err_set(err, ERR_IO, "it cannot be read: %s", strerror(errno));
}

static int check_file(int fd, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return text_unreadable(err);
    if (S_ISDIR(st.st_mode))
        return err_set(err, ERR_USAGE, "it is a folder; name the sweep's YAML file");
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_USAGE, "it is a %s; write the spec to a file, and name that",
                       S_ISFIFO(st.st_mode) ? "pipe" : "device");
    return st.st_size > LIMIT_SPEC_BYTES ? too_large(err) : 0;
}

/* A file may grow while it is read, and files in /proc report a size of 0. */
static int read_all(int fd, struct buf *text, struct err *err)
{
    for (;;) {
        char *room = buf_reserve(text, ROOM_BYTES);
        ssize_t n = room ? read(fd, room, ROOM_BYTES) : 0;
        if (!room || (n > 0 && text->len + (size_t)n > LIMIT_SPEC_BYTES))
            return too_large(err);
        if (n < 0)
            return text_unreadable(err);
        if (n == 0)
            return 0;
        buf_commit(text, (size_t)n);
    }
}

/* UTF-16 becomes UTF-8, whose lines can be shown and fixed. */
static void to_utf8(struct buf *text)
{
    struct buf utf8;
    buf_init(&utf8, 2 * LIMIT_SPEC_BYTES);
    if (utf8_from_utf16(&utf8, buf_peek(text), text->len) && utf8.len <= LIMIT_SPEC_BYTES) {
        buf_clear(text);
        buf_add(text, buf_peek(&utf8), utf8.len);
    }
    buf_done(&utf8);
}

int spec_text_read(const char *path, struct buf *ret, struct err *err)
{
    buf_init(ret, LIMIT_SPEC_BYTES + 2 * ROOM_BYTES);
    /* O_NONBLOCK: a pipe that nobody writes to must not be waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return err_set(err,
                       errno == ENOENT   ? ERR_NOT_FOUND
                       : errno == EACCES ? ERR_PERMISSION
                                         : ERR_IO,
                       "it cannot be opened: %s", strerror(errno));
    int rc = check_file(fd, err);
    if (rc == 0)
        rc = read_all(fd, ret, err);
    if (rc == 0)
        to_utf8(ret);
    close(fd);
    return rc;
}

int spec_text_read_stdin(struct buf *ret, struct err *err)
{
    buf_init(ret, LIMIT_SPEC_BYTES + 2 * ROOM_BYTES);
    int rc = read_all(STDIN_FILENO, ret, err);
    if (rc == 0)
        to_utf8(ret);
    return rc;
}
